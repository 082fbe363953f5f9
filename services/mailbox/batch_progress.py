"""How far the server has come with what was done with one click (S3-16)."""

import uuid
from dataclasses import dataclass

from sqlalchemy import func, select

from models.base import db
from models.mailbox.mailbox_operation import MailboxOperation, OperationState
from models.people.user import User


@dataclass(frozen=True, kw_only=True)
class BatchProgress:
    """Operations by how they stand; `refused` are those that the server did not do."""

    done: int = 0
    waiting: int = 0
    refused: int = 0

    @property
    def total(self) -> int:
        return self.done + self.waiting + self.refused


def progress_of(batch: uuid.UUID, person: User) -> BatchProgress:
    """Of a batch of this person; of any other there is nothing to say."""
    rows = db.session.execute(
        select(MailboxOperation.state, func.count())
        .where(MailboxOperation.batch == batch, MailboxOperation.user_id == person.id)
        .group_by(MailboxOperation.state)
    )
    counts = dict(rows.all())
    return BatchProgress(
        done=counts.get(OperationState.DONE, 0),
        waiting=counts.get(OperationState.PENDING, 0) + counts.get(OperationState.STARTED, 0),
        refused=counts.get(OperationState.FAILED, 0) + counts.get(OperationState.GONE, 0),
    )
