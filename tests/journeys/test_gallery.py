"""Every message is seen before it leaves; help and the guided tour stand beside it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from mail.reading import read_message
from models.base import db
from models.mailings.delivery import Delivery, DeliveryBody, DeliveryKind
from models.mailings.mailing import Mailing, MailingRange
from models.sales.document import Document
from settings import Settings
from tests.factories.mailings import make_registered
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.product import Product

SignIn = Callable[..., None]
LONG = 60_000


@pytest.fixture
def mailing(company: Company, settings: Settings) -> Mailing:
    """Eight messages; the ninth customer has no address, and a total is zero."""
    company.customers[1].tax_id = "900123456"
    return make_registered(
        settings,
        account=company.account,
        title="Mayoristas de julio",
        ranges=[MailingRange(document_ids=[each.id for each in company.invoices])],
        subject="Su factura {{ document.number }}",
        body_html="<p>Buenos días, {{ contact.name }}:</p><p>Le enviamos {{ documents.numbers }}.</p>",
    )


def open_gallery(page: Page, mailing: Mailing, query: str = "") -> None:
    page.goto(f"/mailings/{mailing.public_id}/gallery{query}")


def test_the_period_and_the_invoices_are_shown(
    product: Product, company: Company, mailing: Mailing, page: Page, sign_in: SignIn
) -> None:
    """S1-13: the header says period, invoices, third parties and size; the table lists the invoices."""
    sign_in(page, company.clerk.email)
    page.goto(f"/mailings/?mailing={mailing.public_id}")
    page.get_by_role("link", name="Ver facturas").first.click()

    expect(page.locator(".v-head p")).to_contain_text("10 facturas · 8 terceros ·")
    look_at(page, "gallery")
    page.get_by_role("link", name="Como tabla").click()
    expect(page.locator("tbody tr")).to_have_count(10)
    look_at(page, "mailing-invoices")
    page.get_by_role("link", name="FV-10104").click()
    expect(page.locator(".v-client-h")).to_contain_text("Su factura FV-10104")


def test_each_message_is_seen_as_it_will_leave(
    product: Product, company: Company, mailing: Mailing, page: Page, sign_in: SignIn
) -> None:
    """S1-14: the exact e-mail and the exact PDF side by side; next and previous by key."""
    sign_in(page, company.clerk.email)
    open_gallery(page, mailing)
    position = page.locator("[data-announce]").first
    expect(position).to_contain_text("1 de 8")
    frame = page.frame_locator("iframe").first
    expect(frame.locator("body")).to_contain_text("Buenos días, Pagos 1")
    picture = page.locator(".v-paper img").first
    expect(picture).to_be_visible()
    page.wait_for_function("() => document.querySelector('.v-paper img').naturalWidth === 800")
    assert (
        page.evaluate(
            "() => { try { return document.querySelector('iframe').contentDocument } catch { return null } }"
        )
        is None
    )

    page.keyboard.press("j")
    expect(position).to_contain_text("2 de 8")
    expect(page.frame_locator("iframe").first.locator("body")).to_contain_text("Pagos 2")
    assert "m=m" in page.url
    page.keyboard.press("ArrowRight")
    expect(position).to_contain_text("3 de 8")
    page.keyboard.press("k")
    expect(position).to_contain_text("2 de 8")
    page.reload()
    expect(position).to_contain_text("2 de 8")
    page.go_back()
    expect(position).to_contain_text("3 de 8")

    page.get_by_role("link", name="PDF", exact=True).click()
    expect(page.locator(".v-pdf-w img").first).to_be_visible()
    look_at(page, "gallery-pdf")
    see_the_pdf_larger_and_smaller(page)
    page.get_by_role("link", name="Mensaje", exact=True).click()
    for shape in ("Teléfono", "Texto", "Fuente"):
        page.get_by_role("link", name=shape, exact=True).click()
        expect(page.get_by_role("link", name=shape, exact=True)).to_have_class("btn btn-s on")
        look_at(page, f"gallery-{shape}")
    expect(page.locator("pre")).to_contain_text("Content-Type: multipart/mixed")
    page.get_by_role("link", name="Lado a lado").click()
    page.locator("#q").fill("10110")
    expect(position).to_contain_text("1 de 1")


def see_the_pdf_larger_and_smaller(page: Page) -> None:
    """By button and key; kept on the way to the next message, also over the whole screen."""
    size, picture = page.locator("#zoom-fit"), page.locator(".v-paper img").first
    expect(size).to_have_text("Ancho")
    page.get_by_role("button", name="Más pequeña (tecla -)").click()
    expect(size).to_have_text(re.compile(r"^100\s%$"))
    expect(picture).to_have_js_property("offsetWidth", 800)
    for _each in range(3):
        page.keyboard.press("+")
    expect(picture).to_have_js_property("offsetWidth", 1600)
    expect(page.get_by_role("button", name="Más grande (tecla +)")).to_be_disabled()
    look_at(page, "gallery-pdf-zoomed")

    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Pantalla completa (tecla F)")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page.locator(".v-head")).to_be_hidden()
    page.keyboard.press("k")
    expect(page.locator("[data-announce]").first).to_contain_text("2 de 8")
    expect(page.locator(".v-head")).to_be_hidden()
    expect(page.locator(".v-paper img").first).to_have_js_property("offsetWidth", 1600)
    page.keyboard.press("0")
    expect(size).to_have_text("Ancho")
    page.keyboard.press("f")
    expect(page.locator(".v-head")).to_be_visible()


def test_single_keys_are_left_alone_if_they_are_switched_off(
    product: Product, company: Company, mailing: Mailing, page: Page, sign_in: SignIn
) -> None:
    """S1-14, L-24: single letters must not surprise."""
    company.clerk.has_single_keys = False
    db.session.commit()
    sign_in(page, company.clerk.email)
    open_gallery(page, mailing)

    page.keyboard.press("j")
    page.wait_for_timeout(300)

    expect(page.locator("[data-announce]").first).to_contain_text("1 de 8")


def test_what_is_odd_is_gone_through(
    product: Product, company: Company, mailing: Mailing, page: Page, sign_in: SignIn
) -> None:
    """N-03: flagged, explained, linked to its cure, and found in order by a person."""
    sign_in(page, company.clerk.email)
    page.goto(f"/mailings/?mailing={mailing.public_id}")
    page.locator("#chosen").get_by_role("link", name="Revisar").click()

    expect(page.locator("#anomalies")).to_contain_text("No sale nada para este tercero")
    expect(page.get_by_role("link", name="Agregar una dirección")).to_be_visible()
    look_at(page, "gallery-review")
    before = page.locator(".v-gal-l li").count()
    page.get_by_role("button", name="Está bien así").first.click()
    expect(page.locator("#anomalies")).to_contain_text("Lucía Ordóñez vio que está bien")
    expect(page.locator(".v-gal-l li")).to_have_count(before - 1)


def test_a_test_is_what_its_recipient_gets(
    product: Product, company: Company, mailing: Mailing, page: Page, sign_in: SignIn
) -> None:
    """S1-15: to an address of ours, as the shown recipient gets it; nothing counts as sent."""
    sign_in(page, company.clerk.email)
    open_gallery(page, mailing)
    page.keyboard.press("j")
    expect(page.locator("[data-announce]").first).to_contain_text("2 de 8")
    page.get_by_role("link", name="Enviar email de prueba").click()
    dialog = page.locator("dialog[open]")
    look_at(page, "gallery-test")
    dialog.get_by_label("Dirección de correo").fill("qa@acme.test")
    dialog.get_by_role("button", name="Enviar prueba").click()

    expect(page.locator(".v-toast").first).to_contain_text("qa@acme.test")
    expect(page.locator("[data-announce]").first).to_contain_text("2 de 8")
    for _each in range(100):
        if product.mail.accepted:
            break
        page.wait_for_timeout(200)
    (arrived,) = product.mail.accepted
    db.session.rollback()
    test = db.session.scalars(select(Delivery).where(Delivery.kind == DeliveryKind.TEST)).one()
    sample = db.session.scalars(
        select(Delivery).where(
            Delivery.kind == DeliveryKind.BULK, Delivery.customer_id == company.customers[1].id
        )
    ).one()
    was, now = (db.session.get_one(DeliveryBody, each.id) for each in (sample, test))
    assert arrived.recipients == ["qa@acme.test"]
    assert arrived.message_id == test.message_id_header
    assert test.subject == "[PRUEBA] Su factura FV-10104"
    assert read_message(now.head).html == read_message(was.head).html
    assert now.parts == was.parts
    sent = select(Document.first_sent_at).where(Document.customer_id == sample.customer_id)
    assert db.session.scalars(sent).all() == [None]


def test_help_and_the_guided_tour(
    product: Product, company: Company, mailing: Mailing, page: Page, sign_in: SignIn
) -> None:
    """S1-02: a guide in the language of the screen, and a guided tour by keyboard."""
    sign_in(page, company.clerk.email)
    page.goto(f"/mailings/?mailing={mailing.public_id}")
    page.get_by_role("button", name="Recorrido guiado").click()
    tour = page.get_by_role("dialog", name="Recorrido guiado")
    expect(tour).to_be_visible()
    expect(tour.locator("h2:focus")).to_have_text("Envíos por email")
    look_at(page, "tour")
    for _each in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#do-documents")).to_have_class("btn v-tour-at")
    page.keyboard.press("Escape")
    expect(tour).to_be_hidden()
    expect(page.locator(".v-tour-at")).to_have_count(0)
    expect(page.get_by_role("button", name="Recorrido guiado")).to_be_focused()

    page.locator("#help").click()
    expect(page.locator("h1")).to_have_text("Cómo enviar facturas por correo")
    page.wait_for_load_state("networkidle")
    look_at(page, "help")
