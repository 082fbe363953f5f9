"""Conversations that wait (X3-06)."""

from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from jobs.mailbox import ring_for_mailboxes
from models.base import db, utc_now
from models.mailbox.snooze import Snooze
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.mail_area.area import SignIn, choose, go_to, open_area, rows, undo
from tests.journeys.mail_area.mailbox import Mailbox
from tests.journeys.other_program import eventually


def waiting() -> bool:
    """Whether any conversation is snoozed."""
    db.session.rollback()
    return db.session.scalar(select(Snooze.id).where(Snooze.snoozed_until.is_not(None))) is not None


def test_a_conversation_waits_and_comes_back(
    company: Company, morning: Mailbox, page: Page, sign_in: SignIn
) -> None:
    """X3-06: out of the list until its time, then on top of it and marked; the notice leads back at once; on the server it lies where it lay."""
    open_area(page, company, sign_in)
    expect(rows(page)).to_have_count(6)
    for is_undone in (True, False):
        choose(page, "Cliente 3")
        page.get_by_role("button", name="Acciones").click()
        page.locator("#mail-acts").get_by_role("button", name="Posponer").click()
        dialog = page.get_by_role("dialog", name="Posponer 1 conversación")
        dialog.get_by_label("Mañana").check()
        if is_undone:
            look_at(page, "mail-snooze")
        dialog.get_by_role("button", name="Posponer").click()
        expect(rows(page)).to_have_count(5)
        expect(page.locator("#mail-list")).not_to_contain_text("Consulta 3")
        if is_undone:
            undo(page)
            expect(rows(page)).to_have_count(6)
    go_to(page, "Pospuestos")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("Consulta 3")
    look_at(page, "mail-snoozed")

    db.session.execute(update(Snooze).values(snoozed_until=utc_now() - timedelta(minutes=1)))
    db.session.commit()
    ring_for_mailboxes.enqueue()  # as the clock does
    eventually(lambda: not waiting())

    go_to(page, "Bandeja de entrada")
    expect(rows(page)).to_have_count(6)
    expect(rows(page).first).to_contain_text("Consulta 3")
    expect(rows(page).first).to_contain_text("Volvió: llegó su hora")
    assert "Consulta 3" in morning.elsewhere.subjects()
