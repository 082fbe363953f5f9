"""What people really type into the form of a mailing: each mistake is said in Spanish, at its field."""

import html
import io
import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.people.customer import Customer
from models.people.organization import Organization
from models.sales.document import Document
from models.sales.document_file import DocumentFile
from models.system.audit_event import AuditEvent
from settings import Settings
from tests.admin_views.conftest import SignIn
from tests.admin_views.mailing_fields import fields
from tests.factories.mailings import make_registered
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.sales import make_document

MEGABYTE = 1024 * 1024


@pytest.fixture
def customers(organization: Organization) -> list[Customer]:
    """Two with an invoice each, FV-201 and FV-202, and one of another series, FX-7."""
    make_mail_account(address="billing@example.com")
    found = [make_customer(name=f"Tercero {n}") for n in (1, 2)]
    for place, customer in enumerate(found):
        make_contact(customer)
        make_document(customer, number=str(201 + place))
    make_document(found[0], series="FX", number="7")
    db.session.commit()
    return found


@pytest.fixture
def clerk(sign_in: SignIn, customers: list[Customer]) -> FlaskClient:
    return sign_in("clerk", lang="es")


@pytest.mark.parametrize(
    ("changed", "place", "sentence"),
    [
        pytest.param(
            {"number_from": "202", "number_to": "201"},
            "number_to",
            "El último número está antes del primero.",
            id="numbers reversed",
        ),
        pytest.param(
            {"date_from": "2026-07-31", "date_to": "2026-07-01"},
            "date_to",
            "El último día está antes del primero.",
            id="days reversed",
        ),
        pytest.param(
            {"series": "", "number_from": "", "number_to": ""},
            "series",
            "Diga qué facturas",
            id="no range",
        ),
        pytest.param(
            {"number_from": "900", "number_to": "999"},
            "series",
            "Nadie recibiría este envío.",
            id="empty range",
        ),
        pytest.param(
            {"number_from": "doscientos"},
            "number_from",
            "Escriba un número, como 10101 o FV-10101.",
            id="no number",
        ),
        pytest.param(
            {"number_from": "FV-201", "number_to": "FX-7"},
            "series",
            "Un rango tiene un solo prefijo; aquí hay varios: FV, FX.",
            id="mixed series",
        ),
        pytest.param(
            {"subject": "{{ documento.numero }}"},
            "subject",
            "No existe el campo «documento.numero» (línea 1). ¿Quería decir «document.number»?",
            id="unknown field in the subject",
        ),
        pytest.param(
            {"body": "Estimado {{ contact.nme }}:"},
            "body",
            "No existe el campo «contact.nme» (línea 1). ¿Quería decir «contact.name»?",
            id="unknown field in the text",
        ),
        pytest.param(
            {
                "body": "Estimado {{ contact.name }}:\n\n{{ customer.nmae }} debe {{ documents.totl }}"
            },
            "body",
            "¿Quería decir «customer.name»? No existe el campo «documents.totl»",
            id="two unknown fields in the text",
        ),
        pytest.param(
            {"cc": "Ana\tana@example.com\nLuis\tluis.example.com"},
            "cc",
            "Esto no es una dirección de correo: «Luis», «luis.example.com».",
            id="pasted list with a wrong address",
        ),
        pytest.param(
            {"bcc": "\n".join(f"a{n}@example.com" for n in range(1_000))},
            "bcc",
            "Como máximo",
            id="pasted list of a thousand",
        ),
        pytest.param(
            {"who": "customers", "customer_numbers": "C1\nNADIE-1\nNADIE-2"},
            "customer_numbers",
            "Ningún tercero tiene estos números:",
            id="pasted numbers of nobody",
        ),
        pytest.param(
            {"when": "schedule", "day": "2020-01-01", "time": "09:00"},
            "time",
            "Ese momento ya pasó.",
            id="schedule in the past",
        ),
        pytest.param(
            {"when": "schedule", "day": "2027-03-28", "time": "02:30", "zone": "Europe/Madrid"},
            "time",
            "las 02:30 no existen. Elija otra hora.",
            id="schedule in the hour that is skipped",
        ),
    ],
)
def test_a_mistake_stands_at_its_field(
    clerk: FlaskClient, changed: dict[str, str], place: str, sentence: str
) -> None:
    """S1-06, S1-07, S1-10, S1-11, X1-07: refused, with what was typed, and nothing is written."""
    answer = clerk.post("/mailings/new", data=fields(**changed))
    page = html.unescape(answer.text)

    assert answer.status_code == 422
    assert f'href="#{place}"' in page
    assert f'id="{place}-error"' in page
    assert sentence in page
    assert db.session.scalar(select(Mailing)) is None


def test_a_list_pasted_from_a_sheet_is_read(clerk: FlaskClient) -> None:
    """X1-07: names, tabs, semicolons and doubles are no mistakes."""
    pasted = "Nombre\tCorreo\r\nAna Ruiz\tana@example.com\r\nLuis\tLUIS@example.com;ana@example.com"
    clerk.post("/mailings/new", data=fields(cc=pasted.partition("\r\n")[2]))

    mailing = db.session.scalars(select(Mailing)).one()
    assert [each.lower() for each in mailing.cc] == ["ana@example.com", "luis@example.com"]


@pytest.mark.parametrize("name", ["anexo.pdf", "factura.xml"])
def test_an_attachment_of_40_mb_is_refused_at_its_field(clerk: FlaskClient, name: str) -> None:
    invoice = db.session.scalars(select(Document).limit(1)).one()
    file = (io.BytesIO(b"%PDF-1.7 " + b"x" * (40 * MEGABYTE)), name)
    answer = clerk.post(
        f"/admin/invoice/attach/?id={invoice.id}", data={"kind": "annex", "file": file}
    )
    page = html.unescape(answer.text)

    assert answer.status_code == 422
    assert "MB" in page and 'id="file-error"' in page
    assert db.session.scalar(select(DocumentFile)) is None


