"""What somebody does in the window in which a message is written, and what becomes of it."""

from datetime import timedelta

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select, update

from jobs.mail_sending import copy_drafts, send_written
from models.base import db, utc_now
from models.mailbox.mail_draft import MailDraft
from tests.journeys.conftest import Company
from tests.journeys.mail_area.area import SignIn
from tests.journeys.mail_area.bell import ring
from tests.journeys.other_program import OtherProgram, eventually


def begin(page: Page, company: Company, sign_in: SignIn) -> None:
    """By the button (S3-27)."""
    sign_in(page, company.clerk.email)
    page.goto("/mail/")
    page.get_by_role("link", name="Nuevo mensaje").click()
    expect(page.get_by_role("heading", name="Nuevo mensaje")).to_be_visible()


def text(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Mensaje").and_(page.locator(".ProseMirror"))


def write(page: Page, words: str) -> None:
    text(page).click()
    page.keyboard.type(words)


def address(page: Page, name: str) -> Locator:
    return page.locator(f"#compose-{name}-entry")


def name(page: Page, field: str, people: str) -> None:
    """Type them into *Para*, *Cc* or *Cco*."""
    address(page, field).fill(people)
    address(page, field).press("Enter")


def send(page: Page) -> None:
    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(page.get_by_text("El mensaje sale en 10 segundos.")).to_be_visible()


def is_kept(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_contain_text("Borrador guardado")


def drafts() -> list[MailDraft]:
    """All that are kept here."""
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(MailDraft).order_by(MailDraft.id)))


def drafts_there(there: OtherProgram, expected: set[str]) -> None:
    """Wait until these lie among the server's drafts: nobody has typed for a while, and the clock rings."""

    def are_there() -> bool:
        if set(there.subjects("Drafts")) == expected:
            return True
        db.session.rollback()
        db.session.execute(update(MailDraft).values(saved_at=utc_now() - timedelta(minutes=1)))
        db.session.commit()
        ring(copy_drafts)
        return False

    eventually(are_there, every_seconds=1)


def is_filed(there: OtherProgram, subject: str) -> None:
    """Wait until its copy lies among what was sent, exactly once; the clock rings."""

    def is_there() -> bool:
        ring(send_written)
        return subject in there.subjects("Sent")

    eventually(is_there, every_seconds=1)


def leave_now() -> None:
    """The ten seconds in which it could be taken back are over."""
    db.session.rollback()
    db.session.execute(update(MailDraft).values(leaves_at=utc_now()))
    db.session.commit()
    ring(send_written)
