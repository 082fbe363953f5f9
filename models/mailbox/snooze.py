"""Conversations that wait out of sight until their time (X3-06)."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import OrganizationRecord
from models.keys import belongs_to


class CameBackBy(StrEnum):
    """Why a conversation is in the list again."""

    TIME = "time"
    MESSAGE = "message"


class Snooze(OrganizationRecord):
    """A conversation of a folder that somebody has put off; the folder's count follows it (`folder_counts.py`).

    It waits while `snoozed_until` is set. `back_at` is when it came back: it stands at that place of the list from then on, marked until
    somebody has opened it (`noticed_at`). `after_message_id` is the newest message that was known when it was put off: what comes later
    brings it back. `batch` names the click that can be undone, and `previous_until` what was so before it.
    """

    __tablename__ = "snooze"
    __audited__ = False
    __table_args__ = (
        belongs_to("mail_folder", "folder_id", ondelete="CASCADE"),
        belongs_to("thread", ondelete="CASCADE"),
        UniqueConstraint("folder_id", "thread_id"),
        Index("ix_snooze_thread_id", "organization_id", "thread_id"),
        Index("ix_snooze_batch", "organization_id", "batch"),
        Index("ix_snooze_due", "snoozed_until", postgresql_where=text("snoozed_until IS NOT NULL")),
    )

    folder_id: Mapped[int] = mapped_column()
    thread_id: Mapped[int] = mapped_column()
    snoozed_until: Mapped[datetime | None] = mapped_column()
    previous_until: Mapped[datetime | None] = mapped_column()
    # No key: it is only compared, and messages may go.
    after_message_id: Mapped[int] = mapped_column(BigInteger)
    back_at: Mapped[datetime | None] = mapped_column()
    came_back_by: Mapped[CameBackBy | None] = mapped_column()
    noticed_at: Mapped[datetime | None] = mapped_column()
    batch: Mapped[uuid.UUID | None] = mapped_column()
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    @property
    def is_back(self) -> bool:
        """Whether it has waited, and is marked until somebody opens it."""
        return self.back_at is not None and self.noticed_at is None
