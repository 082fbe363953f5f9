"""Many records are changed together, in the browser."""

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from models.base import db
from tests.factories.bulk import make_customers
from tests.journeys.conftest import Company
from tests.journeys.inspection import Complaints, look_at

SignIn = Callable[..., None]


def test_records_are_changed_together_and_back(
    company: Company, page: Page, sign_in: SignIn, complaints: Complaints
) -> None:
    """L-08: choose rows, change a field in a dialog, see the result, undo it from the toast."""
    complaints.expect(422)
    sign_in(page, company.clerk.email)
    page.goto("/admin/customer/")
    for place in (0, 1, 2):
        page.locator("[name=rowid]").nth(place).check()
    page.get_by_role("button", name="Cambiar…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Cambiar un campo de 3 registros")
    dialog.get_by_role("button", name="Cambiar 3 registros").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Elija al menos un campo.")
    dialog.get_by_label("Retenido", exact=True).check()
    dialog.get_by_label("Grupo de clientes", exact=True).check()
    look_at(page, "bulk-edit-dialog")
    dialog.get_by_role("button", name="Cambiar 3 registros").click()
    expect(page.get_by_role("status").filter(has_text="3 registros cambiados.")).to_be_visible()

    page.keyboard.press("z")

    expect(page.get_by_text("3 registros están como antes.")).to_be_visible()
    page.goto("/admin/bulk-runs/")
    look_at(page, "bulk-runs")
    page.get_by_role("link", name="Deshacer n.º").click()
    look_at(page, "bulk-run")


def test_a_cell_is_taken_back(company: Company, page: Page, sign_in: SignIn) -> None:
    """L-08: the toast after an inline edit has the way back."""
    sign_in(page, company.clerk.email)
    page.goto("/admin/customer/")
    cell = page.locator("tbody tr").first.locator(".v-edit")
    before = cell.text_content() or ""
    cell.click()
    page.locator(".v-incell [type=checkbox]").check()
    page.locator(".v-incell [type=submit]").click()
    undo = page.locator(".v-toast").get_by_role("button", name="Deshacer")
    expect(undo).to_be_visible()
    expect(page.locator("tbody tr").first.locator(".v-edit")).not_to_have_text(before)

    undo.click()

    expect(page.locator("tbody tr").first.locator(".v-edit")).to_have_text(before)


def test_a_long_change_shows_how_far_it_is(company: Company, page: Page, sign_in: SignIn) -> None:
    """L-08: more than a request should do is left to a worker; the page follows it to its end."""
    make_customers(1_200)
    db.session.commit()
    sign_in(page, company.clerk.email)
    page.goto("/admin/customer/?search=bulk")
    page.locator("th [data-whole-page]").check()
    page.locator(".v-all").click()
    page.get_by_role("button", name="Cambiar…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Retenido", exact=True).check()
    dialog.get_by_role("button", name="Cambiar 1.200 registros").click()
    page.wait_for_url("**/admin/bulk-runs/*")
    expect(page.get_by_role("button", name="Deshacer")).to_be_visible(timeout=60_000)
    expect(page.locator(".v-kpis")).to_contain_text("1.200")
    look_at(page, "bulk-run-done")


def test_without_script_it_works_too(
    company: Company, chromium: Browser, running: str, sign_in: SignIn
) -> None:
    """The same forms as pages."""
    context = chromium.new_context(base_url=running, locale="es-CO", java_script_enabled=False)
    page = context.new_page()
    sign_in(page, company.clerk.email)
    page.goto("/admin/customer/")
    page.locator("[name=rowid]").first.check()
    page.get_by_role("button", name="Cambiar…").click()
    page.locator("[name=set][value=on_hold]").check()
    page.get_by_role("button", name="Cambiar 1 registro").click()
    expect(page.get_by_text("1 registro cambiado.")).to_be_visible()
    page.get_by_role("button", name="Deshacer").click()
    expect(page.get_by_text("1 registro está como antes.")).to_be_visible()
    context.close()
