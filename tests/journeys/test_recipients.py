"""The list of recipients and the answer to "why": looked at, cured, sent again, found on the invoice."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from models.base import db
from models.mailings.mailing import Mailing, MailingRange
from services.mailings.flow import start
from services.mailings.register import register_mailing
from services.sales.pdf import Workshop
from settings import Settings
from tests.factories.mailings import make_draft
from tests.factories.people import make_contact
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.product import Product
from tests.servers.sender_process import is_under_way, make_dispatch
from tests.servers.smtp_server import Rule

SignIn = Callable[..., None]
LONG = 60_000


@pytest.fixture
def mailing(product: Product, company: Company, settings: Settings) -> Mailing:
    """Sent: one mailbox was full, one address does not exist, one customer had no address."""
    make_contact(
        company.customers[1],
        name="Teresa Ordaz",
        email="teresa@cliente2.test",
        roles=("statements",),
        is_primary=False,
    )
    product.mail.options.rules += [
        Rule(point="rcpt", reply="552 5.2.2 Mailbox full", recipient="pagos@cliente2.test"),
        Rule(point="rcpt", reply="550 5.1.1 No such user", recipient="pagos@cliente4.test"),
    ]
    draft = make_draft(
        account=company.account,
        title="Mayoristas de julio",
        subject="Su factura {{ document.number }}",
        body_html="<p>Buenos días, {{ contact.name }}:</p>",
        ranges=[MailingRange(series="FV")],
    )
    register_mailing(draft, Workshop(files_url=settings.files_url, base_url="http://localhost"))
    start(draft.id)
    db.session.commit()
    make_dispatch(settings).work(stays=is_under_way, seconds=40)
    db.session.rollback()
    return draft


def test_who_got_it_and_who_not(
    company: Company, mailing: Mailing, page: Page, sign_in: SignIn
) -> None:
    """S1-16: views with counts, reason, search, copies and channel, export; the count equals the ledger."""
    sign_in(page, company.clerk.email)
    page.goto(f"/mailings/?mailing={mailing.public_id}")
    page.get_by_role("link", name="Ver listado").click()

    expect(page.locator("tbody tr")).to_have_count(9)
    expect(page.locator(".v-pager")).to_contain_text("9 de 9 · coincide con el libro de entregas")
    expect(page.locator("tbody")).to_contain_text("Adjunto")
    look_at(page, "recipients")
    page.get_by_role("link", name="No lo recibieron").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    page.get_by_role("button", name="Motivo").click()
    page.get_by_role("link", name="Buzón lleno").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("Almacenes Güemes")
    with page.expect_download() as download:
        page.get_by_role("button", name="Exportar").click()
        page.get_by_role("link", name="CSV").click()
    assert "Almacenes Güemes" in download.value.path().read_text("utf-8-sig")
    page.goto(f"/mailings/{mailing.public_id}/recipients")
    page.get_by_placeholder("Tercero, dirección o factura").fill("cigüeña")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_why_and_what_cures_it(
    product: Product, company: Company, mailing: Mailing, page: Page, sign_in: SignIn
) -> None:
    """X1-05: a sentence, the chain, the server's words; an address is added in place and the message leaves."""
    sign_in(page, company.clerk.email)
    page.goto(f"/mailings/{mailing.public_id}/recipients?show=not_received")
    page.get_by_role("link", name="Almacenes Güemes").click()

    panel = page.locator("#story")
    expect(panel).to_be_focused()
    expect(panel).to_contain_text("El buzón del destinatario está lleno.")
    expect(panel).to_contain_text("Intento 1")
    panel.get_by_text("Respuesta del servidor").click()
    expect(panel.locator("pre")).to_contain_text("552")
    look_at(page, "why-mailbox-full")

    page.get_by_role("link", name="Textiles Doña Begoña").click()
    expect(panel).to_contain_text("no tiene ningún contacto con dirección")
    panel.get_by_label("Dirección de correo").fill("begona@donabegona.test")
    look_at(page, "why-no-address")
    panel.get_by_role("button", name="Agregar una dirección").click()
    expect(page.locator(".v-toast").first).to_contain_text("begona@donabegona.test")
    page.locator("#story").get_by_role("button", name="Enviar ahora").click()
    expect(page.locator(".v-toast").first).to_contain_text("Va en camino")
    _wait_until(lambda: _got(product, "begona@donabegona.test"))

    page.get_by_role("link", name="Preguntar por qué").click()
    page.get_by_label("Tercero o factura").fill("10125")
    page.get_by_role("button", name="Buscar", exact=True).click()
    look_at(page, "why-search")
    page.get_by_role("link", name="¿Por qué?").first.click()
    expect(page.locator("h1")).to_contain_text("Qué pasó")  # it was sent by now
    look_at(page, "why-page")


