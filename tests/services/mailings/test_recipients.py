"""The list of a mailing: who, what became of it, and the counts that agree with the ledger."""

import pytest
from sqlalchemy import select, update

from models.base import db, utc_now
from models.mailings.delivery import DeliveryState, DeliveryStatus
from models.mailings.mailing import MailingRange
from models.mailings.reason import ReasonCode
from models.people.contact import CopyMode
from services.mailings.document_mails import mails_of
from services.mailings.recipient_counts import count_recipients
from services.mailings.recipient_views import Outcome, Wanted
from services.mailings.recipients import every_recipient, recipients_of
from services.mailings.status import counts_of
from tests.factories.mailings import make_invoiced_customers, make_registered
from tests.factories.people import make_contact, make_customer
from tests.factories.sales import make_document


def test_everybody_is_listed_with_documents_or_reason(organization, settings):
    """X1-05: each row that is not sent shows one code."""
    make_invoiced_customers(3, documents=2)
    make_document(make_customer(number="NOBODY"))
    mailing = make_registered(settings, ranges=[MailingRange(series="FV")])

    rows = list(every_recipient(mailing))

    assert [len(row.documents) for row in rows] == [2, 2, 2, 1]
    assert rows[3].reason == "no_address"
    assert rows[3].customer_number == "NOBODY"


def test_who_is_left_out_is_named_with_what_they_miss(organization, settings):
    """S1-16, X1-13: at the mailing, by the words of a search, and at the document itself."""
    make_invoiced_customers(1)
    missed = make_document(make_customer(number="NOBODY"))
    both = make_customer()
    make_contact(both)
    make_contact(both, email=None, is_primary=False)
    sent = make_document(both)
    mailing = make_registered(settings, ranges=[MailingRange(series="FV")])

    left_out = {row.customer_number: row for row in every_recipient(mailing) if row.reason}

    assert left_out["NOBODY"].documents == (missed.label,)
    assert left_out[both.number].documents == (sent.label,)
    found = recipients_of(mailing, Wanted(search=missed.label)).rows
    assert [row.customer_number for row in found] == ["NOBODY"]
    assert [mail.reason for mail in mails_of(missed)] == ["no_address"]
    assert [mail.recipient is not None for mail in mails_of(sent)] == [True]


@pytest.mark.parametrize("many", [0, 1_000])
def test_words_that_are_everywhere_find_the_same(organization, settings, monkeypatch, many):
    """S1-16: row by row or by index, the search finds the same lines, by the addresses of copies too."""
    monkeypatch.setattr("services.mailings.recipient_views.MANY", many)
    for name in ("Óptica Uno", "Óptica Dos", "Hotel"):
        customer = make_customer(name=name)
        make_contact(customer, email=f"{name[-3:].lower()}@example.com")
        if name == "Hotel":
            copied = CopyMode.CC
            make_contact(customer, email="Jefe@hotel.test", is_primary=False, cc_mode=copied)
        make_document(customer)
    mailing = make_registered(
        settings, ranges=[MailingRange(series="FV")], bcc=["archivo@penalba.test"]
    )

    def found(words):
        lines = recipients_of(mailing, Wanted(search=words)).rows
        return {line.customer for line in lines}

    assert found("optica") == {"Óptica Uno", "Óptica Dos"}
    assert found("dos@") == {"Óptica Dos"}
    assert found("hotel.test") == {"Hotel"}
    assert found("archivo@") == {"Óptica Uno", "Óptica Dos", "Hotel"}
    assert found("FV-") == {"Óptica Uno", "Óptica Dos", "Hotel"}


def test_the_counts_agree_with_the_ledger(organization, settings):
    """S1-16: every view adds up to the rows; who was replaced is no failure any more."""
    mailing = make_registered(settings, customers=4)
    keys = db.session.scalars(select(DeliveryState.delivery_id).order_by(DeliveryState.delivery_id))
    changes = [
        (DeliveryStatus.SENT, None),
        (DeliveryStatus.FAILED, ReasonCode.QUOTA),
        (DeliveryStatus.CANCELLED, ReasonCode.MANUAL),
    ]
    for key, (state, reason) in zip(keys.all(), changes, strict=False):
        db.session.execute(
            update(DeliveryState)
            .where(DeliveryState.delivery_id == key)
            .values(state=state, reason_code=reason, sent_at=utc_now())
        )
    counts = count_recipients(mailing)

    assert counts.views[Outcome.ALL] == sum(counts_of(mailing.id).values()) == 4
    assert {view: number for view, number in counts.views.items() if number == 1} == {
        Outcome.SENT: 1,
        Outcome.FAILED: 1,
        Outcome.NOT_RECEIVED: 1,
        Outcome.REPLACED: 1,
        Outcome.WAITING: 1,
    }
    assert counts.reasons == {ReasonCode.QUOTA: 1}
    for view in Outcome:
        assert len(recipients_of(mailing, Wanted(view)).rows) == counts.views[view]
