"""One page of the customer's documents, the newest first, by key: the last costs what the first does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    text,
    tuple_,
)

from models.sales.document import Document
from models.sales.document_state import (
    OWED_INVOICE,
    OWED_STATES,
    WAITING_QUOTE,
    DocumentKind,
    DocumentState,
)
from models.tenancy import column_rows, kept, unkept
from services.portal.listed_document import COLUMNS, ListedDocument
from services.portal.visible_documents import Kinds, Sight, kinds_of, own

PAGE_SIZE = 25
WORTH_COUNTING = 99
Row = TypeVar("Row")
Mark = tuple[date, int]
Shape = tuple[bool, str]  # of a year; `before` or `after` a mark
FIRST_DAY, LAST_DAY = (bindparam(name, type_=Date) for name in ("first_day", "last_day"))
MARK = tuple_(bindparam("mark_day", type_=Date), bindparam("mark_id", type_=BigInteger))
MOST = bindparam("most", type_=Integer)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: in a state as the list names it, of a year, with a number; and from where on."""

    state: str = ""
    year: int | None = None
    number: str = ""
    after: Mark | None = None
    before: Mark | None = None


@dataclass(frozen=True, slots=True)
class ListPage(Generic[Row]):
    """The rows, and the marks of the pages beside it."""

    rows: Sequence[Row]
    newer: Mark | None
    older: Mark | None


@dataclass(frozen=True, slots=True)
class ListNumbers:
    """How many are in the states that somebody is to look at, beyond `WORTH_COUNTING` one more than it; the years
    from the last document to the first.
    """

    counts: dict[str, int]
    years: list[int]


# What the filter of a list calls a state, in the order in which it is offered.
STATES: dict[DocumentKind, tuple[str, ...]] = {
    DocumentKind.INVOICE: ("open", "overdue", "paid", "void"),
    DocumentKind.CREDIT_NOTE: ("available", "used", "void"),
    DocumentKind.QUOTE: ("waiting", "accepted", "declined", "expired", "void"),
    DocumentKind.SALES_ORDER: ("posted", "shipping", "delivered", "void"),
    DocumentKind.STATEMENT: (),
}

COUNTED_STATES: dict[DocumentKind, tuple[str, ...]] = {
    DocumentKind.INVOICE: ("open", "overdue"),
    DocumentKind.CREDIT_NOTE: ("available",),
    DocumentKind.QUOTE: ("waiting",),
    DocumentKind.SALES_ORDER: ("shipping",),
    DocumentKind.STATEMENT: (),
}


def documents_page(
    sight: Sight, kind: DocumentKind, wanted: Wanted, *, today: date, size: int = PAGE_SIZE
) -> ListPage[ListedDocument]:
    """A page of the documents of one kind."""
    kinds, shape = kinds_of(sight, kind), shape_of(wanted)
    state = wanted.state if wanted.state in STATES[kind] else ""
    query = _documents(kinds, state, shape)
    if wanted.number:
        query = unkept(query).where(_named(wanted.number))
    values = {"customer": sight.customer_id, "today": today, **values_of(wanted, size)}
    rows = [ListedDocument._make(row) for row in column_rows(query, values)]
    return page_of(rows, wanted, size, day="issue_date")


@lru_cache(maxsize=500)
def _documents(kinds: Kinds, state: str, shape: Shape) -> Select[Any]:
    query = select(*COLUMNS).where(own(kinds))
    if state:
        query = query.where(in_state(state))
    return kept(in_order(query, Document.id, Document.issue_date, shape))


def numbers_of(sight: Sight, kind: DocumentKind, *, today: date) -> ListNumbers:
    """What stands around the list of a kind."""
    values = {"customer": sight.customer_id, "today": today}
    ((first, last, *counts),) = column_rows(_numbers(kinds_of(sight, kind), kind), values)
    return ListNumbers(
        dict(zip(COUNTED_STATES[kind], counts, strict=True)),
        list(range(last.year, first.year - 1, -1)) if first and last else [],
    )


