"""Operations that a server refused for good: seen by whoever reads the mailbox, and done once more (X3-16)."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import contains_eager, joinedload

from errors import Conflict, NotFound
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import MailFolder
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind, OperationState
from models.mailbox.message_placement import MessagePlacement
from models.people.user import User
from services.mailbox.marking import MARKS, mark
from services.mailbox.moving import move
from services.mailbox.readers import readable_by

MOST_LISTED = 200


@dataclass(frozen=True)
class RefusedOperation:
    """What was to be done, to which message, and who wanted it."""

    operation: MailboxOperation
    user: User | None


def refused_operations(person: User) -> Sequence[RefusedOperation]:
    """Those that nobody has looked at, the newest first."""
    rows = db.session.execute(
        select(MailboxOperation, User)
        .join(MailboxOperation.account)
        .outerjoin(User, User.id == MailboxOperation.user_id)
        .where(*_refused(person))
        .options(contains_eager(MailboxOperation.account), joinedload(MailboxOperation.message))
        .order_by(MailboxOperation.id.desc())
        .limit(MOST_LISTED)
    )
    return [RefusedOperation(operation, user) for operation, user in rows]


def refused_operation(operation_id: int, person: User) -> MailboxOperation:
    """Raises NotFound for one of a mailbox that this person may not read, or that is settled."""
    found = db.session.scalars(
        select(MailboxOperation)
        .join(MailboxOperation.account)
        .where(MailboxOperation.id == operation_id, *_refused(person))
        .with_for_update(of=MailboxOperation)
    ).one_or_none()
    if found is None:
        raise NotFound(_("This change is no longer waiting."))
    return found


def repeat(operation: MailboxOperation, person: User) -> None:
    """The same once more. Raises Conflict where the message does not lie there any more."""
    if operation.kind is OperationKind.APPEND:
        operation.state, operation.tries = OperationState.PENDING, 0
        operation.note = operation.not_before = operation.ended_at = None
        db.session.flush()
        return
    places = db.session.scalars(
        select(MessagePlacement).where(
            MessagePlacement.message_id == operation.message_id,
            MessagePlacement.folder_id == operation.folder_id,
        )
    ).all()
    if not places:
        raise Conflict(_("The message is no longer there."))
    if operation.kind in MARKS:
        mark(places, operation.kind, person)
    elif operation.kind is OperationKind.MOVE and operation.target_folder_id is not None:
        move(places, db.session.get_one(MailFolder, operation.target_folder_id), person)
    else:
        raise Conflict(_("To delete permanently, select the messages again in the trash."))
    forget(operation)


def forget(operation: MailboxOperation) -> None:
    """Somebody has read of it."""
    operation.noticed_at = utc_now()
    db.session.flush()


def _refused(person: User) -> tuple[ColumnElement[bool], ...]:
    return (
        readable_by(person),
        MailboxOperation.state == OperationState.FAILED,
        MailboxOperation.noticed_at.is_(None),
        MailAccount.is_active.is_(True),
    )
