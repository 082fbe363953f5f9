"""What readers do with messages (S3-11 to S3-21): seen at once, and carried out on the server afterwards.

Each of these changes where the messages lie, writes what the server is to do and counts the conversations anew, in one
transaction. What is done with one click is a batch, which can be undone except for purging. The messages given are
the caller's to read (`services/mailbox/readers.py`).
"""

import uuid
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, delete, insert, select
from sqlalchemy.orm import selectinload

from errors import Conflict, NotFound
from models.base import db
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind, OperationState
from models.mailbox.message_placement import MessagePlacement
from models.people.user import User
from models.tenancy import current_scope
from services.mailbox.claiming import strike_out
from services.mailbox.folder_counts import recount_all
from services.mailbox.readers import keys_to_read
from services.mailbox.retention import Kept, kept_of

# Column and value of each mark.
MARKS = {
    OperationKind.READ: ("is_read", True),
    OperationKind.UNREAD: ("is_read", False),
    OperationKind.STAR: ("is_starred", True),
    OperationKind.UNSTAR: ("is_starred", False),
}
OPPOSITE = {
    OperationKind.READ: OperationKind.UNREAD,
    OperationKind.UNREAD: OperationKind.READ,
    OperationKind.STAR: OperationKind.UNSTAR,
    OperationKind.UNSTAR: OperationKind.STAR,
}
AT_ONCE = 5_000  # messages of one batch


@dataclass(frozen=True)
class Batch:
    """What was done: how many messages changed, which were refused and why; whose servers are to be told."""

    id: uuid.UUID
    messages: int = 0
    kept: Sequence[Kept] = field(default=())
    accounts: Set[int] = frozenset()


def mark(placements: Sequence[MessagePlacement], kind: OperationKind, person: User | None) -> Batch:
    """Mark as read, unread, starred or not; those that are so already are left alone."""
    column, value = MARKS[kind]
    batch = uuid.uuid4()
    changed = [p for p in _locked(placements) if getattr(p, column) is not value]
    _write(changed, kind, batch, person)
    _set(changed, {column: value})
    recount_all((p.folder_id, p.thread_id) for p in changed)
    return Batch(batch, len(changed))


def note_answered(placements: Sequence[MessagePlacement], person: User | None) -> None:
    """Mark them as answered, which cannot be taken back: the answer has left."""
    changed = [p for p in _locked(placements) if not p.is_answered]
    _write(changed, OperationKind.ANSWERED, uuid.uuid4(), person)
    _set(changed, {"is_answered": True})


def move(placements: Sequence[MessagePlacement], target: MailFolder, person: User | None) -> Batch:
    """Put them into another folder of their mailbox. Raises Conflict for one of another mailbox."""
    return _move(placements, lambda _placement: target, person)


def trash(placements: Sequence[MessagePlacement], person: User | None) -> Batch:
    """Put them into the trash, from which they can be restored. Raises Conflict where there is no trash."""
    return move_to_role(placements, FolderRole.TRASH, person)


def move_to_role(
    placements: Sequence[MessagePlacement], role: FolderRole, person: User | None
) -> Batch:
    """Each into the folder with this role of its own mailbox. Raises Conflict where one has none."""
    targets = _folders_with(role, placements)
    return _move(placements, lambda placement: targets[placement.folder.account_id], person)


def restore(placements: Sequence[MessagePlacement], person: User | None) -> Batch:
    """Take them out of the trash, to where they came from; else into the inbox (S3-20)."""
    in_trash = [p for p in placements if p.folder.role is FolderRole.TRASH]
    inboxes = _folders_with(FolderRole.INBOX, in_trash)
    came_from = {
        folder.id: folder
        for folder in db.session.scalars(
            select(MailFolder).where(
                MailFolder.id.in_({p.previous_folder_id for p in in_trash} - {None}),
                MailFolder.gone_at.is_(None),
            )
        )
    }

    def home_of(placement: MessagePlacement) -> MailFolder:
        inbox = inboxes[placement.folder.account_id]
        return came_from.get(placement.previous_folder_id or 0, inbox)

    return _move(in_trash, home_of, person)


