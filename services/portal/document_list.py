"""One page of the customer's documents or payments, the newest first, by key: the last costs what the first does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text, tuple_
from sqlalchemy.orm import load_only

from models.base import db
from models.sales.document import Document
from models.sales.document_state import (
    OWED_STATES,
    WAITING_QUOTE,
    DocumentKind,
    DocumentState,
)
from models.sales.payment import Payment
from services.portal.visible_documents import Sight, mine

PAGE_SIZE = 25
COUNTED_UP_TO = 1_000
WORTH_COUNTING = 99
Row = TypeVar("Row", Document, Payment)
Mark = tuple[date, int]


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
LISTED = load_only(
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


def documents_page(
    sight: Sight, kind: DocumentKind, wanted: Wanted, *, today: date, size: int = PAGE_SIZE
) -> ListPage[Document]:
    """A page of the documents of one kind."""
    query = mine(sight, kind).options(LISTED)
    if wanted.state in STATES[kind]:
        query = query.where(_in_state(wanted.state, today))
    if wanted.number:
        query = query.where(_named(wanted.number))
    return _page(query, Document, Document.issue_date, wanted, size)


def payments_page(customer_id: int, wanted: Wanted, *, size: int = PAGE_SIZE) -> ListPage[Payment]:
    """A page of what the customer paid."""
    query = select(Payment).where(Payment.customer_id == customer_id)
    if wanted.number:
        query = query.where(Payment.reference.ilike(f"%{_literal(wanted.number)}%", escape="\\"))
    return _page(query, Payment, Payment.paid_on, wanted, size)


def count_of(sight: Sight, kind: DocumentKind) -> int:
    """How many documents of a kind there are; beyond `COUNTED_UP_TO` one more than it."""
    some = mine(sight, kind).with_only_columns(Document.id).limit(COUNTED_UP_TO + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def years_of(sight: Sight, kind: DocumentKind) -> list[int]:
    """The years from the last document to the first."""
    days = mine(sight, kind).with_only_columns(Document.issue_date).limit(1)
    first, last = db.session.execute(
        select(
            days.order_by(Document.issue_date).scalar_subquery(),
            days.order_by(Document.issue_date.desc()).scalar_subquery(),
        )
    ).one()
    return list(range(last.year, first.year - 1, -1)) if first and last else []


def waiting_quotes(sight: Sight, today: date, *, most: int) -> Sequence[Document]:
    """The quotes that wait for an answer, those that expire first before the others."""
    query = mine(sight, DocumentKind.QUOTE).where(_in_state("waiting", today))
    query = query.options(LISTED).order_by(Document.due_date, Document.id).limit(most)
    return db.session.scalars(query).all()


def first_invoices(sight: Sight, *, most: int) -> Sequence[Document]:
    """What is to be paid, by the day on which it is due; then the newest of what is settled."""
    invoices = mine(sight, DocumentKind.INVOICE).options(LISTED)
    owed = Document.state.in_(sorted(OWED_STATES))
    due = db.session.scalars(
        invoices.where(owed).order_by(Document.due_date, Document.id).limit(most)
    ).all()
    if len(due) == most:
        return due
    settled = db.session.scalars(
        invoices.where(~owed)
        .order_by(Document.issue_date.desc(), Document.id.desc())
        .limit(most - len(due))
    ).all()
    return [*due, *settled]


def counts_of(sight: Sight, kind: DocumentKind, *, today: date) -> dict[str, int]:
    """How many are in the states that somebody is to look at; beyond `WORTH_COUNTING` one more than it."""
    states = COUNTED_STATES[kind]
    if not states:
        return {}
    one_each = mine(sight, kind).with_only_columns(Document.id).limit(WORTH_COUNTING + 1)
    counted = (
        select(func.count())
        .select_from(one_each.where(_in_state(state, today)).subquery())
        .scalar_subquery()
        for state in states
    )
    return dict(zip(states, db.session.execute(select(*counted)).one(), strict=True))


def _page(
    query: Select[Any], model: type[Row], day: Any, wanted: Wanted, size: int
) -> ListPage[Row]:
    if wanted.year is not None:
        query = query.where(day.between(date(wanted.year, 1, 1), date(wanted.year, 12, 31)))
    backwards = wanted.before is not None
    if wanted.before is not None:
        query = query.where(tuple_(day, model.id) > tuple_(*wanted.before)).order_by(day, model.id)
    else:
        if wanted.after is not None:
            query = query.where(tuple_(day, model.id) < tuple_(*wanted.after))
        query = query.order_by(day.desc(), model.id.desc())
    rows = list(db.session.scalars(query.limit(size + 1)))
    has_more = len(rows) > size
    rows = rows[:size][::-1] if backwards else rows[:size]
    if not rows:
        return ListPage((), None, None)
    has_newer = has_more if backwards else wanted.after is not None
    has_older = True if backwards else has_more
    return ListPage(
        rows,
        (getattr(rows[0], day.key), rows[0].id) if has_newer else None,
        (getattr(rows[-1], day.key), rows[-1].id) if has_older else None,
    )


def _in_state(state: str, today: date) -> ColumnElement[bool]:
    late = Document.due_date < today
    is_owed = Document.state.in_(sorted(OWED_STATES))
    match state:
        case "open" | "available":
            return is_owed
        case "overdue":
            return is_owed & late
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


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
