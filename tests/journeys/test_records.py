"""Lists, forms and details of records, looked at as people see them."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at

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
