"""N-03: what looks odd in a registered mailing is found before it starts."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from models.base import db, utc_now
from models.mailings.anomaly import AnomalyKind, MailingAnomaly
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing, MailingRange, OneMailPer
from models.mailings.mailing_exclusion import MailingExclusion
from models.mailings.reason import ReasonCode
from models.people.contact import AddressState, ContactEmail, CopyMode
from models.people.organization import Organization
from models.sales.document import CreditNote, Document
from models.sales.document_state import DocumentState
from models.tenancy import acting_in
from services.mailings import anomalies
from services.mailings.anomalies import (
    OF_MAILING,
    OF_MESSAGES,
    OF_ORGANIZATION,
    OF_SENDER,
    find_anomalies,
)
from services.mailings.fields import FIELDS
from services.mailings.gallery import gallery_page
from services.mailings.gallery_marks import Asked
from services.mailings.late import send_excluded
from services.mailings.trial import write_test
from services.sales.pdf import Workshop
from settings import Settings
from tests.factories.mailings import make_draft, make_registered
from tests.factories.people import make_contact, make_customer, make_organization
from tests.factories.sales import make_document

Register = Callable[..., Mailing]
SOON = date.today() + timedelta(days=30)  # noqa: DTZ011  # a date has no zone


@pytest.fixture
def register(organization: Organization, settings: Settings) -> Register:
    """A mailing with these documents."""

    def registered(*documents: Document, **fields: Any) -> Mailing:
        ranges = [MailingRange(kind=each.kind, document_ids=[each.id]) for each in documents]
        return make_registered(settings, ranges=ranges, **fields)

    return registered


def invoice(customer: Any = None, **fields: Any) -> Document:
    """An invoice that has nothing odd."""
    if customer is None:
        customer = make_customer(tax_id="900123456")
        make_contact(customer)
    return make_document(customer, **{"due_date": SOON, **fields})


def found(mailing: Mailing, kind: AnomalyKind | None = None) -> list[MailingAnomaly]:
    query = select(MailingAnomaly).where(MailingAnomaly.mailing_id == mailing.id)
    if kind:
        query = query.where(MailingAnomaly.kind == kind)
    return list(db.session.scalars(query.order_by(MailingAnomaly.id)))


def message_of(mailing: Mailing, document: Document) -> int:
    return db.session.scalars(
        select(Delivery.id).where(
            Delivery.mailing_id == mailing.id, Delivery.customer_id == document.customer_id
        )
    ).one()


def test_an_ordinary_mailing_has_nothing_odd(register: Register) -> None:
    assert found(register(invoice(), invoice())) == []


def test_a_customer_without_any_address(register: Register) -> None:
    """N-03: no address."""
    lonely = make_customer(tax_id="1")
    make_contact(lonely, email=None)

    mailing = register(invoice(), invoice(lonely))

    (odd,) = found(mailing)
    assert (odd.kind, odd.customer_id, odd.delivery_id) == (
        AnomalyKind.NO_ADDRESS, lonely.id, None,
    )  # fmt: skip
    assert odd.detail == {"reason": "no_address"}


def test_a_customer_on_hold_is_a_decision(register: Register) -> None:
    held = make_customer(on_hold=True, tax_id="1")
    make_contact(held)

    assert found(register(invoice(), invoice(held))) == []


def test_an_address_that_others_get_copies_at(register: Register) -> None:
    """N-03: same address at two customers, also as a further recipient or a copy; our archive is nobody's."""
    first, second, third = (make_customer(tax_id=str(n)) for n in (1, 2, 3))
    make_contact(first, email="shared@example.com")
    make_contact(second)
    make_contact(second, email="shared@example.com", is_primary=False)
    make_contact(third)
    make_contact(third, email="SHARED@example.com", is_primary=False, cc_mode=CopyMode.BCC)
    documents = [invoice(each) for each in (first, second, third)]

    mailing = register(*documents, one_mail_per=OneMailPer.CUSTOMER, bcc=["archive@example.com"])

    odd = found(mailing, AnomalyKind.SHARED_ADDRESS)
    assert {each.customer_id for each in odd} == {first.id, second.id, third.id}
    assert {each.delivery_id for each in odd} == {message_of(mailing, d) for d in documents}
    assert {each.detail["address"].lower() for each in odd} == {"shared@example.com"}
    assert all(each.detail["others"] == 2 for each in odd)


def test_what_is_added_later_is_looked_at_too(register: Register, settings: Settings) -> None:
    """N-03: beside what there was, and what a person has found in order stays so."""
    late = make_customer(tax_id="1")
    contact = make_contact(late, email=None)
    other = make_customer(tax_id="2")
    make_contact(other, email="shared@example.com")
    mailing = register(invoice(other), invoice(late, price=0))
    before = found(mailing)
    contact.emails.append(
        ContactEmail(address="shared@example.com", address_norm="shared@example.com")
    )
    exclusion = db.session.scalars(select(MailingExclusion)).one()
    workshop = Workshop(settings.files_url, settings.public_base_url)
    documents = db.session.scalars(select(Document.id).where(Document.customer_id == late.id))
    (made,) = send_excluded(mailing, exclusion, list(documents), workshop)

    new = [each for each in found(mailing) if each.id not in {one.id for one in before}]
    assert {each.kind for each in new} == {AnomalyKind.SHARED_ADDRESS, AnomalyKind.ZERO_TOTAL}
    assert {each.delivery_id for each in new} == {made}
    marks = [row.mark.key for row in gallery_page(mailing, Asked(is_review=True)).rows]
    assert made in marks


