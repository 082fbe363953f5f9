"""X1-07: copies, by mailing, by contact and by what a contact does for the customer."""

from email import message_from_bytes

import pytest
from sqlalchemy import select

from models.base import db
from models.mailings.delivery import Delivery, DeliveryState
from models.mailings.delivery_copy import DeliveryCopy
from models.mailings.mailing import MailingRange, OneMailPer
from models.mailings.suppression import Suppression
from models.people.contact import CopyMode
from services.mailings.audience import Choice, resolve
from services.mailings.copies import CopyWish
from services.mailings.flow import start
from services.mailings.register import register_mailing
from services.mailings.verify import verify_mailing
from services.sales.pdf import Workshop
from tests.factories.mailings import make_draft
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.sales import make_document
from tests.servers.sender_process import is_under_way, make_dispatch
from tests.servers.smtp_server import RecordingSmtpServer, Rule, ServerOptions

ALL = (MailingRange(series="FV"),)


def planned(**choice):
    return [
        (message.address, [(copy.role.value, copy.address) for copy in message.copies])
        for message in resolve(Choice(ALL, **choice)).messages
    ]


@pytest.fixture
def customer(organization):
    customer = make_customer()
    make_document(customer)
    make_contact(customer, email="ana@a.test")
    return customer


def test_contacts_get_copies_by_their_wish_and_by_their_role(customer):
    make_contact(customer, email="boss@a.test", roles=("approver",), is_primary=False)
    make_contact(customer, email="tech@a.test", roles=("technical",), is_primary=False)
    make_contact(customer, email="always@a.test", roles=(), is_primary=False, cc_mode=CopyMode.BCC)
    wish = CopyWish(cc_roles=frozenset({"approver"}))

    assert planned(copies=wish) == [
        ("ana@a.test", [("cc", "boss@a.test"), ("bcc", "always@a.test")])
    ]


def test_contacts_get_copies_of_the_first_message_and_addresses_of_ours_of_each(customer):
    make_contact(customer, email="bea@a.test", is_primary=False)
    make_contact(customer, email="boss@a.test", roles=("approver",), is_primary=False)
    wish = CopyWish(cc_roles=frozenset({"approver"}), bcc=["archive@us.test"])

    assert planned(copies=wish) == [
        ("ana@a.test", [("cc", "boss@a.test"), ("bcc", "archive@us.test")]),
        ("bea@a.test", [("bcc", "archive@us.test")]),
    ]


def test_one_mail_per_customer_goes_to_all_contacts_together(customer):
    make_contact(customer, email="bea@a.test", is_primary=False)

    assert planned(one_mail_per=OneMailPer.CUSTOMER) == [("ana@a.test", [("to", "bea@a.test")])]


def test_each_address_gets_a_message_once(customer):
    make_contact(customer, email="ANA@a.test", roles=(), is_primary=False, cc_mode=CopyMode.CC)

    assert planned(copies=CopyWish(bcc=["ana@a.test", "x@us.test", "X@us.test"])) == [
        ("ana@a.test", [("bcc", "x@us.test")])
    ]


def test_a_copy_that_cannot_be_written_to_is_listed_with_its_reason(customer):
    make_contact(
        customer, email="gone@a.test", is_primary=False, cc_mode=CopyMode.CC, is_active=False
    )
    resolved = resolve(Choice(ALL))

    assert [(e.address, e.reason.value) for e in resolved.exclusions] == [
        ("gone@a.test", "contact_inactive")
    ]
    assert resolved.messages[0].copies == ()


def test_who_wants_no_mailings_is_listed_and_gets_none(organization):
    customer = make_customer()
    make_document(customer)
    make_contact(customer, email="ana@a.test", cc_mode=CopyMode.NONE)
    resolved = resolve(Choice(ALL))

    assert resolved.messages == []
    assert [e.reason.value for e in resolved.exclusions] == ["portal_only"]


def sent(settings, options=None, **fields):
    """A registered mailing, delivered; the server and its deliveries."""
    with RecordingSmtpServer(options) as server:
        account = make_mail_account(smtp_port=server.port, connections=1)
        mailing = make_draft(account=account, ranges=[MailingRange(series="FV")], **fields)
        workshop = Workshop(files_url=settings.files_url, base_url=settings.public_base_url)
        register_mailing(mailing, workshop)
        start(mailing.id)
        db.session.commit()
        make_dispatch(settings).work(stays=is_under_way, seconds=40)
    db.session.rollback()
    db.session.refresh(mailing)
    return mailing, server


def copies():
    rows = db.session.scalars(select(DeliveryCopy).order_by(DeliveryCopy.address))
    return {row.address: (row.state.value, row.smtp_code) for row in rows}


