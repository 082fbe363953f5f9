"""The mail area over a mailbox on a real server: what is done here is there, and what is done there is here (X3-09)."""

import re
import shutil
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from jobs.mail_sending import copy_drafts, send_written
from jobs.mailbox import read_mailbox
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import MailDraft
from models.mailbox.mail_folder import MailFolder
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from models.mailings.delivery import Delivery
from models.people.contact import AddressState, ContactEmail
from settings import Settings
from tests.factories.bounces import make_report
from tests.factories.mailbox import make_mailbox, make_raw
from tests.factories.mailings import make_registered
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.other_program import OtherProgram, eventually
from tests.journeys.product import Product
from tests.mail.test_pictures import DOT
from tests.servers import dovecot
from tests.servers.certificates import make_certificates
from tests.servers.dovecot import Dovecot
from tests.servers.mail_store import PASSWORD, running
from tests.servers.services import short_folder

SignIn = Callable[..., None]
SOFIA = "Sofía Ñáñez <pagos@cliente1.test>"
OWN = "lordonez@penalba.test"
FLAGS = {"is_read": "\\Seen", "is_starred": "\\Flagged", "is_answered": "\\Answered"}
LONG_MS = 60_000  # until workers have sent
PULSE_MS = 30_000  # the open page asks every 15 seconds what has come
ROOT = "<root@penalba.test>"
PASTE = """(text, picture) => {
  const pasted = new DataTransfer();
  const bytes = Uint8Array.from(atob(picture), (each) => each.charCodeAt(0));
  pasted.items.add(new File([bytes], "captura.png", {type: "image/png"}));
  text.dispatchEvent(new ClipboardEvent("paste", {clipboardData: pasted, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    """A Dovecot of this test alone: its second try finds nothing of the first."""
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

    def __init__(
        self, company: Company, product: Product, store: Dovecot, login: str, **fields: Any
    ) -> None:
        self.elsewhere = OtherProgram(store, login)
        account = make_mailbox(
            **{
                "address": OWN,
                "display_name": "Lucía Ordóñez",
                "owner_id": company.clerk.id,
                "imap_port": store.port,
                "imap_login": login,
                "login": None,
                "password": PASSWORD,
                "smtp_port": product.mail.port,
                "sync_days": None,
                **fields,
            }
        )
        db.session.commit()
        self.account_id = account.id

    def read(self, folder: str = "INBOX") -> None:
        """Ring, as the clock does, until this folder is here as it is there."""

        def is_alike() -> bool:
            if self.here(folder) == self.elsewhere.subjects(folder):
                return True
            read_mailbox.enqueue(self.account_id)
            time.sleep(2)
            return False

        eventually(is_alike)

    def here(self, folder: str) -> dict[str, set[str]]:
        """Subject -> flags, as a reader sees them."""
        db.session.rollback()
        found = db.session.execute(
            select(Message.subject, *(getattr(MessagePlacement, name) for name in FLAGS))
            .join(MessagePlacement, MessagePlacement.message_id == Message.id)
            .join(MailFolder, MailFolder.id == MessagePlacement.folder_id)
            .where(MailFolder.account_id == self.account_id, MailFolder.path == folder)
        )
        return {
            subject: {flag for flag, is_set in zip(FLAGS.values(), marks, strict=True) if is_set}
            for subject, *marks in found
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
    _act(page, "Marcar como leído")
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
    _act(page, "Eliminar mensaje")
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


def test_five_hundred_at_once_while_the_server_is_away(
    company: Company, product: Product, store: Dovecot, page: Page, sign_in: SignIn
) -> None:
    """S3-16, S3-23, pains D-10: all mailboxes in one list; 500 with progress and undo; nothing waits for the server, and what it did not do is said."""
    mailbox = Mailbox(company, product, store, "p1")
    team = Mailbox(company, product, store, "p2", address="cartera@penalba.test", owner_id=None)
    there = mailbox.elsewhere
    there.put("INBOX", *(letter(n, subject=f"Aviso {n}") for n in range(1, 501)))
    team.elsewhere.put("INBOX", letter(0, subject="Para el equipo"))
    mailbox.read()
    team.read()
    open_area(page, company, sign_in)
    rows = page.locator("#mail-list li[data-thread]")
    progress = page.locator("#mail-progress")
    expect(page.locator("#mail-folders")).to_contain_text("Bandeja de entrada501")
    dots = {rows.nth(n).locator(".v-acc-dot").get_attribute("class") for n in (0, 1)}
    assert len(dots) == 2

    page.get_by_label("Cuenta", exact=True).select_option(label=OWN)
    expect(rows.first).to_contain_text("Aviso 1")
    page.get_by_label("Seleccionar todas las de esta página").check()
    page.get_by_label("Seleccionar las 500 conversaciones").check()
    _act(page, "Marcar como leído")
    notice = page.get_by_role("status").filter(has_text="500 mensajes marcados como leídos")
    expect(notice).to_be_visible()
    expect(progress).to_contain_text("En el servidor: 500 de 500", timeout=PULSE_MS)
    assert set(map(frozenset, there.subjects().values())) == {frozenset({"\\Seen"})}
    notice.get_by_role("button", name="Deshacer").click()
    expect(page.locator("#mail-list li.un").first).to_be_visible()
    eventually(lambda: not any(there.subjects().values()))

    store.__exit__()
    try:
        number = rows.count()
        page.get_by_label("Seleccionar todas las de esta página").check()
        page.get_by_role("button", name="Enviar a la papelera", exact=True).first.click()
        expect(rows.first).to_contain_text(f"Aviso {number + 1}")
        expect(progress).to_contain_text(f"En el servidor: 0 de {number}")
        state = page.locator("#mail-state")
        expect(state).to_contain_text("El servidor no responde", timeout=PULSE_MS)
    finally:
        store.__enter__()
    there.delete("INBOX", "Aviso 1")
    read_mailbox.enqueue(mailbox.account_id, True)  # it answers whoever polls

    expect(progress).to_contain_text("El servidor rechazó 1 cambio", timeout=PULSE_MS)
    assert len(there.subjects("Trash")) == number - 1
    expect(state.locator(".v-tabn")).to_have_text("1", timeout=PULSE_MS)
    state.get_by_role("button").first.click()
    expect(page.get_by_role("region", name="Buzones")).to_contain_text("«Aviso 1»: otra persona")


def test_an_answer_is_sent_and_filed_once(
    company: Company, product: Product, store: Dovecot, page: Page, sign_in: SignIn, tmp_path: Path
) -> None:
    """S3-01, S3-08, S3-18, S3-19, S3-35, S3-36, S3-39: read, answered and sent without leaving the area; with a pasted picture and a file; its draft there meanwhile; answered, and in Sent exactly once."""
    mailbox = Mailbox(company, product, store, "p3")
    there = mailbox.elsewhere
    there.put("INBOX", letter(5, sender=SOFIA, subject="RE: Flete", message_id="<flete@x.test>"))
    mailbox.read()
    (tmp_path / "nota.pdf").write_bytes(b"%PDF-1.7 nota")
    open_area(page, company, sign_in)
    page.locator("#mail-list li").filter(has_text="RE: Flete").get_by_role("link").click()
    page.locator("#mail-read").get_by_role("link", name="Responder", exact=True).first.click()
    text = page.get_by_role("textbox", name="Mensaje").and_(page.locator(".ProseMirror"))
    expect(text).to_be_visible()
    for part in ("#mail-folders", "#mail-list", "#mail-read"):
        expect(page.locator(part)).to_be_visible()
    text.click()
    page.keyboard.type("Tiene razón.")
    text.evaluate(PASTE, b64encode(DOT).decode())
    expect(text.locator("img").first).to_have_js_property("naturalHeight", 1)
    page.locator("[data-compose-files]").set_input_files([tmp_path / "nota.pdf"])
    expect(page.locator("#compose-files")).to_contain_text("nota.pdf")
    expect(page.locator("[data-saved]")).to_contain_text("Borrador guardado")
    eventually(lambda: "Re: Flete" in _drafts_of(there))
    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(page.get_by_text("El mensaje sale en 10 segundos.")).to_be_visible()

    eventually(lambda: bool(product.mail.accepted))
    eventually(lambda: _is_filed(there))
    eventually(lambda: _drafts_of(there) == {})
    mailbox.read("Sent")
    mailbox.read()
    assert there.subjects("Sent") == {"Re: Flete": {"\\Seen"}}
    assert there.subjects() == {"RE: Flete": {"\\Seen", "\\Answered"}}
    filed = there.message("Sent", "Re: Flete")
    [accepted] = product.mail.accepted
    assert filed["Message-ID"] == message_from_bytes(accepted.raw)["Message-ID"]
    assert filed["In-Reply-To"] == "<flete@x.test>"
    parts = {part.get_content_type(): part for part in filed.walk()}
    assert parts["image/png"]["Content-ID"].strip("<>") in parts["text/html"].get_content()
    assert [part.get_filename() for part in filed.iter_attachments()] == ["nota.pdf"]
    page.goto("/mail/?folder=sent")
    rows = page.locator("#mail-list li[data-thread]")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Enviado")
    page.goto("/mail/?folder=drafts")
    expect(page.get_by_text("No hay nada en esta carpeta.")).to_be_visible()


def test_a_message_that_comes_back_marks_the_address(
    company: Company,
    product: Product,
    store: Dovecot,
    settings: Settings,
    page: Page,
    sign_in: SignIn,
) -> None:
    """X1-08: sent, returned into the mailbox by another server; mailing, customer and contact say so."""
    mailbox = Mailbox(company, product, store, "p4", address="ventas@penalba.test", owner_id=None)
    account = db.session.get_one(MailAccount, mailbox.account_id)
    mailing = make_registered(settings, customers=2, account=account, title="Facturas de julio")
    sign_in(page, company.clerk.email)
    page.goto(f"/mailings/?mailing={mailing.public_id}")
    page.get_by_role("link", name="Iniciar el envío").click()
    page.get_by_role("button", name="Aceptar e iniciar").click()
    expect(page.locator("#chosen-state")).to_contain_text("Finalizado", timeout=LONG_MS)

    returned, _other = product.mail.accepted
    [address] = returned.recipients
    head = returned.raw.partition(b"\r\n\r\n")[0].decode().replace("\r\n", "\n")
    mailbox.elsewhere.put("INBOX", make_report(address, returned=head))
    mailbox.read()
    eventually(lambda: _state_of(address) is AddressState.BOUNCED)

    page.goto(f"/mailings/?mailing={mailing.public_id}")
    expect(page.locator("#chosen")).to_contain_text("1 rebotó después")
    page.goto(f"/mailings/{mailing.public_id}/recipients?show=came_back")
    rows = page.locator("main tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(address)
    expect(rows).to_contain_text("Rebotado")
    [contact_email] = db.session.scalars(
        select(ContactEmail).where(ContactEmail.address == address)
    )
    [customer_id] = db.session.scalars(
        select(Delivery.customer_id).where(Delivery.recipient == address)
    )
    page.goto(f"/admin/customer/details/?id={customer_id}")
    page.get_by_role("link", name="Línea de tiempo").click()
    contact = contact_email.contact
    broken = f"Una dirección de {contact.name} no funciona"
    expect(page.get_by_text(broken, exact=True)).to_be_visible()
    page.goto(f"/admin/contact/details/?id={contact.id}")
    expect(page.locator("main")).to_contain_text("Rebotado")
    look_at(page, "contact-bounced")


def _state_of(address: str) -> AddressState:
    db.session.rollback()
    return db.session.scalars(
        select(ContactEmail.state).where(ContactEmail.address == address)
    ).one()


def _act(page: Page, name: str) -> None:
    page.get_by_role("button", name="Acciones").click()
    page.locator("#mail-acts").get_by_role("button", name=name, exact=True).click()


def _is_filed(there: OtherProgram) -> bool:
    """Ring, as the clock does, for the copy of what has left."""
    send_written.enqueue()
    time.sleep(1)
    return bool(there.subjects("Sent"))


def _drafts_of(there: OtherProgram) -> dict[str, set[str]]:
    """What lies there once nobody has typed for a while; ring for it, as the clock does."""
    db.session.rollback()
    db.session.execute(update(MailDraft).values(saved_at=utc_now() - timedelta(minutes=1)))
    db.session.commit()
    copy_drafts.enqueue()
    time.sleep(1)
    return there.subjects("Drafts")
