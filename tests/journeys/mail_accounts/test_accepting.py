"""What *Aceptar* saves, and what is not lost (S4-16)."""

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from models.people.organization import Department
from tests.journeys.inspection import Complaints, look_at
from tests.journeys.mail_accounts.table import EMAIL, NAMES, URL, accept, account_of, cell, paste

SignIn = Callable[..., None]


def test_one_invalid_row_of_twelve(grid: Page, complaints: Complaints) -> None:
    """S4-16: nothing is saved; then the eleven valid ones; the passwords typed are still there."""
    complaints.expect(422)
    cell(grid, "Puerto", NAMES[0]).focus()
    paste(grid, "\n".join(["2525"] * 10))
    cell(grid, "Puerto", NAMES[3]).fill("70000")
    cell(grid, "Contraseña", NAMES[3]).fill("tecleada")
    accept(grid)
    expect(grid.get_by_role("alert")).to_contain_text("Un puerto es un número de 1 a 65535.")
    assert account_of(NAMES[0]).smtp_port == 587  # type: ignore[union-attr]
    look_at(grid, "mail-accounts-refused")

    grid.get_by_role("button", name="Guardar estos 9").click()

    expect(grid.get_by_role("heading", name="9 usuarios guardados, 1 sin guardar")).to_be_visible()
    expect(cell(grid, "Contraseña", NAMES[3])).to_have_value("tecleada")
    expect(grid.locator("[data-changed]")).to_have_text("1 usuario con cambios")
    assert account_of(NAMES[0]).smtp_port == 2525  # type: ignore[union-attr]
    cell(grid, "Puerto", NAMES[3]).fill("587")
    accept(grid)
    expect(grid.get_by_text("1 usuario guardado.")).to_be_visible()
    assert account_of(NAMES[3]).password == "tecleada"  # type: ignore[union-attr]


def test_what_is_wrong_stands_below_its_row(grid: Page) -> None:
    """S4-16: in a line as wide as the table, not squeezed below a column."""
    cell(grid, "Puerto", NAMES[2]).fill("70000")
    said = grid.locator("tr.v-told td")
    expect(said).to_contain_text("Puerto")
    table = grid.locator("table.v-sheetgrid").bounding_box()
    place = said.bounding_box()
    assert table is not None and place is not None
    assert abs(place["width"] - table["width"]) < 4


def test_leaving_unsaved_work_warns(grid: Page) -> None:
    """What was typed is not lost by a click elsewhere."""
    grid.once("dialog", lambda dialog: dialog.dismiss())
    cell(grid, "Puerto", NAMES[0]).fill("2525")
    with grid.expect_event("dialog") as asked:
        grid.get_by_role("link", name="Inicio", exact=True).first.click(no_wait_after=True)

    assert asked.value.type == "beforeunload"
    expect(cell(grid, "Puerto", NAMES[0])).to_have_value("2525")


def test_without_script_it_is_a_form(
    ventas: Department, chromium: Browser, running: str, sign_in: SignIn
) -> None:
    """The same cells as fields of a page: apply, generate, save."""
    context = chromium.new_context(base_url=running, locale="es-CO", java_script_enabled=False)
    page = context.new_page()
    sign_in(page, EMAIL)
    page.goto(f"{URL}?department={ventas.id}&without=1")
    for name in ("Noemí Peña", "Óscar Ruiz"):
        page.get_by_label(f"Seleccionar a {name}").check()
        cell(page, "Contraseña", name).fill("una clave")
    page.get_by_label("Servidor para los seleccionados").fill("smtp.penalba.test")
    page.get_by_role("button", name="Aplicar").click()
    expect(cell(page, "Servidor saliente", "Óscar Ruiz")).to_have_value("smtp.penalba.test")
    page.get_by_role("button", name="Generar direcciones").click()
    page.get_by_role("button", name="Ver direcciones").click()
    expect(cell(page, "Dirección", "Óscar Ruiz")).to_have_value("oruiz@penalba.test")
    for name in ("Noemí Peña", "Óscar Ruiz"):
        cell(page, "Contraseña", name).fill("una clave")
    accept(page)
    expect(page.get_by_text("2 usuarios guardados.")).to_be_visible()
    context.close()
    assert account_of("Óscar Ruiz").login == "oruiz@penalba.test"  # type: ignore[union-attr]
