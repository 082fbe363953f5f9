"""What a mailing has learned about an address, and what the next one makes of it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.product import Product
from tests.servers.smtp_server import Rule

SignIn = Callable[..., None]
LONG = 60_000
GONE, CORRECT = "pagos@cliente4.test", "tesoreria@cliente4.test"


def test_a_refused_address_is_left_out_until_it_is_corrected(
    product: Product, company: Company, page: Page, sign_in: SignIn
) -> None:
    """X1-09: 550 5.1.1 at RCPT marks the address as a bounce does, says so at the contact, and the next one skips it."""
    product.mail.options.rules.append(
        Rule(point="rcpt", reply="550 5.1.1 No such user", recipient=GONE)
    )
    customer = company.customers[3]
    sign_in(page, company.clerk.email)
    write(page)
    expect(page.locator("#bar")).to_contain_text("8 correos")
    send(page, "Finalizado con errores")

    page.goto(f"/admin/customer/details/?id={customer.id}")
    expect(page.locator("main")).to_contain_text(GONE)
    expect(page.locator("main")).to_contain_text("Rebotado")
    look_at(page, "customer-bounced")
    write(page)
    expect(page.locator("#bar")).to_contain_text("7 correos")
    expect(page.locator("#summary")).to_contain_text("1 fuera, rebotó antes:")
    look_at(page, "mailing-form-bounced")
    send(page, "Finalizado")
    page.get_by_role("link", name="Ver listado").click()
    page.get_by_role("link", name="Excluidos").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("link", name=customer.name).click()
    story = page.locator("#story")
    expect(story).to_contain_text("Un mensaje anterior a esta dirección rebotó.")
    story.get_by_label("Dirección de correo").fill(CORRECT)
    story.get_by_role("button", name="Corregir la dirección").click()
    expect(page.locator(".v-toast").first).to_contain_text(CORRECT)

    write(page)
    expect(page.locator("#bar")).to_contain_text("8 correos")
    asked = [line for line in product.mail.commands if GONE in line]
    assert len(asked) == 1


def write(page: Page) -> None:
    """A mailing of all invoices, as far as its summary."""
    page.goto("/mailings/new")
    page.get_by_label("Prefijo").first.select_option("FV")


def send(page: Page, end: str) -> None:
    """Registered, started, and followed to its end."""
    page.locator("aside").get_by_role("button", name="Registrar envío").click()
    state = page.locator("#chosen-state")
    expect(state).to_have_text("Registrado", timeout=LONG)
    page.get_by_role("link", name="Iniciar el envío").click()
    page.get_by_role("button", name="Aceptar e iniciar").click()
    expect(state).to_have_text(end, timeout=LONG)
