"""From the menu to a mailing that has arrived."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.product import Product

SignIn = Callable[..., None]
LONG = 60_000


def test_from_the_menu_to_the_end(
    product: Product, company: Company, page: Page, sign_in: SignIn
) -> None:
    """S1-01, S1-03, S1-04, S1-05, S1-11, S1-12, S1-15, S1-16, S1-17, S1-18, S1-20: all of it in one go."""
    sign_in(page, company.clerk.email)
    _open_console(page)
    look_at(page, "mailings-empty")
    page.get_by_role("link", name="Registrar envío").first.click()

    page.locator("#number_from").fill("FV-10101")
    page.locator("#number_to").fill("FV-10199")
    page.locator("#number_to").press("Tab")
    expect(page.locator("#summary")).to_contain_text("8")
    look_at(page, "mailing-form")
    page.get_by_role("button", name="Registrar envío").click()

    state = page.locator("#chosen-state")
    expect(state).to_contain_text("Registrado", timeout=LONG)
    page.get_by_role("link", name="Enviar email de prueba").click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    assert dialog.evaluate("box => box.scrollWidth <= box.clientWidth")
    dialog.get_by_role("button", name="Enviar prueba").click()
    expect(page.locator(".v-toast").first).to_contain_text("lucia@penalba.test")

    page.get_by_role("link", name="Iniciar el envío").click()
    expect(page.locator("dialog[open]")).to_contain_text("8 correos")
    page.locator("dialog[open]").get_by_role("link", name="Cancelar").click()
    expect(state).to_contain_text("Registrado")
    page.get_by_role("link", name="Iniciar el envío").click()
    page.get_by_role("button", name="Aceptar e iniciar").click()
    expect(page.locator("#chosen")).to_be_focused()
    expect(state).to_contain_text("Finalizado", timeout=LONG)
    look_at(page, "mailings-finished")

    customers = [m for m in product.mail.accepted if m.recipients != ["lucia@penalba.test"]]
    assert len(customers) == 8
    assert len({m.recipients[0] for m in customers}) == 8
    page.get_by_role("link", name="Ver listado").click()
    look_at(page, "mailing-recipients")
    expect(page.locator("main")).to_contain_text("Textiles Doña Begoña")
    page.get_by_role("link", name="Volver al envío").click()
    page.get_by_role("link", name="Ver facturas").click()
    expect(page.locator(".v-head p")).to_contain_text("10 facturas · 8 terceros")
    page.get_by_role("link", name="Volver al envío").click()
    page.get_by_role("link", name="Volver a facturas").click()
    expect(page.locator("h1")).to_contain_text("Facturas")


def _open_console(page: Page) -> None:
    """Inicio > Tareas comunes > Facturas > Enviar por Email."""
    page.goto("/")
    nav = page.get_by_role("navigation", name="Principal")
    if not nav.get_by_role("link", name="Facturas", exact=True).is_visible():
        nav.get_by_text("Tareas comunes").click()
    nav.get_by_role("link", name="Facturas", exact=True).click()
    page.get_by_role("link", name="Enviar por Email").click()
    expect(page.locator("h1")).to_contain_text("Envíos por email")
