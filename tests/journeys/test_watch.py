"""A mailing is rehearsed, started, watched by two, stopped and gone on with, in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from models.base import db
from models.mailings.mailing import Mailing, MailingRange
from models.sales.document_state import DocumentKind
from services.mailings.draft import write_draft
from services.mailings.register import register_mailing
from services.sales.pdf import Workshop
from settings import Settings
from tests.factories.ledger import make_ready_mailing
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.product import Product
from tests.servers.smtp_rules import Rule

SignIn = Callable[..., None]
BRAND_SOFT = "rgb(226, 240, 244)"
LONG = 60_000


@pytest.fixture
def small(company: Company, settings: Settings) -> Mailing:
    """Registered: one message for each of eight customers."""
    mailing = write_draft(
        company.account,
        title="Facturas de julio",
        ranges=[
            MailingRange(
                kind=DocumentKind.INVOICE, document_ids=[each.id for each in company.invoices]
            )
        ],
        subject="Su factura {{ document.number }}",
        body_html="<p>Buenos días, {{ contact.name }}:</p>",
    )
    register_mailing(mailing, Workshop(settings.files_url, settings.public_base_url))
    return mailing


@pytest.fixture
def large(company: Company, settings: Settings) -> Mailing:
    """Registered: messages for half a minute, so that there is something to watch."""
    company.account.per_second = 20
    db.session.commit()
    return make_ready_mailing(settings, 600, company.account, title="Facturas de agosto")


def choose(page: Page, mailing: Mailing) -> None:
    page.goto("/mailings/")
    page.get_by_role("radio", name=f"Elegir el envío n.º {mailing.number}").check()
    expect(page.locator("#chosen-title")).to_contain_text(mailing.title)


def test_the_radio_button_enables_what_the_state_allows(
    company: Company, small: Mailing, page: Page, sign_in: SignIn
) -> None:
    """S1-12: none selected, the five actions are disabled; one selected by key, those of its state work."""
    sign_in(page, company.clerk.email)
    page.goto("/mailings/")
    for name in ("documents", "test", "recipients", "start", "stop"):
        expect(page.locator(f"#do-{name}")).to_be_disabled()

    radio = page.get_by_role("radio").first
    radio.focus()
    page.keyboard.press("Space")

    expect(radio).to_be_checked()
    row = page.get_by_role("row").filter(has=page.locator("[name=mailing]:checked"))
    expect(row.get_by_role("cell").last).to_have_css("background-color", BRAND_SOFT)
    for name in ("documents", "test", "recipients", "start"):
        expect(page.locator(f"a#do-{name}")).to_be_visible()
    expect(page.locator("#do-stop")).to_be_disabled()
    expect(page).to_have_url(re.compile(str(small.public_id)))


def test_a_rehearsal_is_looked_at_and_nothing_leaves(
    product: Product, company: Company, small: Mailing, page: Page, sign_in: SignIn
) -> None:
    """N-06: the whole mailing is in the viewer, the account's server has heard nothing."""
    sign_in(page, company.clerk.email)
    choose(page, small)
    page.get_by_role("link", name="Ensayar").click()
    look_at(page, "rehearsal-none")
    page.get_by_role("button", name="Ensayar ahora").click()

    result = page.locator("main .v-note").first
    expect(result).to_contain_text("8 de 8 mensajes llegaron al visor", timeout=LONG)
    look_at(page, "rehearsal")
    first = page.locator(".v-gal-bar [data-announce]").inner_text()
    page.keyboard.press("j")
    expect(page.locator(".v-gal-bar [data-announce]")).not_to_have_text(first)
    page.locator("#see-message").click()
    page.locator("#see-source").click()
    expect(page.locator("pre.v-code")).to_contain_text("Date: ")
    assert product.mail.connections == 0


def test_two_people_watch_it_start_stop_and_go_on(
    product: Product,
    company: Company,
    large: Mailing,
    page: Page,
    context: BrowserContext,
    sign_in: SignIn,
) -> None:
    """S1-17, S1-18, S1-19: the number is typed, both see the progress, it stops and goes on to the end."""
    sign_in(page, company.clerk.email)
    choose(page, large)
    other = context.new_page()
    other.goto(page.url)

    page.locator("#do-start").click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("600 correos")
    expect(dialog.get_by_role("button", name="Aceptar e iniciar")).to_be_disabled()
    look_at(page, "mailing-start")
    dialog.get_by_role("textbox").fill("600")
    dialog.get_by_role("button", name="Aceptar e iniciar").click()
    for each in (page, other):
        expect(each.locator("#chosen-state")).to_contain_text("Enviando", timeout=LONG)
        expect(each.locator(".v-big")).to_have_text(re.compile(r"^[1-9]"), timeout=LONG)
    expect(page.locator("#do-start")).to_be_disabled()
    look_at(page, "mailing-sending")

    page.locator("#do-stop").click()
    expect(page.locator("#chosen-state")).to_contain_text("Detenido", timeout=LONG)
    expect(page.locator("#do-stop")).to_be_disabled()
    expect(other.locator("#chosen-state")).to_contain_text("Detenido", timeout=LONG)
    sent = len(product.mail.accepted)
    assert 0 < sent < 600
    page.wait_for_timeout(1500)
    assert len(product.mail.accepted) == sent

    page.locator("#do-start").click()
    left = 600 - sent
    if left > 50:
        dialog.get_by_role("textbox").fill(str(left))
    dialog.get_by_role("button", name="Aceptar y reanudar").click()
    expect(page.locator("#chosen-state")).to_contain_text("Finalizado", timeout=2 * LONG)
    assert len({message.message_id for message in product.mail.accepted}) == 600
    assert len(product.mail.accepted) == 600


def test_it_stops_by_itself_and_a_person_goes_on(
    product: Product, company: Company, large: Mailing, page: Page, sign_in: SignIn
) -> None:
    """X1-04: refused too often, it says so with its numbers; *See why* and *Go on anyway* work."""
    product.mail.options.rules.append(Rule(point="rcpt", reply="550 5.1.1 no such user", every=2))
    sign_in(page, company.clerk.email)
    choose(page, large)
    page.locator("#do-start").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("textbox").fill("600")
    dialog.get_by_role("button", name="Aceptar e iniciar").click()

    note = page.locator("#chosen .v-note.bad")
    expect(note).to_contain_text("Se detuvo solo:", timeout=LONG)
    expect(page.locator("#chosen-state")).to_contain_text("Detenido", timeout=LONG)
    look_at(page, "mailing-stopped-by-itself")
    note.get_by_role("link", name="Ver por qué").click()
    expect(page.locator("main")).to_contain_text("Dirección rechazada")
    page.go_back()
    page.get_by_role("link", name="Reanudar de todos modos").click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("Se detuvo solo:")
