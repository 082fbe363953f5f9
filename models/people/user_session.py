"""Signed-in browsers, and the link that makes the first administrator."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Record, utc_now
from models.column_types import Secret
from models.people.user import User


class UserSession(Record):
    """A signed-in browser; the cookie holds a token, the row only its SHA-256."""

    __tablename__ = "user_session"
    __table_args__ = (UniqueConstraint("token_hash"), Index("ix_user_session_user_id", "user_id"))
    __audited__ = False

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(Secret, info={"secret": True})
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    last_seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    ends_at: Mapped[datetime] = mapped_column()
    revoked_at: Mapped[datetime | None] = mapped_column()
    ip: Mapped[str | None] = mapped_column()
    user_agent: Mapped[str | None] = mapped_column()

    user: Mapped[User] = relationship()


class SetupLink(Record):
    """The one-time link by which an empty installation gets its first administrator."""

    __tablename__ = "setup_link"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint("ends_at > created_at", name="ends_later"),
    )
    __audited__ = False

    token_hash: Mapped[str] = mapped_column(Secret, info={"secret": True})
    ends_at: Mapped[datetime] = mapped_column()
    used_at: Mapped[datetime | None] = mapped_column()
