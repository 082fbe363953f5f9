"""What readers do with messages (S3-11 to S3-21): seen at once, and carried out on the server afterwards.

Marking, moving, purging and undoing change where the messages lie, write what the server is to do and count the
conversations anew, in one transaction. What is done with one click is a batch, which can be undone except for purging.
The messages given are the caller's to read (`services/mailbox/readers.py`).
"""

import uuid
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import selectinload

from models.base import db
from models.mailbox.mail_folder import MailFolder
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind
from models.mailbox.message_placement import MessagePlacement
from models.people.user import User
from models.tenancy import current_scope
from services.mailbox.retention import Kept

AT_ONCE = 5_000  # messages of one batch


@dataclass(frozen=True)
class Batch:
    """What was done: how many messages changed, which were refused and why; whose servers are to be told."""

    id: uuid.UUID
    messages: int = 0
    kept: Sequence[Kept] = field(default=())
    accounts: Set[int] = frozenset()


def locked(placements: Sequence[MessagePlacement]) -> Sequence[MessagePlacement]:
    """The same as they are now, and nobody else changes them until the end of the transaction."""
    keys = [placement.id for placement in placements]
    return db.session.scalars(
        locking(select(MessagePlacement).where(MessagePlacement.id.in_(keys)))
    ).all()


def locking(found: Select[Any]) -> Select[Any]:
    """In the order of their keys, so that two that lock the same wait for each other instead of crossing."""
    return (
        found.order_by(MessagePlacement.id)
        .options(selectinload(MessagePlacement.folder).selectinload(MailFolder.account))
        .execution_options(populate_existing=True)
        .with_for_update(of=MessagePlacement)
    )


def write_operations(
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
