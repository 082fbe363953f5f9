"""A document says which e-mails it was in, a customer everything that they were ever sent."""

import html
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from models.base import db, utc_now
from models.mailings.delivery import (
    Delivery,
    DeliveryDocument,
    DeliveryKind,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.mailing import Mailing, MailingRange, OneMailPer
from models.mailings.reason import ReasonCode
from models.people.contact import Contact
from models.people.customer import Customer
from models.people.organization import Organization
from models.portal.document_forward import DocumentForward
from models.sales.document import CreditNote, Document, Quote, SalesOrder
from services.mailings.customer_mails import PAGE, mails_to, mails_to_contact
from services.mailings.trial import write_test
from services.portal.forward_sending import send_forwards
from services.portal.portal_emails import (
    access_email,
    email_change,
    forgotten_user_name,
    magic_link,
    password_reset,
    validation_confirmed,
)
from services.sales.pdf import Workshop
from settings import Settings
from tests.admin_views.conftest import SignIn
from tests.factories.mailings import make_registered
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.portal import make_portal_user
from tests.factories.sales import make_document


@pytest.fixture
def clerk(sign_in: SignIn) -> FlaskClient:
    return sign_in("clerk", lang="es")


@pytest.fixture
def mailing(organization: Organization, settings: Settings) -> Mailing:
    """Three customers with an invoice each."""
    for number in range(3):
        customer = make_customer()
        make_contact(customer)
        make_document(customer, number=str(700 + number))
    mailing = make_registered(settings, ranges=[MailingRange(series="FV")])
    db.session.commit()
    return mailing


def second(mailing: Mailing) -> Delivery:
    query = select(Delivery).where(Delivery.mailing_id == mailing.id).order_by(Delivery.id)
    return db.session.scalars(query.offset(1).limit(1)).one()


def document_of(delivery: Delivery) -> Document:
    query = select(Document).where(Document.customer_id == delivery.customer_id)
    return db.session.scalars(query).one()


def sent(delivery: Delivery) -> None:
    db.session.execute(
        update(DeliveryState)
        .where(DeliveryState.delivery_id == delivery.id)
        .values(state=DeliveryStatus.SENT, sent_at=utc_now())
    )
    db.session.commit()


def invoice_page(client: FlaskClient, document: Document) -> str:
    return html.unescape(client.get(f"/admin/invoice/details/?id={document.id}").text)


def test_an_invoice_says_where_it_is(clerk: FlaskClient, mailing: Mailing) -> None:
    """X1-13: in which mailing, in which row, pending; linked."""
    delivery = second(mailing)
    key = delivery.id

    page = invoice_page(clerk, document_of(delivery))

    assert f"En el envío n.º {mailing.number}, fila 2, pendiente" in page
    assert f"/mailings/{mailing.public_id}/recipients?open=m{key}" in page


def test_an_invoice_says_when_it_was_sent(clerk: FlaskClient, mailing: Mailing) -> None:
    """X1-13."""
    delivery = second(mailing)
    sent(delivery)

    page = invoice_page(clerk, document_of(delivery))

    assert f"En el envío n.º {mailing.number}, fila 2, enviada el" in page
    assert delivery.recipient in page


def test_P_24_the_list_says_which_invoices_did_not_arrive(
    clerk: FlaskClient, mailing: Mailing
) -> None:
    """P-24: what the server took and what came back later is an issue, too; it is not counted as sent."""
    query = select(Delivery).where(Delivery.mailing_id == mailing.id).order_by(Delivery.id)
    there, back, failed = db.session.scalars(query).all()
    named = {each.id: document_of(each).label for each in (there, back, failed)}
    sent(there)
    sent(back)
    for key, values in (
        (back.id, {"bounced_at": utc_now()}),
        (failed.id, {"state": DeliveryStatus.FAILED, "reason_code": ReasonCode.QUOTA}),
    ):
        db.session.execute(
            update(DeliveryState).where(DeliveryState.delivery_id == key).values(**values)
        )
    db.session.commit()

    def listed(query: str) -> set[str]:
        page = clerk.get(f"/admin/invoice/?{query}").text
        return set(re.findall(r'<a class="id"[^>]*>([^<]+)</a>', page))

    assert listed("flt_delivery=failed,unconfirmed") == {named[back.id], named[failed.id]}
    assert listed("flt_delivery=sent") == {named[there.id]}
    assert listed("flt_delivery=none") == set()
    page = html.unescape(clerk.get("/admin/invoice/").text)
    for words in ("Rebotado", "Fallido", "Enviado"):
        assert words in page


ALONE = "Todavía no se ha enviado por correo."


@pytest.mark.parametrize(
    ("kind", "none"),
    [
        (CreditNote, "No está en ningún envío todavía."),
        (Quote, ALONE),  # no mailing brings these two
        (SalesOrder, ALONE),
    ],
)
def test_P_24_every_kind_of_document_says_what_became_of_its_e_mails(
    clerk: FlaskClient,
    organization: Organization,
    settings: Settings,
    kind: type[Document],
    none: str,
) -> None:
    """P-24: not sent, sent, an issue of the delivery; in the list, in its filter and on the page of the document."""
    make_mail_account(is_shared=True)
    customer = make_customer()
    user = make_portal_user(customer)
    unsent, gone, back = (make_document(customer, kind=kind) for _number in range(3))
    for document in (gone, back):
        forward = DocumentForward(
            customer_id=customer.id,
            document_id=document.id,
            portal_user_id=user.id,
            addresses=[f"{document.number}@estudio.test"],
        )
        db.session.add(forward)
    gone.first_viewed_at = utc_now()
    db.session.commit()
    names = [each.label for each in (unsent, gone, back)]
    send_forwards(Workshop(files_url=settings.files_url, base_url=settings.public_base_url))
    for delivery in db.session.scalars(select(Delivery)).all():
        sent(delivery)
    came_back = select(DeliveryDocument.delivery_id).where(DeliveryDocument.document_id == back.id)
    db.session.execute(
        update(DeliveryState)
        .where(DeliveryState.delivery_id.in_(came_back))
        .values(bounced_at=utc_now())
    )
    db.session.commit()
    door = f"/admin/{kind.__mapper_args__['polymorphic_identity']}/"

    listed = {
        way: re.findall(r'<a class="id"[^>]*>([^<]+)</a>', clerk.get(f"{door}?{way}").text)
        for way in ("flt_delivery=none", "flt_delivery=sent", "flt_delivery=failed,unconfirmed")
    }
    page = html.unescape(clerk.get(door).text)
    record = html.unescape(clerk.get(f"{door}details/?id={back.id}").text)
    not_sent = html.unescape(clerk.get(f"{door}details/?id={unsent.id}").text)

    assert list(listed.values()) == [[name] for name in names]
    for words in ("Sin enviar", "Enviado", "Vista el", "Rebotado", "No entregadas"):
        assert words in page
    assert "Rebotado" in record and f"{back.number}@estudio.test" in record
    assert none in not_sent


def test_a_test_does_not_make_an_invoice_look_sent(
    clerk: FlaskClient, mailing: Mailing, settings: Settings
) -> None:
    """S1-15: what we send to ourselves says nothing of the customer's invoice."""
    shop = Workshop(files_url=settings.files_url, base_url=settings.public_base_url)
    write_test(mailing, "qa@acme.test", shop, sample=second(mailing).customer_id)
    sent(db.session.scalars(select(Delivery).where(Delivery.kind == DeliveryKind.TEST)).one())

    page = html.unescape(clerk.get("/admin/invoice/").text)

    assert "FV-701" in page and "Sin enviar" in page
    assert "</svg>Enviado</span>" not in page


def test_an_invoice_in_no_mailing_can_be_asked_about(clerk: FlaskClient, mailing: Mailing) -> None:
    """N-01: from the page of the invoice, too."""
    other = make_document(make_customer(), series="ZZ")
    db.session.commit()

    page = invoice_page(clerk, other)

    assert "No está en ningún envío todavía." in page
    assert f"/mailings/{mailing.public_id}/why/c{other.customer_id}-{other.id}" in page


def test_a_customer_shows_everything_they_were_sent(clerk: FlaskClient, mailing: Mailing) -> None:
    """X1-13, pains B-3: state, documents, the way to the message; tests of ours are not theirs."""
    delivery = second(mailing)
    sent(delivery)
    url = f"/admin/customer/mails/?id={delivery.customer_id}"

    tabs = html.unescape(clerk.get(f"/admin/customer/details/?id={delivery.customer_id}").text)
    page = html.unescape(clerk.get(url).text)

    assert url in tabs and "Correos enviados" in tabs
    assert delivery.subject in page and "FV-701" in page and "Enviado" in page
    assert f"/mailings/{mailing.public_id}/recipients?open=m{delivery.id}" in page


def test_tests_are_not_theirs(mailing: Mailing, settings: Settings) -> None:
    delivery = second(mailing)
    shop = Workshop(files_url=settings.files_url, base_url=settings.public_base_url)
    write_test(mailing, "qa@acme.test", shop, sample=delivery.customer_id)
    customer = db.session.get_one(Customer, delivery.customer_id)

    assert [mail.id for mail in mails_to(customer).rows] == [delivery.id]


def test_many_mails_are_paged_by_key(organization: Organization, settings: Settings) -> None:
    """Nothing twice, nothing left out, forth and back."""
    customer = make_customer()
    make_contact(customer)
    for _number in range(PAGE + 5):
        make_document(customer)
    make_registered(settings, ranges=[MailingRange(series="FV")], one_mail_per=OneMailPer.DOCUMENT)

    first = mails_to(customer)
    rest = mails_to(customer, after=first.after)
    back = mails_to(customer, before=rest.before)

    assert (len(first.rows), len(rest.rows)) == (PAGE, 5)
    assert (first.before, rest.after) == (None, None)
    assert len({mail.id for mail in (*first.rows, *rest.rows)}) == PAGE + 5
    assert back.rows == first.rows


def test_a_customer_with_history_is_not_deleted(sign_in: SignIn, mailing: Mailing) -> None:
    """Bad input: refused with a sentence that names what stands in the way."""
    administrator = sign_in("administrator", lang="es")
    customer = db.session.get_one(Customer, second(mailing).customer_id)

    question = administrator.get(f"/admin/customer/delete/confirm/?id={customer.id}").text
    answer = administrator.post(
        "/admin/customer/delete/", data={"id": customer.id, "v": customer.version}
    )

    assert "Entregas: 1" in html.unescape(question)
    assert answer.status_code == 409
    assert db.session.get(Customer, customer.id) is not None


def test_X0_13_a_contact_shows_what_they_have_got(
    clerk: FlaskClient, mailing: Mailing, settings: Settings
) -> None:
    """X0-13: mailings and notices of the portal to any of their addresses, with their state; nobody else's."""
    delivery = second(mailing)
    sent(delivery)
    contact = db.session.get_one(Contact, delivery.contact_id)
    customer = db.session.get_one(Customer, delivery.customer_id)
    user = make_portal_user(customer, contact, lang="es")
    user.email = contact.emails[0].address
    validation_confirmed(user.memberships[0])
    db.session.commit()
    url = f"/admin/contact/mails/?id={contact.id}"

    tabs = html.unescape(clerk.get(f"/admin/contact/details/?id={contact.id}").text)
    page = html.unescape(clerk.get(url).text)

    assert url in tabs
    assert delivery.subject in page and "Enviado" in page and "FV-701" in page
    assert "Su acceso al portal de" in page and "En cola" in page
    assert "FV-700" not in page and "FV-702" not in page


def test_X0_13_what_the_portal_writes_stands_at_the_customer(
    clerk: FlaskClient, mailing: Mailing
) -> None:
    """Invitation, link, reset, another address: each says to which contact of which customer it went."""
    customer = db.session.get_one(Customer, second(mailing).customer_id)
    other = make_customer()
    contact = make_contact(
        customer, name="Sofía Núñez", email="sofia@lanapa.test", is_primary=False
    )
    user = make_portal_user(customer, contact, lang="es")
    make_portal_user(other)
    access_email(user.memberships[0], "https://x.test/i")
    magic_link(user, "https://x.test/m")
    password_reset(user, "https://x.test/p")
    forgotten_user_name(user.email, [user])
    email_change(user, "sofia@new.test", "https://x.test/c")
    db.session.commit()

    told = db.session.scalars(select(Delivery).where(Delivery.kind == DeliveryKind.NOTICE)).all()
    page = html.unescape(clerk.get(f"/admin/customer/mails/?id={customer.id}").text)
    timeline = html.unescape(clerk.get(f"/admin/customer/timeline/?id={customer.id}").text)

    assert len(told) == 5
    assert {(each.customer_id, each.contact_id) for each in told} == {(customer.id, contact.id)}
    assert all(each.subject in page for each in told)
    assert all(each.subject in timeline for each in told)
    assert {each.id for each in told} == {each.id for each in mails_to_contact(contact).rows}
    assert mails_to(other).rows == []
