"""What customers do with a document beside reading it, and what staff find of it, on a desk and on a telephone (S2-17 to S2-22)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from models.base import db
from models.people.contact import Contact, CustomerContact
from models.sales.document import Document, Quote, SalesOrder
from models.sales.document_state import DocumentState
from tests.factories.people import make_contact
from tests.factories.sales import make_document
from tests.journeys.conftest import Company
from tests.journeys.inspection import Complaints
from tests.journeys.letters import found, letters
from tests.journeys.portal_visit import Visit, make_visit, switch
from tests.journeys.product import Product
from tests.journeys.windows import WIDTHS, OpenWindow, go_to, press

SignIn = Callable[..., None]


@pytest.fixture
def visit(company: Company) -> Visit:
    company.account.is_shared = True
    return make_visit(company.customers[4], show_sales_orders=True, allow_forward=True)


@pytest.fixture
def order(visit: Visit) -> Document:
    made = make_document(
        visit.customer, kind=SalesOrder, series="OV", number="31", state=DocumentState.SHIPPING
    )
    db.session.commit()
    return made


@pytest.mark.parametrize("width", WIDTHS)
def test_an_order_is_loaded_printed_and_passed_on(
    visit: Visit,
    order: Document,
    company: Company,
    product: Product,
    open_window: OpenWindow,
    sign_in: SignIn,
    width: int,
) -> None:
    """S2-19, S2-21, S2-22: three buttons that work; the receiver is a contact on our page, without access, and the timeline tells."""
    page, _complaints = open_window(width)
    visit.sign_in(page)
    page.goto(f"{visit.root}/")
    go_to(page, "Órdenes de venta")
    press(page.get_by_role("link", name="OV-31").first)
    with page.expect_download() as download:
        press(page.get_by_role("button", name="Descargar el PDF"))
    assert download.value.suggested_filename == "OV-31.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF-")

    where = page.url
    press(page.get_by_role("link", name="Imprimir"))
    expect(page.locator(".v-paper")).to_contain_text("OV-31")
    page.evaluate("() => addEventListener('beforeprint', () => document.title += ' (impresa)')")
    with page.expect_response(lambda answer: answer.url.endswith("/printed")) as told:
        press(page.get_by_role("button", name="Imprimir"))
    assert told.value.status == 204
    expect(page).to_have_title(re.compile(r"\(impresa\)$"))
    page.emulate_media(media="print")
    expect(page.locator(".v-print-bar")).to_be_hidden()
    expect(page.locator(".v-paper")).to_be_visible()
    page.emulate_media(media="screen")

    page.goto(where)
    press(page.get_by_role("link", name="Reenviar"))
    page.locator("[name=addresses]").fill("nueva@estudio.test")
    page.get_by_label("Nota").fill("Para la bodega")
    press(page.get_by_role("button", name="Reenviar"))
    expect(page.locator("#forwards")).to_contain_text("nueva@estudio.test")
    assert "Para la bodega" in found(product, "nueva@estudio.test", r"(?s)(.*)")
    [letter] = letters(product, "nueva@estudio.test")
    assert visit.user.email in letter["Reply-To"]
    assert "facturacion@penalba.test" in letter["From"]

    staff, _theirs = open_window(width)
    sign_in(staff, company.clerk.email)
    staff.goto(f"/admin/customer/portal/?id={visit.customer.id}")
    line = staff.get_by_role("row").filter(has_text="nueva@estudio.test")
    expect(line).to_contain_text("Sin invitar")
    staff.goto(f"/admin/customer/timeline/?id={visit.customer.id}")
    for said in ("Descargó un documento", "Imprimió un documento", "Reenvió un documento"):
        entry = staff.locator(".v-tl li").filter(has_text=said).first
        expect(entry).to_contain_text("OV-31")


@pytest.mark.parametrize("width", WIDTHS)
def test_who_gets_a_document_passed_on_becomes_a_contact(
    visit: Visit, company: Company, open_window: OpenWindow, sign_in: SignIn, width: int
) -> None:
    """S2-17 to S2-19: an invoice and a quote; refused with what was written kept; then once, however the address is written."""
    invoice = make_document(visit.customer, number="556")
    quote = make_document(visit.customer, kind=Quote, series="CO", number="557")
    make_contact(visit.customer, email="jefa@estudio.test", is_primary=False, name="Jefa")
    db.session.commit()
    window, complaints = open_window(width)
    visit.sign_in(window)
    complaints.expect(422)
    window.goto(f"{visit.root}/documents/{invoice.public_id}/forward")
    window.locator("[name=addresses]").fill("esto no es un correo")
    window.get_by_label("Nota").fill("Para el cierre")
    press(window.get_by_role("button", name="Reenviar"))
    expect(window.locator("#addresses-problem")).to_be_visible()
    expect(window.get_by_label("Nota")).to_have_value("Para el cierre")
    window.locator("[name=addresses]").fill("JEFA@estudio.test, nueva@estudio.test")
    press(window.get_by_role("button", name="Reenviar"))
    expect(window.locator("#forwards")).to_contain_text("nueva@estudio.test")
    window.goto(f"{visit.root}/documents/{quote.public_id}")
    press(window.get_by_role("link", name="Reenviar"))
    window.get_by_label("Jefa").check()
    press(window.get_by_role("button", name="Reenviar"))
    expect(window.locator("#forwards")).to_contain_text("jefa@estudio.test")

    staff, _theirs = open_window(width)
    sign_in(staff, company.clerk.email)
    new = staff.get_by_role("row").filter(has_text="nueva@estudio.test")
    _reload_until(staff, f"/admin/customer/portal/?id={visit.customer.id}", new)
    expect(new).to_contain_text("Sin invitar")
    expect(staff.get_by_role("row").filter(has_text="jefa@estudio.test")).to_have_count(1)
    db.session.rollback()
    contacts = (
        select(Contact.source)
        .join(CustomerContact, CustomerContact.contact_id == Contact.id)
        .where(CustomerContact.customer_id == visit.customer.id)
        .order_by(Contact.id)
    )
    assert db.session.scalars(contacts).all() == ["manual", "manual", "forwarded"]


def test_what_may_not_be_passed_on_has_no_button(
    visit: Visit, company: Company, page: Page, complaints: Complaints
) -> None:
    """S2-17: off, neither the button nor its known address."""
    invoice = company.invoices[6]
    visit.sign_in(page)
    switch(allow_forward=False)
    complaints.expect(403)

    page.goto(f"{visit.root}/documents/{invoice.public_id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(invoice.label)
    expect(page.get_by_role("link", name="Reenviar")).to_have_count(0)
    page.goto(f"{visit.root}/documents/{invoice.public_id}/forward")
    expect(page.get_by_text("Error 403")).to_be_visible()


def _reload_until(page: Page, url: str, target: Locator) -> None:
    """The worker adds the contact when it makes the message."""
    for _time in range(60):
        page.goto(url)
        if target.count():
            return
        page.wait_for_timeout(500)
    expect(target).to_have_count(1)
