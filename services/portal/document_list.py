"""One page of the customer's documents or payments, the newest first, by key: the last costs what the first does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Select,
    TextClause,
    and_,
    bindparam,
    func,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.orm import load_only

from models.base import db
from models.sales.document import Document
from models.sales.document_state import (
    OWED_INVOICE,
    OWED_STATES,
    WAITING_QUOTE,
    DocumentKind,
    DocumentState,
)
from models.sales.payment import Payment
from models.tenancy import kept
from services.portal.visible_documents import CUSTOMER, Kinds, Sight, kinds_of, own

PAGE_SIZE = 25
WORTH_COUNTING = 99
Row = TypeVar("Row", Document, Payment)
Mark = tuple[date, int]
Shape = tuple[bool, str]  # of a year; `before` or `after` a mark
TODAY, FIRST_DAY, LAST_DAY = (bindparam(n, type_=Date) for n in ("today", "first_day", "last_day"))
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


# What a line of a list says.
COLUMNS = (
    Document.kind,
    Document.label,
    Document.public_id,
    Document.customer_id,
    Document.state,
    Document.issue_date,
    Document.due_date,
    Document.currency,
    Document.total,
    Document.balance_due,
)
LISTED = load_only(*COLUMNS)
PAID = load_only(
    Payment.paid_on,
    Payment.method,
    Payment.reference,
    Payment.amount,
    Payment.currency,
    Payment.unallocated,
)


def documents_page(
    sight: Sight, kind: DocumentKind, wanted: Wanted, *, today: date, size: int = PAGE_SIZE
) -> ListPage[Document]:
    """A page of the documents of one kind."""
    kinds, shape = kinds_of(sight, kind), _shape(wanted)
    state = wanted.state if wanted.state in STATES[kind] else ""
    query = _documents(kinds, state, shape)
    if wanted.number:
        query = query.where(_named(wanted.number))
    values = {"customer": sight.customer_id, "today": today}
    return _page(query, values, wanted, size, day="issue_date")


@lru_cache(maxsize=500)
def _documents(kinds: Kinds, state: str, shape: Shape) -> Select[Any]:
    query = select(Document).where(own(kinds)).options(LISTED)
    if state:
        query = query.where(in_state(state))
    return kept(_in_order(query, Document, Document.issue_date, shape))


def payments_page(customer_id: int, wanted: Wanted, *, size: int = PAGE_SIZE) -> ListPage[Payment]:
    """A page of what the customer paid."""
    query = _payments(_shape(wanted))
    if wanted.number:
        query = query.where(Payment.reference.ilike(f"%{_literal(wanted.number)}%", escape="\\"))
    return _page(query, {"customer": customer_id}, wanted, size, day="paid_on")


@lru_cache(maxsize=500)
def _payments(shape: Shape) -> Select[Any]:
    query = select(Payment).where(Payment.customer_id == CUSTOMER).options(PAID)
    return kept(_in_order(query, Payment, Payment.paid_on, shape))


def numbers_of(sight: Sight, kind: DocumentKind, *, today: date) -> ListNumbers:
    """What stands around the list of a kind."""
    values = {"customer": sight.customer_id, "today": today}
    first, last, *counts = db.session.execute(_numbers(kinds_of(sight, kind), kind), values).one()
    return ListNumbers(
        dict(zip(COUNTED_STATES[kind], counts, strict=True)),
        list(range(last.year, first.year - 1, -1)) if first and last else [],
    )


@lru_cache(maxsize=500)
def _numbers(kinds: Kinds, kind: DocumentKind) -> Select[Any]:
    day = select(Document.issue_date).where(own(kinds)).limit(1)
    one_each = select(Document.id).where(own(kinds)).limit(WORTH_COUNTING + 1)
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


def _shape(wanted: Wanted) -> Shape:
    beside = "before" if wanted.before else "after" if wanted.after else ""
    return wanted.year is not None, beside


def _in_order(query: Select[Any], model: type[Row], day: Any, shape: Shape) -> Select[Any]:
    is_of_year, beside = shape
    if is_of_year:
        query = query.where(day.between(FIRST_DAY, LAST_DAY))
    if beside == "before":
        query = query.where(tuple_(day, model.id) > MARK).order_by(day, model.id)
    else:
        if beside == "after":
            query = query.where(tuple_(day, model.id) < MARK)
        query = query.order_by(day.desc(), model.id.desc())
    return query.limit(MOST)


def _page(
    query: Select[Any], values: dict[str, Any], wanted: Wanted, size: int, *, day: str
) -> ListPage[Any]:
    values["most"] = size + 1
    if wanted.year is not None:
        values |= {
            "first_day": date(wanted.year, 1, 1),
            "last_day": date(wanted.year, 12, 31),
        }
    mark = wanted.before or wanted.after
    if mark is not None:
        values |= {"mark_day": mark[0], "mark_id": mark[1]}
    backwards = wanted.before is not None
    rows = list(db.session.scalars(query, values))
    has_more = len(rows) > size
    rows = rows[:size][::-1] if backwards else rows[:size]
    if not rows:
        return ListPage((), None, None)
    has_newer = has_more if backwards else wanted.after is not None
    has_older = True if backwards else has_more
    return ListPage(
        rows,
        (getattr(rows[0], day), rows[0].id) if has_newer else None,
        (getattr(rows[-1], day), rows[-1].id) if has_older else None,
    )


def in_state(state: str) -> ColumnElement[bool] | TextClause:
    late = Document.due_date < TODAY
    match state:
        case "open":
            return text(OWED_INVOICE)
        case "overdue":
            return and_(text(OWED_INVOICE), late)
        case "available":
            return Document.state.in_(sorted(OWED_STATES))
        case "used":
            return Document.state == DocumentState.PAID
        case "waiting":
            return and_(text(WAITING_QUOTE), Document.due_date >= TODAY)
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


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
