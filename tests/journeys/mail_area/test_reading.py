"""Reading what lies on the server, with the mouse and by keys (S3-04 to S3-06, S3-26)."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.mail_area.area import SignIn, go_to, open_area, open_conversation, rows
from tests.journeys.mail_area.mailbox import ABOUT, Mailbox
from tests.journeys.other_program import eventually


def test_reading_a_conversation(
    company: Company, morning: Mailbox, page: Page, sign_in: SignIn
) -> None:
    """S3-04, S3-05, S3-06, S3-26: by the menu; one row "+3"; opening shows all of it and marks it as read, here and there."""
    there = morning.elsewhere
    open_area(page, company, sign_in)
    row = rows(page).filter(has_text=ABOUT)
    expect(rows(page)).to_have_count(6)
    expect(row.locator(".v-plus")).to_contain_text("+3")
    expect(page.locator("#mail-folders")).to_contain_text("Bandeja de entrada6")
    look_at(page, "mail-list")

    open_conversation(page, ABOUT)

    expect(page.get_by_role("heading", name=ABOUT)).to_be_visible()
    expect(page.locator("details.v-msg")).to_have_count(4)
    newest = page.locator("details.v-msg").last
    expect(newest.locator(".v-msg-t").first).to_contain_text(
        "El flete no coincide con lo que acordamos. (3)"
    )
    expect(newest.get_by_text("pagos@cliente1.test", exact=True).first).to_be_visible()
    quoted = newest.locator(".v-msg-q .v-msg-t")
    expect(quoted).to_be_hidden()
    newest.get_by_text("Mostrar lo citado").click()
    expect(quoted).to_contain_text("> Le enviamos la factura FV-10482.")
    expect(quoted).to_be_visible()
    expect(page.locator("#mail-folders")).to_contain_text("Bandeja de entrada5")
    expect(row).not_to_have_class(re.compile(r"\bun\b"))
    with page.expect_download() as download:
        newest.get_by_text("CO-2189 firmada.pdf").click()
    assert download.value.suggested_filename == "CO-2189 firmada.pdf"
    look_at(page, "mail-read")
    eventually(lambda: there.subjects()[f"Re: {ABOUT} (3)"] == {"\\Seen"})
    assert [flags for subject, flags in there.subjects().items() if "Consulta" in subject] == (
        [set()] * 5
    )


def test_each_folder_of_the_server(
    company: Company, morning: Mailbox, page: Page, sign_in: SignIn
) -> None:
    """S3-05, S3-06: those of the server with their counts, one of its own below; what another program moves, moves here."""
    there = morning.elsewhere
    open_area(page, company, sign_in)
    page.get_by_label("Cuenta", exact=True).select_option(label=morning.account.address)
    folders = page.locator("#mail-folders")
    for name in ("Bandeja de entrada", "Destacados", "Borradores", "Enviado", "Eliminado"):
        expect(folders.get_by_role("link", name=name).first).to_be_visible()
    go_to(page, "Reclamos")
    expect(rows(page)).to_have_count(0)

    there.move("INBOX", "Consulta 2", "Reclamos")
    morning.read("INBOX", "Reclamos")
    page.reload()

    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("Consulta 2")
    expect(folders).to_contain_text("Reclamos1")
    expect(folders).to_contain_text("Bandeja de entrada5")
    go_to(page, "Bandeja de entrada")
    expect(rows(page)).to_have_count(5)


def test_by_the_keyboard(company: Company, morning: Mailbox, page: Page, sign_in: SignIn) -> None:
    """J, K, S, E, #, U, / and ? as the list of keys says; each deed is on the server."""
    there = morning.elsewhere
    open_area(page, company, sign_in)
    expect(rows(page)).to_have_count(6)
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name=ABOUT)).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name="Consulta 0")).to_be_visible()
    page.keyboard.press("k")
    expect(page.get_by_role("heading", name=ABOUT)).to_be_visible()
    page.keyboard.press("s")
    expect(page.locator("#mail-folders")).to_contain_text("Destacados1")
    page.keyboard.press("e")
    expect(rows(page)).to_have_count(5)
    expect(page.get_by_role("heading", name="Consulta 0")).to_be_visible()
    page.keyboard.press("#")
    expect(rows(page)).to_have_count(4)
    expect(page.get_by_role("heading", name="Consulta 1")).to_be_visible()
    eventually(lambda: "Consulta 1" in there.read_ones())
    page.keyboard.press("u")
    expect(rows(page).first).to_have_class(re.compile(r"\bun\b"))
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Buscar mensajes")).to_be_focused()
    page.locator("h1").first.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Teclas")).to_be_visible()

    eventually(lambda: set(there.subjects("Trash")) == {"Consulta 0"})
    eventually(lambda: len(there.subjects("Archive")) == 3)
    assert there.subjects("Archive")[f"Re: {ABOUT} (3)"] == {"\\Seen", "\\Flagged"}
    eventually(lambda: "Consulta 1" not in there.read_ones())
