"""Whom a cure is offered to, and what a second press or a foreign key does."""

import html

from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailings.delivery import Delivery
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.people.organization import Organization
from models.system.audit_event import AuditEvent
from settings import Settings
from tests.admin_views.conftest import SignIn
from tests.admin_views.mailing_cures.failing import fail, line_of, newest, press, registered
from tests.factories.people import make_contact, make_customer
from tests.factories.sales import make_document


def test_who_comes_second_changes_nothing(
    clerk: FlaskClient, organization: Organization, settings: Settings
) -> None:
    """X1-10: two people press at once, one wins."""
    customer = make_customer()
    make_contact(customer)
    make_document(customer)
    mailing = registered(settings)
    key = line_of(mailing, customer)
    fail(db.session.get_one(Delivery, int(key[1:])), ReasonCode.QUOTA)

    press(clerk, mailing, key, "retry", seen="failed")
    second = press(clerk, mailing, key, "retry", seen="failed")

    assert "Otra persona fue más rápida: mírelo de nuevo." in second
    count = select(AuditEvent).where(AuditEvent.action == "resend")
    assert len(db.session.scalars(count).all()) == 1


def test_a_reader_sees_the_answer_and_no_buttons(
    sign_in: SignIn, organization: Organization, settings: Settings
) -> None:
    customer = make_customer(on_hold=True)
    make_contact(customer)
    make_document(customer)
    mailing = registered(settings)
    reader = sign_in("reader", lang="es")
    url = f"/mailings/{mailing.public_id}"

    page = html.unescape(reader.get(f"{url}/why/{line_of(mailing, customer)}").text)

    assert "El tercero está retenido." in page and "Qué puede hacer" not in page
    key = line_of(mailing, customer)
    assert reader.post(f"{url}/cure/{key}", data={"cure": "end_hold"}).status_code == 403


def test_retry_failed_asks_with_the_number(
    clerk: FlaskClient, organization: Organization, settings: Settings
) -> None:
    """X1-10: the question says how many and for which reasons; then it is done, with who and why."""
    customer = make_customer()
    make_contact(customer)
    make_document(customer)
    mailing = registered(settings)
    fail(newest(), ReasonCode.QUOTA)
    url = f"/mailings/{mailing.public_id}"

    offered = clerk.get(f"{url}/recipients").text
    question = html.unescape(clerk.get(f"{url}/retry").text)
    clerk.post(f"{url}/retry", data={"why": "Vaciaron el buzón"})

    assert f'href="{url}/retry"' in offered
    assert "Nuevo intento para 1 correo" in question and "Buzón lleno" in question
    assert mailing.state is MailingState.SENDING
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "retry")).one()
    assert (event.reason, event.after) == ("Vaciaron el buzón", {"messages": 1})
    assert f'href="{url}/retry"' not in clerk.get(f"{url}/recipients").text


def test_any_customer_and_document_can_be_asked_about(
    clerk: FlaskClient, organization: Organization, settings: Settings
) -> None:
    """N-01: also what is not in the mailing at all."""
    outside = make_document(make_customer(name="Ladrillera Ocaña"), series="ZZ", number="777")
    mailing = registered(settings)

    page = html.unescape(clerk.get(f"/mailings/{mailing.public_id}/why?q=ocana").text)
    link = f"/mailings/{mailing.public_id}/why/c{outside.customer_id}-{outside.id}"
    answer = html.unescape(clerk.get(link).text)

    assert link in page
    assert "ZZ-777 lleva el prefijo ZZ; el envío trata del prefijo FV." in answer


def test_keys_of_others_mean_nothing(
    clerk: FlaskClient, organization: Organization, settings: Settings
) -> None:
    mailing = registered(settings)
    url = f"/mailings/{mailing.public_id}/why"

    for key in ("m999999", "x999999", "c1", "c999999-1", "z1", "m", "m1-2", "c-"):
        assert clerk.get(f"{url}/{key}").status_code == 404, key
