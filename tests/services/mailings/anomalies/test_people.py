"""N-03: what is odd about those who get it: no address, one that bounced, one that several share."""

from sqlalchemy import select, update

from models.base import db, utc_now
from models.mailings.anomaly import AnomalyKind
from models.mailings.delivery import DeliveryState, DeliveryStatus
from models.mailings.mailing import OneMailPer
from models.mailings.mailing_exclusion import MailingExclusion
from models.mailings.reason import ReasonCode
from models.people.contact import AddressState, ContactEmail, CopyMode
from models.sales.document import Document
from services.mailings.gallery import gallery_page
from services.mailings.gallery_marks import Asked
from services.mailings.late import send_excluded
from services.sales.pdf import Workshop
from settings import Settings
from tests.factories.people import make_contact, make_customer
from tests.services.mailings.anomalies.conftest import Register
from tests.services.mailings.anomalies.looking import found, invoice, message_of


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
