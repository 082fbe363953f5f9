"""Passwords are written, never read, taken away, asked for (S4-12, X4-06)."""

import re
from email import message_from_bytes, policy

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from mail.mime import unstuffed
from models.base import db
from models.mailings.delivery import Delivery, DeliveryBody
from models.people.organization import Department
from models.people.user import User
from services.mailings.sealed_head import open_head
from tests.factories.accounts import make_own_account
from tests.factories.people import make_mail_account
from tests.journeys.conftest import Product
from tests.journeys.inspection import look_at
from tests.journeys.mail_accounts.table import NAMES, accept, account_of, cell


def test_a_password_is_written_and_never_read(grid: Page) -> None:
    """S4-12: set or not set is all that is shown; blank keeps."""
    name = "Andrés Muñoz"
    password = cell(grid, "Contraseña", name)
    expect(password).to_have_attribute("placeholder", "•••• fijada")
    expect(cell(grid, "Contraseña", "Noemí Peña")).to_have_attribute("placeholder", "sin fijar")
    cell(grid, "Puerto", name).fill("2525")
    accept(grid)
    expect(grid.get_by_text("1 usuario guardado.")).to_be_visible()
    account = account_of(name)
    assert account is not None
    assert account.password == "the old one"

    cell(grid, "Contraseña", name).fill("una clave nueva")
    accept(grid)
    expect(grid.locator("[data-changed]")).to_have_text("Sin cambios")
    account = account_of(name)
    assert account is not None
    assert account.password == "una clave nueva"
    assert "una clave nueva" not in grid.content()


def test_what_is_copied_holds_no_password(grid: Page) -> None:
    """S4-12: a range goes to the clipboard as a spreadsheet takes it; passwords stay behind."""
    cell(grid, "Contraseña", NAMES[0]).fill("secreta")
    cell(grid, "Dirección", NAMES[0]).focus()
    for _step in range(3):
        grid.keyboard.press("Shift+ArrowRight")
    copied = grid.evaluate(
        """() => {
          const data = new DataTransfer();
          document.activeElement.dispatchEvent(new ClipboardEvent("copy",
            {clipboardData: data, bubbles: true, cancelable: true}));
          return data.getData("text/plain");
        }"""
    )

    assert copied == "u0@penalba.test\t\tsmtp.penalba.test\t587"


def test_a_stored_password_is_removed_and_put_back(grid: Page) -> None:
    """S4-12: by the cross or by Delete, with a way back before Accept."""
    name = "Andrés Muñoz"
    password = cell(grid, "Contraseña", name)
    password.hover()
    grid.get_by_label(f"Quitar la contraseña guardada: {name}").click()
    expect(grid.locator("[data-changed]")).to_have_text("1 usuario con cambios")
    look_at(grid, "mail-accounts-forget")
    grid.get_by_role("button", name="Deshacer").click()
    expect(grid.locator("[data-changed]")).to_have_text("Sin cambios")

    password.focus()
    grid.keyboard.press("Delete")
    expect(grid.locator("[data-changed]")).to_have_text("1 usuario con cambios")
    accept(grid)
    expect(grid.get_by_text("1 usuario guardado.")).to_be_visible()
    account = account_of(name)
    assert account is not None
    assert account.password_sealed is None
    expect(cell(grid, "Contraseña", name)).to_have_attribute("placeholder", "sin fijar")


def test_a_user_writes_the_password_that_was_asked_for(
    grid: Page, ventas: Department, chromium: Browser, product: Product
) -> None:
    """X4-06: asked for in the table, written by the link of the message, seen by nobody."""
    make_mail_account(is_shared=True)
    user = db.session.scalars(select(User).where(User.name == "Noemí Peña")).one()
    make_own_account(user, "npena@penalba.test", password=None, login=None)
    db.session.commit()
    grid.reload()
    grid.get_by_label("Seleccionar a Noemí Peña").check()
    grid.get_by_role("button", name="Pedir contraseña").click()
    expect(grid.get_by_text("Se pide la contraseña por correo a 1 usuario.")).to_be_visible()
    expect(cell(grid, "Contraseña", "Noemí Peña")).to_have_attribute(
        "placeholder", re.compile("^pedida el ")
    )
    look_at(grid, "mail-accounts-asked")
    db.session.rollback()
    link = written_link()

    page = chromium.new_context(base_url=product.base_url, locale="es-CO").new_page()
    page.goto(link)
    expect(page.get_by_text("smtp.penalba.test")).to_be_visible()
    look_at(page, "mail-password")
    page.get_by_label("Contraseña de la cuenta de correo", exact=True).fill("solo Noemí la sabe")
    page.get_by_label("Probar enseguida si funciona").uncheck()
    page.get_by_role("button", name="Guardar la contraseña").click()
    expect(page.get_by_text("No queda nada por hacer.")).to_be_visible()
    account = account_of("Noemí Peña")
    assert account is not None
    assert account.password == "solo Noemí la sabe"


def written_link() -> str:
    """Where the only message of the ledger leads."""
    recipient, head = db.session.execute(
        select(Delivery.recipient, DeliveryBody.head).join(
            DeliveryBody, DeliveryBody.delivery_id == Delivery.id
        )
    ).one()
    message = message_from_bytes(unstuffed(open_head(head, recipient)), policy=policy.default)
    body = message.get_body(("plain",))
    found = body and re.search(r"/mail-password/[A-Za-z0-9_-]{43}", body.get_content())
    assert found
    return found[0]
