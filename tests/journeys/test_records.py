"""Lists, forms and details of records, looked at as people see them."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from models.base import db
from tests.journeys.conftest import Company
from tests.journeys.inspection import Complaints, look_at

SignIn = Callable[..., None]


def test_a_list_is_searched_and_a_record_is_changed(
    company: Company, page: Page, sign_in: SignIn
) -> None:
    """L-01, L-26: list, details and form hold at both widths, light and dark, without a finding of axe."""
    customer = company.customers[0]
    sign_in(page, company.clerk.email)
    page.goto("/admin/customer/")
    look_at(page, "list-customers")
    search = page.get_by_role("searchbox").first
    search.fill("güemes")
    search.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)

    page.goto(f"/admin/customer/edit/?id={customer.id}")
    look_at(page, "form-customer")
    page.get_by_label("Nombre", exact=True).fill("Óptica Peñafiel y Cía., S. L.")
    page.get_by_role("button", name="Guardar").first.click()
    page.goto(f"/admin/customer/details/?id={customer.id}")
    expect(page.locator("main")).to_contain_text("Óptica Peñafiel y Cía., S. L.")
    look_at(page, "details-customer")


def test_an_invoice_is_looked_at(company: Company, page: Page, sign_in: SignIn) -> None:
    """L-01, L-26: the list of invoices, one invoice, and the form of a new one."""
    sign_in(page, company.clerk.email)
    page.goto("/admin/invoice/")
    look_at(page, "list-invoices")
    page.goto(f"/admin/invoice/details/?id={company.invoices[0].id}")
    look_at(page, "details-invoice")
    page.goto("/admin/invoice/new/")
    look_at(page, "form-invoice")


def test_contacts_are_lines_of_their_customer(
    company: Company, page: Page, sign_in: SignIn
) -> None:
    """L-01: a second contact is added, given roles and made the primary one; then the first one goes."""
    customer = company.customers[0]
    sign_in(page, company.clerk.email)
    page.goto(f"/admin/customer/edit/?id={customer.id}")
    page.get_by_role("button", name="Agregar contacto").click()
    rows = page.locator("[data-lines=contacts] tbody tr")
    added = rows.last
    added.get_by_label("Nombre").fill("Sofía Ñáñez")
    added.get_by_label("Correo").fill("sofia@cliente1.test")
    added.locator("summary").click()
    added.get_by_label("Facturación").check()
    expect(added.locator("[data-words]")).to_have_text("Facturación")
    added.get_by_role("radio").check()
    look_at(page, "form-customer-contacts")
    page.get_by_role("button", name="Guardar").first.click()
    page.wait_for_url("**/details/**")
    people = page.locator("table", has_text="Sofía Ñáñez").locator("tbody tr")
    expect(people.first).to_contain_text("Sofía Ñáñez")
    expect(people).to_have_count(2)
    look_at(page, "details-customer-contacts")

    page.goto(f"/admin/customer/edit/?id={customer.id}")
    rows.nth(1).locator(".v-del").click()
    page.get_by_role("button", name="Guardar").first.click()
    page.wait_for_url("**/details/**")
    expect(page.locator("main")).not_to_contain_text("Pagos 1")


def test_files_are_attached_to_an_invoice(
    company: Company, page: Page, sign_in: SignIn, complaints: Complaints
) -> None:
    """L-05: the XML of a posted invoice is attached, loaded, refused when it is none, and removed after a question."""
    sign_in(page, company.clerk.email)
    page.goto(f"/admin/invoice/details/?id={company.invoices[0].id}")
    files = page.locator("#files")
    files.locator("input[type=file]").set_input_files(
        {"name": "FV-10101.xml", "mimeType": "text/xml", "buffer": b"<Invoice/>"}
    )
    files.get_by_role("button", name="Adjuntar").click()
    row = files.locator("tbody tr")
    expect(row).to_contain_text("FV-10101.xml")
    look_at(page, "details-invoice-files")
    with page.expect_download() as loading:
        row.get_by_role("link", name="FV-10101.xml", exact=True).click()
    assert loading.value.suggested_filename == "FV-10101.xml"

    complaints.expect(422)
    files.locator("input[type=file]").set_input_files(
        {"name": "FV-10101.xml", "mimeType": "text/xml", "buffer": b"<Invoice>"}
    )
    files.get_by_role("button", name="Adjuntar").click()
    expect(page.locator("#file-error")).to_contain_text("no sirve aquí")

    row.get_by_role("link", name="Quitar").click()
    page.get_by_role("button", name="Quitar").click()
    expect(page.locator("#files tbody tr")).to_have_count(0)


def test_a_pdf_opens_beside_the_list(company: Company, page: Page, sign_in: SignIn) -> None:
    """The entry of a row's menu opens a tab of its own."""
    sign_in(page, company.clerk.email)
    page.goto("/admin/invoice/")
    page.locator("tbody [data-menu]").first.click()
    entry = page.get_by_role("link", name="Ver PDF")
    expect(entry).to_have_attribute("target", "_blank")
    address = entry.get_attribute("href")
    assert address
    answer = page.request.get(address)
    assert answer.headers["content-type"] == "application/pdf"


def test_a_logo_is_chosen_and_what_is_too_large_is_told_at_once(
    company: Company, page: Page, sign_in: SignIn
) -> None:
    """L-05: a file in a form: refused before it is sent, kept when something else is wrong, then stored."""
    company.clerk.is_global_admin = True
    db.session.commit()
    sign_in(page, company.clerk.email)
    page.goto(f"/admin/organization/edit/?id={company.organization.id}")
    logo = page.get_by_label("Logotipo")
    logo.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"x" * 2_000_001})
    expect(page.locator(".v-file-e")).to_have_text("Más de 2 MB")
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>'
    logo.set_input_files({"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": svg})
    expect(page.locator(".v-file-e")).to_have_text("")
    page.get_by_role("button", name="Guardar").first.click()
    page.wait_for_url("**/details/**")
    expect(page.locator("main")).to_contain_text("logo.svg")
    page.goto(f"/admin/organization/edit/?id={company.organization.id}")
    look_at(page, "form-organization")
