"""How the reading of the mailboxes stands, and what could not be taken in (S3-03, X3-16)."""

import re

from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from models.base import db
from models.mailbox.mail_dead_letter import MailDeadLetter
from models.mailbox.mail_sync import MailSync
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.mail_area.area import PULSE_MS, SignIn, open_area, rows
from tests.journeys.mail_area.mailbox import Mailbox, letter
from tests.journeys.mail_area.store import WRONG_PASSWORD, MailStore, away
from tests.journeys.other_program import eventually
from tests.servers.mail_store import PASSWORD


def test_without_an_account(company: Company, page: Page, sign_in: SignIn) -> None:
    """S3-03: a call to action, not an error."""
    company.account.is_active = False
    db.session.commit()
    sign_in(page, company.clerk.email)
    page.goto("/mail/")

    expect(page.get_by_role("heading", name="Conecte su correo")).to_be_visible()
    look_at(page, "mail-without-account")


def test_how_the_reading_stands(
    company: Company, morning: Mailbox, store: MailStore, page: Page, sign_in: SignIn
) -> None:
    """S3-03: up to date; then the server is away, then it refuses the password: last time, last failure and its answer are said, and it goes on by itself."""
    open_area(page, company, sign_in)
    state = page.locator("#mail-state").get_by_role("button").first
    expect(state).to_have_text(re.compile("Al día"))
    with away(store):
        morning.ring_until(lambda: problem() == "connect_failed")
        expect(state).to_have_text(re.compile("El servidor no responde; leído"), timeout=PULSE_MS)
        expect(rows(page)).to_have_count(6)
    morning.account.password = WRONG_PASSWORD
    db.session.commit()
    morning.ring_until(lambda: problem() == "auth_failed")
    page.reload()
    panel = page.get_by_role("region", name="Buzones")
    state.click()
    panel.get_by_text("Respuesta del servidor").first.click()
    expect(panel).to_contain_text("AUTHENTICATIONFAILED")
    expect(panel).to_contain_text("Última lectura:")
    expect(panel).to_contain_text("Última falla:")
    with page.expect_response(re.compile("/mail/pulse"), timeout=PULSE_MS):
        pass  # whoever reads is not interrupted by what is asked meanwhile
    expect(panel).to_contain_text("AUTHENTICATIONFAILED")
    page.keyboard.press("Escape")

    morning.account.password = PASSWORD
    db.session.commit()
    morning.read()
    page.reload()
    expect(state).to_have_text(re.compile("Al día"))


def test_what_was_set_aside(
    company: Company, mailbox: Mailbox, store: MailStore, page: Page, sign_in: SignIn
) -> None:
    """X3-16: the server has lost the text of two messages: the others come, these are counted in the menu with the reason; one is given up, one comes when the server has it again."""
    there = mailbox.elsewhere
    there.put("INBOX", letter(3, sender="Rosa Gil <rosa@otra.example>", subject="Pedido de caño"))
    there.put("INBOX", letter(2, subject="Consulta"), letter(1, subject="Otra"))
    with store.without("Pedido de caño", "Otra", of=there.login):
        mailbox.ring_until(lambda: set_aside() == 2)
        assert set(mailbox.here("INBOX")) == {"Consulta"}
        open_area(page, company, sign_in)
        page.get_by_role("link", name=re.compile("Mensajes apartados")).click()
        letters = page.locator(".v-aside > li")
        expect(letters).to_have_count(2)
        lost = letters.filter(has_text="Bandeja de entrada")
        expect(lost.first).to_contain_text("El servidor lo nombra pero no lo entrega")
        look_at(page, "mail-set-aside")
        letters.first.get_by_role("button", name="Desistir").click()
        page.get_by_role("dialog").get_by_role("button", name="Dejarlo ahí").click()
        expect(letters).to_have_count(1)
    letters.first.get_by_role("button", name="Intentar de nuevo").click()
    expect(page.get_by_text("Se trae una vez más.")).to_be_visible()
    eventually(lambda: len(mailbox.here("INBOX")) == 2)
    page.reload()
    expect(page.get_by_text("No hay nada apartado")).to_be_visible()


def problem() -> str:
    """Why the mailbox could not be read last."""
    db.session.rollback()
    return db.session.scalars(select(MailSync.problem)).first() or ""


def set_aside() -> int:
    db.session.rollback()
    found = select(func.count()).where(MailDeadLetter.set_aside_at.is_not(None))
    return db.session.scalar(found) or 0
