"""The recipients of a mailing, one by one: what each got, or why not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from models.base import db
from models.mailings.delivery import (
    Delivery,
    DeliveryDocument,
    DeliveryKind,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.mailing import MailingExclusion
from models.mailings.reason import ReasonCode
from models.people.contact import Contact
from models.people.customer import Customer
from models.sales.document import Document


@dataclass(frozen=True)
class ListedRow:
    """One line of the list; those left out at register have no `delivery_id`."""

    delivery_id: int | None
    customer_id: int | None
    customer_number: str | None
    customer_name: str | None
    contact_name: str | None
    address: str | None
    documents: list[str]
    state: DeliveryStatus
    reason_code: ReasonCode | None
    reason_detail: str | None
    message_id: str | None
    smtp_code: int | None
    sent_at: datetime | None
    attempt_count: int


def rows_of(mailing_id: int) -> Iterator[ListedRow]:
    """Everybody: the messages in the order of registering, then those who get none. Streams."""
    query = _messages(mailing_id).order_by(Delivery.id).execution_options(yield_per=500)
    for row in db.session.execute(query):
        yield ListedRow(*row)
    yield from _excluded_rows_of(mailing_id)


def _excluded_rows_of(mailing_id: int) -> Iterator[ListedRow]:
    """Customers, contacts and documents in the range that get or bring no message."""
    query = (
        select(MailingExclusion, Customer, Contact.name, Document.label)
        .join(Customer, Customer.id == MailingExclusion.customer_id)
        .outerjoin(Contact, Contact.id == MailingExclusion.contact_id)
        .outerjoin(Document, Document.id == MailingExclusion.document_id)
        .where(MailingExclusion.mailing_id == mailing_id)
        .order_by(MailingExclusion.id)
        .execution_options(yield_per=500)
    )
    for exclusion, customer, contact_name, label in db.session.execute(query):
        yield ListedRow(
            delivery_id=None,
            customer_id=customer.id,
            customer_number=customer.number,
            customer_name=customer.name,
            contact_name=contact_name,
            address=exclusion.address,
            documents=[label] if label else [],
            state=DeliveryStatus.SKIPPED,
            reason_code=exclusion.reason_code,
            reason_detail=exclusion.detail,
            message_id=None,
            smtp_code=None,
            sent_at=None,
            attempt_count=0,
        )


def _messages(mailing_id: int) -> Any:
    labels = (
        select(func.array_agg(aggregate_order_by(Document.label, Document.id)))
        .select_from(DeliveryDocument)
        .join(Document, Document.id == DeliveryDocument.document_id)
        .where(DeliveryDocument.delivery_id == Delivery.id)
        .scalar_subquery()
    )
    return (
        select(
            Delivery.id,
            Customer.id,
            Customer.number,
            Customer.name,
            Contact.name,
            Delivery.recipient,
            func.coalesce(labels, literal([], ARRAY(Text))),
            DeliveryState.state,
            DeliveryState.reason_code,
            DeliveryState.reason_detail,
            Delivery.message_id_header,
            DeliveryState.smtp_code,
            DeliveryState.sent_at,
            DeliveryState.attempt_count,
        )
        .join(DeliveryState, DeliveryState.delivery_id == Delivery.id)
        .outerjoin(Customer, Customer.id == Delivery.customer_id)
        .outerjoin(Contact, Contact.id == Delivery.contact_id)
        .where(Delivery.mailing_id == mailing_id, Delivery.kind == DeliveryKind.BULK)
    )
