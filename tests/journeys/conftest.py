"""Journeys through the running product in a real browser; skipped, with the reason, where there is none."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.message_template import MessageTemplate
from models.people.customer import Customer
from models.people.organization import Organization
from models.people.user import User
from models.sales.document import Document
from settings import Settings
from tests.factories.people import (
    PASSWORD,
    make_contact,
    make_customer,
    make_group,
    make_mail_account,
    make_user,
)
from tests.factories.sales import make_document
from tests.factories.saving import saved
from tests.journeys.inspection import AXE, Complaints, without_complaints
from tests.journeys.product import Product, web_server, workers
from tests.journeys.windows import PATIENCE_MS, OpenWindow, windows
from tests.servers.smtp_server import RecordingSmtpServer

# Debian's; the first one has no window around its pages, which takes a third less (decision record 0060).
BROWSERS = [Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")]
CHROMIUM = Path(
    os.environ.get("JOURNEY_BROWSER")
    or next((each for each in BROWSERS if each.exists()), BROWSERS[0])
)
BUILT = AXE.parents[2] / "static" / "dist" / "manifest.json"
SWITCHES = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--force-color-profile=srgb",
]
NAMES = (
    "Óptica Peñafiel, S. L.",
    "Almacenes Güemes y Cía., S. A.",
    "Hotelera Bahía Málaga, S. A. S.",
    "Panificadora Núñez e Hijos",
    "Transportes Rápidos Añasco, S. A.",
    "Comercializadora Muñoz Íñiguez, S. A. de C. V.",
    "Clínica Veterinaria Cigüeña",
    "Ladrillera Ocaña Ltda.",
    "Textiles Doña Begoña, S. A.",
)

HERE = Path(__file__).resolve().parent
# Other journeys run beside, each with servers of its own: the five seconds of Playwright are short for that.
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A journey has a second try: what failed first is printed at the end (decision 0040)."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1))


@dataclass
class Company:
    """A company with a clerk, a mail account, customers and their invoices."""

    organization: Organization
    clerk: User
    account: MailAccount
    customers: list[Customer]
    invoices: list[Document]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or what is to be tried in its place."""
    for needed in (CHROMIUM, AXE, BUILT):
        if not needed.exists():
            pytest.skip(f"{needed.name} is missing: journeys need Chromium and the built assets")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def running(chromium: Browser, application: Flask, settings: Settings) -> Iterator[str]:
    """The web server and the workers of this run; gives the address."""
    application.config["WTF_CSRF_ENABLED"] = True
    with workers(settings), web_server(application) as base_url:
        yield base_url


@pytest.fixture
def product(running: str, app: Flask) -> Iterator[Product]:
    """The running product with an empty database and a mail server."""
    with RecordingSmtpServer() as mail:
        yield Product(running, mail)


@pytest.fixture
def company(product: Product, organization: Organization) -> Company:
    """Nine customers with an invoice each; the first has three of them, the last no address."""
    organization.name, organization.timezone = "Distribuidora Peñalba", "America/Bogota"
    clerk = make_user(organization, name="Lucía Ordóñez", email="lucia@penalba.test")
    account = make_mail_account(
        address="facturacion@penalba.test", smtp_port=product.mail.port, connections=2
    )
    saved(
        MessageTemplate(
            code="factura",
            lang="es",
            subject="Su factura {{ document.number }} de {{ organization.name }}",
            body_html="<p>Buenos días, {{ contact.name }}:</p><p>Le enviamos {{ documents.numbers }}.</p>",
        )
    )
    group = make_group(code="MAY", name="Mayoristas")
    customers, invoices = [], []
    for place, name in enumerate(NAMES):
        customer = make_customer(name=name, customer_group_id=group.id if place < 3 else None)
        address = f"pagos@cliente{place + 1}.test" if place + 1 < len(NAMES) else None
        make_contact(customer, email=address, name=f"Pagos {place + 1}")
        customers.append(customer)
        invoices += [
            make_document(customer, number=str(10101 + place * 3 + each), price=100 + place)
            for each in range(3 if place == 0 else 1)
        ]
    db.session.commit()
    return Company(organization, clerk, account, customers, invoices)


@pytest.fixture
def context(chromium: Browser, running: str) -> Iterator[BrowserContext]:
    """A browser window of one person."""
    context = chromium.new_context(
        base_url=running,
        locale="es-CO",
        viewport={"width": 1280, "height": 900},
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def open_window(chromium: Browser, running: str) -> Iterator[OpenWindow]:
    """Windows of other people: `open_window(390)` is a telephone."""
    with windows(chromium, running) as opened:
        yield opened


@pytest.fixture(autouse=True)
def complaints(page: Page) -> Iterator[Complaints]:
    """Any complaint of the browser fails the journey; `expect(422)` for answers that belong to it."""
    with without_complaints(page) as complaints:
        yield complaints


@pytest.fixture
def sign_in() -> Callable[..., None]:
    """Through the door, as a person does."""

    def signed_in(page: Page, email: str, password: str = PASSWORD) -> None:
        page.goto("/sign-in")
        page.locator("[name=email]").fill(email)
        page.locator("[name=password]").fill(password)
        page.locator("main [type=submit], form [type=submit]").first.click()
        page.wait_for_url(lambda url: "sign-in" not in url)

    return signed_in
