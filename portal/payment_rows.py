"""Payments as lines of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from models.base import db
from models.sales.document import Document
from models.sales.payment import Payment, PaymentAllocation
from models.states import state_word
from portal.own_documents import current_sight
from services.portal.visible_documents import mine
from services.sales.formats import shown_amount, shown_date


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
    allocations = db.session.scalars(
        select(PaymentAllocation)
        .join(PaymentAllocation.document)
        .where(PaymentAllocation.payment_id.in_([payment.id for payment in payments]))
        .options(contains_eager(PaymentAllocation.document))
        .order_by(PaymentAllocation.id)
    ).all()
    documents = [each.document_id for each in allocations]
    seen = set(
        db.session.scalars(
            mine(current_sight()).where(Document.id.in_(documents)).with_only_columns(Document.id)
        )
    )
    rows = []
    for payment in payments:
        own = [each for each in allocations if each.payment_id == payment.id]
        left = payment.amount - sum(each.amount for each in own)
        rows.append(
            PaymentRow(
                name=payment.reference or _("Payment"),
                paid_on=payment.paid_on,
                day=shown_date(payment.paid_on, lang),
                method=str(state_word(payment.method)),
                amount=shown_amount(payment.amount, payment.currency, lang),
                currency=payment.currency,
                paid=[_paid(each.document, each.document_id in seen) for each in own],
                rest=_(
                    "%(amount)s not applied yet",
                    amount=shown_amount(left, payment.currency, lang),
                )
                if left
                else "",
            )
        )
    return rows


def _paid(document: Document, is_seen: bool) -> PaidDocument:
    url = url_for("portal-document.document", public_id=document.public_id) if is_seen else None
    return PaidDocument(document.label, url)