@lru_cache(maxsize=500)
def _numbers(kinds: Kinds, kind: DocumentKind) -> Select[Any]:
    one = literal_column("1", Integer)  # in the statement, so that PostgreSQL plans for it
    day = select(Document.issue_date).where(own(kinds)).limit(one)
    one_each = (
        select(Document.id)
        .where(own(kinds))
        .limit(literal_column(str(WORTH_COUNTING + 1), Integer))
    )
    counted = (
        select(func.count())
        .select_from(one_each.where(in_state(state)).subquery())
        .scalar_subquery()
        for state in COUNTED_STATES[kind]
    )
    return kept(
        select(
            day.order_by(Document.issue_date).scalar_subquery(),
            day.order_by(Document.issue_date.desc()).scalar_subquery(),
            *counted,
        )
    )


def shape_of(wanted: Wanted) -> Shape:
    """What the statement for it has to have."""
    beside = "before" if wanted.before else "after" if wanted.after else ""
    return wanted.year is not None, beside


def in_order(query: Select[Any], key: Any, day: Any, shape: Shape) -> Select[Any]:
    """Of the year and beyond the mark, by day and key: the newest first, or backwards from the mark."""
    is_of_year, beside = shape
    if is_of_year:
        query = query.where(day.between(FIRST_DAY, LAST_DAY))
    if beside == "before":
        query = query.where(tuple_(day, key) > MARK).order_by(day, key)
    else:
        if beside == "after":
            query = query.where(tuple_(day, key) < MARK)
        query = query.order_by(day.desc(), key.desc())
    return query.limit(MOST)


def values_of(wanted: Wanted, size: int) -> dict[str, Any]:
    """What a statement `in_order` is told; it asks for one row more than the page has."""
    values: dict[str, Any] = {"most": size + 1}
    if wanted.year is not None:
        values |= {
            "first_day": date(wanted.year, 1, 1),
            "last_day": date(wanted.year, 12, 31),
        }
    mark = wanted.before or wanted.after
    if mark is not None:
        values |= {"mark_day": mark[0], "mark_id": mark[1]}
    return values


def page_of(rows: list[Row], wanted: Wanted, size: int, *, day: str) -> ListPage[Row]:
    """The rows that were found as a page, by the attribute that has their day."""
    backwards = wanted.before is not None
    has_more = len(rows) > size
    rows = rows[:size][::-1] if backwards else rows[:size]
    if not rows:
        return ListPage((), None, None)
    has_newer = has_more if backwards else wanted.after is not None
    has_older = True if backwards else has_more
    first, last = ((getattr(row, day), row.id) for row in (rows[0], rows[-1]))  # type: ignore[attr-defined]  # records
    return ListPage(rows, first if has_newer else None, last if has_older else None)


def in_state(state: str) -> ColumnElement[bool]:
    today = bindparam("today", type_=Date)
    late = Document.due_date < today
    match state:
        case "open":
            return literal_column(OWED_INVOICE, Boolean)
        case "overdue":
            return and_(text(OWED_INVOICE), late)
        case "available":
            return Document.state.in_(sorted(OWED_STATES))
        case "used":
            return Document.state == DocumentState.PAID
        case "waiting":
            return and_(text(WAITING_QUOTE), Document.due_date >= today)
        case "expired":
            return or_(
                Document.state == DocumentState.EXPIRED,
                (Document.state == DocumentState.POSTED) & late,
            )
    return Document.state == DocumentState(state)


def _named(number: str) -> ColumnElement[bool]:
    """By number as people write it: FV-10518, fv 10518, or only 10518."""
    digits = number.strip()
    if digits.isascii() and digits.isdecimal() and len(digits) <= 9:
        return or_(Document.number_int == int(digits), Document.label == digits)
    return func.lower(Document.label).contains(
        "-".join(number.lower().replace("-", " ").split()), autoescape=True
    )
