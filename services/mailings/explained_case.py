"""What somebody asks about: one message, one exclusion, or a customer and a document with or without either."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from errors import NotFound
from models.base import db
from models.mailings.delivery import (
    FOR_CUSTOMERS,
    Delivery,
    DeliveryDocument,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.delivery_copy import DeliveryCopy
from models.mailings.mailing import Mailing
from models.mailings.mailing_exclusion import MailingExclusion
from models.mailings.reason import ReasonCode
from models.people.contact import Contact
from models.people.customer import Customer
from models.sales.document import Document
from services.mailings.explained_range import documents_for
from services.mailings.partly_sent import is_partly_sent, missed_recipients

# The others concern everything that the customer would have got.
OF_DOCUMENTS = {
    ReasonCode.DOCUMENT_NOT_POSTED,
    ReasonCode.DOCUMENT_VOID,
    ReasonCode.DOCUMENT_EXCLUDED,
}


@dataclass(frozen=True)
class Case:
    """A customer in a mailing, and what the ledger has about them: a message, an exclusion, or neither."""

    mailing: Mailing
    customer: Customer
    documents: tuple[Document, ...] = ()
    contact: Contact | None = None
    delivery: Delivery | None = None
    state: DeliveryState | None = None
    exclusion: MailingExclusion | None = None
    missed: DeliveryCopy | None = (
        None  # who did not get what the other recipients of the message got
    )

    @property
    def address(self) -> str | None:
        if self.missed is not None:
            return self.missed.address
        if self.delivery is not None:
            return self.delivery.recipient
        return self.exclusion.address if self.exclusion is not None else None

    @property
    def address_norm(self) -> str | None:
        """The same as it is compared."""
        if self.missed is not None:
            return self.missed.address_norm
        if self.delivery is not None:
            return self.delivery.recipient_norm
        return self.address.lower() if self.address else None

    @property
    def key(self) -> str:
        """Its name in addresses of pages; `case_named` finds it again."""
        if self.delivery is not None:
            return f"m{self.delivery.id}"
        if self.exclusion is not None:
            return f"x{self.exclusion.id}"
        return f"c{self.customer.id}-{self.documents[0].id if self.documents else 0}"


def case_named(mailing: Mailing, key: str) -> Case:
    """The case with this key; raises NotFound for what is none of this mailing's organization."""
    kind, rest = key[:1], key[1:]
    numbers = rest.split("-") if kind == "c" else [rest]
    wanted = 2 if kind == "c" else 1
    if len(numbers) != wanted or not all(n.isdecimal() and len(n) < 18 for n in numbers):
        raise _unknown()
    if kind == "m":
        return case_of_delivery(mailing, _one(mailing, Delivery, int(rest)))
    if kind == "x":
        return case_of_exclusion(mailing, _one(mailing, MailingExclusion, int(rest)))
    if kind == "c":
        customer, document = map(int, numbers)
        return case_of(mailing, customer, document or None)
    raise _unknown()


def case_of_delivery(mailing: Mailing, delivery: Delivery) -> Case:
    """One message of the mailing."""
    documents = db.session.scalars(
        select(Document)
        .join(DeliveryDocument, DeliveryDocument.document_id == Document.id)
        .where(DeliveryDocument.delivery_id == delivery.id)
        .order_by(Document.id)
    ).all()
    state = db.session.get_one(DeliveryState, delivery.id, populate_existing=True)
    is_partly = is_partly_sent(state.state, state.reason_code)
    missed = next(iter(missed_recipients(delivery.id)), None) if is_partly else None
    return Case(
        mailing=mailing,
        customer=db.session.get_one(Customer, delivery.customer_id),
        documents=tuple(documents),
        contact=_contact(missed.contact_id if missed is not None else delivery.contact_id),
        delivery=delivery,
        state=state,
        missed=missed,
    )


def case_of_exclusion(mailing: Mailing, exclusion: MailingExclusion) -> Case:
    """Somebody who was left out; who got it after all is the case of that message."""
    if exclusion.delivery_id is not None:
        return case_of_delivery(mailing, db.session.get_one(Delivery, exclusion.delivery_id))
    is_about_document = exclusion.document_id and exclusion.reason_code in OF_DOCUMENTS
    keys = (
        [exclusion.document_id]
        if is_about_document
        else documents_for(mailing, exclusion.customer_id)
    )
    documents = db.session.scalars(
        select(Document).where(Document.id.in_(keys)).order_by(Document.id)
    )
    return Case(
        mailing=mailing,
        customer=db.session.get_one(Customer, exclusion.customer_id),
        documents=tuple(documents),
        contact=_contact(exclusion.contact_id),
        exclusion=exclusion,
    )


def case_of(mailing: Mailing, customer_id: int, document_id: int | None = None) -> Case:
    """Any customer with any document of theirs: the message or the exclusion about them, or a case without either."""
    customer = db.session.get(Customer, customer_id)
    document = db.session.get(Document, document_id) if document_id else None
    if customer is None or (document_id and document is None):
        raise _unknown()
    if document is not None and document.customer_id != customer.id:
        raise _unknown()
    delivery = _delivery_for(mailing, customer_id, document_id)
    if delivery is not None:
        return case_of_delivery(mailing, delivery)
    exclusion = _exclusion_for(mailing, customer_id, document_id)
    if exclusion is not None:
        found = case_of_exclusion(mailing, exclusion)
        is_theirs = document is None or document in found.documents
        if found.delivery is not None or is_theirs:
            return found
    return Case(mailing, customer, (document,) if document else ())


def _delivery_for(mailing: Mailing, customer_id: int, document_id: int | None) -> Delivery | None:
    """The message to ask about: one that was not replaced, the newest."""
    query = (
        select(Delivery)
        .join(DeliveryState, DeliveryState.delivery_id == Delivery.id)
        .where(
            Delivery.mailing_id == mailing.id,
            Delivery.customer_id == customer_id,
            Delivery.kind.in_(FOR_CUSTOMERS),
        )
        .order_by(DeliveryState.state == DeliveryStatus.CANCELLED, Delivery.id.desc())
        .limit(1)
    )
    if document_id is not None:
        query = query.join(DeliveryDocument, DeliveryDocument.delivery_id == Delivery.id).where(
            DeliveryDocument.document_id == document_id
        )
    return db.session.scalars(query).first()


def _exclusion_for(
    mailing: Mailing, customer_id: int, document_id: int | None
) -> MailingExclusion | None:
    """What was said of the document; else of the customer or a contact."""
    of_customer = (
        *MailingExclusion.in_force(mailing.id),
        MailingExclusion.customer_id == customer_id,
    )
    query = select(MailingExclusion).where(*of_customer).order_by(MailingExclusion.id).limit(1)
    if document_id is not None:
        exact = query.where(MailingExclusion.document_id == document_id)
        found = db.session.scalars(exact).first()
        if found is not None:
            return found
        query = query.where(MailingExclusion.document_id.is_(None))
    return db.session.scalars(query).first()


def _one(mailing: Mailing, model: type[Delivery] | type[MailingExclusion], key: int) -> Any:
    query = select(model).where(model.id == key, model.mailing_id == mailing.id)
    if model is Delivery:
        query = query.where(Delivery.kind.in_(FOR_CUSTOMERS), Delivery.customer_id.is_not(None))
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise _unknown()
    return found


def _contact(key: int | None) -> Contact | None:
    return db.session.get(Contact, key) if key is not None else None


def _unknown() -> NotFound:
    return NotFound(_("There is no such message in this mailing."))
