"""N-03: what is odd about the documents of a mailing: their sums, dates, sizes and earlier mailings."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from models.base import db, utc_now
from models.mailings.anomaly import AnomalyKind
from models.mailings.delivery import DeliveryState, DeliveryStatus
from models.mailings.reason import ReasonCode
from models.people.contact import AddressState
from models.people.organization import Organization
from models.sales.document import CreditNote
from models.sales.document_state import DocumentState
from models.tenancy import acting_in
from services.mailings import anomalies
from services.mailings.anomalies import find_anomalies
from services.mailings.trial import write_test
from services.sales.pdf import Workshop
from settings import Settings
from tests.factories.mailings import make_draft
from tests.factories.people import make_contact, make_customer, make_organization
from tests.services.mailings.anomalies.conftest import Register
from tests.services.mailings.anomalies.looking import found, invoice, message_of


def test_an_ordinary_mailing_has_nothing_odd(register: Register) -> None:
    assert found(register(invoice(), invoice())) == []


@pytest.mark.parametrize(
    ("price", "kind"), [(0, AnomalyKind.ZERO_TOTAL), (-50, AnomalyKind.NEGATIVE_TOTAL)]
)
def test_totals_that_nobody_owes(register: Register, price: int, kind: AnomalyKind) -> None:
    """N-03: zero total, negative total."""
    document = invoice(price=price)

    (odd,) = found(register(document))

    assert (odd.kind, odd.document_id) == (kind, document.id)
    assert odd.detail["document"] == document.label


def test_ten_times_the_usual(register: Register) -> None:
    """N-03: total 10 x the customer's usual, by the median of the last twelve months."""
    document = invoice(price=1000)
    customer = document.customer
    for price in (90, 100, 110):
        invoice(customer, price=price)

    (odd,) = found(register(document))

    assert (odd.kind, odd.document_id) == (AnomalyKind.UNUSUAL_TOTAL, document.id)
    assert odd.detail["times"] == 10
    assert odd.detail["count"] == 3
    assert Decimal(odd.detail["median"]) == Decimal("119.00")


@pytest.mark.parametrize(
    "others",
    [
        [{"price": 100}] * 2,  # too few to know what is usual
        [{"price": 101}] * 3,  # not quite ten times
        [{"price": 1, "issue_date": date(2020, 1, 1)}] * 3,  # too long ago
        [{"price": 1, "state": DocumentState.VOID}] * 3,
        [{"price": 1, "currency": "USD"}] * 3,
        [{"price": 1, "kind": CreditNote}] * 3,
    ],
)
def test_what_says_nothing_about_the_usual(
    register: Register, others: list[dict[str, Any]]
) -> None:
    document = invoice(price=1000)
    for each in others:
        invoice(document.customer, **each)

    assert found(register(document), AnomalyKind.UNUSUAL_TOTAL) == []


@pytest.mark.parametrize(
    ("state", "is_odd"),
    [
        (DeliveryStatus.SENT, True),
        (DeliveryStatus.UNCONFIRMED, True),
        (DeliveryStatus.FAILED, False),
        (DeliveryStatus.PREPARED, False),
    ],
)
def test_a_document_that_left_before(
    register: Register, state: DeliveryStatus, is_odd: bool
) -> None:
    """N-03: document already sent in another mailing, with its number and date."""
    document = invoice()
    earlier = register(document)
    sent_at = utc_now()
    reason = None if state is DeliveryStatus.SENT else ReasonCode.CRASH_IN_DATA
    db.session.execute(
        update(DeliveryState)
        .where(DeliveryState.mailing_id == earlier.id)
        .values(state=state, sent_at=sent_at, reason_code=reason)
    )

    odd = found(register(document), AnomalyKind.SENT_BEFORE)

    assert [each.detail["number"] for each in odd] == [earlier.number] * is_odd
    assert all(each.detail["mailing"] == str(earlier.public_id) for each in odd)
    assert all(each.detail["at"].startswith(f"{sent_at:%Y-%m-%d}") for each in odd)


def test_a_test_is_not_an_earlier_mailing(register: Register, settings: Settings) -> None:
    """S1-15: what was tried out counts as sent to nobody."""
    document = invoice()
    earlier = register(document)
    workshop = Workshop(files_url=settings.files_url, base_url="http://localhost")
    key = write_test(earlier, "qa@acme.test", workshop)
    db.session.execute(
        update(DeliveryState)
        .where(DeliveryState.delivery_id == key)
        .values(state=DeliveryStatus.SENT, sent_at=utc_now())
    )

    assert found(register(document)) == []


def test_a_very_large_message(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """N-03: very large message."""
    monkeypatch.setattr(anomalies, "LARGE_BYTES", 5_000)
    document = invoice()

    mailing = register(document)

    (odd,) = found(mailing)
    assert (odd.kind, odd.delivery_id) == (AnomalyKind.LARGE_MESSAGE, message_of(mailing, document))
    assert odd.detail["bytes"] > 5_000


def test_a_due_date_that_has_passed(register: Register) -> None:
    """N-03: document with due date in the past; what is paid is late for nobody."""
    late = invoice(due_date=date(2026, 1, 31))
    paid = invoice(due_date=date(2026, 1, 31), state=DocumentState.PAID)
    paid.balance_due = Decimal(0)
    db.session.flush()

    (odd,) = found(register(late, paid))

    assert (odd.kind, odd.document_id) == (AnomalyKind.PAST_DUE, late.id)
    assert odd.detail["due"] == "2026-01-31"


@pytest.mark.parametrize(
    ("bill_to", "name", "tax_id"),
    [({"name": "N"}, False, True), ({"tax_id": "1"}, True, False), ({}, True, True)],
)
def test_a_document_that_does_not_say_whose_it_is(
    register: Register, bill_to: dict[str, str], name: bool, tax_id: bool
) -> None:
    """N-03: customer's name or tax id missing on the document."""
    document = invoice(bill_to=bill_to)

    (odd,) = found(register(document))

    assert (odd.kind, odd.document_id) == (AnomalyKind.MISSING_PARTY, document.id)
    assert (odd.detail["name"], odd.detail["tax_id"]) == (name, tax_id)


def test_looking_again_finds_the_same(register: Register) -> None:
    mailing = register(invoice(price=0), invoice())

    find_anomalies(mailing)

    assert [each.kind for each in found(mailing)] == [AnomalyKind.ZERO_TOTAL]


def test_another_organizations_mailings_are_not_looked_at(
    register: Register, organization: Organization
) -> None:
    """T1: the same number, address and total elsewhere mean nothing here."""
    other = make_organization()
    with acting_in(other.id):
        customer = make_customer()
        contact = make_contact(customer, email="twin@example.com")
        contact.emails[0].state = AddressState.BOUNCED
        db.session.commit()
    mine = make_customer(tax_id="1")
    make_contact(mine, email="twin@example.com")

    assert found(register(invoice(mine))) == []


def test_drafts_have_none(organization: Organization) -> None:
    assert found(make_draft()) == []
