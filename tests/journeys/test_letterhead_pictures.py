"""The logo and a picture in header, signature and footer, seen in a browser (S4-21)."""

import time
from collections.abc import Callable
from email import message_from_bytes, policy

from playwright.sync_api import FilePayload, Page, expect

from files.store import FileStore
from models.base import db
from models.people.organization import Organization
from settings import Settings
from tests.factories.people import make_mail_account, make_user
from tests.journeys.conftest import Product
from tests.journeys.inspection import look_at
from tests.mail.test_pictures import DOT

SignIn = Callable[..., None]
URL = "/addons/mail-accounts/letterhead"
EMAIL = "admin@penalba.test"
LONG = 40  # seconds
LOGO = b"""<svg xmlns="http://www.w3.org/2000/svg" width="300" height="80">
<rect width="300" height="80" rx="12" fill="#0b5a73"/><circle cx="40" cy="40" r="24" fill="#ffffff"/></svg>"""


def test_logo_and_picture_are_inserted_shown_and_sent(
    product: Product, organization: Organization, settings: Settings, page: Page, sign_in: SignIn
) -> None:
    """S4-21: two clicks put them there; the preview shows them, and a message brings them along."""
    organization.name = "Distribuidora Peñalba"
    organization.logo_sha256 = FileStore(settings.files_url).put(LOGO).sha256
    make_user(organization, role="administrator", name="Zoe Ávila", email=EMAIL)
    make_mail_account(address="ventas@penalba.test", smtp_port=product.mail.port)
    db.session.commit()
    sign_in(page, EMAIL)
    page.goto(URL)
    shown = page.frame_locator("iframe[name=letterhead-preview]").locator("img")

    page.get_by_label("Encabezado en HTML").click()
    page.get_by_role("button", name="Insertar el logo").click()
    expect(shown).to_have_attribute("alt", "Distribuidora Peñalba")
    expect(shown).to_have_js_property("naturalHeight", 160)

    page.get_by_label("Pie en HTML").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Insertar una imagen").click()
    chooser.value.set_files(FilePayload(name="Sello 2026.png", mimeType="image/png", buffer=DOT))
    expect(shown).to_have_count(2)
    expect(shown.nth(1)).to_have_attribute("alt", "Sello 2026")
    look_at(page, "letterhead-pictures")

    page.get_by_role("button", name="Enviar prueba").click()
    expect(page.get_by_text("va en camino")).to_be_visible()
    deadline = time.monotonic() + LONG
    while not product.mail.accepted:
        assert time.monotonic() < deadline, "nothing arrived in time"
        time.sleep(0.1)
    message = message_from_bytes(product.mail.accepted[0].raw, policy=policy.default)
    named = {part["Content-ID"] for part in message.walk() if part["Content-ID"]}
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert len(named) == 2 and all(f"cid:{each.strip('<>')}" in html for each in named)


def test_what_is_no_picture_is_said(
    product: Product, organization: Organization, page: Page, sign_in: SignIn
) -> None:
    """S4-21."""
    make_user(organization, role="administrator", name="Zoe Ávila", email=EMAIL)
    db.session.commit()
    sign_in(page, EMAIL)
    page.goto(URL)
    expect(page.get_by_text("La empresa aún no tiene logo.")).to_be_visible()

    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Insertar una imagen").click()
    chooser.value.set_files(FilePayload(name="a.png", mimeType="image/png", buffer=b"no picture"))

    expect(page.get_by_text("Este archivo no es una imagen")).to_be_visible()
    expect(page.get_by_label("Firma en HTML")).to_have_value("")
