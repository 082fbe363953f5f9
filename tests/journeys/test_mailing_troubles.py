"""A mailing that is watched by two people, stopped, continued, and that not everybody gets."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from models.base import db, utc_now
from models.mailings.delivery import Delivery
from models.mailings.mailing import Mailing
from models.people.user import User
from settings import Settings
from tests.factories.mailings import make_draft, make_registered
from tests.factories.people import make_user
from tests.journeys.conftest import Company
from tests.journeys.inspection import Complaints, look_at, without_complaints
from tests.journeys.product import Product
from tests.servers.smtp_server import Rule

SignIn = Callable[..., None]
RECIPIENTS = 70
LONG = 60_000


@pytest.fixture
def colleague(company: Company) -> User:
    user = make_user(company.organization, name="Íñigo Muñoz", email="inigo@penalba.test")
    db.session.commit()
    return user


@pytest.fixture
def mailing(company: Company, settings: Settings) -> Mailing:
    return make_registered(
        settings, customers=RECIPIENTS, account=company.account, title="Facturas de julio"
    )


def test_two_people_stop_and_continue(
    product: Product,
    company: Company,
    colleague: User,
    mailing: Mailing,
    page: Page,
    running: str,
    sign_in: SignIn,
) -> None:
    """S1-17 to S1-19, X1-05: one starter wins, stop stops, the rest goes later, every failure has its reason."""
    first, *_rest, last = _addresses(mailing)
    product.mail.options.rules += [
        Rule(point="mail", action="delay", seconds=0.25),
        Rule(point="rcpt", reply="550 5.1.1 no such user", recipient=first),
        Rule(point="recorded", action="drop", recipient=last, times=1),
    ]
    url = f"/mailings/?mailing={mailing.public_id}"
    window = page.context.browser.new_context(
        base_url=running, locale="es-CO", reduced_motion="reduce"
    )
    other = window.new_page()
    with without_complaints(other):
        sign_in(page, company.clerk.email)
        sign_in(other, colleague.email)
        for each in (page, other):
            each.goto(url)
            each.get_by_role("link", name="Iniciar el envío").click()
            dialog = each.locator("dialog[open]")
            expect(dialog.get_by_role("button", name="Aceptar e iniciar")).to_be_disabled()
            dialog.get_by_label(f"Escriba {RECIPIENTS} para confirmar").fill(str(RECIPIENTS))
        look_at(page, "mailing-start")
        page.get_by_role("button", name="Aceptar e iniciar").click()
        expect(page.locator("#chosen-state")).to_contain_text("Enviando")
        other.get_by_role("button", name="Aceptar e iniciar").click()
        expect(other.locator(".v-toast").first).to_contain_text("lo inició Lucía Ordóñez")

        expect(other.locator("#chosen")).to_contain_text("enviados")
        _wait_for_sent(other, 8)
        look_at(other, "mailing-running")
        page.get_by_role("button", name="Detener el envío").click()
        for each in (page, other):
            expect(each.locator("#chosen-state")).to_contain_text("Detenido", timeout=LONG)
        sent = len(product.mail.accepted)
        assert sent < RECIPIENTS
        look_at(page, "mailing-stopped")
        assert len(product.mail.accepted) == sent

        other.get_by_role("link", name="Reanudar el envío").click()
        field = other.locator("dialog[open] [data-must]")
        if field.count():
            field.fill(field.get_attribute("data-must") or "")
        other.get_by_role("button", name="Aceptar y reanudar").click()
        for each in (page, other):
            expect(each.locator("#chosen-state")).to_contain_text(
                "Finalizado con errores", timeout=LONG
            )
    window.close()
    look_at(page, "mailing-with-errors")

    once = [message.recipients[0] for message in product.mail.accepted]
    assert len(once) == len(set(once)) == RECIPIENTS - 1
    page.get_by_role("link", name="Dirección rechazada").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text(first)
    page.locator("tbody a.id").click()
    expect(page.locator("#story")).to_contain_text("El servidor rechazó esta dirección.")
    look_at(page, "mailing-story")

    page.goto(f"/mailings/{mailing.public_id}/recipients?show=unconfirmed")
    page.locator("tbody a.id").click()
    look_at(page, "mailing-doubt")
    page.locator("#story").get_by_label("Por qué").fill("El tercero confirmó que llegó")
    page.get_by_role("button", name="Enviado").click()
    expect(page.locator("tbody tr")).to_have_count(0)
    page.goto(f"/mailings/{mailing.public_id}/recipients?show=sent")
    expect(page.locator(".v-pager")).to_contain_text(f"{RECIPIENTS - 1} de {RECIPIENTS}")


def test_the_keyboard_is_enough(
    product: Product,
    company: Company,
    mailing: Mailing,
    settings: Settings,
    page: Page,
    sign_in: SignIn,
) -> None:
    """S1-12: radio buttons by arrow, actions by tab."""
    make_registered(settings, account=company.account, title="Mayoristas")
    sign_in(page, company.clerk.email)
    page.goto("/mailings/")
    expect(page.get_by_role("button", name="Iniciar el envío")).to_be_disabled()

    page.locator("[name=mailing]").first.focus()
    page.keyboard.press("Space")
    expect(page.locator("#chosen-title")).to_contain_text("Mayoristas")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#chosen-title")).to_contain_text("Facturas de julio")
    expect(page.locator("[name=mailing]").nth(1)).to_be_focused()
    expect(page.get_by_role("link", name="Iniciar el envío")).to_be_enabled()
    assert str(mailing.public_id) in page.url
    page.get_by_role("link", name="Iniciar el envío").focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open] h2")).to_contain_text("¿Iniciar el envío")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Iniciar el envío")).to_be_focused()


def test_it_works_without_script(
    product: Product,
    company: Company,
    mailing: Mailing,
    page: Page,
    running: str,
    sign_in: SignIn,
) -> None:
    """S1-12, S1-17: choosing by a link, the question as a page."""
    window = page.context.browser.new_context(
        base_url=running, locale="es-CO", java_script_enabled=False
    )
    plain = window.new_page()
    sign_in(plain, company.clerk.email)
    plain.goto("/mailings/")
    plain.get_by_role("link", name="Facturas de julio").click()
    plain.get_by_role("link", name="Iniciar el envío").click()
    expect(plain.locator("h1")).to_contain_text("¿Iniciar el envío")
    plain.get_by_label(f"Escriba {RECIPIENTS} para confirmar").fill("7")
    plain.get_by_role("button", name="Aceptar e iniciar").click()
    expect(plain.locator("#typed-error")).to_contain_text(f"Escriba {RECIPIENTS}")
    plain.get_by_label(f"Escriba {RECIPIENTS} para confirmar").fill(str(RECIPIENTS))
    plain.get_by_role("button", name="Aceptar e iniciar").click()
    expect(plain.locator("#chosen-state")).to_contain_text("Enviando")

    plain.goto("/mailings/new")
    plain.locator("#number_from").fill("10101")
    plain.get_by_role("button", name="Calcular").click()
    expect(plain.locator("#summary")).to_contain_text("Correos")
    window.close()


def _addresses(mailing: Mailing) -> list[str]:
    """Who gets it, in the order of registering."""
    query = select(Delivery.recipient).where(Delivery.mailing_id == mailing.id)
    return list(db.session.scalars(query.order_by(Delivery.id)))


def _wait_for_sent(page: Page, count: int) -> None:
    """Until the card says that this many were sent."""
    page.wait_for_function(
        "count => parseInt(document.querySelector('#chosen .v-big')?.textContent) >= count",
        arg=count,
        timeout=LONG,
    )


def test_every_page_holds_in_english(
    product: Product, company: Company, mailing: Mailing, page: Page, sign_in: SignIn
) -> None:
    """L-22: the same pages, the other words; a draft that is being prepared, and a form with errors."""
    company.clerk.lang = "en"
    draft = make_draft(account=company.account, title="Invoices of August")
    draft.planned_count, draft.register_asked_at = 2, utc_now()
    db.session.commit()
    sign_in(page, company.clerk.email)

    page.goto(f"/mailings/?mailing={draft.public_id}")
    expect(page.locator("#chosen")).to_contain_text("0 of 2")
    look_at(page, "en-mailing-preparing")
    page.goto(f"/mailings/?mailing={mailing.public_id}")
    page.get_by_role("link", name="Send test e-mail").click()
    expect(page.locator("dialog[open]")).to_be_visible()
    look_at(page, "en-mailing-test")
    page.keyboard.press("Escape")
    page.goto(f"/mailings/{mailing.public_id}/recipients")
    look_at(page, "en-mailing-recipients")


def test_errors_take_the_focus(
    product: Product,
    company: Company,
    page: Page,
    sign_in: SignIn,
    complaints: Complaints,
) -> None:
    """S1-11, pains: a field that does not exist, and the one that was meant."""
    complaints.expect(422)
    sign_in(page, company.clerk.email)
    page.goto("/mailings/new")
    page.locator("#number_from").fill("FV-10101")
    page.get_by_label("Terceros elegidos").check()
    page.get_by_placeholder("Nombre o número").fill("óptica")
    page.get_by_role("option", name="Óptica Peñafiel").click()
    page.locator("#subject").fill("Su factura {{ document.numbr }}")
    page.get_by_role("button", name="Registrar envío").click()

    summary = page.locator(".v-errsum")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("¿Quería decir «document.number»?")
    look_at(page, "mailing-form-errors")
    page.locator("#subject").fill("Su factura {{ document.number }}")
    page.get_by_role("button", name="Registrar envío").click()
    expect(page.locator("#chosen-state")).to_contain_text("Registrado", timeout=LONG)
    expect(page.locator("#chosen")).to_contain_text("3 facturas · 1 tercero")
