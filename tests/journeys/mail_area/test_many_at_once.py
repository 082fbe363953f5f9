"""Hundreds at once, and a server that is away meanwhile (S3-16, pains D-10)."""

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.mail_area.area import (
    PULSE_MS,
    SignIn,
    act,
    choose_all,
    open_area,
    rows,
    trash,
)
from tests.journeys.mail_area.mailbox import Mailbox, letter
from tests.journeys.mail_area.store import MailStore, away
from tests.journeys.other_program import eventually


def test_five_hundred_at_once_while_the_server_is_away(
    company: Company, mailbox: Mailbox, store: MailStore, page: Page, sign_in: SignIn
) -> None:
    """S3-16, pains D-10: 500 with progress and undo; nothing waits for the server, and what it did not do is said."""
    there = mailbox.elsewhere
    there.put("INBOX", *(letter(n, subject=f"Aviso {n}") for n in range(1, 501)))
    mailbox.read()
    open_area(page, company, sign_in)
    progress = page.locator("#mail-progress")
    expect(page.locator("#mail-folders")).to_contain_text("Bandeja de entrada500")
    expect(rows(page).first).to_contain_text("Aviso 1")
    choose_all(page)
    page.get_by_label("Seleccionar las 500 conversaciones").check()
    act(page, "Marcar como leído")
    notice = page.get_by_role("status").filter(has_text="500 mensajes marcados como leídos")
    expect(notice).to_be_visible()
    expect(progress).to_contain_text("En el servidor: 500 de 500", timeout=PULSE_MS)
    assert set(map(frozenset, there.subjects().values())) == {frozenset({"\\Seen"})}
    notice.get_by_role("button", name="Deshacer").click()
    expect(page.locator("#mail-list li.un").first).to_be_visible()
    eventually(lambda: not any(there.subjects().values()))

    with away(store):
        number = rows(page).count()
        choose_all(page)
        trash(page)
        expect(rows(page).first).to_contain_text(f"Aviso {number + 1}")
        expect(progress).to_contain_text(f"En el servidor: 0 de {number}")
        state = page.locator("#mail-state")
        expect(state).to_contain_text("El servidor no responde", timeout=PULSE_MS)
    there.delete("INBOX", "Aviso 1")
    mailbox.ring()  # it answers whoever polls

    expect(progress).to_contain_text("El servidor rechazó 1 cambio", timeout=PULSE_MS)
    assert len(there.subjects("Trash")) == number - 1
    expect(state.locator(".v-tabn")).to_have_text("1", timeout=PULSE_MS)
    state.get_by_role("button").first.click()
    expect(page.get_by_role("region", name="Buzones")).to_contain_text("«Aviso 1»: otra persona")
