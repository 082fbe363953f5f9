"""The buttons that cure: each really does it and says what happened; then the message goes."""

import html

from flask.testing import FlaskClient
from sqlalchemy import select, update

from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryKind
from models.mailings.mailing import AudienceMode, MailingAudience
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.mailings.suppression import Suppression
from models.people.contact import AddressState, Contact, ContactEmail, CustomerContact
from models.people.customer import Customer
from models.people.organization import Organization
from models.sales.document import Document
from models.sales.document_state import DocumentKind, DocumentState
from models.sales.number_series import NumberSeries
from models.system.audit_event import AuditEvent
from services.mailings.explained_case import case_named
from services.mailings.explained_step import StepKind
from services.mailings.explained_steps import steps_of
from services.mailings.recipient_counts import count_recipients
from services.mailings.recipient_views import Outcome
from services.mailings.verify import verify_mailing
from settings import Settings
from tests.admin_views.mailing_cures.failing import fail, line_of, newest, press, registered
from tests.factories.people import make_contact, make_customer
from tests.factories.sales import make_document
from tests.factories.saving import saved


def test_an_address_is_added_and_the_message_sent(
    clerk: FlaskClient, organization: Organization, settings: Settings
) -> None:
    """N-01: no address; one click adds it, the next one sends, and nobody is left out any more."""
    customer = make_customer()
    make_contact(customer, email=None, name="Ana")
    document = make_document(customer)
    mailing = registered(settings)
    key = line_of(mailing, customer)

    after = press(clerk, mailing, key, "add_address", address="ana@nueva.test")
    assert "Ana tiene ahora la dirección ana@nueva.test." in after
    assert 'value="send_now"' in after
    sent = press(clerk, mailing, key, "send_now")

    assert "Va en camino a ana@nueva.test." in sent
    delivery = newest()
    assert (delivery.kind, delivery.customer_id) == (DeliveryKind.SINGLE, customer.id)
    assert mailing.state is MailingState.SENDING
    assert count_recipients(mailing).views[Outcome.EXCLUDED] == 0
    assert document.label in sent


def test_a_customer_without_contacts_gets_one(
    clerk: FlaskClient, organization: Organization, settings: Settings
) -> None:
    customer = make_customer()
    make_document(customer)
    mailing = registered(settings)
    key = line_of(mailing, customer)

    press(clerk, mailing, key, "add_address", address="ana@nueva.test", name="Ana Nueva")

    link = db.session.scalars(
        select(CustomerContact).where(CustomerContact.customer_id == customer.id)
    ).one()
    assert (link.contact.name, link.roles, link.is_primary) == ("Ana Nueva", ["billing"], True)
    assert "Va en camino" in press(clerk, mailing, key, "send_now")


def test_a_refused_address_is_corrected_and_gets_a_message_of_its_own(
    clerk: FlaskClient, organization: Organization, settings: Settings
) -> None:
    """X1-10: a frozen row never changes: a new delivery, linked to the old one."""
    customer = make_customer()
    make_contact(customer, email="mal@guemes.test")
    make_document(customer)
    mailing = registered(settings)
    key = line_of(mailing, customer)
    old = db.session.get_one(Delivery, int(key[1:]))
    fail(old, ReasonCode.RECIPIENT_REJECTED)

    corrected = press(clerk, mailing, key, "correct_address", address="bien@guemes.test")
    assert "La dirección es ahora bien@guemes.test" in corrected
    assert "Se corrigió la dirección: bien@guemes.test" in corrected
    page = press(clerk, mailing, key, "send_now", seen="failed")

    new = newest()
    assert (new.recipient, new.follows_id) == ("bien@guemes.test", old.id)
    assert "En su lugar se envió a bien@guemes.test." in page
    assert count_recipients(mailing).views[Outcome.REPLACED] == 1
    assert verify_mailing(mailing)["I1"]


def test_the_panel_tells_what_happened_in_order_of_time(
    clerk: FlaskClient, organization: Organization, settings: Settings
) -> None:
    """N-01: a bounce comes after the mailing that met it, and its cure after the bounce."""
    customer = make_customer()
    contact = make_contact(customer, email="mal@guemes.test")
    make_document(customer)
    mailing = registered(settings)
    key = line_of(mailing, customer)
    fail(db.session.get_one(Delivery, int(key[1:])), ReasonCode.RECIPIENT_REJECTED)
    contact.emails[0].state = AddressState.BOUNCED
    contact.emails[0].last_failure_at = utc_now()
    saved(Suppression(address_norm="mal@guemes.test"))
    db.session.commit()

    press(clerk, mailing, key, "correct_address", address="bien@guemes.test")
    case = case_named(mailing, key)

    kinds = [step.kind for step in steps_of(case)]
    assert kinds.index(StepKind.REGISTERED) < kinds.index(StepKind.ADDRESS)
    moments = [step.at for step in steps_of(case) if step.at is not None]
    assert moments == sorted(moments)
    assert [step.at is None for step in steps_of(case)] == sorted(
        (step.at is None for step in steps_of(case)), reverse=True
    )


