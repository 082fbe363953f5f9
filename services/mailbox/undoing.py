"""A batch of what a reader did is taken back, as far as nobody has changed it since."""

import uuid

from flask_babel import gettext as _
from sqlalchemy import select

from errors import Conflict, NotFound
from models.base import db
from models.mailbox.mail_folder import MailFolder
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind, OperationState
from models.mailbox.message_placement import MessagePlacement
from models.people.user import User
from services.mailbox.action_batch import Batch, locking, write_operations
from services.mailbox.claiming import strike_out
from services.mailbox.folder_counts import recount_all
from services.mailbox.marking import MARKS, OPPOSITE
from services.mailbox.readers import keys_to_read


def undo(batch: uuid.UUID, person: User | None) -> Batch:
    """Take a batch of this person back; what has been changed since stays as it is.

    What the server has not been told yet is struck out, else it is told the opposite. Raises NotFound for somebody
    else's batch and for a mailbox that is closed to them since, Conflict for one that cannot be undone.
    """
    operations = db.session.scalars(
        select(MailboxOperation)
        .where(
            MailboxOperation.batch == batch,
            MailboxOperation.user_id == (person.id if person else None),
            MailboxOperation.account_id.in_(keys_to_read(person)),
        )
        .order_by(MailboxOperation.id)
        .with_for_update()
    ).all()
    if not operations:
        raise NotFound(_("There is nothing to undo."))
    if any(operation.kind not in (*MARKS, OperationKind.MOVE) for operation in operations):
        raise Conflict(_("What was deleted permanently cannot be brought back."))
    keys = {operation.placement_id for operation in operations} - {None}
    found = select(MessagePlacement).where(MessagePlacement.id.in_(keys))
    places = {p.id: p for p in db.session.scalars(locking(found))}
    back = uuid.uuid4()
    accounts = {operation.account_id for operation in operations}
    undone = [
        _take_back(operation, places[operation.placement_id], back, person)
        for operation in operations
        if operation.placement_id in places
    ]
    recount_all(pair for pairs in undone for pair in pairs)
    return Batch(back, sum(1 for pairs in undone if pairs), accounts=accounts)


def _take_back(
    operation: MailboxOperation, placement: MessagePlacement, batch: uuid.UUID, person: User | None
) -> list[tuple[int, int]]:
    """The conversations it concerns: none if the message has been changed since. Only once, from however many tabs."""
    is_untold, operation.batch = operation.state is OperationState.PENDING, None
    if operation.kind in MARKS:
        column, value = MARKS[operation.kind]
        if getattr(placement, column) is not value:
            return []
        if is_untold:
            strike_out(operation)
        else:
            write_operations([placement], OPPOSITE[operation.kind], batch, person)
        setattr(placement, column, not value)
        return [(placement.folder_id, placement.thread_id)]
    if placement.folder_id != operation.target_folder_id or operation.folder_id is None:
        return []
    there = placement.folder_id
    if is_untold:
        placement.uid = operation.uid
        strike_out(operation)
    else:
        write_operations(
            [placement], OperationKind.MOVE, batch, person, {placement.id: operation.folder_id}
        )
        placement.uid = None
    placement.folder = db.session.get_one(MailFolder, operation.folder_id)
    placement.previous_folder_id = None
    return [(there, placement.thread_id), (operation.folder_id, placement.thread_id)]
