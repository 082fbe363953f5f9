"""One box for messages, contacts and files (S3-22)."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.mail_area.area import SignIn, open_area
from tests.journeys.mail_area.mailbox import ABOUT, OWN, Mailbox


def test_searching(company: Company, morning: Mailbox, page: Page, sign_in: SignIn) -> None:
    """S3-22: three tabs with counts, and fields; numbers of documents are shown as they were written."""
    open_area(page, company, sign_in)
    search = page.get_by_role("searchbox", name="Buscar mensajes")

    def ask(words: str) -> None:
        search.fill(words)
        search.press("Enter")
        expect(page.get_by_role("searchbox")).to_have_value(words)

    ask("flete")
    hits = page.locator(".v-hits li")
    expect(hits).to_have_count(3)
    expect(page.locator(".v-hits mark").first).to_have_text("flete")
    look_at(page, "mail-search")
    ask("enviamos FV-10482")
    expect(hits).to_have_count(3)
    expect(hits.first.locator(".v-hit-b")).to_contain_text("Le enviamos la factura FV-10482")
    ask("de:cliente1.test adjunto:firmada")
    expect(hits).to_have_count(1)
    expect(page.locator(".v-chip.set")).to_have_count(2)
    ask(f"para:{OWN} asunto:consulta cuenta:lordonez fecha:2020-01..2099-12")
    expect(page.locator(".v-chip.set")).to_have_count(4)
    expect(hits.first).to_contain_text("Consulta")
    hits.first.get_by_role("link").click()
    expect(page.get_by_role("heading", name=re.compile("Consulta"))).to_be_visible()
    page.goto("/mail/")
    ask("firmada")
    page.get_by_role("link", name=re.compile("Archivos")).click()
    expect(page.get_by_role("link", name="CO-2189 firmada.pdf")).to_be_visible()
    expect(page.get_by_role("link", name=ABOUT)).to_be_visible()
    ask("pagos")
    page.get_by_role("link", name=re.compile("Contactos")).click()
    expect(page.get_by_role("link", name="Pagos 1")).to_be_visible()
