"""Messages that a person adds to a registered mailing: never twice, and in its ledger."""

import pytest
from sqlalchemy import select, update

from errors import Conflict
from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryKind, DeliveryState, DeliveryStatus
from models.mailings.mailing import MailingRange
from models.mailings.mailing_exclusion import MailingExclusion
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.people.contact import ContactEmail
from models.people.customer import Customer
from models.sales.document import Document
from models.sales.document_state import DocumentState
from services.mailings.flow import start
from services.mailings.late import send_document, send_excluded, send_to_contact, successor_of
from services.mailings.settling import settle_mailings
from services.mailings.status import counts_of
from services.mailings.verify import verify_mailing
from services.sales.pdf import Workshop
from tests.factories.mailings import make_registered
from tests.factories.people import make_contact, make_customer
from tests.factories.sales import make_document


@pytest.fixture
def shop(settings):
    return Workshop(files_url=settings.files_url, base_url=settings.public_base_url)


@pytest.fixture
def mailing(organization, settings):
    """A customer with an address, one without, and one whose document is a draft."""
    for email in ("a@example.com", None):
        customer = make_customer()
        make_contact(customer, email=email)
        make_document(customer)
    return make_registered(settings, ranges=[MailingRange(series="FV")])


def only_delivery(mailing):
    return db.session.scalars(select(Delivery).where(Delivery.mailing_id == mailing.id)).one()


def exclusion_of(mailing):
    query = select(MailingExclusion).where(MailingExclusion.mailing_id == mailing.id)
    return db.session.scalars(query).one()


def fail(delivery, reason=ReasonCode.RECIPIENT_REJECTED):
    db.session.execute(
        update(DeliveryState)
        .where(DeliveryState.delivery_id == delivery.id)
        .values(state=DeliveryStatus.FAILED, reason_code=reason)
    )
    db.session.expire_all()


def give_address(exclusion, address="late@example.com"):
    db.session.add(
        ContactEmail(contact_id=exclusion.contact_id, address=address, address_norm=address)
    )
    db.session.flush()


def documents_of_customer(exclusion):
    query = select(Document.id).where(Document.customer_id == exclusion.customer_id)
    return list(db.session.scalars(query))


def test_who_was_left_out_gets_it_once_the_cause_is_gone(mailing, shop):
    """N-01, X1-05: before the cure the same reason, after it a message, and nobody is left out any more."""
    exclusion = exclusion_of(mailing)
    documents = documents_of_customer(exclusion)
    with pytest.raises(Conflict, match="ningún contacto"):
        send_excluded(mailing, exclusion, documents, shop)
    db.session.rollback()

    give_address(exclusion)
    (made,) = send_excluded(mailing, exclusion, documents, shop)

    delivery = db.session.get_one(Delivery, made)
    assert (delivery.kind, delivery.recipient) == (DeliveryKind.SINGLE, "late@example.com")
    assert counts_of(mailing.id)["skipped"] == 0
    assert verify_mailing(mailing)["I1"]
    db.session.expire_all()
    with pytest.raises(Conflict, match=r"más rápida|ya se envió"):
        send_excluded(mailing, exclusion, documents, shop)


def test_another_contact_replaces_what_failed(mailing, shop):
    """X1-10: a message of its own, linked to the old one; the old one is kept and counts no more."""
    start(mailing.id)
    old = only_delivery(mailing)
    fail(old)
    settle_mailings([mailing.id])
    other = make_contact_of(old, "teresa@example.com")

    made = send_to_contact(mailing, old, other.id, shop, seen=DeliveryStatus.FAILED)

    new = db.session.get_one(Delivery, made)
    assert successor_of(old) == new
    assert new.message_id_header != old.message_id_header
    state = db.session.get_one(DeliveryState, old.id)
    assert (state.state, state.reason_code, state.reason_detail) == (
        DeliveryStatus.CANCELLED,
        ReasonCode.MANUAL,
        "teresa@example.com",
    )
    assert mailing.state is MailingState.SENDING
    db.session.execute(
        update(DeliveryState)
        .where(DeliveryState.delivery_id == made)
        .values(state=DeliveryStatus.SENT, sent_at=utc_now())
    )
    assert settle_mailings([mailing.id])[mailing.id] is MailingState.FINISHED


def test_two_people_cannot_send_it_to_two_contacts(mailing, shop):
    """X1-10: one wins; the other sees what has happened."""
    old = only_delivery(mailing)
    fail(old)
    first, second = (make_contact_of(old, f"c{n}@example.com") for n in range(2))
    send_to_contact(mailing, old, first.id, shop, seen=DeliveryStatus.FAILED)

    with pytest.raises(Conflict, match="más rápida"):
        send_to_contact(mailing, old, second.id, shop, seen=DeliveryStatus.FAILED)


def test_the_same_address_never_gets_it_twice(mailing, shop):
    """B-5: the key of the second message is that of the first."""
    old = only_delivery(mailing)
    other = make_contact_of(old, "teresa@example.com")
    send_to_contact(mailing, old, other.id, shop, seen=DeliveryStatus.PREPARED)

    with pytest.raises(Conflict, match="ya se envió"):
        send_to_contact(mailing, old, other.id, shop, seen=DeliveryStatus.PREPARED)


def test_a_document_out_of_range_goes_with_the_same_text(mailing, shop):
    document = make_document(
        db.session.get_one(Customer, only_delivery(mailing).customer_id), series="ZZ"
    )

    (made,) = send_document(mailing, document, shop)

    assert db.session.get_one(Delivery, made).subject.endswith(document.label)


def test_a_void_document_does_not_leave(mailing, shop):
    customer = make_customer()
    make_contact(customer)
    document = make_document(customer, state=DocumentState.VOID)

    with pytest.raises(Conflict, match="anulad"):
        send_document(mailing, document, shop)


def make_contact_of(delivery, email):
    customer = db.session.get_one(Customer, delivery.customer_id)
    return make_contact(customer, email=email, roles=("technical",), is_primary=False)
