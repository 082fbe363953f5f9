"""A sheet of customers comes in, with one wrong row on the way."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at

SignIn = Callable[..., None]
LONG = 60_000
SHEET = (
    "nombre;número;grupo;moneda;nombre de contacto;correo;roles\n"
    "Viveros Ñandú, S. A.;C-900;MAY;EUR;Íñigo Peña;inigo@viveros.test;billing\n"
    "Talleres Zúñiga, S. L.;C-901;MAY;EUR;Begoña Ruiz;no es una dirección;billing\n"
    "Cafés La Ñapa, S. A. S.;C-902;MAY;EUR;Ana Gil;ana@cafes.test;billing\n"
)


def test_a_sheet_is_tried_and_imported(company: Company, page: Page, sign_in: SignIn) -> None:
    """L-10: upload, columns, a dry run whose verdict is the real one, import with what was left out."""
    sign_in(page, company.clerk.email)
    page.goto("/")
    nav = page.get_by_role("navigation", name="Principal")
    nav.get_by_text("Sistema", exact=True).click()
    nav.get_by_role("link", name="Importar").click()
    page.get_by_role("link", name="Importar").last.click()
    look_at(page, "import-upload")
    page.locator("input[name=subject][value=customers]").check()
    page.locator("input[type=file]").set_input_files(
        {"name": "clientes.csv", "mimeType": "text/csv", "buffer": SHEET.encode("cp1252")}
    )
    page.get_by_role("button", name="Continuar").click()
    look_at(page, "import-columns")

    page.get_by_role("button", name="Hacer el simulacro").click()
    go_on = page.get_by_role("button", name="Importar 2 clientes")
    expect(go_on).to_be_visible(timeout=LONG)
    expect(page.locator("main")).to_contain_text("no es una dirección")
    look_at(page, "import-dry-run")
    go_on.click()

    expect(page.get_by_role("link", name="Viveros Ñandú")).to_be_visible(timeout=LONG)
    look_at(page, "import-done")