def purge(
    placements: Sequence[MessagePlacement], person: User | None, *, retention_years: int
) -> Batch:
    """Delete them for good, here and on the server; what belongs to a document that has to be kept stays (S3-21).

    Only what lies in the trash goes. Raises Conflict if there is nothing else.
    """
    batch = uuid.uuid4()
    in_trash = [p for p in _locked(placements) if p.folder.role is FolderRole.TRASH]
    if placements and not in_trash:
        raise Conflict(_("Only what is in the trash can be deleted for good."))
    kept = kept_of({p.message_id for p in in_trash}, retention_years=retention_years)
    has_to_stay = {one.message_id for one in kept}
    gone = [p for p in in_trash if p.message_id not in has_to_stay]
    touched = [(p.folder_id, p.thread_id) for p in gone]
    _write(gone, OperationKind.PURGE, batch, person)
    keys = [p.id for p in gone]
    for placement in gone:
        db.session.expunge(placement)
    db.session.execute(delete(MessagePlacement).where(MessagePlacement.id.in_(keys)))
    recount_all(touched)
    return Batch(batch, len(gone), kept)


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
    places = {p.id: p for p in db.session.scalars(_locking(found))}
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
            _write([placement], OPPOSITE[operation.kind], batch, person)
        setattr(placement, column, not value)
        return [(placement.folder_id, placement.thread_id)]
    if placement.folder_id != operation.target_folder_id or operation.folder_id is None:
        return []
    there = placement.folder_id
    if is_untold:
        placement.uid = operation.uid
        strike_out(operation)
    else:
        _write([placement], OperationKind.MOVE, batch, person, {placement.id: operation.folder_id})
        placement.uid = None
    placement.folder = db.session.get_one(MailFolder, operation.folder_id)
    placement.previous_folder_id = None
    return [(there, placement.thread_id), (operation.folder_id, placement.thread_id)]


def _move(
    placements: Sequence[MessagePlacement],
    target_of: Callable[[MessagePlacement], MailFolder],
    person: User | None,
) -> Batch:
    batch = uuid.uuid4()
    targets = {p.id: target_of(p) for p in placements}
    moved = [p for p in _locked(placements) if targets[p.id].id != p.folder_id]
    if any(targets[p.id].account_id != p.folder.account_id for p in moved):
        raise Conflict(_("A message stays in its mailbox. Forward it to have it in another one."))
    _write(moved, OperationKind.MOVE, batch, person, {p.id: targets[p.id].id for p in moved})
    touched = []
    for placement in moved:
        target = targets[placement.id]
        touched += [(placement.folder_id, placement.thread_id), (target.id, placement.thread_id)]
        is_thrown = target.role is FolderRole.TRASH
        placement.previous_folder_id = placement.folder_id if is_thrown else None
        placement.folder, placement.uid = target, None
    recount_all(touched)
    return Batch(batch, len(moved))


def _folders_with(
    role: FolderRole, placements: Sequence[MessagePlacement]
) -> dict[int, MailFolder]:
    """The folder with this role of each mailbox concerned, by account. Raises Conflict where one has none."""
    accounts = {p.folder.account_id: p.folder.account for p in placements}
    found = {
        folder.account_id: folder
        for folder in db.session.scalars(
            select(MailFolder).where(
                MailFolder.account_id.in_(accounts),
                MailFolder.role == role,
                MailFolder.gone_at.is_(None),
            )
        )
    }
    for account_id, account in accounts.items():
        if account_id not in found:
            raise Conflict(
                _(
                    "The mailbox %(address)s has no folder “%(name)s”.",
                    address=account.address,
                    name=str(FolderRole.labels()[role]),
                )
            )
    return found


def _locked(placements: Sequence[MessagePlacement]) -> Sequence[MessagePlacement]:
    """The same as they are now, and nobody else changes them until the end of the transaction."""
    keys = [placement.id for placement in placements]
    return db.session.scalars(
        _locking(select(MessagePlacement).where(MessagePlacement.id.in_(keys)))
    ).all()


def _locking(found: Select[Any]) -> Select[Any]:
    """In the order of their keys, so that two that lock the same wait for each other instead of crossing."""
    return (
        found.order_by(MessagePlacement.id)
        .options(selectinload(MessagePlacement.folder).selectinload(MailFolder.account))
        .execution_options(populate_existing=True)
        .with_for_update(of=MessagePlacement)
    )


def _write(
    placements: Sequence[MessagePlacement],
    kind: OperationKind,
    batch: uuid.UUID,
    person: User | None,
    targets: dict[int, int] | None = None,
) -> None:
    """One operation for each, with where the message lies on the server at this moment."""
    if not placements:
        return
    db.session.execute(
        insert(MailboxOperation),
        [
            {
                "organization_id": current_scope().organization_id,
                "account_id": placement.folder.account_id,
                "message_id": placement.message_id,
                "placement_id": placement.id,
                "kind": kind,
                "folder_id": placement.folder_id,
                "uid": placement.uid,
                "uidvalidity": placement.folder.uidvalidity,
                "target_folder_id": targets[placement.id] if targets else None,
                "batch": batch,
                "user_id": person.id if person else None,
            }
            for placement in placements
        ],
    )


def _set(placements: Sequence[MessagePlacement], values: dict[str, bool]) -> None:
    for placement in placements:
        for column, value in values.items():
            setattr(placement, column, value)
