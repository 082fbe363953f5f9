"""How many e-mails a customer with several invoices gets: as the clerk chose, in the summary and on arrival."""

from collections import Counter
from collections.abc import Callable
from email import message_from_bytes

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.product import Product
from tests.servers.smtp_server import Accepted

SignIn = Callable[..., None]
LONG = 60_000
SEVERAL, ONE = "pagos@cliente1.test", "pagos@cliente2.test"


def test_invoices_arrive_together_or_one_by_one(
    product: Product, company: Company, page: Page, sign_in: SignIn
) -> None:
    """X1-06: a customer with 3 invoices gets 1 e-mail with 3 PDFs, or 3 with 1 PDF each, as it was chosen."""
    sign_in(page, company.clerk.email)

    assert send(product, page, "Un correo por tercero", "2 correos") == {
        (SEVERAL, "FV-10101 FV-10102 FV-10103"): 1,
        (ONE, "FV-10104"): 1,
    }
    assert send(product, page, "Un correo por documento", "4 correos") == {
        (SEVERAL, "FV-10101"): 1,
        (SEVERAL, "FV-10102"): 1,
        (SEVERAL, "FV-10103"): 1,
        (ONE, "FV-10104"): 1,
    }


def send(product: Product, page: Page, bundle: str, expected: str) -> Counter[tuple[str, str]]:
    """The invoices of two customers, put together that way; what arrived, by address and documents."""
    product.mail.accepted.clear()
    page.goto("/mailings/new")
    page.get_by_label("Desde el número").first.fill("FV-10101")
    page.get_by_label("Hasta el número").first.fill("FV-10104")
    page.get_by_label("Si un tercero tiene varias facturas").select_option(label=bundle)
    expect(page.locator("#bar")).to_contain_text(expected)
    page.locator("aside").get_by_role("button", name="Registrar envío").click()
    expect(page.locator("#chosen-state")).to_contain_text("Registrado", timeout=LONG)
    page.get_by_role("link", name="Iniciar el envío").click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text(expected)
    dialog.get_by_role("button", name="Aceptar e iniciar").click()
    expect(page.locator("#chosen-state")).to_contain_text("Finalizado", timeout=LONG)
    return Counter((each.recipients[0], _documents(each)) for each in product.mail.accepted)


def _documents(message: Accepted) -> str:
    parts = message_from_bytes(message.raw).walk()
    names = sorted(name for part in parts if (name := part.get_filename()))
    return " ".join(name.removesuffix(".pdf") for name in names)