def test_an_address_that_works_again_comes_off_the_list(
    clerk: FlaskClient, organization: Organization, settings: Settings
) -> None:
    customer = make_customer()
    contact = make_contact(customer, email="pagos@guemes.test")
    contact.emails[0].state = AddressState.BOUNCED
    saved(Suppression(address_norm="pagos@guemes.test"))
    make_document(customer)
    mailing = registered(settings)
    key = line_of(mailing, customer)

    press(clerk, mailing, key, "free_address")

    assert db.session.scalars(select(Suppression)).all() == []
    email = db.session.scalars(ContactEmail.at("pagos@guemes.test")).one()
    assert email.state is AddressState.OK
    assert "Va en camino" in press(clerk, mailing, key, "send_now")


def test_a_contact_gets_the_role(
    clerk: FlaskClient, organization: Organization, settings: Settings
) -> None:
    customer = make_customer()
    contact = make_contact(customer, name="Ana")
    make_document(customer)
    approvers = MailingAudience(mode=AudienceMode.ROLES, roles=["approver"])
    mailing = registered(settings, audience=[approvers])
    key = line_of(mailing, customer)

    page = press(clerk, mailing, key, "give_role", contact=str(contact.id))

    assert "Ana tiene ahora el rol" in page
    assert "Va en camino" in press(clerk, mailing, key, "send_now")


def test_a_contact_is_activated(
    clerk: FlaskClient, organization: Organization, settings: Settings
) -> None:
    customer = make_customer()
    contact = make_contact(customer, is_active=False)
    make_document(customer)
    mailing = registered(settings)
    key = line_of(mailing, customer)

    press(clerk, mailing, key, "activate_contact")

    assert db.session.get_one(Contact, contact.id, populate_existing=True).is_active
    assert "Va en camino" in press(clerk, mailing, key, "send_now")


def test_a_customer_is_taken_off_hold(
    clerk: FlaskClient, organization: Organization, settings: Settings
) -> None:
    customer = make_customer(on_hold=True)
    make_contact(customer)
    make_document(customer)
    mailing = registered(settings)
    key = line_of(mailing, customer)

    press(clerk, mailing, key, "end_hold")

    assert not db.session.get_one(Customer, customer.id, populate_existing=True).on_hold
    assert "Va en camino" in press(clerk, mailing, key, "send_now")


def test_a_draft_is_posted_and_sent(
    clerk: FlaskClient, organization: Organization, settings: Settings
) -> None:
    customer = make_customer()
    make_contact(customer)
    saved(NumberSeries(kind=DocumentKind.INVOICE, series="FV", next_number=9000))
    draft = make_document(customer, state=DocumentState.DRAFT)
    db.session.execute(update(Document).where(Document.id == draft.id).values(number=None))
    mailing = registered(settings)
    key = line_of(mailing, customer)

    press(clerk, mailing, key, "post_document")
    page = press(clerk, mailing, key, "send_now")

    posted = db.session.get_one(Document, draft.id, populate_existing=True)
    assert posted.state is DocumentState.POSTED
    assert "Va en camino" in page and posted.label in page


def test_try_again_sends_the_same_message(
    clerk: FlaskClient, organization: Organization, settings: Settings
) -> None:
    customer = make_customer()
    make_contact(customer)
    make_document(customer)
    mailing = registered(settings)
    key = line_of(mailing, customer)
    fail(db.session.get_one(Delivery, int(key[1:])), ReasonCode.QUOTA)

    page = press(clerk, mailing, key, "retry", seen="failed")

    assert "Va en camino" in page
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "resend")).one()
    assert event.entity_id == int(key[1:]) and event.actor_name


def test_another_contact_of_the_customer_gets_it(
    clerk: FlaskClient, organization: Organization, settings: Settings
) -> None:
    customer = make_customer()
    make_contact(customer)
    other = make_contact(
        customer, name="Teresa Ordaz", email="teresa@guemes.test", roles=(), is_primary=False
    )
    make_document(customer)
    mailing = registered(settings)
    key = line_of(mailing, customer)
    fail(db.session.get_one(Delivery, int(key[1:])), ReasonCode.QUOTA)

    before = html.unescape(clerk.get(f"/mailings/{mailing.public_id}/why/{key}").text)
    press(clerk, mailing, key, "other_contact", seen="failed", contact=str(other.id))

    assert "Enviar a Teresa Ordaz" in before
    assert newest().recipient == "teresa@guemes.test"
