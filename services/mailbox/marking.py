"""Messages are marked as read, unread, starred or not, and as answered (S3-11 to S3-14)."""

import uuid
from collections.abc import Sequence

from models.mailbox.mailbox_operation import OperationKind
from models.mailbox.message_placement import MessagePlacement
from models.people.user import User
from services.mailbox.action_batch import Batch, locked, write_operations
from services.mailbox.folder_counts import recount_all

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


def mark(placements: Sequence[MessagePlacement], kind: OperationKind, person: User | None) -> Batch:
    """Mark as read, unread, starred or not; those that are so already are left alone."""
    column, value = MARKS[kind]
    batch = uuid.uuid4()
    changed = [p for p in locked(placements) if getattr(p, column) is not value]
    write_operations(changed, kind, batch, person)
    _set(changed, {column: value})
    recount_all((p.folder_id, p.thread_id) for p in changed)
    return Batch(batch, len(changed))


def note_answered(placements: Sequence[MessagePlacement], person: User | None) -> None:
    """Mark them as answered, which cannot be taken back: the answer has left."""
    changed = [p for p in locked(placements) if not p.is_answered]
    write_operations(changed, OperationKind.ANSWERED, uuid.uuid4(), person)
    _set(changed, {"is_answered": True})


def _set(placements: Sequence[MessagePlacement], values: dict[str, bool]) -> None:
    for placement in placements:
        for column, value in values.items():
            setattr(placement, column, value)
