"""Codes that replace a lost authenticator app of a portal user."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import OrganizationRecord
from models.column_types import Secret
from models.keys import belongs_to


class PortalRecoveryCode(OrganizationRecord):
    """A code that stands in for the second step once; only its SHA-256 is stored."""

    __tablename__ = "portal_recovery_code"
    __table_args__ = (
        belongs_to("portal_user", ondelete="CASCADE"),
        UniqueConstraint("portal_user_id", "code_hash"),
    )
    __audited__ = False

    portal_user_id: Mapped[int] = mapped_column()
    code_hash: Mapped[str] = mapped_column(Secret, info={"secret": True})
    used_at: Mapped[datetime | None] = mapped_column()
