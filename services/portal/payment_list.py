"""One page of what the customer paid, the newest first, with what each payment went to: in one question."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from models.sales.document import Document
from models.sales.payment import Payment, PaymentAllocation, PaymentMethod
from models.tenancy import column_rows, kept
from services.portal.document_list import (
    PAGE_SIZE,
    ListPage,
    Shape,
    Wanted,
    in_order,
    page_of,
    shape_of,
    values_of,
)
from services.portal.visible_documents import Kinds, Sight, kinds_of, own, the_customer

COLUMNS: tuple[Any, ...] = (
    Payment.id,
    Payment.paid_on,
    Payment.method,
    Payment.reference,
    Payment.amount,
    Payment.currency,
    Payment.unallocated,
)


@dataclass(frozen=True, slots=True)
class PaidPart:
    """A document that a payment went to; whether this sight comprises it."""

    label: str
    public_id: UUID
    is_seen: bool


@dataclass(frozen=True, slots=True)
class MadePayment:
    """A payment, and what it went to in the order in which that was said."""

    id: int
    paid_on: date
    method: PaymentMethod
    reference: str
    amount: Decimal
    currency: str
    unallocated: Decimal
    parts: list[PaidPart] = field(default_factory=list)


def payments_page(sight: Sight, wanted: Wanted, *, size: int = PAGE_SIZE) -> ListPage[MadePayment]:
    """A page of what the customer paid."""
    kinds, shape = kinds_of(sight), shape_of(wanted)
    query = _named(kinds, shape, wanted.number) if wanted.number else _all(kinds, shape)
    values = {"customer": sight.customer_id, **values_of(wanted, size)}
    payments = _with_parts(column_rows(query, values))
    return page_of(payments, wanted, size, day="paid_on")


def _with_parts(rows: Iterable[Any]) -> list[MadePayment]:
    payments: dict[int, MadePayment] = {}
    for *columns, label, public_id, is_seen in rows:
        payment = payments.get(columns[0])
        if payment is None:
            payment = payments[columns[0]] = MadePayment(*columns)
        if label is not None:
            payment.parts.append(PaidPart(label, public_id, is_seen))
    return list(payments.values())


@lru_cache(maxsize=500)
def _all(kinds: Kinds, shape: Shape) -> Select[Any]:
    return kept(_statement(_payments(), kinds, shape))


def _named(kinds: Kinds, shape: Shape, number: str) -> Select[Any]:
    named = Payment.reference.icontains(number, autoescape=True)
    return _statement(_payments().where(named), kinds, shape)


def _payments() -> Select[Any]:
    return select(*COLUMNS, Payment.organization_id).where(Payment.customer_id == the_customer())


def _statement(payments: Select[Any], kinds: Kinds, shape: Shape) -> Select[Any]:
    found = in_order(payments, Payment.id, Payment.paid_on, shape).subquery()
    _year, beside = shape
    order = (found.c.paid_on, found.c.id)
    return (
        select(
            *(found.c[column.key] for column in COLUMNS),
            Document.label,
            Document.public_id,
            own(kinds).label("is_seen"),
        )
        .select_from(found)
        .outerjoin(PaymentAllocation, PaymentAllocation.payment_id == found.c.id)
        .outerjoin(Document, Document.id == PaymentAllocation.document_id)
        .order_by(
            *(order if beside == "before" else (each.desc() for each in order)),
            PaymentAllocation.id,
        )
    )
