"""Messages and the customers whom they are with (S3-25)."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.mail_area.area import SignIn, open_area
from tests.journeys.mail_area.mailbox import Mailbox, letter


def test_with_the_customer(company: Company, mailbox: Mailbox, page: Page, sign_in: SignIn) -> None:
    """S3-25: by the contact's address; tied by hand where it is read, found on the customer's page and in its timeline, untied again."""
    customer = company.customers[0]
    mailbox.elsewhere.put(
        "INBOX",
        letter(1, sender="Rosa Gil <rosa@otra.example>", subject="Pedido de abril"),
        letter(9, sender="Pagos 1 <pagos@cliente1.test>", subject="Pago de marzo"),
    )
    mailbox.read()
    open_area(page, company, sign_in)
    page.locator("#mail-list").get_by_text("Pedido de abril").click()
    page.get_by_text("Vincular a un cliente").click()
    page.get_by_role("combobox", name="Cliente").fill(customer.name)
    page.get_by_role("option", name=customer.name).first.click()
    page.get_by_role("button", name="Vincular", exact=True).click()
    tag = page.locator("#mail-read .v-tag", has_text=customer.name)
    expect(tag).to_be_visible()
    look_at(page, "mail-tied")

    tag.get_by_role("link").click()
    page.get_by_role("link", name=re.compile(r"^Correos \d")).click()
    expect(page.locator(".v-hits")).to_contain_text("Pedido de abril")
    expect(page.locator(".v-hits")).to_contain_text("Pago de marzo")
    look_at(page, "customer-messages")
    page.get_by_role("link", name="Línea de tiempo").click()
    expect(page.get_by_text("Rosa Gil escribió «Pedido de abril»")).to_be_visible()

    page.get_by_role("link", name="Pedido de abril").click()
    page.get_by_role("button", name=f"Desvincular de {customer.name}").click()
    expect(
        page.get_by_text(f"La conversación ya no está vinculada a {customer.name}")
    ).to_be_visible()
    expect(tag).to_have_count(0)
    page.get_by_role("button", name="Deshacer").click()
    expect(tag).to_be_visible()
