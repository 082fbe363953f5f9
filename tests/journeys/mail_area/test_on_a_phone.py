"""The area on a phone: the panes are pages (S3-08, S3-13, S3-15, S3-22, S3-27, S3-36, S3-39)."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.mail_area.area import SignIn, rows, trash, undo
from tests.journeys.mail_area.composer import is_filed, leave_now, name, send, text, write
from tests.journeys.mail_area.mailbox import ABOUT, Mailbox, fill_with_a_morning
from tests.journeys.other_program import eventually


@pytest.fixture
def phone(company: Company, desk: Mailbox, page: Page, sign_in: SignIn) -> Page:
    """The list, with what a morning brings."""
    fill_with_a_morning(desk.elsewhere)
    desk.read("INBOX", "Sent")
    sign_in(page, company.clerk.email)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/mail/")
    expect(rows(page)).to_have_count(6)
    return page


def test_reading_starring_and_throwing_away(desk: Mailbox, phone: Page) -> None:
    """S3-06, S3-13, S3-15, S3-17: opened over the list and back; the star; the trash and *Deshacer*; the server follows."""
    there = desk.elsewhere
    rows(phone).filter(has_text="Consulta 0").get_by_role("link").click()
    expect(phone.get_by_role("heading", name="Consulta 0")).to_be_in_viewport()
    expect(rows(phone).first).to_be_hidden()
    eventually(lambda: "Consulta 0" in there.read_ones())
    phone.get_by_role("link", name="Volver al listado").click()
    expect(rows(phone).first).to_be_visible()
    phone.get_by_role("button", name="Destacar: Consulta 1").click()
    eventually(lambda: there.starred() == {"Consulta 1"})

    phone.get_by_label("Seleccionar la conversación con Cliente 2").check()
    trash(phone)
    expect(rows(phone)).to_have_count(5)
    eventually(lambda: set(there.subjects("Trash")) == {"Consulta 2"})
    undo(phone)
    expect(rows(phone)).to_have_count(6)
    eventually(lambda: there.subjects("Trash") == {})


def test_searching_and_answering(desk: Mailbox, phone: Page) -> None:
    """S3-08, S3-22, S3-39: found, opened, answered; the copy is on the server once."""
    there = desk.elsewhere
    search = phone.get_by_role("searchbox", name="Buscar mensajes")
    search.fill("flete")
    search.press("Enter")
    expect(phone.locator(".v-hits li")).to_have_count(3)
    phone.locator(".v-hits li").first.get_by_role("link").click()
    expect(phone.get_by_role("heading", name=ABOUT)).to_be_visible()
    phone.locator("#mail-read").get_by_role("link", name="Responder", exact=True).first.click()
    expect(text(phone)).to_be_in_viewport()
    write(phone, "Lo revisamos hoy.")
    send(phone)
    leave_now()

    subject = f"Re: {ABOUT} (3)"
    is_filed(there, subject)
    eventually(lambda: "\\Answered" in there.subjects()[subject])


def test_writing_with_a_file(desk: Mailbox, phone: Page, tmp_path: Path) -> None:
    """S3-27, S3-31, S3-36, S3-39: a new message with a file."""
    (tmp_path / "nota.pdf").write_bytes(b"%PDF-1.7 nota")
    phone.get_by_role("link", name="Nuevo mensaje").click()
    name(phone, "to", "ana@lanapa.test")
    phone.get_by_label("Asunto").fill("Desde el teléfono")
    write(phone, "Va la nota.")
    phone.locator("[data-compose-files]").set_input_files([tmp_path / "nota.pdf"])
    expect(phone.locator("#compose-files")).to_contain_text("nota.pdf")
    send(phone)
    leave_now()

    is_filed(desk.elsewhere, "Desde el teléfono")
    filed = desk.elsewhere.message("Sent", "Desde el teléfono")
    assert [part.get_filename() for part in filed.iter_attachments()] == ["nota.pdf"]
