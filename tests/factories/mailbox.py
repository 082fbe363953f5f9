"""Mailboxes with messages in them, without a server."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.mail_sign_in import MailSecurity
from models.mailbox.message_placement import MessagePlacement
from services.mailbox.letters import Letter
from services.mailbox.taking_in import take_in
from tests.factories.people import make_mail_account
from tests.factories.saving import numbers, saved

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def make_mailbox(**fields: Any) -> MailAccount:
    """An account whose mail is read."""
    return make_mail_account(
        **{
            "imap_host": "127.0.0.1",
            "imap_security": MailSecurity.NONE,
            "login": "ventas",
            "password": "secreta",
            **fields,
        }
    )


def make_folder(
    account: MailAccount, role: FolderRole = FolderRole.INBOX, **fields: Any
) -> MailFolder:
    """A folder that has been seen on the server."""
    path = "INBOX" if role is FolderRole.INBOX else role.value.capitalize()
    return saved(
        MailFolder(
            **{
                "account_id": account.id,
                "role": role,
                "path": path,
                "delimiter": "/",
                "uidvalidity": 1,
                "uidnext": 1,
                **fields,
            }
        )
    )


def make_raw(
    *,
    sender: str = "Ana Ruiz <ana@cliente.example>",
    to: str = "ventas@penalba.example",
    subject: str = "Pregunta por la factura",
    text: str = "Buenos días, ¿me mandan la factura?",
    html: str | None = None,
    message_id: str | None = None,
    sent_at: datetime = NOON,
    files: tuple[tuple[str, bytes], ...] = (),
    **fields: str,
) -> bytes:
    """A message as a server hands it over; `fields` are further header fields (`in_reply_to="<a@b>"`)."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(sent_at)
    message["Message-ID"] = message_id or f"<{next(numbers)}@cliente.example>"
    for name, value in fields.items():
        message[name.replace("_", "-").title()] = value
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def receive(
    folder: MailFolder,
    raw: bytes | None = None,
    *,
    flags: tuple[str, ...] = (),
    received_at: datetime = NOON,
    uid: int | None = None,
    **fields: Any,
) -> MessagePlacement:
    """The message arrives in this folder, taken in as the reading of a server does it."""
    number = uid or folder.uidnext or 1
    letter = Letter(number, flags, received_at, raw if raw is not None else make_raw(**fields))
    folder.uidnext = max(folder.uidnext or 1, number + 1)
    folder.server_messages += 1
    [placement] = take_in(folder, [letter])
    return placement
