"""What customers hear of their payments: whoever was sent the documents that one pays, and not only the primary contact (pains A-8).

A payment is told of once, in the transaction in which it first says what it pays, and only in words that a level wrote. As the audit does, this
listens to sessions: so screens, imports, jobs and commands are all covered.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, event, func, not_, select, union
from sqlalchemy.orm import Session

from models.base import db, utc_now
from models.mailings.delivery import (
    OURS_ALONE,
    Delivery,
    DeliveryDocument,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.delivery_copy import CopyRole, CopyState, DeliveryCopy
from models.people.contact import Contact, ContactEmail, ContactSource, CustomerContact
from models.portal.portal_text import PortalText, PortalTextKind
from models.sales.payment import Payment, PaymentAllocation
from models.tenancy import acting_in
from services.mailings.address_book import entries_of, get_invoices
from services.portal.mail_words import day_in_words, reader_of_contact
from services.portal.portal_emails import tell
from services.portal.portal_texts import Texts
from services.sales.formats import shown_amount

APPLIED = "payments_that_were_applied"  # in a session's `info`
NEWS_FOR = timedelta(days=30)  # who takes over the payments of former years writes to nobody
K = PortalTextKind
WORDS_FOR_IT = PortalText.current(K.PAYMENT_RECEIVED).limit(1)


def install() -> None:
    """Listen to every session of this process; called once by `create_app`."""
    for name, listener in (
        ("after_flush", _note),
        ("before_commit", _carry_out),
        ("after_rollback", _forget),
    ):
        if not event.contains(Session, name, listener):
            event.listen(Session, name, listener)


def payment_received(payment: Payment) -> list[int]:
    """Write to whom the paid documents were sent; nothing where no level has words for it, or it is long ago."""
    texts = Texts(payment.customer.customer_group)
    if payment.paid_on < (utc_now() - NEWS_FOR).date() or not payment.allocations:
        return []
    labels = ", ".join(str(part.document) for part in payment.allocations)
    told = []
    for contact in _contacts(payment):
        reader = reader_of_contact(contact, payment.customer)
        lang = texts.language_of(K.PAYMENT_RECEIVED, reader.lang)
        if lang is None or reader.address is None:
            continue
        amount = shown_amount(payment.amount, payment.currency, lang)
        values = {
            "amount": f"{amount} {payment.currency}",
            "paid_on": day_in_words(payment.paid_on, lang),
            "documents": labels,
            "reference": payment.reference,
        }
        cause = f"payment:{payment.id}:{contact.id}"
        told.append(tell(K.PAYMENT_RECEIVED, replace(reader, lang=lang), cause, values))
    return [key for key in told if key is not None]


def _contacts(payment: Payment) -> Sequence[Contact]:
    """Contacts of the customer to whom one of the documents went; if none did, those who get its invoices."""
    documents = [part.document_id for part in payment.allocations]
    together = (
        select(DeliveryCopy.contact_id)
        .join(DeliveryDocument, DeliveryDocument.delivery_id == DeliveryCopy.delivery_id)
        .where(DeliveryDocument.document_id.in_(documents), DeliveryCopy.role == CopyRole.TO)
        .where(DeliveryCopy.state == CopyState.ACCEPTED)
    )
    # Who writes a message by hand gives an address, which may be a contact's.
    by_address = _sent(
        documents,
        select(ContactEmail.contact_id).join(
            Delivery, Delivery.recipient_norm == ContactEmail.address_norm
        ),
    )
    wanted = union(_sent(documents, select(Delivery.contact_id)), by_address, together)
    found = _active(payment, set(db.session.scalars(wanted)))
    if found:
        return found
    book = entries_of([payment.customer_id]).get(payment.customer_id, [])
    return _active(payment, {entry.contact_id for entry in get_invoices(book)})


def _sent(documents: list[int], whom: Select[Any]) -> Select[Any]:
    """Of the deliveries that took one of these documents to somebody outside."""
    return (
        whom.join(DeliveryDocument, DeliveryDocument.delivery_id == Delivery.id)
        .join(DeliveryState, DeliveryState.delivery_id == Delivery.id)
        .where(DeliveryDocument.document_id.in_(documents), Delivery.kind.not_in(OURS_ALONE))
        .where(DeliveryState.state == DeliveryStatus.SENT)
    )


def _active(payment: Payment, keys: set[int]) -> Sequence[Contact]:
    """Those of these contacts who still are the customer's; not outsiders to whom the customer once passed something on."""
    is_outsider = (Contact.source == ContactSource.FORWARDED) & (
        func.cardinality(CustomerContact.roles) == 0
    )
    found: Sequence[Contact] = db.session.scalars(
        select(Contact)
        .join(CustomerContact, CustomerContact.contact_id == Contact.id)
        .where(CustomerContact.customer_id == payment.customer_id, Contact.is_active)
        .where(Contact.id.in_(keys), not_(is_outsider))
        .order_by(Contact.id)
    ).all()
    return found


def _note(session: Session, flush_context: Any) -> None:
    for record in session.new:
        if isinstance(record, PaymentAllocation):
            applied = session.info.setdefault(APPLIED, set())
            applied.add((record.organization_id, record.payment_id, record.id))


def _forget(session: Session) -> None:
    session.info.pop(APPLIED, None)


def _carry_out(session: Session) -> None:
    session.flush()
    places = defaultdict[int, dict[int, set[int]]](lambda: defaultdict(set))
    for organization_id, payment_id, key in session.info.pop(APPLIED, set()):
        places[organization_id][payment_id].add(key)
    for organization_id, applied in sorted(places.items()):
        with acting_in(organization_id):
            if db.session.scalar(WORDS_FOR_IT) is None:
                continue
            for payment in db.session.scalars(select(Payment).where(Payment.id.in_(applied))):
                if all(part.id in applied[payment.id] for part in payment.allocations):
                    payment_received(payment)