def test_a_contact_whose_address_bounced(register: Register) -> None:
    """N-03: address that bounced before, told at the message that still goes."""
    customer = make_customer(tax_id="1")
    make_contact(customer)
    gone = make_contact(customer, is_primary=False, email="gone@example.com")
    gone.emails[0].state = AddressState.BOUNCED
    document = invoice(customer)

    mailing = register(document)

    (odd,) = found(mailing)
    assert (odd.kind, odd.delivery_id) == (
        AnomalyKind.BOUNCED_BEFORE, message_of(mailing, document),
    )  # fmt: skip
    assert odd.detail == {"address": "gone@example.com", "left_out": True}


def test_an_address_that_bounced_in_an_earlier_mailing(register: Register) -> None:
    """N-03: the ledger remembers, though somebody called the address good again."""
    document = invoice()
    earlier = register(document)
    db.session.execute(
        update(DeliveryState)
        .where(DeliveryState.mailing_id == earlier.id)
        .values(
            state=DeliveryStatus.FAILED,
            reason_code=ReasonCode.RECIPIENT_REJECTED,
            bounced_at=utc_now(),
        )
    )

    mailing = register(document)

    (odd,) = found(mailing)
    assert (odd.kind, odd.delivery_id) == (
        AnomalyKind.BOUNCED_BEFORE, message_of(mailing, document),
    )  # fmt: skip
    assert odd.detail["at"]


def test_the_same_address_at_two_customers(register: Register) -> None:
    """N-03: same address at two customers; each message names the others."""
    documents = []
    for name in ("Ada", "Bea", "Cleo"):
        customer = make_customer(name=name, tax_id="1")
        make_contact(customer, email="Shared@example.com")
        documents.append(invoice(customer))

    mailing = register(*documents, invoice())

    odd = found(mailing, AnomalyKind.SHARED_ADDRESS)
    assert len(odd) == len(found(mailing)) == 3
    by_message = {each.delivery_id: each.detail for each in odd}
    detail = by_message[message_of(mailing, documents[0])]
    assert detail["others"] == 2
    assert set(detail["names"].values()) == {"Bea", "Cleo"}


def test_two_contacts_of_one_customer_share_nothing(register: Register) -> None:
    customer = make_customer(tax_id="1")
    make_contact(customer)
    make_contact(customer, is_primary=False)

    assert found(register(invoice(customer))) == []


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


def test_a_text_in_another_language(register: Register) -> None:
    """N-03: language that differs: the contact's own, else the customer's."""
    english = make_customer(lang="en", tax_id="1")
    make_contact(english)
    spanish = make_customer(lang="en", tax_id="2")
    make_contact(spanish, lang="es-CO")
    document = invoice(english)

    mailing = register(document, invoice(spanish), lang="es")

    (odd,) = found(mailing)
    assert (odd.kind, odd.delivery_id) == (
        AnomalyKind.OTHER_LANGUAGE, message_of(mailing, document),
    )  # fmt: skip
    assert odd.detail == {"text": "es", "wanted": "en"}


def test_a_variant_is_the_right_language(register: Register) -> None:
    english = make_customer(lang="en", tax_id="1")
    make_contact(english)

    mailing = register(invoice(english), variants={"en": {"subject": "S", "body_html": "<p>B</p>"}})

    assert found(mailing) == []


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


def test_a_field_without_value_in_one_message(register: Register) -> None:
    """N-03: which field it is stands in the anomaly."""
    nameless = make_customer(tax_id=None)
    make_contact(nameless)
    document = invoice(nameless, bill_to={"name": "N", "tax_id": "1"})

    mailing = register(document, invoice(), body_html="<p>NIT {{ customer.tax_id }}</p>")

    (odd,) = found(mailing)
    assert (odd.kind, odd.delivery_id) == (AnomalyKind.EMPTY_FIELD, message_of(mailing, document))
    assert odd.detail == {"field": "customer.tax_id"}


def test_a_field_without_value_in_all_messages_is_told_once(register: Register) -> None:
    mailing = register(invoice(), invoice(), body_html="<p>{{ organization.phone }}</p>")

    (odd,) = found(mailing)
    assert (odd.kind, odd.delivery_id, odd.customer_id) == (AnomalyKind.EMPTY_FIELD, None, None)
    assert odd.detail == {"field": "organization.phone"}


def test_every_field_is_either_always_filled_or_looked_at() -> None:
    """A new field has to be put on one side."""
    always = {name for name in FIELDS if name.startswith(("document.", "documents."))}

    assert always | OF_MESSAGES | set(OF_ORGANIZATION) | OF_SENDER | set(OF_MAILING) == set(FIELDS)


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
