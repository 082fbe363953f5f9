"""Mailboxes for tests, row by row: without bytes, where only the rows matter."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mail.envelope import comparable
from models.base import utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.message import Message
from models.mailbox.message_party import MessageParty, PartyField
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.thread import Thread
from services.mailbox.folder_counts import recount
from tests.factories.people import make_mail_account
from tests.factories.saving import numbers, saved

BEGAN = datetime(2026, 8, 20, 8, 0, tzinfo=UTC)
PATHS = {
    FolderRole.INBOX: "INBOX",
    FolderRole.DRAFTS: "Drafts",
    FolderRole.SENT: "Sent",
    FolderRole.TRASH: "Trash",
    FolderRole.ARCHIVE: "Archive",
    FolderRole.JUNK: "Junk",
}


class Mailbox:
    """An account with the folders that every mailbox has."""

    def __init__(self, account: MailAccount, roles: Sequence[FolderRole] = tuple(PATHS)) -> None:
        self.account = account
        self.folders = {role: make_mail_folder(account, role) for role in roles}

    def __getattr__(self, name: str) -> MailFolder:
        """`mailbox.inbox`, `mailbox.trash` and so on."""
        return self.folders[FolderRole(name)]


def make_mailbox(**fields: Any) -> Mailbox:
    return Mailbox(make_mail_account(**{"imap_host": "127.0.0.1", **fields}))


def make_mail_folder(
    account: MailAccount, role: FolderRole = FolderRole.OTHER, path: str = ""
) -> MailFolder:
    return saved(
        MailFolder(
            account_id=account.id,
            role=role,
            path=path or PATHS[role],
            delimiter="/",
            uidvalidity=1,
            uidnext=1,
            synced_at=utc_now(),
        )
    )


def make_thread() -> Thread:
    return saved(Thread())


def put(
    folder: MailFolder,
    *,
    thread: Thread | None = None,
    message: Message | None = None,
    sender: tuple[str, str] = ("Sofía Ñáñez", "sofia@lanapa.test"),
    to: Sequence[str] = ("cartera@penalba.test",),
    **fields: Any,
) -> MessagePlacement:
    """A message in a folder; `is_read` and the like go to the placement, all else to the message."""
    number = next(numbers)
    marks = {
        name: fields.pop(name)
        for name in ("is_read", "is_starred", "is_answered", "uid")
        if name in fields
    }
    sent_at = fields.pop("sent_at", BEGAN + timedelta(minutes=number))
    if message is None:
        place = thread or make_thread()
        message = saved(
            Message(
                **{
                    "thread_id": place.id,
                    "message_id_header": f"<{number}@lanapa.test>",
                    "content_sha256": hashlib.sha256(str(number).encode()).digest(),
                    "from_name": sender[0],
                    "from_address": sender[1],
                    "subject": f"Subject {number}",
                    "sent_at": sent_at,
                    "received_at": sent_at,
                    "size_bytes": 1000,
                    **fields,
                }
            )
        )
        people = [(PartyField.FROM, *sender), *((PartyField.TO, "", address) for address in to)]
        for position, (field, name, address) in enumerate(people):
            saved(
                MessageParty(
                    message_id=message.id,
                    position=position,
                    field=field,
                    name=name,
                    address=address,
                    address_norm=comparable(address),
                )
            )
    placement = saved(
        MessagePlacement(
            folder_id=folder.id,
            message_id=message.id,
            thread_id=message.thread_id,
            sent_at=message.sent_at,
            **{"uid": number, **marks},
        )
    )
    recount(folder.id, [message.thread_id])
    return placement
