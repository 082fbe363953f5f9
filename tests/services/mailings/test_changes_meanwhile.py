"""What changes between registering and sending: frozen is what was shown; what must not leave is skipped with its reason."""

from email import message_from_bytes

import pytest
from sqlalchemy import select

from errors import Conflict
from models.base import db
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.mailings.mailing import MailingRange
from models.mailings.reason import ReasonCode
from models.people.contact import ContactEmail, CustomerContact
from models.people.customer import Customer
from models.sales.document import Document
from services.mailings.cures import Cure, cures_of
from services.mailings.explained_case import case_of_delivery
from services.mailings.explained_cause import cause_of
from services.mailings.flow import start
from services.mailings.late import documents_of, send_to_contact
from services.mailings.register import register_mailing
from services.mailings.rehearsal import ask_to_rehearse, counts_of
from services.mailings.rehearsing import carry_out
from services.mailings.retry import resend
from services.mailings.verify import verify_mailing
from services.sales.pdf import Workshop
from services.sales.posting import void_document
from tests.factories.mailings import make_draft
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.sales import make_document
from tests.servers.sender_process import is_under_way, make_dispatch
from tests.servers.smtp_server import RecordingSmtpServer


@pytest.fixture
def server():
    with RecordingSmtpServer() as one:
        yield one


@pytest.fixture
def shop(settings):
    return Workshop(files_url=settings.files_url, base_url=settings.public_base_url)


@pytest.fixture
def mailing(organization, server, shop):
    """Registered: Ana with two invoices, and Bea with one."""
    for name, count in (("ana", 2), ("bea", 1)):
        customer = make_customer(name=name.capitalize())
        make_contact(customer, email=f"{name}@a.test")
        for _number in range(count):
            make_document(customer)
    mailing = make_draft(
        account=make_mail_account(smtp_port=server.port, connections=1),
        ranges=[MailingRange(series="FV")],
    )
    register_mailing(mailing, shop)
    return mailing


def customer_named(name):
    return db.session.scalars(select(Customer).where(Customer.name == name)).one()


def delivery_to(address):
    query = select(Delivery).where(Delivery.recipient == address).order_by(Delivery.id)
    return db.session.scalars(query.limit(1)).one()


def send(mailing, settings):
    start(mailing.id)
    deliver(settings)


def deliver(settings):
    db.session.commit()
    make_dispatch(settings).work(stays=is_under_way, seconds=40)
    db.session.rollback()
    db.session.expire_all()


def recipients(server):
    return sorted(address for message in server.accepted for address in message.recipients)


def state_of(delivery):
    return db.session.get_one(DeliveryState, delivery.id, populate_existing=True)


def void(*documents):
    for document in documents:
        void_document(document)
    db.session.commit()


def invoices_of(name):
    query = select(Document).where(Document.customer_id == customer_named(name).id)
    return list(db.session.scalars(query.order_by(Document.id)))


def test_a_changed_address_does_not_change_what_was_registered(mailing, server, settings):
    """Pains B-11: what was shown is what is sent; the chain of the answer says what is true now."""
    email = db.session.scalars(ContactEmail.at("ana@a.test")).one()
    email.address = email.address_norm = "other@a.test"
    db.session.commit()
    send(mailing, settings)

    assert recipients(server) == ["ana@a.test", "bea@a.test"]
    assert all(verify_mailing(mailing).values())


def test_a_contact_taken_out_of_the_customer_gets_what_was_registered(mailing, server, settings):
    link = db.session.scalars(
        select(CustomerContact).where(CustomerContact.customer_id == customer_named("Ana").id)
    ).one()
    db.session.delete(link)
    db.session.commit()
    send(mailing, settings)

    assert recipients(server) == ["ana@a.test", "bea@a.test"]


def test_a_message_with_a_void_document_does_not_leave(mailing, server, settings):
    """Not even its other document: what is frozen goes as it is, or not at all."""
    void(invoices_of("Ana")[0])
    send(mailing, settings)
    state = state_of(delivery_to("ana@a.test"))
    case = case_of_delivery(mailing, delivery_to("ana@a.test"))
    cause = cause_of(case)

    assert recipients(server) == ["bea@a.test"]
    assert (state.state, state.reason_code) == ("skipped", "document_void")
    assert invoices_of("Ana")[0].label in cause.detail
    assert mailing.state == "finished"
    assert all(verify_mailing(mailing).values())


def test_the_rest_goes_in_a_message_of_its_own(mailing, server, settings, shop):
    """N-01: the cure of a void document is a message without it."""
    first, second = invoices_of("Ana")
    void(first)
    send(mailing, settings)
    delivery = delivery_to("ana@a.test")
    case = case_of_delivery(mailing, delivery)
    assert next(each.cure for each in cures_of(case, cause_of(case))) is Cure.SEND_NOW
    with pytest.raises(Conflict, match=first.label):
        resend(delivery, seen=DeliveryStatus.SKIPPED, why="Please")

    made = send_to_contact(mailing, delivery, case.contact.id, shop, seen=DeliveryStatus.SKIPPED)
    deliver(settings)

    assert recipients(server) == ["ana@a.test", "bea@a.test"]
    assert list(documents_of(db.session.get_one(Delivery, made))) == [second.id]
    raw = server.accepted[-1].raw
    names = [part.get_filename() for part in message_from_bytes(raw).walk() if part.get_filename()]
    assert names == [f"{second.label}.pdf"]


def test_nothing_is_offered_when_all_documents_are_void(mailing, settings):
    void(*invoices_of("Bea"))
    send(mailing, settings)
    case = case_of_delivery(mailing, delivery_to("bea@a.test"))

    assert cures_of(case, cause_of(case)) == []


def test_nothing_is_sent_to_a_customer_who_was_put_on_hold(mailing, server, settings):
    """What the field promises holds for what was registered before, too."""
    customer_named("Bea").on_hold = True
    db.session.commit()
    send(mailing, settings)
    case = case_of_delivery(mailing, delivery_to("bea@a.test"))

    assert recipients(server) == ["ana@a.test"]
    assert (case.state.state, case.state.reason_code) == ("skipped", "on_hold")
    assert [each.cure for each in cures_of(case, cause_of(case))] == [Cure.END_HOLD]

    customer_named("Bea").on_hold = False
    resend(case.delivery, seen=DeliveryStatus.SKIPPED, why="They have paid")
    deliver(settings)

    assert recipients(server) == ["ana@a.test", "bea@a.test"]


def test_a_document_voided_while_it_is_being_sent_stops_its_message(mailing, server, settings):
    """The queue is read again before each message."""
    start(mailing.id)
    void(*invoices_of("Bea"))
    deliver(settings)

    assert recipients(server) == ["ana@a.test"]
    assert state_of(delivery_to("bea@a.test")).reason_code is ReasonCode.DOCUMENT_VOID


def test_a_rehearsal_says_what_will_be_skipped(mailing, shop):
    void(*invoices_of("Bea"))
    customer_named("Ana").on_hold = True
    rehearsal = ask_to_rehearse(mailing)
    db.session.commit()
    carry_out(rehearsal.id, shop)

    assert counts_of(rehearsal).odd == 2
