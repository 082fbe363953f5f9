"""P-06: a comment that came by e-mail says so, on both sides, and leads whoever may read that mailbox to it."""

import pytest
from flask import Flask
from sqlalchemy import select

from models.base import db
from models.mailbox.message import Message
from models.mailings.delivery import Delivery
from models.people.contact import Contact
from models.people.customer import Customer
from models.people.organization import Organization
from models.people.user import User
from models.sales.document import Document
from services.mailbox.examining import examine_messages
from settings import Settings
from tests.browser import new_browser
from tests.factories.mailbox import make_folder, make_mailbox, receive
from tests.factories.mailings import make_registered
from tests.factories.people import make_user
from tests.factories.portal import make_portal_user, portal_name, sign_in_to_portal

SAYS = "El IVA no coincide."


@pytest.fixture
def message(organization: Organization, settings: Settings) -> Message:
    """An answer to an invoice, in a mailbox that its owner reads alone."""
    owner = make_user(organization, email="lucia@example.com")
    make_registered(settings, customers=1)
    [delivery] = db.session.scalars(select(Delivery))
    placement = receive(
        make_folder(make_mailbox(owner_id=owner.id)),
        sender=delivery.recipient,
        in_reply_to=delivery.message_id_header,
        text=SAYS,
    )
    db.session.commit()
    examine_messages()
    return placement.message


def document() -> Document:
    return db.session.scalars(select(Document)).one()


@pytest.mark.parametrize("is_owner", [True, False])
def test_staff_are_led_to_the_message_if_they_may_read_it(
    app: Flask, organization: Organization, message: Message, is_owner: bool
) -> None:
    address = f"/mail/messages/{message.public_id}"
    reader = message_owner() if is_owner else make_user(organization)
    browser = new_browser(app).enter_as(reader, organization)

    invoice = browser.get(f"/admin/invoice/details/?id={document().id}").text
    timeline = browser.get(f"/admin/customer/timeline/?id={document().customer_id}").text

    assert SAYS in invoice and "por correo" in invoice
    assert SAYS in timeline
    assert (f'href="{address}"' in invoice) is is_owner
    assert (f'href="{address}"' in timeline) is is_owner
    # As a comment, and not as a message besides; beside the timeline it waits for an answer.
    assert timeline.count(SAYS) == 2
    assert timeline.count("por correo") == 1


def message_owner() -> User:
    return db.session.scalars(select(User).where(User.email == "lucia@example.com")).one()


def test_the_customer_sees_their_own_words(app: Flask, message: Message) -> None:
    contact = db.session.scalars(select(Contact)).one()
    customer = db.session.get_one(Customer, document().customer_id)
    user = make_portal_user(customer, contact)
    browser = new_browser(app)
    sign_in_to_portal(browser, user)

    page = browser.get(f"/portal/{portal_name()}/documents/{document().public_id}").text

    assert SAYS in page
    assert "por correo" in page
    assert "<b>Usted</b>" in page
