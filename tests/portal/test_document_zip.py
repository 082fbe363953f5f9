"""P-02: several documents as one ZIP, chosen in the list or of a period; whose they are, how many, and what is noted of it."""

import io
from datetime import date
from zipfile import ZipFile

import pytest
from flask import Flask, current_app
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from files.store import FileStore
from models.base import db
from models.people.organization import Organization
from models.portal.portal_event import PortalEvent
from models.portal.portal_settings import PortalSettings
from models.sales.document import Document, Invoice, Quote, SalesOrder
from models.sales.document_file import DocumentFile, DocumentFileKind
from models.sales.document_state import DocumentState
from models.system.file import File
from services.portal import document_zip
from services.portal.portal_sessions import open_staff_look
from tests.browser import new_browser
from tests.factories.people import make_customer, make_user
from tests.factories.sales import make_document
from tests.factories.saving import saved
from tests.portal.conftest import Stand, Window


def take(window: Window, *documents: Document, path: str = "/invoices") -> TestResponse:
    keys = [str(each.public_id) for each in documents]
    return window.submit(path, {"document": keys}, form_at=path)


def take_period(window: Window, first: str, last: str, path: str = "/invoices") -> TestResponse:
    return window.submit(path, {"first": first, "last": last}, form_at=path)


def names_in(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text[:2000]
    return ZipFile(io.BytesIO(answer.data)).namelist()


def events() -> list[PortalEvent]:
    return list(db.session.scalars(select(PortalEvent)))


def attach(document: Document, name: str, content: bytes) -> None:
    kept = FileStore(current_app.extensions["settings"].files_url).put(content)
    file = saved(
        File(sha256=kept.sha256, size_bytes=len(content), media_type="text/xml", name=name)
    )
    saved(
        DocumentFile(
            document_id=document.id,
            file_id=file.id,
            kind=DocumentFileKind.XML,
            rendered_from=kept.sha256,
        )
    )


def test_the_chosen_ones_with_their_files_and_one_event(stand: Stand) -> None:
    window = stand()
    first, second, third = (
        make_document(window.customer, number=str(4711 + place)) for place in range(3)
    )
    attach(second, "factura.xml", b"<factura/>")
    db.session.commit()

    answer = take(window, second, first)

    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_length == len(answer.data)
    archive = ZipFile(io.BytesIO(answer.data))
    assert archive.namelist() == ["FV-4711.pdf", "FV-4712.pdf", "FV-4712 factura.xml"]
    assert archive.read("FV-4712 factura.xml") == b"<factura/>"
    assert archive.read("FV-4711.pdf") == window.get(f"/documents/{first.public_id}/pdf").data
    assert archive.infolist()[0].date_time[:3] == (2026, 7, 15)
    (event,) = events()
    assert (event.kind, event.document_id) == ("downloaded_several", None)
    assert event.detail == {"documents": ["FV-4711", "FV-4712"]}
    assert event.actor_name == "Sofía Ñáñez"
    assert [each.first_viewed_at for each in (first, second, third)] == [None, None, None]


def test_all_of_a_period_and_nobody_elses(stand: Stand) -> None:
    window = stand()
    for number, day in ((1, 30), (2, 31)):
        make_document(window.customer, number=str(number), issue_date=date(2026, 7, day))
    make_document(window.customer, number="3", issue_date=date(2026, 8, 1))
    make_document(window.customer, number="4", kind=Quote, issue_date=date(2026, 7, 31))
    make_document(make_customer(), number="5", issue_date=date(2026, 7, 31))
    make_document(
        window.customer, number="6", issue_date=date(2026, 7, 31), state=DocumentState.DRAFT
    )
    db.session.commit()

    answer = take_period(window, "2026-07-31", "2026-07-31")

    assert names_in(answer) == ["FV-2.pdf"]
    assert "2026-07-31" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("whose", ["another customer", "nobody", "a draft", "no key"])
def test_what_is_not_theirs_does_not_exist_and_nothing_is_noted(stand: Stand, whose: str) -> None:
    window = stand()
    own = make_document(window.customer)
    keys = {
        "another customer": str(make_document(make_customer()).public_id),
        "nobody": "00000000-0000-7000-8000-000000000007",
        "a draft": str(make_document(window.customer, state=DocumentState.DRAFT).public_id),
        "no key": "../../etc/passwd",
    }
    db.session.commit()

    answer = window.submit(
        "/invoices", {"document": [str(own.public_id), keys[whose]]}, form_at="/invoices"
    )

    assert answer.status_code == 404
    assert events() == []


def test_P_10_who_does_not_see_a_kind_takes_none_of_it(stand: Stand) -> None:
    window = stand(roles=("technical",), is_primary=False)
    invoice = make_document(window.customer)
    order = make_document(window.customer, kind=SalesOrder)
    db.session.commit()

    refused = take_from(window, "/invoices", invoice)
    mixed = take_from(window, "/sales-orders", order, invoice)

    assert (refused.status_code, mixed.status_code) == (404, 404)
    assert names_in(take(window, order, path="/sales-orders")) == [f"{order.label}.pdf"]


def test_S2_21_no_sales_orders_where_they_are_not_shown(stand: Stand) -> None:
    window = stand()
    order = make_document(window.customer, kind=SalesOrder)
    db.session.execute(update(PortalSettings).values(show_sales_orders=False))
    db.session.commit()

    assert take_from(window, "/sales-orders", order).status_code == 404


def take_from(window: Window, path: str, *documents: Document) -> TestResponse:
    """With the form of another page, as somebody sends it who knows the address."""
    keys = [str(each.public_id) for each in documents]
    return window.submit(path, {"document": keys}, form_at="/security")


def test_nothing_chosen_nothing_issued_and_days_that_are_none_are_said(stand: Stand) -> None:
    window = stand()
    make_document(window.customer)
    db.session.commit()

    nothing = window.submit("/invoices", form_at="/invoices")
    empty = take_period(window, "2020-01-01", "2020-12-31")
    backwards = take_period(window, "2026-08-01", "2026-07-01")
    no_day = take_period(window, "yesterday", "2026-07-01")

    for answer, sentence in (
        (nothing, "Elija al menos un documento de la lista."),
        (empty, "En este periodo no se emitió nada."),
        (backwards, "El periodo termina antes de empezar."),
        (no_day, "Escriba ambos días como fecha"),
    ):
        assert answer.status_code == 422
        assert sentence in answer.text
    assert events() == []


def test_too_many_and_too_much_are_refused_with_the_choice_kept(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = stand()
    documents = [make_document(window.customer) for _number in range(3)]
    db.session.commit()
    monkeypatch.setattr(document_zip, "MOST_DOCUMENTS", 2)

    many, period = take(window, *documents), take_period(window, "2026-07-01", "2026-07-31")
    monkeypatch.setattr(document_zip, "MOST_BYTES", 1_000)
    large = take(window, documents[0])

    assert [answer.status_code for answer in (many, period, large)] == [422, 422, 422]
    assert "Un ZIP lleva 2 documentos como máximo." in many.text
    assert "En este periodo se emitieron más de 2 documentos." in period.text
    assert "Estos archivos pasan de 1 KB." in large.text
    assert f'value="{documents[0].public_id}" checked' in large.text
    assert f'value="{documents[1].public_id}" checked' not in large.text
    assert events() == []


def test_names_stay_in_their_folder_and_apart(stand: Stand) -> None:
    window = stand()
    first = make_document(window.customer, kind=Invoice, number="7", series="a/../b")
    attach(first, "../../x.xml", b"<a/>")
    attach(first, "x.XML", b"<b/>")
    db.session.commit()

    names = names_in(take(window, first))

    assert names == ["a-..-b-7.pdf", "a-..-b-7 x.xml", "a-..-b-7 x (2).XML"]


def test_P_22_staff_who_look_take_nothing(
    app: Flask, organization: Organization, stand: Stand
) -> None:
    window, staff = stand(), make_user(organization)
    document = make_document(window.customer)
    token = open_staff_look(staff.id, window.customer.id, ip=None, user_agent=None)
    db.session.commit()
    browser = new_browser(app)
    browser.set_cookie("portal", token)

    page = browser.get(f"{window.root}/invoices")
    answer = browser.submit(
        f"{window.root}/invoices",
        {"document": [str(document.public_id)]},
        form_at=f"{window.root}/invoices",
    )

    assert document.label in page.text
    assert 'id="zip"' not in page.text
    assert answer.status_code == 403
    assert events() == []
