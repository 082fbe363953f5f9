"""The mail area in a real browser: folders, conversations, actions, keys, search (S3-04 to S3-26)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from jobs.mailbox import ring_for_mailboxes
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_dead_letter import DeadLetterReason, MailDeadLetter
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.mail_sync import MailSync
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind
from models.mailbox.message_link import MessageLink
from models.mailbox.snooze import Snooze
from tests.factories.mailbox import make_folder, make_mailbox, make_raw, receive
from tests.factories.saving import saved
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.other_program import eventually

SignIn = Callable[..., None]
SOFIA = "Sofía Ñáñez <pagos@cliente1.test>"
ROOT = "<root@penalba.test>"


class Box:
    """A mailbox of the clerk with what a morning brings."""

    def __init__(self, company: Company, address: str, **fields: int | None) -> None:
        self.account: MailAccount = make_mailbox(address=address, **fields)
        self.folders: dict[FolderRole, MailFolder] = {
            role: make_folder(self.account, role)
            for role in FolderRole
            if role is not FolderRole.OTHER
        }
        self.claims = make_folder(self.account, FolderRole.OTHER, path="Reclamos")
        saved(
            MailSync(
                account_id=self.account.id,
                began_at=utc_now(),
                last_good_at=utc_now(),
                first_run_ended_at=utc_now(),
            )
        )

    @property
    def inbox(self) -> MailFolder:
        return self.folders[FolderRole.INBOX]


def ago(**passed: int) -> datetime:
    return datetime.now(UTC) - timedelta(**passed)


def arrive(folder: MailFolder, at: datetime, flags: tuple[str, ...] = (), **fields: Any) -> None:
    receive(folder, make_raw(sent_at=at, **fields), flags=flags, received_at=at)


@pytest.fixture
def box(company: Company) -> Box:
    box = Box(company, "lordonez@penalba.test", owner_id=company.clerk.id)
    text = "Buenos días, Lucía:\n\nEl flete no coincide con lo que acordamos."
    quoted = "\n\nEl 3 de julio de 2026, Lucía escribió:\n> Le enviamos la factura."
    arrive(
        box.folders[FolderRole.SENT],
        ago(days=3),
        ("\\Seen",),
        sender="Lucía <lordonez@penalba.test>",
        to=SOFIA,
        subject="Su factura FV-10482",
        message_id=ROOT,
    )
    for n in range(3):
        arrive(
            box.inbox,
            ago(minutes=30 - n),
            ("\\Seen",) if n < 2 else (),
            sender=SOFIA,
            to="lordonez@penalba.test",
            subject="Re: Su factura FV-10482",
            text=f"{text} ({n + 1}){quoted}",
            in_reply_to=ROOT,
            references=ROOT,
            files=(("CO-2189 firmada.pdf", b"%PDF-1.7 x"),) if n == 2 else (),
        )
    for n in range(5):
        arrive(
            box.inbox,
            ago(hours=2 + n),
            sender=f"Cliente {n} <c{n}@cliente{n}.test>",
            subject=f"Consulta {n}",
            text="¿Cuándo llega el pedido?",
        )
    db.session.commit()
    return box


def open_area(page: Page, company: Company, sign_in: SignIn) -> None:
    sign_in(page, company.clerk.email)
    page.get_by_text("Colaborativo", exact=True).first.click()
    page.get_by_role("link", name="Área de email").click()
    expect(page.get_by_role("region", name="Conversaciones")).to_be_visible()


def operations(kind: OperationKind) -> int:
    db.session.rollback()
    return len(
        db.session.scalars(select(MailboxOperation).where(MailboxOperation.kind == kind)).all()
    )


def waiting() -> bool:
    """Whether any conversation is snoozed."""
    db.session.rollback()
    return db.session.scalar(select(Snooze.id).where(Snooze.snoozed_until.is_not(None))) is not None


def test_reading_a_conversation(company: Company, box: Box, page: Page, sign_in: SignIn) -> None:
    """S3-04, S3-05, S3-06, S3-26: by the menu; one row "+3"; opening shows all of it and marks it as read."""
    open_area(page, company, sign_in)
    row = page.locator("#mail-list li").filter(has_text="Su factura FV-10482")
    expect(row.locator(".v-plus")).to_contain_text("+3")
    expect(page.locator("#mail-folders")).to_contain_text("Bandeja de entrada6")
    look_at(page, "mail-list")

    row.get_by_role("link").click()

    expect(page.get_by_role("heading", name="Su factura FV-10482")).to_be_visible()
    expect(page.locator("details.v-msg")).to_have_count(4)
    newest = page.locator("details.v-msg").last
    expect(newest.locator(".v-msg-t").first).to_contain_text(
        "El flete no coincide con lo que acordamos. (3)"
    )
    expect(newest.get_by_text("pagos@cliente1.test", exact=True).first).to_be_visible()
    quoted = newest.locator(".v-msg-q .v-msg-t")
    expect(quoted).to_be_hidden()
    newest.get_by_text("Mostrar lo citado").click()
    expect(quoted).to_contain_text("> Le enviamos la factura.")
    expect(quoted).to_be_visible()
    expect(page.locator("#mail-folders")).to_contain_text("Bandeja de entrada5")
    expect(row).not_to_have_class(re.compile(r"\bun\b"))
    assert operations(OperationKind.READ) == 1
    with page.expect_download() as download:
        newest.get_by_text("CO-2189 firmada.pdf").click()
    assert download.value.suggested_filename == "CO-2189 firmada.pdf"
    look_at(page, "mail-read")


def test_several_at_once_with_a_way_back(
    company: Company, box: Box, page: Page, sign_in: SignIn
) -> None:
    """S3-07, S3-11, S3-12, S3-15: nothing works without a choice; what is done is undone by the notice."""
    open_area(page, company, sign_in)
    actions = page.get_by_role("button", name="Acciones")
    expect(actions).to_be_disabled()
    page.get_by_label("Seleccionar todas las de esta página").check()
    expect(page.get_by_text("6 seleccionadas")).to_be_visible()
    actions.click()
    expect(page.locator("[data-mail-sum]")).to_have_text("6 conversaciones, 8 mensajes")
    expect(page.get_by_role("button", name="Responder", exact=True)).to_be_disabled()
    look_at(page, "mail-actions")
    actions.click()
    page.get_by_role("button", name="Marcar como leído").click()

    expect(page.get_by_role("status").filter(has_text="marcados como leídos")).to_be_visible()
    expect(page.locator("#mail-list li.un")).to_have_count(0)
    assert operations(OperationKind.READ) == 6
    page.get_by_role("button", name="Deshacer").click()

    expect(page.locator("#mail-list li.un")).to_have_count(6)
    assert operations(OperationKind.READ) == 0
    page.get_by_label("Seleccionar todas las de esta página").check()
    page.get_by_role("button", name="Enviar a la papelera", exact=True).first.click()
    expect(page.get_by_text("No hay nada en esta carpeta.")).to_be_visible()
    assert operations(OperationKind.MOVE) == 8


def test_the_star_and_the_trash(company: Company, box: Box, page: Page, sign_in: SignIn) -> None:
    """S3-13, S3-14, S3-17, S3-20, S3-21: the star by its icon; the trash gives back, or deletes for good."""
    open_area(page, company, sign_in)
    page.get_by_role("button", name="Destacar: Consulta 0").click()
    expect(page.locator("#mail-folders")).to_contain_text("Destacados1")
    page.get_by_role("link", name="Destacados").click()
    expect(page.locator("#mail-list li[data-thread]")).to_have_count(1)
    page.get_by_role("button", name="Destacar: Consulta 0").click()
    expect(page.get_by_text("No hay nada en esta carpeta.")).to_be_visible()

    page.get_by_role("link", name="Bandeja de entrada").click()
    for n in (1, 2):
        page.get_by_label(f"Seleccionar la conversación con Cliente {n}").check()
    page.get_by_role("button", name="Enviar a la papelera", exact=True).first.click()
    expect(page.locator("#mail-list li[data-thread]")).to_have_count(4)
    page.get_by_role("link", name="Eliminado").click()
    expect(page.locator("#mail-list li[data-thread]")).to_have_count(2)
    page.get_by_label("Seleccionar la conversación con Cliente 1").check()
    page.get_by_role("button", name="Recuperar de la papelera").first.click()
    expect(page.locator("#mail-list li[data-thread]")).to_have_count(1)
    page.get_by_label("Seleccionar la conversación con Cliente 2").check()
    page.get_by_role("button", name="Acciones").click()
    page.get_by_role("button", name="Eliminar mensaje").click()
    expect(page.get_by_role("dialog")).to_contain_text("¿Eliminar 1 mensaje definitivamente?")
    page.get_by_role("dialog").get_by_role("button", name="Eliminar mensaje").click()

    expect(page.get_by_text("No hay nada en esta carpeta.")).to_be_visible()
    assert operations(OperationKind.PURGE) == 1
    page.get_by_role("link", name="Bandeja de entrada").click()
    expect(page.locator("#mail-list")).to_contain_text("Consulta 1")
    expect(page.locator("#mail-list")).not_to_contain_text("Consulta 2")


def test_what_belongs_to_a_document_stays(
    company: Company, box: Box, page: Page, sign_in: SignIn
) -> None:
    """S3-21: refused with the reason."""
    placement = receive(box.folders[FolderRole.TRASH], make_raw(subject="Sobre la factura"))
    saved(
        MessageLink(
            message_id=placement.message_id,
            customer_id=company.customers[0].id,
            document_id=company.invoices[0].id,
        )
    )
    db.session.commit()
    open_area(page, company, sign_in)
    page.get_by_role("link", name="Eliminado").click()
    page.locator("#mail-list [name=rowid]").check()
    page.get_by_role("button", name="Acciones").click()
    page.get_by_role("button", name="Eliminar mensaje").click()
    page.get_by_role("dialog").get_by_role("button", name="Eliminar mensaje").click()

    expect(page.get_by_text("«Sobre la factura» se queda")).to_be_visible()


def test_one_mailbox_or_all(company: Company, box: Box, page: Page, sign_in: SignIn) -> None:
    """S3-23, S3-24: the box at the top right, by the keyboard; the choice is still there tomorrow."""
    other = Box(company, "cartera@penalba.test")
    arrive(other.inbox, ago(minutes=1), subject="Para el equipo")
    db.session.commit()
    open_area(page, company, sign_in)
    rows = page.locator("#mail-list li[data-thread]")
    expect(rows).to_have_count(7)
    expect(rows.first.locator(".v-acc-dot")).to_be_visible()

    account = page.get_by_label("Cuenta", exact=True)
    account.select_option(label="cartera@penalba.test")
    expect(rows).to_have_count(1)
    page.goto("/mail/")
    expect(rows).to_have_count(1)
    account.select_option(label="Todas las cuentas")

    expect(rows).to_have_count(7)
    look_at(page, "mail-all-accounts")


def test_by_the_keyboard(company: Company, box: Box, page: Page, sign_in: SignIn) -> None:
    """J, K, E, S, #, X, / and ? as the list of keys says."""
    open_area(page, company, sign_in)
    rows = page.locator("#mail-list li[data-thread]")
    expect(rows).to_have_count(6)
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name="Su factura FV-10482")).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name="Consulta 0")).to_be_visible()
    page.keyboard.press("k")
    expect(page.get_by_role("heading", name="Su factura FV-10482")).to_be_visible()
    page.keyboard.press("s")
    expect(page.locator("#mail-folders")).to_contain_text("Destacados1")
    page.keyboard.press("e")
    expect(rows).to_have_count(5)
    expect(page.get_by_role("heading", name="Consulta 0")).to_be_visible()
    page.keyboard.press("#")
    expect(rows).to_have_count(4)
    expect(page.get_by_role("heading", name="Consulta 1")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Buscar mensajes")).to_be_focused()
    page.locator("h1").first.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Teclas")).to_be_visible()


def test_searching(company: Company, box: Box, page: Page, sign_in: SignIn) -> None:
    """S3-22: one box, three tabs with counts, fields."""
    open_area(page, company, sign_in)
    search = page.get_by_role("searchbox", name="Buscar mensajes")
    search.fill("flete")
    search.press("Enter")

    expect(page.locator(".v-hits li")).to_have_count(3)
    expect(page.locator(".v-hits mark").first).to_have_text("flete")
    look_at(page, "mail-search")
    search.fill("de:cliente1.test adjunto:firmada")
    search.press("Enter")
    expect(page.locator(".v-hits li")).to_have_count(1)
    expect(page.locator(".v-chip.set")).to_have_count(2)
    search.fill("firmada")
    search.press("Enter")
    page.get_by_role("link", name=re.compile("Archivos")).click()
    expect(page.get_by_role("link", name="CO-2189 firmada.pdf")).to_be_visible()
    search.fill("pagos")
    search.press("Enter")
    page.get_by_role("link", name=re.compile("Contactos")).click()
    expect(page.get_by_role("link", name="Pagos 1")).to_be_visible()


def test_without_an_account(company: Company, page: Page, sign_in: SignIn) -> None:
    """S3-03: a call to action, not an error."""
    company.account.is_active = False
    db.session.commit()
    sign_in(page, company.clerk.email)
    page.goto("/mail/")

    expect(page.get_by_role("heading", name="Conecte su correo")).to_be_visible()
    look_at(page, "mail-without-account")


def test_how_the_reading_stands(company: Company, box: Box, page: Page, sign_in: SignIn) -> None:
    """S3-03: last time, last failure, lag, and what the server did not do."""
    sync = db.session.scalars(select(MailSync).where(MailSync.account_id == box.account.id)).one()
    sync.failures_in_a_row, sync.last_bad_at = 2, utc_now()
    sync.last_good_at, sync.problem_detail = ago(minutes=5), "NO [AUTHENTICATIONFAILED] no"
    db.session.commit()
    open_area(page, company, sign_in)
    page.get_by_label("Cuenta", exact=True).select_option(label="lordonez@penalba.test")
    page.get_by_role("button", name="El servidor no responde; leído hace 5 min").click()

    panel = page.get_by_role("region", name="Buzones")
    expect(panel).to_contain_text("Última lectura: hace 5 min")
    expect(panel).to_contain_text("Última falla")
    panel.get_by_text("Respuesta del servidor").click()
    expect(panel).to_contain_text("AUTHENTICATIONFAILED")


def test_with_the_customer(company: Company, box: Box, page: Page, sign_in: SignIn) -> None:
    """S3-25: tied by hand where it is read, found on the customer's page and in its timeline, untied again."""
    customer = company.customers[0]
    receive(
        box.inbox,
        make_raw(sender="Rosa Gil <rosa@otra.example>", subject="Pedido de abril"),
        received_at=ago(minutes=1),
    )
    db.session.commit()
    open_area(page, company, sign_in)
    page.locator("#mail-list").get_by_text("Pedido de abril").click()
    page.get_by_text("Vincular a un cliente").click()
    page.get_by_role("combobox", name="Cliente").fill(customer.name)
    page.get_by_role("option", name=customer.name).first.click()
    page.get_by_role("button", name="Vincular", exact=True).click()
    tag = page.locator("#mail-read .v-tag", has_text=customer.name)
    expect(tag).to_be_visible()
    look_at(page, "mail-tied")

    tag.get_by_role("link").click()
    page.get_by_role("link", name=re.compile(r"^Correos \d")).click()
    expect(page.locator(".v-hits")).to_contain_text("Pedido de abril")
    look_at(page, "customer-messages")
    page.get_by_role("link", name="Línea de tiempo").click()
    expect(page.get_by_text("Rosa Gil escribió «Pedido de abril»")).to_be_visible()

    page.get_by_role("link", name="Pedido de abril").click()
    page.get_by_role("button", name=f"Desvincular de {customer.name}").click()
    expect(
        page.get_by_text(f"La conversación ya no está vinculada a {customer.name}")
    ).to_be_visible()
    expect(tag).to_have_count(0)
    page.get_by_role("button", name="Deshacer").click()
    expect(tag).to_be_visible()


def test_what_was_set_aside(company: Company, box: Box, page: Page, sign_in: SignIn) -> None:
    """X3-16: counted in the menu, with the reason; fetched again, or given up after a question."""
    for uid in (901, 902):
        saved(
            MailDeadLetter(
                folder_id=box.inbox.id,
                uidvalidity=box.inbox.uidvalidity,
                uid=uid,
                reason=DeadLetterReason.NOT_GIVEN,
                detail="The mail server hung up.",
                head="From: Rosa Gil <rosa@otra.example>\nSubject: =?utf-8?q?Pedido_de_ca=C3=B1o?=",
                size_bytes=52_000,
                tries=3,
                set_aside_at=ago(minutes=3),
            )
        )
    db.session.commit()
    open_area(page, company, sign_in)
    page.get_by_role("link", name=re.compile("Mensajes apartados")).click()
    letters = page.locator(".v-aside > li")
    expect(letters).to_have_count(2)
    expect(letters.first).to_contain_text("El servidor lo nombra pero no lo entrega")
    expect(letters.first).to_contain_text("Rosa Gil · Pedido de caño")
    expect(letters.first).to_contain_text("Bandeja de entrada")
    look_at(page, "mail-set-aside")

    letters.first.get_by_role("button", name="Intentar de nuevo").click()
    expect(page.get_by_text("Se trae una vez más.")).to_be_visible()
    letters.first.get_by_role("button", name="Desistir").click()
    page.get_by_role("dialog").get_by_role("button", name="Dejarlo ahí").click()

    expect(page.get_by_text("No hay nada apartado")).to_be_visible()


def test_a_draft_of_another_program(
    company: Company, box: Box, page: Page, sign_in: SignIn
) -> None:
    """S3-18: it stands among the drafts, is continued here, and stands there once."""
    receive(
        box.folders[FolderRole.DRAFTS],
        make_raw(sender="lordonez@penalba.test", to="Ana <ana@cliente.test>", subject="Oferta"),
        flags=("\\Draft", "\\Seen"),
        received_at=ago(minutes=1),
    )
    db.session.commit()
    open_area(page, company, sign_in)
    page.get_by_role("link", name="Borradores").click()
    page.locator("#mail-list").get_by_text("Oferta").click()
    page.get_by_role("button", name="Seguir escribiendo").click()
    expect(page.get_by_label("Asunto")).to_have_value("Oferta")

    page.goto("/mail/?folder=drafts")

    expect(page.locator("#mail-list").get_by_text("Oferta")).to_have_count(1)
    page.locator("#mail-list").get_by_text("Oferta").click()
    expect(page.get_by_label("Asunto")).to_have_value("Oferta")


def test_a_conversation_waits_and_comes_back(
    company: Company, box: Box, page: Page, sign_in: SignIn
) -> None:
    """X3-06: out of the list until its time, then on top of it and marked; the notice leads back at once."""
    open_area(page, company, sign_in)
    rows = page.locator("#mail-list li[data-thread]")
    expect(rows).to_have_count(6)
    for is_undone in (True, False):
        page.get_by_label("Seleccionar la conversación con Cliente 3").check()
        page.get_by_role("button", name="Acciones").click()
        page.locator("#mail-acts").get_by_role("button", name="Posponer").click()
        dialog = page.get_by_role("dialog", name="Posponer 1 conversación")
        dialog.get_by_label("Mañana").check()
        look_at(page, "mail-snooze")
        dialog.get_by_role("button", name="Posponer").click()
        expect(rows).to_have_count(5)
        expect(page.locator("#mail-list")).not_to_contain_text("Consulta 3")
        if is_undone:
            page.get_by_role("button", name="Deshacer").click()
            expect(rows).to_have_count(6)
    page.locator("#mail-folders").get_by_role("link", name="Pospuestos").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Consulta 3")
    look_at(page, "mail-snoozed")

    db.session.execute(update(Snooze).values(snoozed_until=ago(minutes=1)))
    db.session.commit()
    ring_for_mailboxes.enqueue()  # as the clock does
    eventually(lambda: not waiting())

    page.locator("#mail-folders").get_by_role("link", name="Bandeja de entrada").click()
    expect(rows).to_have_count(6)
    expect(rows.first).to_contain_text("Consulta 3")
    expect(rows.first).to_contain_text("Volvió: llegó su hora")


def test_folders_of_ones_own_on_a_phone(
    company: Company, box: Box, page: Page, sign_in: SignIn
) -> None:
    """S3-05: made, renamed and deleted where the folders are one line above the list."""
    sign_in(page, company.clerk.email)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/mail/")
    page.get_by_label("Cuenta", exact=True).select_option(label="lordonez@penalba.test")
    folders = page.locator("#mail-folders")
    folders.get_by_role("link", name="Carpeta nueva").click()
    dialog = page.get_by_role("dialog", name="Carpeta nueva")
    look_at(page, "mail-folder-new")
    dialog.get_by_label("Nombre").fill("Obra")
    dialog.get_by_role("button", name="Crear la carpeta").click()

    folders.get_by_role("link", name="Obra", exact=True).click()
    expect(page.get_by_text("No hay nada en esta carpeta.")).to_be_visible()
    folders.get_by_role("link", name="Cambiar la carpeta Obra").click()
    dialog = page.get_by_role("dialog", name="Carpeta «Obra»")
    look_at(page, "mail-folder")
    dialog.get_by_label("Nombre").fill("Obras")
    dialog.get_by_role("button", name="Cambiar el nombre").click()
    expect(folders.get_by_role("link", name="Obras", exact=True)).to_be_visible()
    page.get_by_role("link", name="Cambiar la carpeta Obras").click()
    page.get_by_role("dialog").get_by_role("button", name="Eliminar la carpeta").click()

    expect(folders.get_by_role("link", name="Reclamos", exact=True)).to_be_attached()
    expect(folders.get_by_role("link", name="Obras", exact=True)).to_have_count(0)
