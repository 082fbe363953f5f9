"""The mail area over a mailbox on a real server: what is done here is there, and what is done there is here (X3-09)."""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from jobs.mailbox import read_mailbox
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import MailFolder
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from tests.factories.mailbox import make_mailbox, make_raw
from tests.journeys.conftest import Company
from tests.journeys.other_program import OtherProgram, eventually
from tests.journeys.product import Product
from tests.servers import dovecot
from tests.servers.certificates import make_certificates
from tests.servers.dovecot import Dovecot
from tests.servers.mail_store import PASSWORD, running
from tests.servers.services import short_folder

SignIn = Callable[..., None]
SOFIA = "Sofía Ñáñez <pagos@cliente1.test>"
OWN = "lordonez@penalba.test"
PULSE_MS = 30_000  # the open page asks every 15 seconds what has come
ROOT = "<root@penalba.test>"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    """A Dovecot with a mailbox for each test."""
    if not dovecot.is_installed():
        pytest.skip("Dovecot is not installed")
    certificates = make_certificates(tmp_path_factory.mktemp("certificates"))
    folder = short_folder()
    try:
        with running(folder, certificates.valid, *(f"p{number}" for number in range(9))) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Mailbox:
    """An account of the clerk, its mailbox on the server, and another program there."""

    def __init__(self, company: Company, product: Product, store: Dovecot, login: str) -> None:
        self.elsewhere = OtherProgram(store, login)
        self.account: MailAccount = make_mailbox(
            address=OWN,
            display_name="Lucía Ordóñez",
            owner_id=company.clerk.id,
            imap_port=store.port,
            imap_login=login,
            login=None,
            password=PASSWORD,
            smtp_port=product.mail.port,
            sync_days=None,
        )
        db.session.commit()
        self.account_id = self.account.id

    def read(self, folder: str = "INBOX") -> None:
        """Ring, as the clock does, until this folder is here as it is there."""

        def is_alike() -> bool:
            read_mailbox.enqueue(self.account_id)
            time.sleep(0.5)
            return self.here(folder) == self.elsewhere.subjects(folder)

        eventually(is_alike)

    def here(self, folder: str) -> dict[str, set[str]]:
        """Subject -> flags, as a reader sees them."""
        db.session.rollback()
        found = db.session.execute(
            select(Message.subject, MessagePlacement.is_read, MessagePlacement.is_starred)
            .join(MessagePlacement, MessagePlacement.message_id == Message.id)
            .join(MailFolder, MailFolder.id == MessagePlacement.folder_id)
            .where(MailFolder.account_id == self.account_id, MailFolder.path == folder)
        )
        return {
            subject: {*(["\\Seen"] if is_read else []), *(["\\Flagged"] if is_starred else [])}
            for subject, is_read, is_starred in found
        }


def letter(minutes_ago: int, **fields: Any) -> bytes:
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    return make_raw(**{"to": OWN, "sent_at": at, **fields})


def answer(number: int, **fields: Any) -> bytes:
    return letter(
        30 - number,
        sender=SOFIA,
        subject=f"Re: Su factura FV-10482 ({number})",
        in_reply_to=ROOT,
        references=ROOT,
        **fields,
    )


def question(number: int) -> bytes:
    sender = f"Cliente {number} <c{number}@cliente{number}.test>"
    return letter(60 + number, sender=sender, subject=f"Consulta {number}")


def open_area(page: Page, company: Company, sign_in: SignIn) -> None:
    sign_in(page, company.clerk.email)
    page.get_by_text("Colaborativo", exact=True).first.click()
    page.get_by_role("link", name="Área de email").click()
    expect(page.get_by_role("region", name="Conversaciones")).to_be_visible()


