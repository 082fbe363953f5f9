"""S1-15: a test is what one recipient gets, to an address of ours."""

import pytest
from sqlalchemy import select

from errors import Conflict, Invalid
from mail.reading import read_message
from models.base import db
from models.mailings.delivery import (
    Delivery,
    DeliveryBody,
    DeliveryDocument,
    DeliveryKind,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.mailing import AttachMode, Mailing
from models.mailings.mailing_state import MailingState
from models.people.customer import Customer
from models.people.organization import Organization
from models.portal.share_link import ShareLink
from models.sales.document import Document
from services.mailings.outcomes import note_outcomes
from services.mailings.progress import extent_of, progress_of
from services.mailings.register import register_mailing
from services.mailings.trial_copy import LINK, write_copy
from services.mailings.verify import verify_mailing
from services.portal.share_links import hash_of
from services.sales.pdf import Workshop
from settings import Settings
from tests.factories.mailings import make_draft, make_registered


@pytest.fixture
def mailing(organization: Organization, settings: Settings) -> Mailing:
    return make_registered(settings, body_html="<p>Señora {{ contact.name }}: «€»</p>")


@pytest.fixture
def sample(mailing: Mailing) -> Delivery:
    return db.session.scalars(
        select(Delivery).where(Delivery.mailing_id == mailing.id).order_by(Delivery.id.desc())
    ).first()  # type: ignore[return-value]


def test_same_words_and_same_files(mailing: Mailing, sample: Delivery) -> None:
    """S1-15: subject prefixed, same body and PDF as the chosen recipient, kind=test."""
    key = write_copy(mailing, sample, "qa@acme.test")

    test = db.session.get_one(Delivery, key)
    bodies = [db.session.get_one(DeliveryBody, each) for each in (sample.id, key)]
    was, now = (read_message(body.head) for body in bodies)
    assert test.kind is DeliveryKind.TEST
    assert test.recipient == now.to == "qa@acme.test"
    assert now.subject == test.subject == f"[PRUEBA] {was.subject}"
    assert (now.html, now.text, now.sender) == (was.html, was.text, was.sender)
    assert bodies[0].parts == bodies[1].parts
    assert test.message_id_header != sample.message_id_header
    assert test.size_bytes - sample.size_bytes == len(bodies[1].head) - len(bodies[0].head)


def test_it_stays_as_it_was_frozen(mailing: Mailing, sample: Delivery) -> None:
    """S1-11, S1-15: what changed since then does not matter."""
    customer = db.session.get_one(Customer, sample.customer_id)
    customer.name, mailing.body_html = "Another name", "<p>Another text</p>"

    key = write_copy(mailing, sample, "qa@acme.test")

    assert "Señora" in read_message(db.session.get_one(DeliveryBody, key).head).html


def test_a_test_waits_for_no_start_and_counts_for_nothing(
    mailing: Mailing, sample: Delivery
) -> None:
    """S1-15: it leaves at once; the customer's invoice is not marked as sent."""
    before = (extent_of(mailing), progress_of(mailing).tally)
    key = write_copy(mailing, sample, "qa@acme.test")
    state = db.session.get_one(DeliveryState, key)
    assert (state.state, state.mailing_id) == (DeliveryStatus.QUEUED, None)
    state.state, state.sent_at = DeliveryStatus.SENT, sample.created_at
    db.session.commit()

    note_outcomes([mailing.id], mailing.organization_id)

    assert (extent_of(mailing), progress_of(mailing).tally) == before
    document = db.session.scalars(
        select(DeliveryDocument).where(DeliveryDocument.delivery_id == key)
    ).one()
    assert db.session.get_one(Document, document.document_id).first_sent_at is None
    assert verify_mailing(mailing)["I1"]


@pytest.mark.parametrize("address", ["", "nobody", "a@b@c", "x@y\r\nBcc: z@z.z"])
def test_what_is_no_address_is_refused(mailing: Mailing, sample: Delivery, address: str) -> None:
    with pytest.raises(Invalid):
        write_copy(mailing, sample, address)


def test_a_cancelled_mailing_is_tried_out_no_more(mailing: Mailing, sample: Delivery) -> None:
    mailing.state = MailingState.CANCELLED

    with pytest.raises(Conflict):
        write_copy(mailing, sample, "qa@acme.test")


def test_links_in_it_are_its_own(organization: Organization, settings: Settings) -> None:
    """S1-15: links in it carry a test token."""
    mailing = make_draft(customers=1)
    mailing.attach_mode = AttachMode.BOTH
    register_mailing(mailing, Workshop(settings.files_url, settings.public_base_url))
    sample = db.session.scalars(select(Delivery).where(Delivery.mailing_id == mailing.id)).one()

    key = write_copy(mailing, sample, "qa@acme.test")

    tokens = [
        set(LINK.findall(read_message(db.session.get_one(DeliveryBody, each).head).html))
        for each in (sample.id, key)
    ]
    assert len(tokens[0]) == len(tokens[1]) == 1
    assert tokens[0].isdisjoint(tokens[1])
    (link,) = db.session.scalars(select(ShareLink).where(ShareLink.delivery_id == key))
    assert link.token_hash == hash_of(*tokens[1])
