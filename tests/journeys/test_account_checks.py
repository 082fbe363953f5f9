"""An account is tested, gets another password and works, in a real browser."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from models.base import db
from models.mailbox.mail_account import MailAccount
from tests.factories.people import make_mail_account, make_user
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.product import Product

SignIn = Callable[..., None]
LONG = 40_000


def the_account(company: Company, product: Product) -> MailAccount:
    """With a password that its server does not take."""
    owner = make_user(company.organization, name="Camilo Peñaranda", email="camilo@penalba.test")
    account = make_mail_account(
        address="ventas.norte@penalba.test",
        display_name="Ventas, Norte",
        owner_id=owner.id,
        smtp_host="localhost",
        smtp_port=product.mail.port,
        login="ventas.norte",
        password="the old one",
    )
    product.mail.options.login = "ventas.norte"
    product.mail.options.password = "the new one"
    product.mail.options.longest_message = 26_214_400
    db.session.commit()
    return account


def test_an_account_is_tested_and_cured(
    company: Company, product: Product, page: Page, sign_in: SignIn
) -> None:
    """X4-03, X4-07: the test runs in a worker while one watches; what it says is what helps."""
    account = the_account(company, product)
    admin = make_user(company.organization, role="administrator", name="Andrés Peñalba")
    db.session.commit()
    sign_in(page, admin.email)
    page.goto(f"/addons/mail-accounts/checks/{account.public_id}")
    expect(page.get_by_role("heading", level=1)).to_have_text("ventas.norte@penalba.test")
    look_at(page, "account-check-new")

    page.get_by_role("button", name="Probar").click()

    top = page.locator(".v-note.bad")
    expect(top).to_contain_text("Las conexiones funcionan, la clave no.", timeout=LONG)
    steps = page.locator(".v-probe li")
    expect(steps.filter(has_text="AUTH: usuario y contraseña")).to_contain_text("535")
    expect(steps.filter(has_text="MAIL FROM")).to_contain_text("No se intentó")
    expect(page.locator("#health").locator("xpath=../..")).to_contain_text("En pausa")
    look_at(page, "account-check-bad")

    page.get_by_label("Contraseña nueva").fill("the new one")
    page.get_by_role("button", name="Guardar y probar").click()

    expect(page.locator(".v-note.ok")).to_contain_text("La cuenta funciona.", timeout=LONG)
    expect(steps.filter(has_text="MAIL FROM")).to_contain_text(account.address)
    expect(page.get_by_role("heading", name="Pruebas anteriores")).to_be_visible()
    look_at(page, "account-check-good")

    page.get_by_role("button", name="Probar con un mensaje a sí misma").click()

    expect(steps.filter(has_text="Mensaje a sí misma")).to_contain_text("aceptado", timeout=LONG)
    assert [message.recipients for message in product.mail.accepted] == [[account.address]]


def test_all_accounts_are_tested_from_the_add_on(
    company: Company, product: Product, page: Page, sign_in: SignIn
) -> None:
    """S4-08, X4-03: from the list of add-ons; all at once, then the failed one again, while one watches."""
    account = the_account(company, product)
    admin = make_user(company.organization, role="administrator", name="Andrés Peñalba")
    company.account.login, company.account.password = "ventas.norte", "the new one"
    db.session.commit()
    sign_in(page, admin.email)
    page.goto("/addons")
    page.get_by_role("link", name="Probar cuentas de correo", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Probar cuentas de correo")

    page.get_by_role("button", name="Probar todas").click()

    rows = page.locator("#checks tbody tr")
    expect(rows.first).to_contain_text("Clave rechazada", timeout=LONG)
    expect(rows.filter(has_text=company.account.address)).to_contain_text("Funciona", timeout=LONG)
    expect(rows.first).to_contain_text(account.address)
    page.reload()
    look_at(page, "account-checks-list")

    product.mail.options.password = "the old one"
    page.get_by_role("button", name="Probar otra vez la fallida").click()

    expect(rows.filter(has_text=account.address)).to_contain_text("Funciona", timeout=LONG)
    page.set_viewport_size({"width": 390, "height": 844})
    look_at(page, "account-checks-list-phone")
