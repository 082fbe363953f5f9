"""What looks odd in a registered mailing, for a person to look at before it starts (N-03)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import OrganizationRecord
from models.keys import belongs_to


class AnomalyKind(StrEnum):
    """What is odd; the sentences are in `admin_views/screens/mailing_anomaly_words.py`."""

    NO_ADDRESS = "no_address"
    BOUNCED_BEFORE = "bounced_before"
    SHARED_ADDRESS = "shared_address"
    ZERO_TOTAL = "zero_total"
    NEGATIVE_TOTAL = "negative_total"
    UNUSUAL_TOTAL = "unusual_total"
    OTHER_LANGUAGE = "other_language"
    SENT_BEFORE = "sent_before"
    EMPTY_FIELD = "empty_field"
    LARGE_MESSAGE = "large_message"
    PAST_DUE = "past_due"
    MISSING_PARTY = "missing_party"


class MailingAnomaly(OrganizationRecord):
    """One odd thing: about a message, about a customer who gets none, or about the whole mailing.

    `detail` holds the facts of its sentence; `dismissed_at` and `dismissed_by_id` say who found it in order.
    """

    __tablename__ = "mailing_anomaly"
    __table_args__ = (
        belongs_to("mailing", ondelete="CASCADE"),
        belongs_to("delivery", ondelete="CASCADE"),
        belongs_to("customer"),
        belongs_to("document"),
        Index("ix_mailing_anomaly_by_message", "mailing_id", "delivery_id", "customer_id"),
        Index(
            "ix_mailing_anomaly_delivery_id", "delivery_id"
        ),  # messages that go take theirs along
        CheckConstraint(
            "dismissed_at IS NOT NULL OR dismissed_by_id IS NULL", name="dismissal_has_time"
        ),
    )
    __audited__ = False

    mailing_id: Mapped[int] = mapped_column()
    kind: Mapped[AnomalyKind] = mapped_column()
    delivery_id: Mapped[int | None] = mapped_column()
    customer_id: Mapped[int | None] = mapped_column()
    document_id: Mapped[int | None] = mapped_column()
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    dismissed_at: Mapped[datetime | None] = mapped_column()
    dismissed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
