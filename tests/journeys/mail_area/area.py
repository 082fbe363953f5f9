"""What somebody does in the mail area with the mouse."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Company

SignIn = Callable[..., None]
PULSE_MS = 30_000  # the open page asks every 15 seconds what has come


def open_area(page: Page, company: Company, sign_in: SignIn) -> None:
    """By the menu (S3-04)."""
    sign_in(page, company.clerk.email)
    page.get_by_text("Colaborativo", exact=True).first.click()
    page.get_by_role("link", name="Área de email").click()
    expect(page.get_by_role("region", name="Conversaciones")).to_be_visible()


def rows(page: Page) -> Locator:
    """The conversations of the list."""
    return page.locator("#mail-list li[data-thread]")


def choose(page: Page, *people: str) -> None:
    for who in people:
        page.get_by_label(f"Seleccionar la conversación con {who}").check()


def choose_all(page: Page) -> None:
    page.get_by_label("Seleccionar todas las de esta página").check()


def act(page: Page, name: str) -> None:
    """By the button *Acciones* (S3-07)."""
    page.get_by_role("button", name="Acciones").click()
    page.locator("#mail-acts").get_by_role("button", name=name, exact=True).click()


def trash(page: Page) -> None:
    """By the button above the list."""
    page.get_by_role("button", name="Enviar a la papelera", exact=True).first.click()


def undo(page: Page) -> None:
    page.get_by_role("button", name="Deshacer").click()


def go_to(page: Page, folder: str) -> None:
    page.locator("#mail-folders").get_by_role("link", name=folder).click()


def open_conversation(page: Page, words: str) -> None:
    rows(page).filter(has_text=words).get_by_role("link").click()
    expect(page.locator("#mail-read details.v-msg").first).to_be_visible()


def is_empty(page: Page) -> None:
    expect(page.get_by_text("No hay nada en esta carpeta.")).to_be_visible()
