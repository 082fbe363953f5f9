"""What moves the accounts of customers, as the tables have it: `services/sales/statements.py` puts it together.

Invoices charge an account and credit notes lower it; a payment lowers it whole on its day, whatever of it is
allocated. What a payment settles of a credit note is money that went back, and charges the account again. Drafts and
void documents do not count.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import CompoundSelect, and_, any_, case, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from models.base import db
from models.sales.document import Document
from models.sales.document_state import DocumentKind, DocumentState
from models.sales.payment import Payment, PaymentAllocation
from models.sales.statement import MovementKind

NOTHING = Decimal(0)
EFFECT = case((Document.kind == DocumentKind.CREDIT_NOTE, -Document.total), else_=Document.total)
COUNTS = and_(
    Document.kind.in_([DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE]),
    Document.state.not_in([DocumentState.DRAFT, DocumentState.VOID]),
)

Key = tuple[int, str]  # customer and currency


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that moved an account; above zero it charges it."""

    day: date
    kind: MovementKind
    record_id: int  # the document's key, or the payment's
    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class OpenDebt:
    """What of an invoice was not paid on a day."""

    due_date: date
    amount: Decimal


def all_effects() -> CompoundSelect[Any]:
    """Customer, currency, day and amount of everything that ever moved an account."""
    return union_all(
        select(
            Document.customer_id,
            Document.currency,
            Document.issue_date.label("day"),
            EFFECT.label("amount"),
        ).where(COUNTS),
        select(Payment.customer_id, Payment.currency, Payment.paid_on, -Payment.amount),
        select(Payment.customer_id, Payment.currency, Payment.paid_on, 2 * PaymentAllocation.amount)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .join(Document, Document.id == PaymentAllocation.document_id)
        .where(EFFECT < 0),
    )


def balances_before(customers: Sequence[int], day: date) -> dict[Key, Decimal]:
    """The balance of each account in the morning of a day."""
    moves = all_effects().subquery()
    rows = db.session.execute(
        select(moves.c.customer_id, moves.c.currency, func.sum(moves.c.amount))
        .where(moves.c.customer_id.in_(customers), moves.c.day < day)
        .group_by(moves.c.customer_id, moves.c.currency)
    )
    return {(customer, currency): amount for customer, currency, amount in rows}


def moved_after(customer_id: int, day: date) -> dict[str, Decimal]:
    """What moves one account after the evening of a day, by currency: what is dated ahead."""
    moves = all_effects().subquery()
    rows = db.session.execute(
        select(moves.c.currency, func.sum(moves.c.amount))
        .where(moves.c.customer_id == customer_id, moves.c.day > day)
        .group_by(moves.c.currency)
    )
    return {currency: amount for currency, amount in rows}  # noqa: C416  # rows are no pairs to mypy


def effects_between(customers: Sequence[int], first: date, last: date) -> dict[Key, list[Effect]]:
    """What moved each account from one day to another, in no order."""
    found: dict[Key, list[Effect]] = defaultdict(list)
    documents = db.session.execute(
        select(
            Document.customer_id,
            Document.currency,
            Document.issue_date,
            Document.kind,
            Document.id,
            Document.label,
            EFFECT,
        ).where(
            COUNTS, Document.customer_id.in_(customers), Document.issue_date.between(first, last)
        )
    )
    for customer, currency, day, kind, key, label, amount in documents:
        effect = Effect(day, MovementKind(kind.value), key, label, amount)
        found[customer, currency].append(effect)
    refunded = func.coalesce(func.sum(PaymentAllocation.amount).filter(EFFECT < 0), NOTHING)
    payments = db.session.execute(
        select(
            Payment.customer_id,
            Payment.currency,
            Payment.paid_on,
            Payment.id,
            Payment.reference,
            Payment.amount,
            refunded,
        )
        .outerjoin(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .outerjoin(Document, Document.id == PaymentAllocation.document_id)
        .where(Payment.customer_id.in_(customers), Payment.paid_on.between(first, last))
        .group_by(Payment.id)
    )
    for customer, currency, day, key, reference, amount, back in payments:
        for kind, moved in ((MovementKind.PAYMENT, back - amount), (MovementKind.REFUND, back)):
            if moved:
                found[customer, currency].append(Effect(day, kind, key, reference, moved))
    return dict(found)


def open_debts(customers: Sequence[int], day: date) -> dict[Key, list[OpenDebt]]:
    """What of each invoice was not paid in the evening of a day."""
    # Two questions: joined, PostgreSQL adds up the payments anew for each invoice where it thinks that there are few.
    payments = db.session.execute(
        select(PaymentAllocation.document_id, func.sum(PaymentAllocation.amount))
        .join(Payment, Payment.id == PaymentAllocation.payment_id)
        .where(Payment.customer_id.in_(customers), Payment.paid_on > day)
        .group_by(PaymentAllocation.document_id)
    )
    paid_later: dict[int, Decimal] = {key: amount for key, amount in payments}  # noqa: C416  # rows are no pairs to mypy
    settled_later = any_(literal(list(paid_later), ARRAY(BigInteger)))
    rows = db.session.execute(
        select(
            Document.id,
            Document.customer_id,
            Document.currency,
            Document.due_date,
            Document.balance_due,
        ).where(
            COUNTS,
            EFFECT > 0,
            Document.customer_id.in_(customers),
            Document.issue_date <= day,
            or_(Document.balance_due != 0, Document.id == settled_later),
        )
    )
    found: dict[Key, list[OpenDebt]] = defaultdict(list)
    for document, customer, currency, due_date, still_due in rows:
        amount = still_due + paid_later.get(document, NOTHING)
        found[customer, currency].append(OpenDebt(due_date, amount))
    return dict(found)
