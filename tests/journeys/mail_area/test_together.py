"""Two at the same conversation (X3-01)."""

import pytest
from playwright.sync_api import Page, expect

from models.base import db
from tests.factories.people import make_user
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.mail_area.area import SignIn, open_area, open_conversation
from tests.journeys.mail_area.composer import send, write
from tests.journeys.mail_area.mailbox import SOFIA, Mailbox, letter
from tests.journeys.mail_area.store import MailStore
from tests.journeys.product import Product
from tests.journeys.windows import OpenWindow

TEAM = "cartera@penalba.test"
SECONDS = 5_000  # within which each has to see the other
READS = "Andrés Muñoz también está viendo esto."


@pytest.fixture
def other(
    company: Company,
    product: Product,
    store: MailStore,
    page: Page,
    open_window: OpenWindow,
    sign_in: SignIn,
) -> Page:
    """The window of a colleague; both have the same conversation of their mailbox open."""
    make_user(company.organization, name="Andrés Muñoz", email="andres@penalba.test")
    db.session.commit()
    team = Mailbox(company, product, store, address=TEAM, owner_id=None)
    for subject in ("Flete", "Pedido"):
        team.elsewhere.put("INBOX", letter(0, sender=SOFIA, to=TEAM, subject=subject))
    team.read()
    open_area(page, company, sign_in)
    open_conversation(page, "Flete")
    window, _complaints = open_window(1280)
    sign_in(window, "andres@penalba.test")
    window.goto("/mail/")
    open_conversation(window, "Flete")
    return window


def test_two_at_one_conversation(page: Page, other: Page) -> None:
    """X3-01: each sees within five seconds that the other reads, then writes; who sends second is asked, and loses nothing."""

    expect(page.get_by_text(READS)).to_be_visible(timeout=SECONDS)
    expect(other.get_by_text("Lucía Ordóñez también está viendo esto.")).to_be_visible(
        timeout=SECONDS
    )
    look_at(page, "together-reading")
    for window in (page, other):
        window.get_by_role("link", name="Responder", exact=True).first.click()
    writes = page.locator(".v-comp").get_by_text("Andrés Muñoz está escribiendo una respuesta.")
    expect(writes).to_be_visible(timeout=SECONDS)
    write(page, "Lo reviso.")
    write(other, "Ya está corregido.")
    look_at(page, "together-writing")
    send(other)

    expect(page.locator(".v-comp").get_by_text("Andrés Muñoz ya respondió")).to_be_visible(
        timeout=SECONDS
    )
    page.get_by_role("button", name="Enviar", exact=True).click()
    asked = page.get_by_role("alert").filter(has_text="¿Enviarlo así?")
    expect(asked).to_contain_text("Andrés Muñoz ya respondió")
    expect(page.locator(".ProseMirror")).to_contain_text("Lo reviso.")
    page.get_by_role("button", name="Enviar así").click()
    expect(page.get_by_text("El mensaje sale en 10 segundos.")).to_be_visible()


def test_who_goes_away_is_not_seen_any_more(page: Page, other: Page) -> None:
    """X3-01: back to the list, or the window closed."""
    said = page.get_by_text(READS)
    expect(said).to_be_visible(timeout=SECONDS)

    open_conversation(other, "Pedido")
    expect(said).to_be_hidden(timeout=SECONDS)
    open_conversation(other, "Flete")
    expect(said).to_be_visible(timeout=SECONDS)
    other.close()
    expect(said).to_be_hidden(timeout=SECONDS)
