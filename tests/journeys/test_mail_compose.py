"""Writing messages in a real browser (S3-08 to S3-10, S3-18, S3-27 to S3-40)."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from jobs.mail_sending import send_written
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import DraftState, MailDraft
from models.mailbox.mail_folder import FolderRole
from models.mailbox.mail_sync import MailSync
from tests.factories.mailbox import make_folder, make_mailbox, receive
from tests.factories.saving import saved
from tests.journeys.conftest import Company
from tests.journeys.inspection import Complaints, glance_at, look_at
from tests.journeys.product import Product

SignIn = Callable[..., None]


@pytest.fixture
def account(company: Company, product: Product) -> MailAccount:
    account = make_mailbox(
        address="lucia@penalba.test",
        display_name="Lucía Ordóñez",
        owner_id=company.clerk.id,
        smtp_port=product.mail.port,
        login=None,
        password=None,
        signature_html="<p>Lucía Ordóñez<br>Cartera</p>",
        largest_message_bytes=1_000_000,
    )
    for role in (FolderRole.INBOX, FolderRole.SENT, FolderRole.DRAFTS, FolderRole.TRASH):
        make_folder(account, role)
    now = utc_now()
    saved(MailSync(account_id=account.id, began_at=now, last_good_at=now, first_run_ended_at=now))
    db.session.commit()
    return account


def begin(page: Page, company: Company, sign_in: SignIn) -> None:
    sign_in(page, company.clerk.email)
    page.goto("/mail/")
    page.get_by_role("link", name="Nuevo mensaje").click()
    expect(page.get_by_role("heading", name="Nuevo mensaje")).to_be_visible()


def text(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Mensaje").and_(page.locator(".ProseMirror"))


def address(page: Page, name: str) -> Locator:
    return page.locator(f"#compose-{name}-entry")


def is_kept(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_contain_text("Borrador guardado")


def drafts() -> list[MailDraft]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(MailDraft).order_by(MailDraft.id)))


def test_writing_and_sending(
    company: Company, account: MailAccount, product: Product, page: Page, sign_in: SignIn
) -> None:
    """S3-18, S3-27, S3-30, S3-31, S3-32, S3-33, S3-34, S3-35, S3-39, pains D-5: typed, kept, reloaded, sent, in the ledger, draft gone."""
    begin(page, company, sign_in)
    expect(page.locator("#compose-account")).to_contain_text("Lucía Ordóñez <lucia@penalba.test>")
    expect(page.locator("#compose-signature")).to_contain_text("Cartera")
    address(page, "to").fill("Sofía Ñáñez <sofia@lanapa.test>, oscar.lanapa.test")
    address(page, "to").press("Enter")
    expect(page.locator(".v-chip.bad")).to_contain_text("oscar.lanapa.test")
    expect(page.get_by_text("«oscar.lanapa.test» no tiene «@».")).to_be_visible()
    expect(page.locator("#notes-to li.bad")).to_have_count(1)
    expect(page.locator("#row-to .v-chip").first).to_contain_text("no es contacto")
    page.get_by_role("button", name="Quitar oscar.lanapa.test").click()
    expect(page.locator("#notes-to")).to_be_hidden()
    expect(page.locator(".v-chip.bad")).to_have_count(0)
    expect(page.locator("#row-bcc")).to_be_hidden()
    page.get_by_role("button", name="Cco").click()
    page.get_by_role("button", name="Cc", exact=True).click()
    address(page, "cc").fill('"Ñáñez, Óscar" <oscar@lanapa.test>, begona')
    address(page, "cc").press("Enter")
    expect(page.locator("#notes-cc li.bad")).to_have_text("«begona» no tiene «@».")
    page.get_by_role("button", name="Quitar begona").click()
    expect(page.locator("#row-cc .v-chip")).to_have_count(1)
    address(page, "bcc").fill("jefa@penalba.test")
    address(page, "bcc").press("Enter")
    expect(page.locator("#row-bcc .v-chip")).to_contain_text("jefa@penalba.test")
    text(page).click()
    page.keyboard.type("El saldo queda en 4.775.470 COP.")
    is_kept(page)
    expect(page).to_have_url(re.compile("draft="))
    page.wait_for_timeout(2500)
    page.reload()
    expect(text(page)).to_contain_text("4.775.470")
    expect(page.locator("#row-to .v-chip")).to_contain_text("Sofía Ñáñez")
    look_at(page, "mail-compose")

    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(page.get_by_text("El mensaje no tiene asunto. ¿Enviarlo así?")).to_be_visible()
    page.get_by_label("Asunto").fill("Nota de crédito")
    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(page.get_by_text("El mensaje sale en 10 segundos.")).to_be_visible()
    assert [each.state for each in drafts()] == [DraftState.LEAVING]

    page.locator(".v-toast").get_by_role("button", name="Deshacer").click()
    expect(page.get_by_label("Asunto")).to_have_value("Nota de crédito")
    expect(text(page)).to_contain_text("4.775.470")
    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(page.get_by_text("El mensaje sale en 10 segundos.")).to_be_visible()
    [draft] = drafts()
    draft.leaves_at = utc_now()
    db.session.commit()
    send_written()
    for _half_second in range(120):
        if product.mail.accepted:
            break
        page.wait_for_timeout(500)
    [accepted] = product.mail.accepted
    assert accepted.recipients == [
        "sofia@lanapa.test",
        "oscar@lanapa.test",
        "jefa@penalba.test",
    ]
    assert b"jefa@penalba.test" not in accepted.raw
    send_written()
    page.goto("/mail/?folder=sent")
    row = page.locator("#mail-list li").filter(has_text="Nota de crédito")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Enviado")
    page.goto("/mail/?folder=drafts")
    expect(page.get_by_text("No hay nada en esta carpeta.")).to_be_visible()


def test_answering(company: Company, account: MailAccount, page: Page, sign_in: SignIn) -> None:
    """S3-08, S3-09, S3-10: from the message that is read, with whom it goes to, its subject and what it quotes."""
    inbox = make_folder(account, FolderRole.OTHER, path="Reclamos")
    receive(
        inbox,
        sender="Sofía Ñáñez <sofia@lanapa.test>",
        to="lucia@penalba.test, Óscar <oscar@lanapa.test>",
        subject="RE: Flete",
        text="El flete no coincide.",
        files=(("nota.pdf", b"%PDF-1.7 nota"),),
    )
    db.session.commit()
    sign_in(page, company.clerk.email)
    page.goto(f"/mail/?folder={inbox.public_id}")
    page.locator("#mail-list li a").first.click()
    page.locator("#mail-read").get_by_role("link", name="Responder a todos").click()
    expect(page.locator("#row-to .v-chip")).to_contain_text("Sofía Ñáñez")
    expect(page.locator("#row-cc .v-chip")).to_contain_text("Óscar")
    expect(page.get_by_label("Asunto")).to_have_value("Re: Flete")
    expect(page.locator(".v-comp-q")).to_contain_text("Incluir el mensaje")
    page.go_back()
    page.locator("#mail-read").get_by_role("link", name="Reenviar").first.click()
    expect(page.get_by_label("Asunto")).to_have_value("Fwd: Flete")
    expect(page.locator("#compose-files")).to_contain_text("nota.pdf")


def test_linking_an_account(
    company: Company, account: MailAccount, page: Page, sign_in: SignIn
) -> None:
    """S3-28, S3-29: found by e-mail; one that is added in another tab, in its form, is found without reloading."""
    begin(page, company, sign_in)
    page.locator(".v-comp .ts-control").click()
    page.keyboard.type("pagos@cliente1.test")
    page.get_by_role("option", name=re.compile("Óptica Peñafiel")).click()
    expect(page.locator(".v-comp .ts-control")).to_contain_text("Óptica Peñafiel")
    is_kept(page)
    expect(page.locator("#compose-document")).to_contain_text("10101")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Agregar una cuenta nueva").click()
    form = opened.value
    form.get_by_label("Nombre", exact=True).first.fill("Cuenta Recién Creada")
    form.get_by_label("Número", exact=True).fill("C90001")
    form.get_by_role("button", name="Agregar contacto").click()
    contact = form.locator("[data-lines=contacts] tbody tr").last
    contact.get_by_label("Nombre").fill("Nueva")
    contact.get_by_label("Correo").fill("nueva@recien.test")
    form.get_by_role("button", name="Guardar").first.click()
    form.wait_for_url("**/details/**")
    form.close()
    page.bring_to_front()
    # Where the window has not got the keyboard back yet, loose keys would be shortcuts of the page.
    page.locator(".v-comp .ts-control").click()
    page.locator(".v-comp .ts-control input").press_sequentially("nueva@recien")
    page.get_by_role("option", name=re.compile("Cuenta Recién Creada")).click()
    expect(page.locator(".v-comp .ts-control")).to_contain_text("Cuenta Recién Creada")


def test_files(
    company: Company, account: MailAccount, page: Page, sign_in: SignIn, tmp_path: Path
) -> None:
    """S3-36, S3-37: several at once; what is too large, or is refused by servers, is told with its name."""
    for name, content in (
        ("nota.pdf", b"%PDF-1.7 nota"),
        ("lista.csv", b"a;b\n1;2\n"),
        ("planos.pdf", b"%PDF-1.7" + b"0" * 900_000),
        ("juego.exe", b"MZ"),
    ):
        (tmp_path / name).write_bytes(content)
    begin(page, company, sign_in)
    field = page.locator("[data-compose-files]")
    field.set_input_files([tmp_path / "nota.pdf", tmp_path / "lista.csv"])
    expect(page.locator("#compose-files")).to_contain_text("nota.pdf")
    expect(page.locator("#compose-files")).to_contain_text("lista.csv")
    field.set_input_files([tmp_path / "planos.pdf"])
    expect(page.get_by_text("«planos.pdf» no cabe")).to_be_visible()
    field.set_input_files([tmp_path / "juego.exe"])
    expect(page.get_by_text("«juego.exe» no se puede enviar")).to_be_visible()
    page.get_by_role("button", name="Quitar lista.csv").click()
    expect(page.locator("#compose-files")).not_to_contain_text("lista.csv")
    expect(page.locator("#compose-files")).to_contain_text("nota.pdf")


def test_clearing(company: Company, account: MailAccount, page: Page, sign_in: SignIn) -> None:
    """S3-38: asks, empties all fields, and brings them back."""
    begin(page, company, sign_in)
    page.get_by_label("Asunto").fill("Nota")
    is_kept(page)
    page.get_by_role("button", name="Limpiar campos").click()
    page.get_by_role("button", name="Limpiar todos los campos").click()
    expect(page.get_by_text("Todos los campos están vacíos.")).to_be_visible()
    expect(page.get_by_label("Asunto")).to_have_value("")
    page.locator(".v-toast").get_by_role("button", name="Deshacer").click()
    expect(page.get_by_label("Asunto")).to_have_value("Nota")


def test_sending_later(
    company: Company, account: MailAccount, page: Page, sign_in: SignIn, complaints: Complaints
) -> None:
    """X3-11: beside the list, folded away and up again; it waits among the drafts, and opens to be changed."""
    complaints.expect(422)
    begin(page, company, sign_in)
    fold = page.get_by_role("button", name="Minimizar")
    fold.click()
    expect(page.get_by_label("Asunto")).to_be_hidden()
    fold.click()
    address(page, "to").fill("ana@lanapa.test")
    address(page, "to").press("Enter")
    page.get_by_label("Asunto").fill("Cotización")
    text(page).click()
    page.keyboard.type("Vale hasta el viernes.")
    page.get_by_role("button", name="Programar el envío").click()
    page.get_by_label("Día y hora").fill("2020-01-02T08:00")
    page.get_by_role("button", name="Programar", exact=True).click()
    expect(page.get_by_text("Ese momento ya pasó.")).to_be_visible()
    page.get_by_role("button", name="Programar el envío").click()
    tomorrow = utc_now() + timedelta(days=1)
    page.get_by_label("Día y hora").fill(f"{tomorrow:%Y-%m-%d}T08:00")
    page.get_by_role("button", name="Programar", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="El mensaje sale el")).to_be_visible()

    page.get_by_role("link", name="Borradores").click()
    row = page.locator("#mail-list li").filter(has_text="Cotización")
    expect(row).to_contain_text("Sale el")
    row.get_by_role("link").click()
    expect(page.get_by_role("button", name="Enviar", exact=True)).to_be_disabled()
    expect(page.get_by_label("Asunto")).to_be_disabled()
    expect(text(page)).to_have_attribute("contenteditable", "false")
    look_at(page, "mail-later")
    page.get_by_role("button", name="Deshacer el envío para cambiarlo").click()
    expect(page.get_by_role("button", name="Enviar", exact=True)).to_be_enabled()
    expect(page.get_by_label("Asunto")).to_have_value("Cotización")
    assert [each.state for each in drafts()] == [DraftState.WRITING]


def test_nothing_moves_while_it_arrives(
    company: Company, account: MailAccount, page: Page, sign_in: SignIn
) -> None:
    """L-26: over a slow line the window beside the list stands where it stays, before all of it is there."""
    begin(page, company, sign_in)
    beside = page.url
    line = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 20, "downloadThroughput": 40_000, "uploadThroughput": -1}
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", slow)
    page.goto(beside)
    expect(text(page)).to_be_visible()

    assert glance_at(page) == []


def test_two_tabs(
    company: Company,
    account: MailAccount,
    page: Page,
    sign_in: SignIn,
    complaints: Complaints,
) -> None:
    """S3-18: whoever writes in the second tab is told, and nothing is written over."""
    complaints.expect(409)
    begin(page, company, sign_in)
    page.get_by_label("Asunto").fill("Uno")
    is_kept(page)
    expect(page).to_have_url(re.compile("draft="))
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Asunto").fill("Dos")
    is_kept(other)
    expect(other.locator("[name=revision]")).to_have_value("2")
    page.get_by_label("Asunto").fill("Tres")
    expect(page.get_by_text("se siguió escribiendo en otra pestaña")).to_be_visible()
    page.get_by_role("button", name="Mostrar lo que hay").click()
    expect(page.get_by_label("Asunto")).to_have_value("Dos")


def test_another_language(
    company: Company, account: MailAccount, page: Page, sign_in: SignIn
) -> None:
    """S3-40: what was typed is there after the language was changed, even before it was kept."""
    begin(page, company, sign_in)
    page.get_by_label("Asunto").fill("Nota de crédito")
    page.locator(".v-me").click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="New message")).to_be_visible()
    expect(page.get_by_label("Subject")).to_have_value("Nota de crédito")
