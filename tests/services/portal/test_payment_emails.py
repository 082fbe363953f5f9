"""Pains A-8: of a payment hears whoever was sent what it pays, not only the primary contact."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from models.base import db, utc_now
from models.mailings.delivery import (
    Delivery,
    DeliveryDocument,
    DeliveryKind,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.mailing import AudienceMode, MailingAudience, MailingRange
from models.people.contact import Contact, ContactEmail, ContactSource
from models.people.customer import Customer
from models.people.organization import Organization
from models.portal.portal_text import PortalText, PortalTextKind
from models.sales.document import Document
from models.sales.document_state import DocumentKind
from models.sales.payment import Payment, PaymentAllocation
from settings import Settings
from tests.factories.mailings import make_registered
from tests.factories.people import make_contact, make_customer, make_group, make_mail_account
from tests.factories.portal_texts import html_of, make_text, message_of, written
from tests.factories.sales import make_document
from tests.factories.saving import saved
from tests.factories.statements import pay

K = PortalTextKind.PAYMENT_RECEIVED
TODAY = utc_now().date()
WORDS = "<p>{{ contact.name }}: {{ amount }} {{ paid_on }} {{ documents }} {{ reference }}</p>"


@pytest.fixture
def customer(organization: Organization) -> Customer:
    make_mail_account()
    customer = make_customer(
        name="Ferretería La Ñapa", customer_group_id=make_group(uses_portal=True).id
    )
    make_contact(customer, name="Ñusta Peña", email="jefa@napa.test", roles=())
    return customer


@pytest.fixture
def words(customer: Customer) -> None:
    make_text(K, WORDS, subject="Recibimos {{ amount }}")
    db.session.commit()


def send(settings: Settings, document: Document, *contacts: Contact, **fields: object) -> None:
    """A mailing with this document to contacts that somebody chose; the server took it."""
    chosen = MailingAudience(mode=AudienceMode.CONTACTS, ref_ids=[each.id for each in contacts])
    before = {each.id for each in written()}
    make_registered(
        settings,
        ranges=[MailingRange(kind=DocumentKind.INVOICE, document_ids=[document.id])],
        audience=[chosen],
        **fields,
    )
    new = {each.id for each in written()} - before
    assert new
    db.session.execute(
        update(DeliveryState)
        .where(DeliveryState.delivery_id.in_(new))
        .values(state=DeliveryStatus.SENT, sent_at=utc_now())
    )
    db.session.commit()


def notices() -> list[str]:
    return [each.recipient for each in written() if each.mailing_id is None]


def test_A_8_the_chosen_contact_is_told_and_not_the_primary_one(
    customer: Customer, words: None, settings: Settings
) -> None:
    """In the words of the level, with the amount, the day and what it pays."""
    chosen = make_contact(
        customer, name="Óscar Ibáñez", email="obra@napa.test", is_primary=False, roles=()
    )
    make_contact(customer, email="caja@napa.test", is_primary=False)
    invoice = make_document(customer, number="10518")
    send(settings, invoice, chosen)

    pay(customer, 119, (invoice, 119), on=TODAY, reference="TR-2041")
    assert notices() == []  # it is written in the transaction of its cause, at its end
    db.session.commit()

    assert notices() == ["obra@napa.test"]
    message = written()[-1]
    assert message_of(message)["Subject"] == "Recibimos 119,00 EUR"
    for said in ("Óscar Ibáñez: 119,00 EUR", "FV-10518", "TR-2041"):
        assert said in html_of(message)


def test_A_8_everybody_to_whom_it_was_sent(
    customer: Customer, words: None, settings: Settings
) -> None:
    """Of several documents, too; once each. Who is no contact any more hears nothing."""
    one = make_contact(customer, email="uno@napa.test", is_primary=False)
    two = make_contact(customer, email="dos@napa.test", is_primary=False)
    gone = make_contact(customer, email="fue@napa.test", is_primary=False)
    first, second = make_document(customer), make_document(customer)
    send(settings, first, one, gone)
    send(settings, second, one, two)
    gone.is_active = False

    pay(customer, 20, (first, 10), (second, 10), on=TODAY)
    db.session.commit()

    assert notices() == ["uno@napa.test", "dos@napa.test"]


def test_A_8_of_what_was_never_sent_hears_who_gets_the_invoices(
    customer: Customer, words: None
) -> None:
    make_contact(customer, email="caja@napa.test", is_primary=False)

    pay(customer, 5, (make_document(customer), 5), on=TODAY)
    db.session.commit()

    assert notices() == ["caja@napa.test"]


def test_A_8_a_payment_is_told_of_once_when_it_says_what_it_pays(
    customer: Customer, words: None
) -> None:
    """Not while it pays nothing, and not again when more of it is applied."""
    invoice, other = make_document(customer), make_document(customer)
    payment: Payment = pay(customer, 50, on=TODAY)
    db.session.commit()
    assert notices() == []

    payment.allocations.append(PaymentAllocation(document_id=invoice.id, amount=10))
    db.session.commit()
    assert notices() == ["jefa@napa.test"]

    payment.allocations.append(PaymentAllocation(document_id=other.id, amount=10))
    db.session.commit()
    assert notices() == ["jefa@napa.test"]


def test_A_8_more_of_a_payment_is_no_news_for_others_either(
    customer: Customer, words: None, settings: Settings
) -> None:
    """Whoever was sent the second document hears nothing: the payment was told of already."""
    other = make_contact(customer, email="otra@napa.test", is_primary=False, roles=())
    first, second = make_document(customer), make_document(customer)
    send(settings, second, other)
    payment = pay(customer, 50, (first, 10), on=TODAY)
    db.session.commit()

    payment.allocations.append(PaymentAllocation(document_id=second.id, amount=10))
    db.session.commit()

    assert notices() == ["jefa@napa.test"]


def test_A_8_a_message_written_by_hand_counts_by_its_address(
    customer: Customer, words: None
) -> None:
    """An answer with the invoice, to an address that somebody typed."""
    make_contact(customer, email="caja@napa.test", is_primary=False)
    make_contact(customer, email="obra@napa.test", is_primary=False, roles=())
    invoice = make_document(customer)
    account = make_mail_account()
    answer = saved(
        Delivery(
            kind=DeliveryKind.REPLY,
            account_id=account.id,
            idempotency_key="compose:1",
            envelope_from="caja@acme.test",
            recipient="Obra@napa.test",
            recipient_norm="obra@napa.test",
            customer_id=customer.id,
            subject="Re: FV",
            message_id_header="<1@acme.test>",
            size_bytes=1,
        )
    )
    saved(
        DeliveryState(
            delivery_id=answer.id,
            account_id=account.id,
            state=DeliveryStatus.SENT,
            sent_at=utc_now(),
        )
    )
    saved(DeliveryDocument(delivery_id=answer.id, document_id=invoice.id, file_sha256="0" * 64))

    pay(customer, 5, (invoice, 5), on=TODAY)
    db.session.commit()

    assert notices()[1:] == ["obra@napa.test"]


def test_A_8_an_outsider_hears_nothing(customer: Customer, words: None, settings: Settings) -> None:
    """The customer passed an invoice on to somebody, who became a contact by that (S2-19)."""
    outsider = make_contact(
        customer,
        email="fuera@otra.test",
        is_primary=False,
        roles=(),
        source=ContactSource.FORWARDED,
    )
    invoice = make_document(customer)
    send(settings, invoice, outsider)

    pay(customer, 5, (invoice, 5), on=TODAY)
    db.session.commit()

    assert notices() == ["jefa@napa.test"]


def test_A_8_what_was_undone_is_not_told(customer: Customer, words: None) -> None:
    pay(customer, 5, (make_document(customer), 5), on=TODAY)
    db.session.rollback()
    db.session.commit()

    assert notices() == []


@pytest.mark.parametrize("day", [TODAY - timedelta(days=40), date(2020, 1, 1)])
def test_A_8_payments_of_former_times_are_no_news(
    customer: Customer, words: None, day: date
) -> None:
    """Whoever takes over the books of former years writes to nobody."""
    pay(customer, 5, (make_document(customer), 5), on=day)
    db.session.commit()

    assert notices() == []


def test_A_8_without_words_nothing_is_sent(customer: Customer) -> None:
    """And not where the group does not use the portal."""
    pay(customer, 5, (make_document(customer), 5), on=TODAY)
    db.session.commit()
    make_text(K, WORDS)
    assert customer.customer_group is not None
    customer.customer_group.uses_portal = False
    pay(customer, 5, (make_document(customer), 5), on=TODAY, reference="TR-2")
    db.session.commit()

    assert notices() == []


@pytest.mark.parametrize("wrong", ["words", "address"])
def test_A_8_what_cannot_be_written_is_left_out_and_the_payment_stays(
    customer: Customer, words: None, wrong: str
) -> None:
    """Neither an empty message nor a payment that cannot be kept."""
    if wrong == "words":
        db.session.execute(update(PortalText).values(body_html="{{ no_such_field }}"))
    else:
        db.session.execute(update(ContactEmail).values(address="sin arroba"))

    payment = pay(customer, 5, (make_document(customer), 5), on=TODAY)
    db.session.commit()

    assert notices() == []
    assert db.session.get(Payment, payment.id) is not None
