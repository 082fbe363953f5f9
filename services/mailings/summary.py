"""What a choice comes to, for the person who is about to register it (S1-07, S1-08)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from models.base import db
from models.mailings.delivery import DeliveryDocument, DeliveryState, DeliveryStatus
from models.mailings.mailing import MailingRange
from models.mailings.reason import ReasonCode
from services.mailings.audience import Choice, resolve
from services.mailings.document_ranges import (
    FoundDocument,
    Gap,
    documents_in,
    gaps_in,
    is_any_of,
    other_series_in,
)


@dataclass(frozen=True)
class Summary:
    """Numbers and warnings; nothing is written."""

    messages: int = 0
    customers: int = 0
    documents: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)
    excluded: dict[ReasonCode, int] = field(default_factory=dict)
    gaps: Sequence[Gap] = ()
    other_series: dict[str, int] = field(default_factory=dict)
    sent_before: int = 0

    @property
    def missing(self) -> int:
        """How many numbers of the range do not exist."""
        return sum(gap.count for gap in self.gaps)


def summary_of(choice: Choice) -> Summary:
    """Count what would be registered."""
    resolved = resolve(choice)
    documents = {
        document.id: document for message in resolved.messages for document in message.documents
    }
    return Summary(
        messages=len(resolved.messages),
        customers=len({message.customer.id for message in resolved.messages}),
        documents=len(documents),
        totals=_totals(list(documents.values())),
        excluded=dict(Counter(each.reason for each in resolved.exclusions).most_common()),
        gaps=gaps_in(choice.ranges),
        other_series=other_series_in(choice.ranges),
        sent_before=_sent_before(list(documents)),
    )


def period_of(ranges: Sequence[MailingRange]) -> tuple[date | None, date | None]:
    """The first and the last date of issue: as it was asked for, else as the documents say."""
    first = [range_.date_from for range_ in ranges if range_.date_from]
    last = [range_.date_to for range_ in ranges if range_.date_to]
    if first and last:
        return min(first), max(last)
    days = [document.issue_date for document in documents_in(ranges)]
    if not days:
        return (min(first, default=None), max(last, default=None))
    return min(first, default=min(days)), max(last, default=max(days))


def _totals(documents: Sequence[FoundDocument]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for document in documents:
        totals[document.currency] = totals.get(document.currency, Decimal(0)) + document.total
    return dict(sorted(totals.items()))


def _sent_before(documents: Sequence[int]) -> int:
    """How many of the documents have left in an earlier mailing."""
    query = (
        select(func.count(DeliveryDocument.document_id.distinct()))
        .join(DeliveryState, DeliveryState.delivery_id == DeliveryDocument.delivery_id)
        .where(is_any_of(DeliveryDocument.document_id, documents))
        .where(DeliveryState.mailing_id.is_not(None), DeliveryState.state == DeliveryStatus.SENT)
    )
    return db.session.scalar(query) or 0