def test_both_ways(
    company: Company, product: Product, store: Dovecot, page: Page, sign_in: SignIn
) -> None:
    """S3-02, S3-05, S3-06, S3-11 to S3-15, S3-17, S3-20, S3-21, S3-24, S3-26: each deed is on the server; theirs come onto the screen."""
    mailbox = Mailbox(company, product, store, "p0")
    there = mailbox.elsewhere
    sent = letter(90, sender=f"Lucía <{OWN}>", to=SOFIA, subject="Su factura", message_id=ROOT)
    there.put("Sent", sent, flags="(\\Seen)")
    there.put("INBOX", answer(1), answer(2), *(question(n) for n in range(6)))
    there.put("Reclamos", letter(50, subject="Reclamo"))
    mailbox.read()
    mailbox.read("Reclamos")
    open_area(page, company, sign_in)
    page.get_by_label("Cuenta", exact=True).select_option(label=OWN)
    rows = page.locator("#mail-list li[data-thread]")
    folders = page.locator("#mail-folders")
    expect(rows).to_have_count(7)
    expect(folders).to_contain_text("Bandeja de entrada7")
    expect(folders).to_contain_text("Reclamos1")
    talk = rows.filter(has_text="Sofía Ñáñez")
    expect(talk.locator(".v-plus")).to_contain_text("+2")

    talk.get_by_role("link").click()
    expect(page.locator("details.v-msg")).to_have_count(3)
    page.get_by_role("button", name="Destacar: Consulta 0").click()
    for n in (1, 2, 3):
        page.get_by_label(f"Seleccionar la conversación con Cliente {n}").check()
    page.get_by_role("button", name="Acciones").click()
    page.get_by_role("button", name="Marcar como leído").click()
    expect(page.get_by_role("status").filter(has_text="3 mensajes marcados")).to_be_visible()
    page.get_by_label("Seleccionar la conversación con Cliente 3").uncheck()
    page.get_by_role("button", name="Enviar a la papelera", exact=True).first.click()
    expect(rows).to_have_count(5)
    page.get_by_label("Seleccionar la conversación con Cliente 4").check()
    page.get_by_role("button", name="Acciones").click()
    page.locator("#mail-acts [name=target]").select_option(label="Reclamos")
    page.get_by_role("button", name="Mover", exact=True).click()
    expect(rows).to_have_count(4)
    eventually(lambda: set(there.subjects("Trash")) == {"Consulta 1", "Consulta 2"})
    eventually(lambda: set(there.subjects("Reclamos")) == {"Reclamo", "Consulta 4"})
    assert there.subjects() == {
        "Re: Su factura FV-10482 (1)": {"\\Seen"},
        "Re: Su factura FV-10482 (2)": {"\\Seen"},
        "Consulta 0": {"\\Flagged"},
        "Consulta 3": {"\\Seen"},
        "Consulta 5": set(),
    }

    folders.get_by_role("link", name="Eliminado").click()
    page.get_by_label("Seleccionar la conversación con Cliente 1").check()
    page.get_by_role("button", name="Recuperar de la papelera").first.click()
    expect(rows).to_have_count(1)
    page.get_by_label("Seleccionar la conversación con Cliente 2").check()
    page.get_by_role("button", name="Acciones").click()
    page.get_by_role("button", name="Eliminar mensaje").click()
    page.get_by_role("dialog").get_by_role("button", name="Eliminar mensaje").click()
    expect(page.get_by_text("No hay nada en esta carpeta.")).to_be_visible()
    eventually(lambda: there.subjects("Trash") == {})
    eventually(lambda: "Consulta 1" in there.subjects())
    assert there.subjects()["Consulta 1"] == {"\\Seen"}

    folders.get_by_role("link", name="Bandeja de entrada").click()
    expect(rows).to_have_count(5)
    there.put("INBOX", answer(3, text="El servidor trajo esto."))
    there.mark("INBOX", "Consulta 0", "-\\Flagged")
    there.mark("INBOX", "Consulta 3", "-\\Seen")
    there.delete("INBOX", "Consulta 5")
    mailbox.read()
    expect(rows.first.locator(".v-plus")).to_contain_text("+3", timeout=PULSE_MS)
    expect(rows.first).to_have_class(re.compile(r"\bun\b"))
    expect(rows).to_have_count(4)
    expect(rows.filter(has_text="Consulta 3")).to_have_class(re.compile(r"\bun\b"))
    expect(page.get_by_role("button", name="Destacar: Consulta 0")).to_have_attribute(
        "aria-pressed", "false"
    )
