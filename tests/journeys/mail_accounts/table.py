"""Steps in the table of everybody's mail accounts."""

from playwright.sync_api import Locator, Page
from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.people.user import User

NAMES = (
    *("Andrés Muñoz", "Begoña Íñiguez", "Camilo Peñaranda", "Diana Güiza", "Eugenia Ordóñez"),
    *("Fabián Ñústez", "Íngrid Cañón", "José Nicolás Bermúdez", "Lourdes Añez", "Martín Zúñiga"),
    *("Noemí Peña", "Óscar Ruiz"),
)
URL = "/addons/mail-accounts"
EMAIL = "admin@penalba.test"


def cell(page: Page, label: str, name: str) -> Locator:
    return page.get_by_label(f"{label}: {name}", exact=True)


def account_of(name: str) -> MailAccount | None:
    db.session.rollback()
    db.session.expire_all()
    found: MailAccount | None = db.session.scalar(
        select(MailAccount).join(User, User.id == MailAccount.owner_id).where(User.name == name)
    )
    return found


def paste(page: Page, text: str) -> None:
    """What a spreadsheet puts on the clipboard, into the cell that has the focus."""
    page.evaluate(
        """text => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          document.activeElement.dispatchEvent(new ClipboardEvent("paste",
            {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def accept(page: Page) -> None:
    page.get_by_role("button", name="Aceptar").click()
