"""Who is at which conversation (X3-01)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import OrganizationRecord
from models.keys import belongs_to
from models.people.user import User


class PresenceMode(StrEnum):
    """What somebody does with the conversation."""

    VIEWING = "viewing"
    WRITING = "writing"


class ThreadPresence(OrganizationRecord):
    """Said by the page every few seconds; `seen_at` is when it was said last.

    Whoever has not been seen for a while is not there any more: rows need no end.
    """

    __tablename__ = "thread_presence"
    __audited__ = False
    __table_args__ = (
        belongs_to("thread", ondelete="CASCADE"),
        UniqueConstraint("organization_id", "thread_id", "user_id", "mode"),
        Index("ix_thread_presence_user_id", "user_id"),
    )

    thread_id: Mapped[int] = mapped_column()
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    mode: Mapped[PresenceMode] = mapped_column()
    seen_at: Mapped[datetime] = mapped_column()

    user: Mapped[User] = relationship()