def test_failed_are_tried_again_and_another_contact_gets_it(
    product: Product, company: Company, mailing: Mailing, page: Page, sign_in: SignIn
) -> None:
    """X1-10: retry what failed with the number in the question; one to another contact; old ones are kept."""
    sign_in(page, company.clerk.email)
    page.goto(f"/mailings/{mailing.public_id}/recipients?show=failed")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Reintentar fallidos").click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("Nuevo intento para 1 correo")
    look_at(page, "retry")
    dialog.get_by_label("Por qué").fill("Avisaron que vaciaron el buzón")
    dialog.get_by_role("button", name="Reintentar fallidos").click()
    expect(page.locator(".v-toast").first).to_contain_text("Se reintenta 1 mensaje.")
    page.goto(f"/mailings/?mailing={mailing.public_id}")
    expect(page.locator("#chosen-state")).to_contain_text("Finalizado con errores", timeout=LONG)

    page.goto(f"/mailings/{mailing.public_id}/recipients?show=failed")
    page.get_by_role("link", name="Almacenes Güemes").click()
    expect(page.locator("#story")).to_contain_text("Intento 2")
    page.get_by_role("button", name="Enviar a Teresa Ordaz").click()
    expect(page.locator("#story")).to_contain_text("En su lugar se envió a teresa@cliente2.test.")
    _wait_until(lambda: _got(product, "teresa@cliente2.test"))
    page.goto(f"/mailings/?mailing={mailing.public_id}")
    expect(page.locator("#chosen-state")).to_contain_text("Finalizado con errores", timeout=LONG)
    assert len([m for m in product.mail.accepted if "teresa" in m.recipients[0]]) == 1


def test_the_invoice_and_the_customer_say_what_was_sent(
    company: Company, mailing: Mailing, page: Page, sign_in: SignIn
) -> None:
    """X1-13: «En el envío n.º 1, fila 1, enviada»; the customer's page lists all of it."""
    sign_in(page, company.clerk.email)
    page.goto(f"/admin/invoice/details/?id={company.invoices[0].id}")
    expect(page.locator("#mails")).to_be_visible()
    link = page.get_by_role("link", name=f"En el envío n.º {mailing.number}, fila")
    expect(link).to_contain_text("enviada el")
    look_at(page, "invoice-mails")
    link.click()
    expect(page.locator("#story")).to_contain_text("Óptica Peñafiel")
    page.locator("#story").get_by_role("link", name="Óptica Peñafiel").click()
    page.get_by_role("link", name="Correos enviados").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    look_at(page, "customer-mails")


def test_the_arrow_leads_back_to_the_invoices_as_they_were(
    company: Company, mailing: Mailing, page: Page, sign_in: SignIn
) -> None:
    """S1-20: former filter, page and scroll."""
    sign_in(page, company.clerk.email)
    page.set_viewport_size({"width": 1280, "height": 420})
    page.goto("/admin/invoice/?flt_state=posted&sort=due_date")
    page.evaluate("() => scrollTo(0, 180)")
    before = page.evaluate("() => Math.round(scrollY)")
    assert before > 0
    address = page.url
    # Straight to the link: a click would first bring it into sight.
    page.get_by_role("link", name="Enviar por Email").evaluate("link => link.click()")
    page.wait_for_url(lambda url: "/mailings/" in url)
    page.get_by_role("link", name="Volver a facturas").click()

    page.wait_for_url(lambda url: "/admin/invoice/" in url)
    assert page.url == address
    page.wait_for_function("y => Math.round(scrollY) === y", arg=before)


def test_the_revision_line_says_who_and_when(
    company: Company, mailing: Mailing, page: Page, sign_in: SignIn
) -> None:
    """S1-21: revision of the text, made and registered by whom and when, on the card and on the pages."""
    sign_in(page, company.clerk.email)
    for address in (
        f"/mailings/?mailing={mailing.public_id}",
        f"/mailings/{mailing.public_id}/recipients",
        f"/mailings/{mailing.public_id}/invoices",
    ):
        page.goto(address)
        expect(page.locator("main")).to_contain_text("Revisión n.º 1 del texto · creado por")
        expect(page.locator("main")).to_contain_text("· registrado por")


def _got(product: Product, address: str) -> bool:
    return any(address in message.recipients for message in product.mail.accepted)


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)
