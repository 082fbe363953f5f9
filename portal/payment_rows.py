"""Payments as lines of a list."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import BigInteger, Select, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from models.base import db
from models.sales.document import Document
from models.sales.payment import Payment, PaymentAllocation
from models.states import state_word
from models.tenancy import kept
from portal.own_documents import current_sight
from services.portal.visible_documents import Kinds, kinds_of, own
from services.sales.formats import shown_amount, shown_date

PAYMENTS = bindparam("payments", type_=ARRAY(BigInteger))


@dataclass(frozen=True)
class PaidDocument:
    """What a payment went to; without `url` for who may not see that document."""

    label: str
    url: str | None


@dataclass(frozen=True)
class PaymentRow:
    """A payment in a list."""

    name: str
    paid_on: date
    day: str
    method: str
    amount: str
    currency: str
    paid: list[PaidDocument]
    rest: str


def payment_rows(payments: Sequence[Payment]) -> list[PaymentRow]:
    """In the reader's language, with what each of them paid."""
    lang = str(get_locale() or "es")
    parts: dict[int, list[Any]] = defaultdict(list)
    kinds, customer_id = kinds_of(current_sight()), current_sight().customer_id
    values = {"customer": customer_id, "payments": [payment.id for payment in payments]}
    for part in db.session.execute(_parts(kinds), values):
        parts[part.payment_id].append(part)
    rows = []
    for payment in payments:
        left = payment.unallocated
        rows.append(
            PaymentRow(
                name=payment.reference or _("Payment"),
                paid_on=payment.paid_on,
                day=shown_date(payment.paid_on, lang),
                method=str(state_word(payment.method)),
                amount=shown_amount(payment.amount, payment.currency, lang),
                currency=payment.currency,
                paid=[
                    _paid(part.label, part.public_id, part.is_seen) for part in parts[payment.id]
                ],
                rest=_(
                    "%(amount)s not applied yet",
                    amount=shown_amount(left, payment.currency, lang),
                )
                if left
                else "",
            )
        )
    return rows


@lru_cache(maxsize=500)
def _parts(kinds: Kinds) -> Select[int, str, UUID, bool]:
    return kept(
        select(
            PaymentAllocation.payment_id,
            Document.label,
            Document.public_id,
            own(kinds).label("is_seen"),
        )
        .join(PaymentAllocation.document)
        .where(PaymentAllocation.payment_id == any_(PAYMENTS))
        .order_by(PaymentAllocation.id)
    )


def _paid(label: str, public_id: UUID, is_seen: bool) -> PaidDocument:
    url = url_for("portal-document.document", public_id=public_id) if is_seen else None
    return PaidDocument(label, url)
