"""From the menu to the invoices, and what each customer then gets of them."""

from collections.abc import Callable
from email import message_from_bytes

from playwright.sync_api import Page, expect
from sqlalchemy import select

from models.base import db
from models.mailings.delivery import Delivery, DeliveryDocument, DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.product import Product

SignIn = Callable[..., None]
LONG = 60_000


def test_common_tasks_stand_in_the_home_menu(company: Company, page: Page, sign_in: SignIn) -> None:
    """S1-03: Home > Common tasks, on a desktop and on a phone."""
    sign_in(page, company.clerk.email)
    page.goto("/")
    menu = page.get_by_role("navigation", name="Principal")
    expect(menu.get_by_text("Tareas comunes")).to_be_visible()

    page.set_viewport_size({"width": 390, "height": 844})
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Abrir el menú").click()
    expect(menu.get_by_text("Tareas comunes")).to_be_visible()
    look_at(page, "menu")


def test_invoices_open_with_views_and_filters(
    company: Company, page: Page, sign_in: SignIn
) -> None:
    """S1-04: the entry «Facturas» at the left opens the list, with its views and filters."""
    sign_in(page, company.clerk.email)
    page.goto("/")
    menu = page.get_by_role("navigation", name="Principal")
    if not menu.get_by_role("link", name="Facturas", exact=True).is_visible():
        menu.get_by_text("Tareas comunes").click()
    menu.get_by_role("link", name="Facturas", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Facturas")
    views = page.get_by_role("navigation", name="Vistas")
    views.get_by_role("link", name="Borradores").click()
    expect(page.locator("#list")).to_contain_text("Nada coincide")
    views.get_by_role("link", name="Todas").click()
    expect(page.locator("tbody tr")).to_have_count(len(company.invoices))
    page.get_by_role("searchbox", name="Buscar en Facturas").fill("Peñafiel")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(3)


def test_every_customer_gets_their_own_invoices_only(
    product: Product, company: Company, page: Page, sign_in: SignIn
) -> None:
    """S1-01: one e-mail for each customer with an address, with exactly their invoices; so says the ledger."""
    sign_in(page, company.clerk.email)
    page.goto("/mailings/new")
    page.get_by_label("Prefijo").first.select_option("FV")
    expect(page.locator("#summary")).to_contain_text("Correos")
    page.locator("aside").get_by_role("button", name="Registrar envío").click()
    expect(page.locator("#chosen-state")).to_contain_text("Registrado", timeout=LONG)
    page.get_by_role("link", name="Iniciar el envío").click()
    page.get_by_role("button", name="Aceptar e iniciar").click()
    expect(page.locator("#chosen-state")).to_contain_text("Finalizado", timeout=LONG)

    arrived = {message.recipients[0]: _files(message.raw) for message in product.mail.accepted}
    assert arrived == {
        f"pagos@cliente{place + 1}.test": {
            f"{invoice.series}-{invoice.number}.pdf"
            for invoice in company.invoices
            if invoice.customer_id == customer.id
        }
        for place, customer in enumerate(company.customers[:-1])
    }
    assert _ledger() == {
        (customer.id, invoice.id)
        for customer in company.customers[:-1]
        for invoice in company.invoices
        if invoice.customer_id == customer.id
    }


def _files(content: bytes) -> set[str | None]:
    parts = message_from_bytes(content).walk()
    return {part.get_filename() for part in parts if part.get_filename()}


def _ledger() -> set[tuple[int | None, int]]:
    """Whom which document was sent to."""
    db.session.rollback()
    mailing = db.session.scalars(select(Mailing).where(Mailing.started_at.is_not(None))).one()
    rows = db.session.execute(
        select(Delivery.customer_id, DeliveryDocument.document_id)
        .join(DeliveryState, DeliveryState.delivery_id == Delivery.id)
        .join(DeliveryDocument, DeliveryDocument.delivery_id == Delivery.id)
        .where(Delivery.mailing_id == mailing.id, DeliveryState.state == DeliveryStatus.SENT)
    ).all()
    assert len(rows) == len(set(rows))
    return {(customer, document) for customer, document in rows}
