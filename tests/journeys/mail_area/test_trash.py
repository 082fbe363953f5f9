"""Into the trash, back again, or gone for good: here and on the server (S3-15, S3-20, S3-21)."""

from playwright.sync_api import Page, expect
from sqlalchemy import select

from models.base import db
from models.mailbox.message import Message
from models.mailbox.message_link import MessageLink
from tests.factories.saving import saved
from tests.journeys.conftest import Company
from tests.journeys.mail_area.area import (
    SignIn,
    act,
    choose,
    choose_all,
    go_to,
    is_empty,
    open_area,
    rows,
    trash,
    undo,
)
from tests.journeys.mail_area.mailbox import Mailbox, letter
from tests.journeys.other_program import eventually


def test_into_the_trash_and_back_by_the_notice(
    company: Company, morning: Mailbox, page: Page, sign_in: SignIn
) -> None:
    """S3-15: one, then all; moved to the server's own trash and not expunged; *Deshacer* brings them back."""
    there = morning.elsewhere
    before = there.subjects()
    open_area(page, company, sign_in)
    choose(page, "Cliente 4")
    trash(page)
    expect(rows(page)).to_have_count(5)
    eventually(lambda: set(there.subjects("Trash")) == {"Consulta 4"})
    assert "Consulta 4" not in there.subjects()
    undo(page)
    expect(rows(page)).to_have_count(6)
    eventually(lambda: there.subjects() == before)
    assert there.subjects("Trash") == {}

    choose_all(page)
    trash(page)
    is_empty(page)
    eventually(lambda: there.subjects() == {})
    assert there.subjects("Trash") == before
    assert len(there.subjects("Sent")) == 1


def test_the_trash_gives_back_or_deletes_for_good(
    company: Company, morning: Mailbox, page: Page, sign_in: SignIn
) -> None:
    """S3-20, S3-21: back to the folder it came from; or, after a question, gone here and expunged there."""
    there = morning.elsewhere
    there.put("Reclamos", letter(50, sender="Rosa <r@rosa.test>", subject="Reclamo"))
    morning.read("INBOX", "Reclamos")
    open_area(page, company, sign_in)
    page.get_by_label("Cuenta", exact=True).select_option(label=morning.account.address)
    choose(page, "Cliente 1", "Cliente 2")
    trash(page)
    expect(rows(page)).to_have_count(4)
    go_to(page, "Reclamos")
    choose(page, "Rosa")
    trash(page)
    is_empty(page)
    go_to(page, "Eliminado")
    expect(rows(page)).to_have_count(3)
    eventually(lambda: set(there.subjects("Trash")) == {"Consulta 1", "Consulta 2", "Reclamo"})

    choose(page, "Cliente 1", "Rosa")
    page.get_by_role("button", name="Recuperar de la papelera").first.click()
    expect(rows(page)).to_have_count(1)
    eventually(lambda: "Consulta 1" in there.subjects())
    eventually(lambda: set(there.subjects("Reclamos")) == {"Reclamo"})
    choose(page, "Cliente 2")
    act(page, "Eliminar mensaje")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("¿Eliminar 1 mensaje definitivamente?")
    dialog.get_by_role("button", name="Eliminar mensaje").click()

    is_empty(page)
    eventually(lambda: there.subjects("Trash") == {})
    go_to(page, "Bandeja de entrada")
    expect(page.locator("#mail-list")).to_contain_text("Consulta 1")
    expect(page.locator("#mail-list")).not_to_contain_text("Consulta 2")
    assert "Consulta 2" not in there.subjects()


def test_what_belongs_to_a_document_stays(
    company: Company, mailbox: Mailbox, page: Page, sign_in: SignIn
) -> None:
    """S3-21: refused with the reason, here and on the server."""
    there = mailbox.elsewhere
    there.put("Trash", letter(5, subject="Sobre la factura"))
    mailbox.read("Trash")
    saved(
        MessageLink(
            message_id=db.session.scalars(select(Message.id)).one(),
            customer_id=company.customers[0].id,
            document_id=company.invoices[0].id,
        )
    )
    db.session.commit()
    open_area(page, company, sign_in)
    go_to(page, "Eliminado")
    choose_all(page)
    act(page, "Eliminar mensaje")
    page.get_by_role("dialog").get_by_role("button", name="Eliminar mensaje").click()

    expect(page.get_by_text("«Sobre la factura» se queda")).to_be_visible()
    mailbox.read("Trash")
    assert set(there.subjects("Trash")) == {"Sobre la factura"}
