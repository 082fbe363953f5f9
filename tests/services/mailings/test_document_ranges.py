"""Ranges by what was sent before, in numbers and by name."""

import pytest

from models.base import db, utc_now
from models.mailings.delivery import (
    Delivery,
    DeliveryDocument,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.mailing import MailingRange, SentFilter
from models.mailings.reason import ReasonCode
from models.sales.document import Document
from models.sales.document_state import DocumentState
from services.mailings.document_ranges import documents_in
from services.mailings.range_counts import counts_of, left_out_of
from services.mailings.trial import write_test
from services.sales.pdf import Workshop
from settings import Settings
from tests.factories.mailings import make_draft, make_registered
from tests.factories.people import make_contact, make_customer
from tests.factories.sales import make_document


def range_with(sent_filter: SentFilter, **limits: object) -> MailingRange:
    return MailingRange(series="FV", sent_filter=sent_filter, **limits)


def found(sent_filter: SentFilter) -> set[int]:
    return {document.id for document in documents_in([range_with(sent_filter)])}


def sent_as(settings: Settings, state: DeliveryStatus) -> int:
    """An invoice whose only message is in this state; its key."""
    mailing = make_registered(settings, customers=1)
    delivery = db.session.query(Delivery).filter_by(mailing_id=mailing.id).one()
    row = db.session.get(DeliveryState, delivery.id)
    row.state = state
    row.sent_at = utc_now()
    row.reason_code = ReasonCode.MANUAL
    db.session.flush()
    return db.session.query(DeliveryDocument).filter_by(delivery_id=delivery.id).one().document_id


@pytest.mark.parametrize(
    ("state", "unsent", "unsent_or_failed"),
    [
        (DeliveryStatus.SENT, False, False),
        (DeliveryStatus.UNCONFIRMED, False, False),
        (DeliveryStatus.PREPARED, False, False),
        (DeliveryStatus.FAILED, False, True),
        (DeliveryStatus.CANCELLED, True, True),
        (DeliveryStatus.SKIPPED, True, True),
    ],
)
def test_the_sending_state_says_which_documents_go(
    settings: Settings,
    organization: object,
    state: DeliveryStatus,
    unsent: bool,
    unsent_or_failed: bool,
) -> None:
    """S1-07: what has left, or may have, or is about to, does not go again by accident."""
    document = sent_as(settings, state)

    assert document in found(SentFilter.ANY)
    assert (document in found(SentFilter.UNSENT)) is unsent
    assert (document in found(SentFilter.UNSENT_OR_FAILED)) is unsent_or_failed


def test_a_test_mail_does_not_count_as_sent(settings: Settings, organization: object) -> None:
    """S1-15: the customer has not got it."""
    mailing = make_draft(customers=1)
    workshop = Workshop(files_url=settings.files_url, base_url=settings.public_base_url)
    test = db.session.get(DeliveryState, write_test(mailing, "qa@acme.test", workshop))
    test.state, test.sent_at = DeliveryStatus.SENT, utc_now()
    db.session.flush()

    assert len(found(SentFilter.UNSENT)) == 1


def test_a_registration_that_goes_on_does_not_trip_over_itself(
    settings: Settings, organization: object
) -> None:
    """S1-07, S1-11: what a mailing has prepared itself is still its own."""
    customer = make_customer()
    make_contact(customer)
    document = make_document(customer)
    mailing = make_registered(
        settings, ranges=[range_with(SentFilter.UNSENT, document_ids=[document.id])]
    )

    assert [each.id for each in documents_in(mailing.ranges)] == [document.id]
    assert documents_in([range_with(SentFilter.UNSENT, document_ids=[document.id])]) == []


def test_everything_that_stays_out_is_counted_and_named(
    settings: Settings, organization: object
) -> None:
    """S1-07."""
    sent = sent_as(settings, DeliveryStatus.SENT)
    customer = make_customer(name="Panificadora Núñez")
    make_document(customer, number="900001")
    draft = make_document(customer, number="900002", state=DocumentState.DRAFT)
    void = make_document(customer, number="900003", state=DocumentState.VOID)

    ranges = [range_with(SentFilter.UNSENT)]
    counts, names = counts_of(ranges), left_out_of(ranges)

    assert (counts.going, counts.drafts, counts.void, counts.taken) == (1, 1, 1, 1)
    assert {each.id: each.reason for each in names} == {
        sent: ReasonCode.DOCUMENT_EXCLUDED,
        draft.id: ReasonCode.DOCUMENT_NOT_POSTED,
        void.id: ReasonCode.DOCUMENT_VOID,
    }
    assert counts_of([range_with(SentFilter.ANY)]).taken == 0
    assert (counts_of([]).total, left_out_of([])) == (0, [])


def test_a_draft_of_the_command_line_sends_whatever_was_sent(organization: object) -> None:
    """The filter is a wish: without one, everything in the range goes."""
    mailing = make_draft()

    assert mailing.ranges[0].sent_filter is SentFilter.ANY
    assert len(documents_in(mailing.ranges)) == db.session.query(Document).count()
