"""What pages say to people: words where the tables have codes, and ways from one record to the next."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from models.base import db
from models.people.customer_group import CustomerGroup
from models.system.audit_event import AuditEvent
from tests.admin_views.conftest import SignIn
from tests.factories.admin import Rows

GROUPS = {
    "es": ("Finanzas", "Cuentas por cobrar", "Configuración", "Grupo de clientes"),
    "en": ("Finance", "Receivables", "Setup", "Customer Groups"),
}


@pytest.mark.parametrize("language", GROUPS)
def test_four_entries_lead_to_the_customer_groups(
    app: Flask, sign_in: SignIn, rows: Rows, language: str
) -> None:
    """S0-03: the menu and the breadcrumb say the same words, in both languages."""
    page = sign_in(lang=language).get("/admin/customer_group/").text
    menu = page.partition('id="nav"')[2].partition("</nav>")[0]
    trail = page.partition('class="breadcrumb"')[2].partition("</ol>")[0]

    for part in (menu, trail):
        places = [part.find(f">{word}<") for word in GROUPS[language]]
        assert -1 not in places, places
        assert places == sorted(places)


def test_the_audit_speaks_in_words(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-12, L-22: what was done, to what, through which door."""
    client = sign_in()
    created = db.session.scalars(
        select(AuditEvent).where(AuditEvent.entity == CustomerGroup.__tablename__)
    ).first()
    assert created is not None

    page = client.get(f"/admin/audit_event/details/?id={created.id}").text

    assert "Creación: Grupo de clientes" in page
    assert "AuditEvent" not in page
    assert ">customer_group<" not in client.get("/admin/audit_event/").text


def test_a_record_names_others_by_a_link(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    page = sign_in().get(f"/admin/invoice/details/?id={rows.keys['invoice']}").text

    assert f'<a href="/admin/customer/details/?id={rows.keys["customer"]}">' in page
    assert "<dt>Id</dt>" not in page


def test_a_posted_document_has_its_pdf_and_a_draft_has_none(
    app: Flask, sign_in: SignIn, rows: Rows
) -> None:
    client = sign_in()

    pdf = client.get(f"/admin/invoice/pdf/?id={rows.keys['invoice']}")
    draft = client.get(f"/admin/quote/pdf/?id={rows.keys['quote']}")

    assert (pdf.status_code, pdf.mimetype) == (200, "application/pdf")
    assert pdf.data.startswith(b"%PDF")
    assert draft.status_code == 409


def test_a_new_record_begins_with_what_the_company_uses(
    app: Flask, sign_in: SignIn, rows: Rows
) -> None:
    page = sign_in().get("/admin/payment/new/").text

    assert 'value="EUR" selected' in page or 'selected value="EUR"' in page
    assert any(f'value="{date.today() + timedelta(days=d)}"' in page for d in (-1, 0, 1))  # noqa: DTZ011


def test_our_own_fault_has_a_number_to_ask_with(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks for help gives the number under which the log has the trace."""

    def broken() -> None:
        raise RuntimeError

    monkeypatch.setitem(app.view_functions, "home.home", broken)

    answer = sign_in().get("/")

    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in answer.text


def test_who_may_not_is_told_whom_to_ask(app: Flask, sign_in: SignIn) -> None:
    answer = sign_in("reader").get("/admin/customer/new/")

    assert answer.status_code == 403
    assert "pídalo a quien administra Ventanilla" in answer.text