def test_two_browsers_that_press_start_at_once(
    app: Flask, sign_in: SignIn, organization: Organization, settings: Settings
) -> None:
    """S1-17: one has started it; the other hears who, and nothing is started twice."""
    mailing = make_registered(settings)
    url, key = f"/mailings/{mailing.public_id}/start", mailing.id
    clerks = [sign_in("clerk", lang="es", name=name) for name in ("Lucía", "Íñigo")]
    ready = threading.Barrier(2)
    answers: dict[int, Any] = {}

    def press(number: int) -> None:
        with app.app_context():
            ready.wait()
            answers[number] = clerks[number].post(url)
            db.session.remove()

    threads = [threading.Thread(target=press, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pages = [html.unescape(clerks[n].get(answers[n].location).text) for n in (0, 1)]

    db.session.rollback()
    assert [answers[n].status_code for n in (0, 1)] == [302, 302]
    assert sorted("El envío comenzó." in page for page in pages) == [False, True]
    assert sum("Ya se está enviando" in page for page in pages) == 1
    state = db.session.scalars(select(Mailing.state).where(Mailing.id == key)).one()
    assert state is MailingState.SENDING
    starts = select(AuditEvent).where(AuditEvent.entity == "mailing", AuditEvent.action == "start")
    assert len(db.session.scalars(starts).all()) == 1


def test_too_many_chosen_documents_are_refused_and_none_is_left_out(clerk: FlaskClient) -> None:
    """S1-05: how many, and what to do instead."""
    chosen = ",".join(str(key) for key in range(1, 2_002))
    everything = {"series": "", "number_from": "", "number_to": "", "documents": chosen}
    summary = clerk.post("/mailings/new/summary", data=fields(**everything))
    answer = clerk.post("/mailings/new", data=fields(**everything))

    for page in (html.unescape(summary.text), html.unescape(answer.text)):
        assert "Hay 2.001 documentos elegidos" in page
        assert "Use el filtro de la lista" in page
    assert (summary.status_code, answer.status_code) == (200, 422)
    assert 'id="series-error"' in answer.text
    assert db.session.scalar(select(Mailing)) is None


def test_a_key_that_is_too_long_is_no_document_and_not_two(clerk: FlaskClient) -> None:
    """Nor is the choice forgotten: that would send the whole series."""
    keys = [str(key) for key in db.session.scalars(select(Document.id).order_by(Document.id))]
    doubled = "".join(key.rjust(18, "0") for key in keys[:2])
    answer = clerk.post(
        "/mailings/new", data=fields(number_from="", number_to="", documents=doubled)
    )

    assert answer.status_code == 422
    assert "Nadie recibiría este envío." in html.unescape(answer.text)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
@pytest.mark.parametrize("zone", ["America/Bogota", "Asia/Tokyo"])
def test_a_day_at_the_end_of_the_calendar_is_refused(
    clerk: FlaskClient, settings: Settings, day: str, zone: str
) -> None:
    """S1-06: at its field, and the summary counts all the same."""
    moment = {"day": day, "time": "23:59", "zone": zone}
    summary = clerk.post("/mailings/new/summary", data=fields(when="schedule", **moment))
    answer = clerk.post("/mailings/new", data=fields(when="schedule", **moment))
    mailing = make_registered(settings)
    moved = clerk.post(f"/mailings/{mailing.public_id}/schedule", data=moment)

    assert (summary.status_code, answer.status_code, moved.status_code) == (200, 422, 422)
    assert "-error" in answer.text and "-error" in moved.text


@pytest.mark.parametrize("url", ["/mailings/new/summary", "/mailings/example", "/mailings/draft"])
def test_a_way_to_bundle_that_there_is_not_counts_as_the_usual_one(
    clerk: FlaskClient, url: str
) -> None:
    assert clerk.post(url, data=fields(one_mail_per="zz")).status_code == 200
    assert clerk.post("/mailings/new", data=fields(one_mail_per="zz")).status_code == 422


def test_nul_in_the_address_that_one_comes_from_is_not_remembered(clerk: FlaskClient) -> None:
    clerk.get("/mailings/new?from=/admin/invoice/%3Fsearch%3D%2500")

    assert clerk.get("/mailings/new").status_code == 200


def test_nul_in_the_filter_that_a_form_carries_does_not_lock_its_draft(clerk: FlaskClient) -> None:
    """It narrows to nothing, and says so; what is beside it still narrows."""
    clerk.post("/mailings/draft", data=fields(view="search=%00"))
    draft = db.session.scalars(select(Mailing)).one()
    page = clerk.get(f"/mailings/{draft.public_id}/edit")
    refused = clerk.post("/mailings/new", data=fields(view="search=%00"))
    summary = clerk.post("/mailings/new/summary", data=fields(view="search=FV-2%0002"))

    assert page.status_code == 200
    assert refused.status_code == 422
    assert '<dt>Facturas</dt><dd class="num mid">1</dd>' in " ".join(summary.text.split())


def test_an_address_that_is_too_long_to_be_remembered_is_left_out(clerk: FlaskClient) -> None:
    """The cookie of the session would not be kept by the browser."""
    clerk.get("/mailings/new", query_string={"from": "/admin/invoice/?search=Tercero"})
    clerk.get("/mailings/new", query_string={"from": "/admin/invoice/?search=" + "x" * 2_000})

    with clerk.session_transaction() as session:
        assert session["invoices_url"] == "/admin/invoice/?search=Tercero"
