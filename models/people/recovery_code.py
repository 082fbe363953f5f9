"""Codes that replace a lost authenticator app."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record
from models.column_types import Secret


class RecoveryCode(Record):
    """A code that stands in for the second step once; only its SHA-256 is stored."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)
    __audited__ = False

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(Secret, info={"secret": True})
    used_at: Mapped[datetime | None] = mapped_column()
