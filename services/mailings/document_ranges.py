"""Which documents a mailing is about: what its ranges find, and what they do not."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from models.any_of import is_any_of
from models.base import db
from models.mailings.delivery import (
    Delivery,
    DeliveryDocument,
    DeliveryKind,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.mailing import MailingRange, SentFilter
from models.mailings.reason import ReasonCode
from models.sales.document import Document
from models.sales.document_state import DocumentKind, DocumentState

EXCLUDED_STATES = {
    DocumentState.DRAFT: ReasonCode.DOCUMENT_NOT_POSTED,
    DocumentState.VOID: ReasonCode.DOCUMENT_VOID,
}

TO_CUSTOMERS = (DeliveryKind.BULK, DeliveryKind.SINGLE)
# Sent, perhaps sent, or about to be.
TAKEN = {
    DeliveryStatus.SENT,
    DeliveryStatus.UNCONFIRMED,
    DeliveryStatus.PREPARED,
    DeliveryStatus.QUEUED,
    DeliveryStatus.SENDING,
}


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """A document in the ranges, as far as a mailing needs to know it."""

    id: int
    kind: DocumentKind
    customer_id: int
    label: str
    state: DocumentState
    issue_date: date
    due_date: date
    currency: str
    total: Decimal
    balance_due: Decimal

    @property
    def owed(self) -> Decimal:
        """What is still owed; of a statement of account, the balance that it tells."""
        return self.total if self.kind is DocumentKind.STATEMENT else self.balance_due

    @property
    def exclusion(self) -> ReasonCode | None:
        """Why it is not sent, if so: only posted documents leave."""
        return EXCLUDED_STATES.get(self.state)


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers of a series, first to last, that no document has."""

    series: str
    first: int
    last: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1


def documents_in(ranges: Sequence[MailingRange]) -> list[FoundDocument]:
    """Every document in any of the ranges, whatever its state, by series and number."""
    if not ranges:
        return []
    wanted = (
        select(
            Document.id,
            Document.kind,
            Document.customer_id,
            Document.label,
            Document.state,
            Document.issue_date,
            Document.due_date,
            Document.currency,
            Document.total,
            Document.balance_due,
        )
        .where(in_ranges(ranges))
        .order_by(Document.kind, Document.series, Document.number_int, Document.id)
    )
    rows: Sequence[Any] = db.session.execute(wanted).all()
    return [FoundDocument(*row) for row in rows]


def in_ranges(ranges: Sequence[MailingRange]) -> ColumnElement[bool]:
    """Whether a document is in any of the ranges; there has to be one."""
    return or_(*map(_within, ranges))


def gaps_in(ranges: Sequence[MailingRange]) -> list[Gap]:
    """Runs of numbers that were asked for and do not exist."""
    gaps: list[Gap] = []
    for range_ in ranges:
        if range_.series is None or range_.number_from is None or range_.number_to is None:
            continue
        if range_.document_ids is not None:  # chosen one by one: nobody asked for the others
            continue
        numbers = db.session.scalars(
            select(Document.number_int)
            .where(Document.kind == _kind(range_), Document.series == range_.series)
            .where(Document.number_int.between(range_.number_from, range_.number_to))
            .order_by(Document.number_int)
        )
        expected = range_.number_from
        for number in filter(None, numbers):
            if number > expected:
                gaps.append(Gap(range_.series, expected, number - 1))
            expected = number + 1
        if expected <= range_.number_to:
            gaps.append(Gap(range_.series, expected, range_.number_to))
    return gaps


def other_series_in(ranges: Sequence[MailingRange]) -> dict[str, int]:
    """How many documents fit the numbers and dates of a range but have another series."""
    found: Counter[str] = Counter()
    for range_ in ranges:
        if range_.series is None or range_.document_ids is not None:
            continue
        rows = db.session.execute(
            select(Document.series, func.count())
            .where(_within(range_, any_series=True), Document.series != range_.series)
            .group_by(Document.series)
        )
        found.update(dict(rows.all()))
    return dict(found)


def _kind(range_: MailingRange) -> DocumentKind:
    """A range that was not stored yet has no default."""
    return range_.kind or DocumentKind.INVOICE


def _within(range_: MailingRange, *, any_series: bool = False) -> ColumnElement[bool]:
    """All limits that the range gives hold together."""
    limits: list[ColumnElement[bool]] = [Document.kind == _kind(range_)]
    if range_.series is not None and not any_series:
        limits.append(Document.series == range_.series)
    if range_.number_from is not None:
        limits.append(Document.number_int >= range_.number_from)
    if range_.number_to is not None:
        limits.append(Document.number_int <= range_.number_to)
    if range_.date_from is not None:
        limits.append(Document.issue_date >= range_.date_from)
    if range_.date_to is not None:
        limits.append(Document.issue_date <= range_.date_to)
    if range_.document_ids is not None:
        limits.append(is_any_of(Document.id, range_.document_ids))
    if range_.sent_filter in (SentFilter.UNSENT, SentFilter.UNSENT_OR_FAILED):
        limits.append(~_is_dealt_with(range_))
    return and_(*limits)


def _is_dealt_with(range_: MailingRange) -> ColumnElement[bool]:
    """Whether another mailing or a single mail has taken the document, as the range's filter sees it."""
    failed = {DeliveryStatus.FAILED} if range_.sent_filter is SentFilter.UNSENT else set()
    taken = select(DeliveryDocument.document_id).where(
        DeliveryDocument.document_id == Document.id,
        Delivery.id == DeliveryDocument.delivery_id,
        DeliveryState.delivery_id == DeliveryDocument.delivery_id,
        Delivery.kind.in_(TO_CUSTOMERS),
        DeliveryState.state.in_(TAKEN | failed),
    )
    if range_.mailing_id is not None:  # registering goes on where it was interrupted
        taken = taken.where(Delivery.mailing_id.is_distinct_from(range_.mailing_id))
    return taken.exists()
