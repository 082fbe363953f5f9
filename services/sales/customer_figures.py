"""How one customer pays: how long they take, and how old what they owe is (mockup 16)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select, text

from models.base import db
from models.people.customer import Customer
from models.sales.document import Document
from models.sales.document_state import OPEN_DOCUMENT, DocumentKind, DocumentState
from models.sales.payment import Payment, PaymentAllocation
from services.sales.account_effects import NOTHING, open_debts
from services.sales.ageing import BUCKETS

LOOKED_AT = 12
MOST_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class DaysToPay:
    """From the day of issue to the payment that settled it, on average over the last `invoices` that are paid."""

    days: int
    invoices: int


@dataclass(frozen=True, slots=True)
class OwnAges:
    """What is owed in one currency; `overdue` has one amount for each of `BUCKETS`."""

    currency: str
    not_due: Decimal
    overdue: tuple[Decimal, ...]


def days_to_pay(customer: Customer) -> DaysToPay | None:
    """None for a customer who has never settled an invoice."""
    last = (
        select(Document.id, Document.issue_date)
        .where(
            Document.customer_id == customer.id,
            Document.kind == DocumentKind.INVOICE,
            Document.state == DocumentState.PAID,
        )
        .order_by(Document.issue_date.desc(), Document.id.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    taken = (
        select((func.max(Payment.paid_on) - last.c.issue_date).label("days"))
        .select_from(last)
        .join(PaymentAllocation, PaymentAllocation.document_id == last.c.id)
        .join(Payment, Payment.id == PaymentAllocation.payment_id)
        .group_by(last.c.id, last.c.issue_date)
        .subquery()
    )
    days, invoices = db.session.execute(select(func.avg(taken.c.days), func.count())).one()
    return DaysToPay(max(0, round(days)), invoices) if invoices else None


def oldest_overdue(customer: Customer, currency: str, day: date) -> Document | None:
    """The open invoice that has been late for the longest time."""
    query = (
        select(Document)
        .where(
            Document.customer_id == customer.id,
            Document.kind == DocumentKind.INVOICE,
            Document.currency == currency,
            Document.due_date < day,
            text(OPEN_DOCUMENT),
        )
        .order_by(Document.due_date, Document.id)
        .limit(1)
    )
    found: Document | None = db.session.scalar(query)
    return found


def ages_of(customer: Customer, day: date) -> list[OwnAges]:
    """In each currency in which invoices are open, in the order of currencies."""
    found = []
    for (_customer, currency), debts in sorted(open_debts([customer.id], day).items()):
        by_age = [
            sum(
                (
                    debt.amount
                    for debt in debts
                    if first <= (day - debt.due_date).days <= (last if last is not None else 10**6)
                ),
                NOTHING,
            )
            for first, last in BUCKETS
        ]
        not_due = sum((debt.amount for debt in debts if debt.due_date >= day), NOTHING)
        if not_due or any(by_age):
            found.append(OwnAges(currency, not_due, tuple(by_age)))
    return found


def documents_counted(customer: Customer) -> Mapping[DocumentKind, int]:
    """How many of each kind there are, counted up to `MOST_COUNTED`."""
    return {
        kind: db.session.scalar(
            select(func.count()).select_from(
                select(Document.id)
                .where(Document.customer_id == customer.id, Document.kind == kind)
                .limit(MOST_COUNTED)
                .subquery()
            )
        )
        or 0
        for kind in (DocumentKind.INVOICE, DocumentKind.QUOTE)
    }