def test_copies_stand_in_the_header_and_blind_ones_in_the_envelope_only(customer, settings):
    """X1-07: one message, one envelope with everybody, and nobody sees who got a blind copy."""
    mailing, server = sent(
        settings, cc=["socio@us.test"], bcc=["archivo@us.test"], reply_to="cobros@us.test"
    )
    (message,) = server.accepted
    headers = message_from_bytes(message.raw)

    assert message.recipients == ["ana@a.test", "socio@us.test", "archivo@us.test"]
    assert headers["Cc"] == "socio@us.test"
    assert headers["Reply-To"] == "cobros@us.test"
    assert b"archivo" not in message.raw
    assert copies() == dict.fromkeys(
        ["ana@a.test", "archivo@us.test", "socio@us.test"], ("accepted", 250)
    )
    assert all(verify_mailing(mailing).values())


@pytest.mark.parametrize("has_pipelining", [True, False])
def test_a_refused_copy_keeps_nothing_from_its_recipient(customer, settings, has_pipelining):
    options = ServerOptions(
        rules=[Rule(point="rcpt", reply="550 5.1.1 no such user", nth=2)],
        has_pipelining=has_pipelining,
    )
    mailing, server = sent(settings, options, cc=["nobody@us.test"])

    assert mailing.state == "finished"
    assert [message.recipients for message in server.accepted] == [["ana@a.test"]]
    assert copies() == {"ana@a.test": ("accepted", 250), "nobody@us.test": ("refused", 550)}


@pytest.mark.parametrize("has_pipelining", [True, False])
def test_copies_alone_are_not_sent_when_the_recipient_is_refused(
    customer, settings, has_pipelining
):
    """A customer who did not get the message is not counted as reached because our archive was."""
    options = ServerOptions(
        rules=[Rule(point="rcpt", reply="550 5.1.1 no such user", nth=1)],
        has_pipelining=has_pipelining,
    )
    mailing, server = sent(settings, options, cc=["socio@us.test"])

    state = db.session.scalars(select(DeliveryState)).one()
    assert (state.state, state.reason_code) == ("failed", "recipient_rejected")
    assert mailing.state == "finished_with_errors"
    assert server.accepted == []
    assert copies() == {"ana@a.test": ("refused", 550), "socio@us.test": ("waiting", 250)}


def test_our_archive_is_no_recipient_when_the_others_have_gone(customer, settings):
    """Bea is suppressed after registering and Ana is refused: nobody at the customer got it."""
    make_contact(customer, email="bea@a.test", is_primary=False)
    options = ServerOptions(rules=[Rule(point="rcpt", reply="550 5.1.1 gone", nth=1)])
    with RecordingSmtpServer(options) as server:
        mailing = make_draft(
            account=make_mail_account(smtp_port=server.port, connections=1),
            ranges=[MailingRange(series="FV")],
            one_mail_per=OneMailPer.CUSTOMER,
            bcc=["archivo@us.test"],
        )
        register_mailing(
            mailing, Workshop(files_url=settings.files_url, base_url=settings.public_base_url)
        )
        db.session.add(Suppression(address_norm="bea@a.test"))
        start(mailing.id)
        db.session.commit()
        make_dispatch(settings).work(stays=is_under_way, seconds=40)

    db.session.rollback()
    assert server.accepted == []
    assert db.session.scalars(select(DeliveryState.state)).one() == "failed"


def test_a_copy_that_is_suppressed_later_is_left_out(customer, settings):
    """Pains B-10: the list is read again at sending, for copies too."""
    with RecordingSmtpServer() as server:
        account = make_mail_account(smtp_port=server.port)
        mailing = make_draft(
            account=account, ranges=[MailingRange(series="FV")], cc=["socio@us.test"]
        )
        register_mailing(
            mailing, Workshop(files_url=settings.files_url, base_url=settings.public_base_url)
        )
        db.session.add(Suppression(address_norm="socio@us.test"))
        start(mailing.id)
        db.session.commit()
        make_dispatch(settings).work(stays=is_under_way, seconds=40)

    assert [message.recipients for message in server.accepted] == [["ana@a.test"]]


def test_header_signature_and_footer_of_the_account_stand_around_the_text(customer, settings):
    """S4-22: the header may open what the footer closes; it comes out as one document."""
    with RecordingSmtpServer() as server:
        account = make_mail_account(
            smtp_port=server.port,
            header_html="<!DOCTYPE html><html><body><div>Arriba {{ organization.name }}",
            signature_html="<p>La firma</p>",
            footer_html="Abajo</div></body></html>",
        )
        mailing = make_draft(
            account=account, ranges=[MailingRange(series="FV")], body_html="<p>El texto</p>"
        )
        register_mailing(
            mailing, Workshop(files_url=settings.files_url, base_url=settings.public_base_url)
        )
        start(mailing.id)
        db.session.commit()
        make_dispatch(settings).work(stays=is_under_way, seconds=40)

    html = next(
        part.get_payload(decode=True).decode()
        for part in message_from_bytes(server.accepted[0].raw).walk()
        if part.get_content_type() == "text/html"
    )
    places = [html.index(word) for word in ("Arriba", "El texto", "La firma", "Abajo")]
    assert places == sorted(places)
    assert html.count("<body") == html.count("</body") == 1
    assert db.session.scalars(select(Delivery)).one().subject
