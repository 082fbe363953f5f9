"""What ranges find, in numbers and by name: what goes, what does not and why, which numbers do not exist (S1-07)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, case, func, literal, or_, select

from models.base import db
from models.mailings.mailing import MailingRange, SentFilter
from models.mailings.reason import ReasonCode
from models.people.customer import Customer
from models.sales.document import Document
from models.sales.document_state import DocumentKind, DocumentState
from services.mailings.document_ranges import EXCLUDED_STATES, in_ranges

MOST_LISTED = 200


@dataclass(frozen=True)
class RangeCounts:
    """Documents of the ranges, whoever they are for."""

    going: int = 0
    drafts: int = 0
    void: int = 0
    taken: int = 0  # the filter by sending state leaves them out

    @property
    def total(self) -> int:
        return self.going + self.left_out

    @property
    def left_out(self) -> int:
        return self.drafts + self.void + self.taken


@dataclass(frozen=True)
class LeftOutDocument:
    """A document of a range that does not go."""

    id: int
    kind: DocumentKind
    label: str
    issue_date: date
    customer: str
    reason: ReasonCode


def counts_of(ranges: Sequence[MailingRange]) -> RangeCounts:
    """One pass over the documents of the ranges."""
    if not ranges:
        return RangeCounts()
    wanted = in_ranges(ranges)
    whole = in_ranges([_unfiltered(each) for each in ranges]) if _has_filter(ranges) else wanted
    kind = case(
        (Document.state == DocumentState.DRAFT, "drafts"),
        (Document.state == DocumentState.VOID, "void"),
        (wanted, "going") if _has_filter(ranges) else (literal(True), "going"),
        else_="taken",
    )
    rows = db.session.execute(
        select(kind.label("kind"), func.count()).where(whole).group_by(kind)
    ).all()
    return replace(RangeCounts(), **dict(rows))


def left_out_of(ranges: Sequence[MailingRange]) -> list[LeftOutDocument]:
    """The first of those that do not go, by series and number."""
    if not ranges:
        return []
    is_out: ColumnElement[bool] = Document.state.in_(EXCLUDED_STATES)
    if _has_filter(ranges):
        is_out = or_(is_out, ~in_ranges(ranges))
    query = (
        select(
            Document.id,
            Document.kind,
            Document.label,
            Document.issue_date,
            Document.state,
            Customer.name.label("customer"),
        )
        .join(Customer, Customer.id == Document.customer_id)
        .where(in_ranges([_unfiltered(each) for each in ranges]), is_out)
        .order_by(Document.series, Document.number_int, Document.id)
        .limit(MOST_LISTED)
    )
    return [
        LeftOutDocument(
            row.id,
            row.kind,
            row.label,
            row.issue_date,
            row.customer,
            EXCLUDED_STATES.get(row.state, ReasonCode.DOCUMENT_EXCLUDED),
        )
        for row in db.session.execute(query)
    ]


def _has_filter(ranges: Sequence[MailingRange]) -> bool:
    return any(each.sent_filter not in (None, SentFilter.ANY) for each in ranges)


def _unfiltered(range_: MailingRange) -> MailingRange:
    """The same range, whatever was sent before."""
    return MailingRange(
        kind=range_.kind,
        series=range_.series,
        number_from=range_.number_from,
        number_to=range_.number_to,
        date_from=range_.date_from,
        date_to=range_.date_to,
        document_ids=range_.document_ids,
    )
