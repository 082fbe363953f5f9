"""The customer's answer to a quote, with what proves it (P-03)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord, utc_now
from models.keys import belongs_to
from models.sales.document import Quote


class Answer(StrEnum):
    """What a customer says to a quote."""

    ACCEPTED = "accepted"
    DECLINED = "declined"

    @classmethod
    def labels(cls) -> dict["Answer", Any]:
        return {cls.ACCEPTED: _l("Accepted"), cls.DECLINED: _l("Declined")}


class QuoteAnswer(OrganizationRecord):
    """There is one for each quote: who answered, when, from where, and the hash of the PDF they had before them.

    Whoever had a link of the document is known by the name they wrote and by `share_link_id`.
    """

    __tablename__ = "quote_answer"
    __table_args__ = (
        belongs_to("customer"),
        belongs_to("document"),
        belongs_to("portal_user"),
        UniqueConstraint("organization_id", "document_id"),
        Index("ix_quote_answer_by_customer", "organization_id", "customer_id"),
        CheckConstraint("pdf_sha256 ~ '^[0-9a-f]{64}$'", name="sha256_is_hex"),
        CheckConstraint("name <> ''", name="is_signed"),
    )

    customer_id: Mapped[int] = mapped_column()
    document_id: Mapped[int] = mapped_column()
    answer: Mapped[Answer] = mapped_column()
    name: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    pdf_sha256: Mapped[str] = mapped_column()
    portal_user_id: Mapped[int | None] = mapped_column()
    share_link_id: Mapped[int | None] = mapped_column()
    at: Mapped[datetime] = mapped_column(default=utc_now)
    ip: Mapped[str | None] = mapped_column()
    user_agent: Mapped[str | None] = mapped_column()

    quote: Mapped[Quote] = relationship(
        primaryjoin=lambda: foreign(QuoteAnswer.document_id) == Quote.id
    )
