"""Servers, ports and their security, of both sides (S4-13 to S4-15, X4-01, X4-03, X4-04)."""

from playwright.sync_api import Page, expect

from models.mailbox.mail_sign_in import MailSecurity
from tests.journeys.inspection import Complaints, look_at
from tests.journeys.mail_accounts.table import NAMES, accept, account_of, cell, paste


def test_an_address_brings_its_server(grid: Page) -> None:
    """X4-04: a colleague's server for the company's domain, a provider's by its own; one step back takes both."""
    cell(grid, "Dirección", "Noemí Peña").focus()
    paste(grid, "npena\nx@gmail.com")
    first = cell(grid, "Servidor saliente", "Noemí Peña")
    expect(first).to_have_value("smtp.penalba.test")
    expect(cell(grid, "Servidor saliente", "Óscar Ruiz")).to_have_value("smtp.gmail.com")
    grid.get_by_role("button", name="Deshacer").click()
    expect(first).to_have_value("")


def test_the_server_goes_along_with_the_address(grid: Page) -> None:
    """X4-04: what came by itself moves to the new domain, half an address asks nothing, what was written stays."""
    address, server = cell(grid, "Dirección", "Noemí Peña"), "Servidor saliente"
    address.fill("npena")
    expect(cell(grid, server, "Noemí Peña")).to_have_value("smtp.penalba.test")
    address.fill("npena@gmail.com")
    expect(cell(grid, server, "Noemí Peña")).to_have_value("smtp.gmail.com")
    address.fill("npena@nadie.invalid")
    expect(cell(grid, server, "Noemí Peña")).to_have_value("")
    address.fill("npena@gmail.com")
    cell(grid, server, "Noemí Peña").fill("smtp.otra.test")
    with grid.expect_response(lambda answer: "/cells" in answer.url):
        address.fill("npena@penalba.test")
    expect(cell(grid, server, "Noemí Peña")).to_have_value("smtp.otra.test")


def test_a_server_that_came_by_itself_still_does_after_a_refusal(
    grid: Page, complaints: Complaints
) -> None:
    """X4-04: *Aceptar* that saves nothing does not make it somebody's own."""
    complaints.expect(422)
    address, server = cell(grid, "Dirección", "Noemí Peña"), "Servidor saliente"
    address.fill("npena")
    expect(cell(grid, server, "Noemí Peña")).to_have_value("smtp.penalba.test")
    port = cell(grid, "Puerto", "Noemí Peña")
    before = port.input_value()
    port.fill("70000")
    accept(grid)
    expect(grid.get_by_role("alert").first).to_be_visible()
    port.fill(before)

    address.fill("npena@gmail.com")

    expect(cell(grid, server, "Noemí Peña")).to_have_value("smtp.gmail.com")


def test_servers_are_applied_to_the_selected(grid: Page) -> None:
    """S4-13: a provider fills the bar, and the bar the ticked users; a mistyped one is asked about."""
    for name in ("Noemí Peña", "Óscar Ruiz"):
        grid.get_by_label(f"Seleccionar a {name}").check()
    grid.get_by_label("Proveedor para los seleccionados").select_option("microsoft365")
    grid.get_by_role("button", name="Aplicar a 2").click()
    server = cell(grid, "Servidor saliente", "Óscar Ruiz")
    expect(server).to_have_value("smtp.office365.com")
    look_at(grid, "mail-accounts-selected")

    server.fill("smtp.penalva.test")
    grid.get_by_role("button", name="Cambiar a smtp.penalba.test").click()

    expect(server).to_have_value("smtp.penalba.test")
    expect(cell(grid, "Servidor saliente", "Noemí Peña")).to_have_value("smtp.office365.com")


def test_an_odd_port_is_said_and_saved(grid: Page) -> None:
    """S4-14: 465 with STARTTLS is named with its cure, at the cell, and stands in nobody's way."""
    name = "Eugenia Ordóñez"
    cell(grid, "Puerto", name).fill("465")
    says = grid.get_by_text("El puerto 465 espera SSL/TLS, no STARTTLS.")
    expect(says).to_be_visible()
    look_at(grid, "mail-accounts-odd")
    grid.get_by_role("button", name="Cambiar a SSL/TLS").click()
    expect(says).to_be_hidden()
    accept(grid)
    expect(grid.get_by_text("1 usuario guardado.")).to_be_visible()
    account = account_of(name)
    assert account is not None
    assert (account.smtp_port, account.smtp_security) == (465, MailSecurity.TLS)


def test_an_open_line_is_refused(grid: Page, complaints: Complaints) -> None:
    """S4-15: no encryption only to near servers; the sentence stands at the cell."""
    complaints.expect(422)
    cell(grid, "Seguridad", "Andrés Muñoz").select_option("none")
    accept(grid)

    expect(cell(grid, "Seguridad", "Andrés Muñoz")).to_have_attribute("aria-invalid", "true")
    expect(grid.get_by_role("alert")).to_contain_text("red privada")


def test_incoming_mail_is_set_up(grid: Page, complaints: Complaints) -> None:
    """X4-01: the same users with the other server; a server that has not seen the password wants it again."""
    complaints.expect(422)
    grid.get_by_role("link", name="Correo entrante").click()
    expect(grid.locator("tr[data-user]")).to_have_count(10)
    expect(grid.locator("#standing")).to_have_text("Ventas · 10 usuarios, 10 sin probar")
    look_at(grid, "mail-accounts-incoming")
    cell(grid, "Servidor", NAMES[0]).fill("imap.penalba.test")
    accept(grid)
    expect(grid.get_by_role("alert")).to_contain_text("escriba de nuevo la contraseña")
    cell(grid, "Contraseña", NAMES[0]).fill("otra vez")
    accept(grid)
    expect(grid.get_by_text("1 usuario guardado.")).to_be_visible()

    account = account_of(NAMES[0])
    assert account is not None
    assert (account.imap_host, account.imap_port) == ("imap.penalba.test", 993)


def test_the_selected_are_tested(grid: Page) -> None:
    """X4-03: a worker tests them, and the page follows; what was typed stays."""
    cell(grid, "Puerto", NAMES[5]).fill("2525")
    for name in NAMES[:2]:
        grid.get_by_label(f"Seleccionar a {name}").check()
    grid.get_by_role("button", name="Probar 2").click()
    expect(grid.get_by_text("Se prueban 2 cuentas.")).to_be_visible()
    row = grid.locator("tr[data-user]").filter(has_text=NAMES[0])
    expect(row.locator(".v-state.bad")).to_be_visible(timeout=60_000)
    expect(cell(grid, "Puerto", NAMES[5])).to_have_value("2525")
