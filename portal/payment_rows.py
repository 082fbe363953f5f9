"""Payments as lines of a list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask_babel import get_locale
from flask_babel import gettext as _

from models.states import state_word
from portal.urls import document_url
from services.portal.payment_list import MadePayment
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


def payment_rows(payments: Iterable[MadePayment]) -> list[PaymentRow]:
    """In the reader's language, with what each of them paid."""
    lang = str(get_locale() or "es")
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
                    PaidDocument(part.label, document_url(part.public_id) if part.is_seen else None)
                    for part in payment.parts
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
