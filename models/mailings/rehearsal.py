"""A rehearsal: a whole mailing handed to a viewer of ours, message by message, and what arrived there (N-06)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import InOrganization, OrganizationRecord, db, within_organization
from models.keys import belongs_to


class RehearsalProblem(StrEnum):
    """What is wrong with a message as it arrived; the sentences are in `admin_views/screens/mailing_rehearsal_words.py`."""

    NOT_ARRIVED = "not_arrived"
    DEFECT = "defect"
    RECIPIENTS = "recipients"
    FILES = "files"
    OVER_SIZE = "over_size"
    EMPTY_FIELD = "empty_field"
    WRONG_LINK = "wrong_link"
    SUPPRESSED = "suppressed"
    FOREIGN_DOCUMENT = "foreign_document"
    VOID_DOCUMENT = "void_document"
    ON_HOLD = "on_hold"


class MailingRehearsal(OrganizationRecord):
    """One run; a mailing keeps its newest. `problem` says why it came to no end."""

    __tablename__ = "mailing_rehearsal"
    __table_args__ = (
        within_organization(),
        belongs_to("mailing", ondelete="CASCADE"),
        Index("uq_mailing_rehearsal_mailing_id", "mailing_id", unique=True),
    )
    __audited__ = False

    mailing_id: Mapped[int] = mapped_column()
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    planned: Mapped[int] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()
    problem: Mapped[str | None] = mapped_column()


class RehearsedMessage(InOrganization, db.Model):  # type: ignore[name-defined,misc]  # made at run time
    """A message as it arrived; `sha256` is that of all its bytes.

    `head` is what came before the attachments; these are kept by their hashes, `parts`, and so once only.
    """

    __tablename__ = "rehearsed_message"
    __table_args__ = (
        belongs_to("mailing_rehearsal", "rehearsal_id", ondelete="CASCADE"),
        Index("ix_rehearsed_message_delivery_id", "delivery_id"),
        Index(
            "ix_rehearsed_message_odd",
            "rehearsal_id",
            "delivery_id",
            postgresql_where=text("problem IS NOT NULL"),
        ),
        CheckConstraint(
            "(sha256 IS NULL) = (head IS NULL) AND (sha256 IS NOT NULL OR problem IS NOT NULL)",
            name="arrived_or_says_why",
        ),
    )
    __audited__ = False

    rehearsal_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    received_at: Mapped[datetime] = mapped_column()
    sha256: Mapped[str | None] = mapped_column()
    size_bytes: Mapped[int] = mapped_column(default=0)
    head: Mapped[bytes | None] = mapped_column(LargeBinary)
    parts: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    problem: Mapped[RehearsalProblem | None] = mapped_column()
    detail: Mapped[str | None] = mapped_column()
