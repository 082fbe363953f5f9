"""Header, signature and footer are written in a browser, row by row of the requirement (S4-18 to S4-24, X4-10)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from models.base import db
from models.mailbox.letterhead import Letterhead
from models.people.organization import Department, Organization
from tests.factories.accounts import (
    make_colleague,
    make_department,
    make_letterhead,
    make_own_account,
)
from tests.factories.people import make_user
from tests.journeys.conftest import Product
from tests.journeys.inspection import Complaints, look_at

SignIn = Callable[..., None]
URL = "/addons/mail-accounts/letterhead"
EMAIL = "admin@penalba.test"
HEADER = """<!DOCTYPE html>
<html><body>
<style>p { font: 15px Arial } @media (max-width: 500px) { h2 { color: #b00020 } }</style>
<h2 style="color:#9a3412">Peñalba</h2>"""
SIGNATURE = """<p><b>{{ user.name }}</b><br>
{{ user.position }} · {{ organization.name }}<br>
{{ user.phone }}</p>"""
FOOTER = """<p style="font-size:12px;color:#5d6975">Peñalba, S. A. S. · NIT 830.114.902-1</p>
</body></html>"""


@pytest.fixture
def ventas(product: Product, organization: Organization) -> Department:
    """Two people work in Ventas; the company says header and footer."""
    organization.name = "Distribuidora Peñalba"
    make_user(organization, role="administrator", name="Zoe Ávila", email=EMAIL)
    ventas = make_department("Ventas")
    for name, position in (("Begoña Íñiguez", "Ejecutiva de cuenta"), ("Andrés Muñoz", "Asesor")):
        user = make_colleague(
            organization, name, department=ventas, position=position, phone="+57 601 555 0187"
        )
        make_own_account(user, f"u{user.id}@penalba.test")
    make_letterhead(header_html=HEADER, footer_html=FOOTER)
    db.session.commit()
    return ventas


@pytest.fixture
def desk(ventas: Department, page: Page, sign_in: SignIn) -> Page:
    """The page of Ventas."""
    sign_in(page, EMAIL)
    page.goto(f"{URL}?level=d{ventas.id}")
    return page


def texts_of(department: Department) -> tuple[str | None, str | None, str | None]:
    db.session.rollback()
    db.session.expire_all()
    said = db.session.scalars(
        select(Letterhead).where(Letterhead.department_id == department.id)
    ).one()
    return said.header_html, said.signature_html, said.footer_html


def test_a_department_gets_a_signature_of_its_own(desk: Page, ventas: Department) -> None:
    """S4-18, S4-19, X4-10: written with fields, seen as each person, saved apart; the rest stays the company's."""
    frame = desk.frame_locator("iframe[name=letterhead-preview]")
    expect(desk.get_by_text("Usa el de la empresa")).to_have_count(2)
    desk.get_by_label("Firma en HTML").fill(SIGNATURE.partition("<br>\n{{ user.phone")[0])
    desk.get_by_label("Firma en HTML").press_sequentially(" ")
    desk.get_by_role("button", name="user.phone").click()
    expect(desk.get_by_label("Firma en HTML")).to_have_value(
        SIGNATURE.partition("<br>\n{{ user.phone")[0] + " {{ user.phone }}"
    )
    expect(desk.get_by_text("Propio de Ventas")).to_have_count(1)
    desk.get_by_label("Firma en HTML").fill(SIGNATURE)
    expect(frame.get_by_text("Asesor · Distribuidora Peñalba")).to_be_visible()
    desk.get_by_label("Ver como").select_option(label="Begoña Íñiguez")
    expect(frame.get_by_text("Ejecutiva de cuenta · Distribuidora Peñalba")).to_be_visible()
    expect(desk.locator("#example-sender")).to_contain_text("Begoña Íñiguez")
    expect(desk.locator("[data-changes]")).to_have_text("1 cambio")
    look_at(desk, "letterhead")

    desk.get_by_role("button", name="Aceptar").last.click()
    expect(desk.get_by_text("Propio de Ventas")).to_be_visible()

    assert texts_of(ventas) == (None, SIGNATURE, None)


def test_the_preview_is_seen_on_three_screens(desk: Page) -> None:
    """X4-10: desktop, phone, dark; the rule for narrow screens applies on the phone only (S4-21)."""
    title = desk.frame_locator("iframe[name=letterhead-preview]").get_by_role("heading")
    expect(title).to_have_css("color", "rgb(154, 52, 18)")

    desk.get_by_role("button", name="Teléfono").click()
    expect(title).to_have_css("color", "rgb(176, 0, 32)")
    look_at(desk, "letterhead-phone")

    desk.get_by_role("button", name="Oscuro").click()
    body = desk.frame_locator("iframe[name=letterhead-preview]").locator("body")
    expect(body).to_have_css("background-color", "rgb(21, 25, 29)")
    look_at(desk, "letterhead-dark")


def test_what_is_unbalanced_is_named_while_one_types(desk: Page) -> None:
    """S4-22: with its line; and that the mail is well-formed all the same."""
    expect(desk.get_by_text("El mensaje armado es un solo documento válido.")).to_be_visible()

    desk.get_by_label("Pie en HTML").fill("<p>Pie</p>\n</div>")

    expect(desk.locator("#said-footer_html")).to_contain_text(
        "Línea 2: </div> cierra algo que no se abrió."
    )
    expect(desk.locator("#said-header_html")).to_contain_text("Línea 2: <body> se abre")
    expect(desk.get_by_text("un solo documento bien formado")).to_be_visible()
    look_at(desk, "letterhead-unbalanced")


def test_a_reply_has_its_signature_before_what_is_quoted(desk: Page, ventas: Department) -> None:
    """S4-23, S4-24: the signature once, the footer only where replies have it."""
    desk.get_by_label("Firma en HTML").fill("<p>Mi firma</p>")
    body = desk.frame_locator("iframe[name=letterhead-preview]").locator("body")
    expect(body).to_contain_text("NIT 830.114.902-1")

    desk.get_by_label("Como respuesta").check()
    # In this order and once: the frame is blank for a moment, which is neither.
    expect(body).to_have_text(re.compile(r"^((?!Mi firma).)*Mi firma((?!Mi firma).)*$", re.DOTALL))
    expect(body).to_contain_text(re.compile(r"Mi firma.*Aquí va lo que escribió", re.DOTALL))
    expect(body).not_to_contain_text("NIT 830.114.902-1")

    desk.get_by_label("En las respuestas").select_option(label="Con el pie")
    expect(body).to_contain_text("NIT 830.114.902-1")


def test_a_script_is_refused_its_place(desk: Page, ventas: Department) -> None:
    """S4-21: named at once, taken out on saving, and nothing of it runs."""
    desk.get_by_label("Encabezado en HTML").fill("<p>Logo</p>\n<script>top.x = 1</script>")
    expect(desk.locator("#said-header_html")).to_contain_text("Línea 2: <script>")

    desk.get_by_role("button", name="Aceptar").last.click()

    expect(desk.get_by_text("Se quitó, porque")).to_be_visible()
    assert texts_of(ventas)[0] == "<p>Logo</p>\n"
    assert desk.evaluate("window.x === undefined")


def test_what_is_refused_stays_on_the_page(desk: Page, complaints: Complaints) -> None:
    """S4-18: an unknown field with its line and what was probably meant."""
    complaints.expect(422)
    desk.get_by_label("Firma en HTML").fill("<p>\n{{ user.nam }}</p>")
    desk.get_by_role("button", name="Aceptar").last.click()

    expect(desk.get_by_role("alert")).to_contain_text("user.name")
    expect(desk.get_by_label("Firma en HTML")).to_have_value("<p>\n{{ user.nam }}</p>")
    look_at(desk, "letterhead-refused")


def test_without_script_the_page_works_too(
    ventas: Department, chromium: Browser, running: str, sign_in: SignIn
) -> None:
    """S4-18, S4-19: texts are typed, looked at and saved."""
    context = chromium.new_context(base_url=running, locale="es-CO", java_script_enabled=False)
    page = context.new_page()
    sign_in(page, EMAIL)
    page.goto(f"{URL}?level=d{ventas.id}")
    page.get_by_label("Firma en HTML").fill("<p>Sin script</p>")
    page.get_by_role("button", name="Actualizar").click()
    frame = page.frame_locator("iframe[name=letterhead-preview]")
    expect(frame.get_by_text("Sin script")).to_be_visible()
    page.get_by_role("button", name="Aceptar").last.click()
    expect(page.get_by_text("Propio de Ventas")).to_be_visible()
    context.close()


def test_a_text_is_written_as_it_looks(desk: Page, ventas: Department) -> None:
    """X4-10: only what loses nothing; a header that the footer closes stays HTML, and the page says why."""
    desk.get_by_role("group", name="Encabezado, mostrado como").get_by_text("Visual").click()
    expect(desk.locator("#why-header_html")).to_be_visible()
    expect(desk.get_by_label("Encabezado en HTML")).to_be_visible()

    signature = desk.get_by_role("group", name="Firma, mostrado como")
    desk.get_by_label("Firma en HTML").fill("<p><strong>{{ user.name }}</strong>, ventas</p>")
    signature.get_by_text("Visual").click()
    editor = desk.get_by_role("textbox", name="Firma en HTML")
    expect(editor.locator("[data-field='user.name']")).to_be_visible()
    look_at(desk, "letterhead-visual")
    editor.press("Control+End")
    editor.press("Enter")
    editor.press_sequentially("Hasta pronto ")
    desk.get_by_role("button", name="user.phone").click()
    signature.get_by_text("HTML", exact=True).click()
    expect(desk.get_by_label("Firma en HTML")).to_have_value(
        "<p><strong>{{ user.name }}</strong>, ventas</p><p>Hasta pronto {{ user.phone }} </p>"
    )
    desk.get_by_role("button", name="Aceptar").click()
    expect(desk.get_by_text("Se guardaron el encabezado")).to_be_visible()
    assert "Hasta pronto" in (texts_of(ventas)[1] or "")
