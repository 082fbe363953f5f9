"""Whose accounts are looked at, and their addresses (S4-10, S4-11, S4-17)."""

from playwright.sync_api import Page, expect

from tests.journeys.inspection import look_at
from tests.journeys.mail_accounts.table import accept, account_of, cell, paste


def test_a_department_is_chosen(grid: Page) -> None:
    """S4-10: its twelve users; without those of sub-departments; only those without account."""
    expect(grid.locator("#standing")).to_have_text(
        "Ventas · 12 usuarios, 10 sin probar, 2 sin cuenta"
    )
    expect(grid.locator("tr[data-user]")).to_have_count(12)
    look_at(grid, "mail-accounts")

    grid.get_by_label("Solo sin cuenta").check()
    expect(grid.locator("tr[data-user]")).to_have_count(2)
    grid.get_by_label("Incluir subdepartamentos").uncheck()
    expect(grid.get_by_role("heading", name="No hay nadie aquí")).to_be_visible()
    look_at(grid, "mail-accounts-nobody")
    grid.get_by_label("Departamento", exact=True).select_option(label="Todos los departamentos")
    expect(grid.get_by_text("Otra Persona")).to_be_visible()


def test_a_column_of_addresses_is_pasted(grid: Page) -> None:
    """S4-11: from a spreadsheet; one step back takes all of it back."""
    first = cell(grid, "Dirección", "Noemí Peña")
    first.focus()
    paste(grid, "npena\r\noruiz@otra.test\r\n")

    expect(first).to_have_value("npena")
    expect(cell(grid, "Dirección", "Óscar Ruiz")).to_have_value("oruiz@otra.test")
    expect(grid.locator("[data-changed]")).to_have_text("2 usuarios con cambios")
    grid.keyboard.press("Control+z")
    expect(first).to_have_value("")
    expect(grid.locator("[data-changed]")).to_have_text("Sin cambios")


def test_addresses_are_generated(grid: Page) -> None:
    """S4-11: by a pattern, for those without one; every address is seen before it is taken."""
    grid.get_by_role("button", name="Generar direcciones").click()
    grid.get_by_label("Patrón").fill("{nombre}.{apellido}")
    grid.get_by_role("button", name="Ver direcciones").click()
    expect(grid.get_by_text("noemi.pena@penalba.test")).to_be_visible()
    look_at(grid, "mail-accounts-generate")
    grid.get_by_role("button", name="Tomar 2 direcciones").click()

    expect(cell(grid, "Dirección", "Óscar Ruiz")).to_have_value("oscar.ruiz")
    assert account_of("Óscar Ruiz") is None


def test_the_default_domain_completes_addresses(grid: Page) -> None:
    """S4-17: `jperez` is saved as jperez@acme.com; a domain of one's own stays."""
    grid.get_by_label("Dominio por defecto").fill("acme.com")
    cell(grid, "Dirección", "Noemí Peña").focus()
    paste(
        grid,
        "jperez\tuna clave\tsmtp.penalba.test\t587\tSTARTTLS\noruiz@otra.test\tx\tsmtp.penalba.test\t465\tSSL/TLS",
    )
    row = grid.locator("tr[data-user]").filter(has_text="Noemí Peña")
    expect(row.locator("[data-suffix]")).to_have_text("@acme.com")
    accept(grid)
    expect(grid.get_by_text("2 usuarios guardados.")).to_be_visible()

    assert account_of("Noemí Peña").address == "jperez@acme.com"  # type: ignore[union-attr]
    assert account_of("Óscar Ruiz").address == "oruiz@otra.test"  # type: ignore[union-attr]
    assert account_of("Andrés Muñoz").address == "u0@penalba.test"  # type: ignore[union-attr]
