"""What a choice comes to, for the person who is about to register it (S1-07, S1-08)."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from models.any_of import is_any_of
from models.base import db
from models.mailings.delivery import Delivery, DeliveryDocument, DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing, MailingRange
from models.mailings.reason import ReasonCode
from models.sales.document import Document
from models.sales.document_state import DocumentKind
from services.mailings.audience import Choice, PlannedMessage, resolve
from services.mailings.document_ranges import FoundDocument, in_ranges
from services.mailings.document_sums import totals_of
from services.mailings.objections import Excluded

MOST_EARLIER = 3


@dataclass(frozen=True)
class Earlier:
    """A mailing in which some of the documents have left before."""

    number: int
    public_id: uuid.UUID
    documents: int


@dataclass(frozen=True)
class Summary:
    """Who gets what, and what to know; nothing is written."""

    messages: Sequence[PlannedMessage] = ()
    exclusions: Sequence[Excluded] = ()
    documents: Sequence[FoundDocument] = ()
    totals: dict[str, Decimal] = field(default_factory=dict)
    earlier: Sequence[Earlier] = ()

    @property
    def customers(self) -> int:
        return len({message.customer.id for message in self.messages})

    @property
    def excluded(self) -> dict[ReasonCode, int]:
        """How many are left out, by reason, the most frequent first."""
        return dict(Counter(each.reason for each in self.exclusions).most_common())

    @property
    def statements_alone(self) -> int:
        """How many messages bring nothing but a statement of account, where others bring more."""
        alone = sum(
            all(each.kind is DocumentKind.STATEMENT for each in message.documents)
            for message in self.messages
        )
        return alone if alone < len(self.messages) else 0

    @property
    def languages(self) -> Counter[str]:
        """How many messages are read in each language."""
        return Counter(message.lang for message in self.messages)


def summary_of(choice: Choice) -> Summary:
    """Work out what would be registered."""
    resolved = resolve(choice)
    documents = {
        document.id: document for message in resolved.messages for document in message.documents
    }
    return Summary(
        messages=resolved.messages,
        exclusions=resolved.exclusions,
        documents=list(documents.values()),
        totals=totals_of(documents.values()),
        earlier=_earlier(list(documents)),
    )


def period_of(ranges: Sequence[MailingRange]) -> tuple[date | None, date | None]:
    """The first and the last date of issue: as it was asked for, else as the documents say."""
    first = [range_.date_from for range_ in ranges if range_.date_from]
    last = [range_.date_to for range_ in ranges if range_.date_to]
    if (first and last) or not ranges:
        return min(first, default=None), max(last, default=None)
    found = select(func.min(Document.issue_date), func.max(Document.issue_date))
    earliest, latest = db.session.execute(found.where(in_ranges(ranges))).one()
    return min(first, default=earliest), max(last, default=latest)


def _earlier(documents: Sequence[int]) -> list[Earlier]:
    """The mailings that most of the documents have left in before."""
    count = func.count(DeliveryDocument.document_id.distinct())
    rows = db.session.execute(
        select(Mailing.number, Mailing.public_id, count)
        .join(Delivery, Delivery.mailing_id == Mailing.id)
        .join(DeliveryDocument, DeliveryDocument.delivery_id == Delivery.id)
        .join(DeliveryState, DeliveryState.delivery_id == Delivery.id)
        .where(is_any_of(DeliveryDocument.document_id, documents))
        .where(DeliveryState.mailing_id.is_not(None), DeliveryState.state == DeliveryStatus.SENT)
        .group_by(Mailing.number, Mailing.public_id)
        .order_by(count.desc(), Mailing.number.desc())
        .limit(MOST_EARLIER)
    )
    return [Earlier(*row) for row in rows]
