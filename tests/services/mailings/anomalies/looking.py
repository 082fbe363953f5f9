"""An invoice to be sent, and what was found of its mailing."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from models.base import db
from models.mailings.anomaly import AnomalyKind, MailingAnomaly
from models.mailings.delivery import Delivery
from models.mailings.mailing import Mailing
from models.sales.document import Document
from tests.factories.people import make_contact, make_customer
from tests.factories.sales import make_document

SOON = date.today() + timedelta(days=30)  # noqa: DTZ011  # a date has no zone


def invoice(customer: Any = None, **fields: Any) -> Document:
    """An invoice that has nothing odd."""
    if customer is None:
        customer = make_customer(tax_id="900123456")
        make_contact(customer)
    return make_document(customer, **{"due_date": SOON, **fields})


def found(mailing: Mailing, kind: AnomalyKind | None = None) -> list[MailingAnomaly]:
    """Of this kind, or all."""
    query = select(MailingAnomaly).where(MailingAnomaly.mailing_id == mailing.id)
    if kind:
        query = query.where(MailingAnomaly.kind == kind)
    return list(db.session.scalars(query.order_by(MailingAnomaly.id)))


def message_of(mailing: Mailing, document: Document) -> int:
    return db.session.scalars(
        select(Delivery.id).where(
            Delivery.mailing_id == mailing.id, Delivery.customer_id == document.customer_id
        )
    ).one()
