"""Operations are claimed before their command: what is taken back meanwhile is not done, and whoever takes it back later tells the server the opposite.

Rows stay where they are, so that nobody who is at work with one finds it gone.
"""

from collections.abc import Sequence

from sqlalchemy import select

from models.base import db, utc_now
from models.mailbox.mailbox_operation import MailboxOperation, OperationState
from services.mailbox.open_operations import OPEN

TAKEN_BACK = "It was taken back before the server was told."


def claim(operations: Sequence[MailboxOperation]) -> list[MailboxOperation]:
    """Those that nobody has taken back, as started; the caller commits before the command, and asks nobody until then."""
    wanted = db.session.scalars(
        select(MailboxOperation)
        .where(
            MailboxOperation.id.in_([each.id for each in operations]),
            MailboxOperation.state.in_(OPEN),
        )
        .order_by(MailboxOperation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for each in wanted:
        each.state, each.tries = OperationState.STARTED, each.tries + 1
    return list(wanted)


def strike_out(operation: MailboxOperation) -> None:
    """The server has not been told of it, and will not be. The caller holds the row."""
    operation.state, operation.ended_at = OperationState.DONE, utc_now()
    operation.note = TAKEN_BACK
