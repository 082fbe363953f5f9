"""What somebody looks at in the mail area: which mailboxes, and which folder of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.mail_view import MailView
from models.people.user import User
from services.mailbox.readers import accounts_to_read, folders_to_read


class Box(StrEnum):
    """The folders that every mailbox has, whatever their names are there; what is starred or snoozed lies in any folder."""

    INBOX = "inbox"
    STARRED = "starred"
    SNOOZED = "snoozed"
    DRAFTS = "drafts"
    SENT = "sent"
    TRASH = "trash"
    ARCHIVE = "archive"
    JUNK = "junk"
    FOLDER = "folder"


ROLES = {
    Box.INBOX: FolderRole.INBOX,
    Box.DRAFTS: FolderRole.DRAFTS,
    Box.SENT: FolderRole.SENT,
    Box.TRASH: FolderRole.TRASH,
    Box.ARCHIVE: FolderRole.ARCHIVE,
    Box.JUNK: FolderRole.JUNK,
}
# Where messages of several mailboxes move together, each within its own.
EVERYWHERE = (FolderRole.INBOX, FolderRole.ARCHIVE, FolderRole.JUNK, FolderRole.TRASH)
HIDDEN = (FolderRole.TRASH, FolderRole.JUNK)  # nobody looks for anything there unless they say so


@dataclass(frozen=True)
class Mailboxes:
    """The mailboxes that somebody may read, and the one that they look at; without one, at all of them."""

    accounts: Sequence[MailAccount]
    folders: Sequence[MailFolder]
    chosen: MailAccount | None

    @cached_property
    def shown(self) -> Sequence[MailAccount]:
        return [self.chosen] if self.chosen else self.accounts

    @cached_property
    def shown_folders(self) -> Sequence[MailFolder]:
        keys = {account.id for account in self.shown}
        return [folder for folder in self.folders if folder.account_id in keys]

    @cached_property
    def ranks(self) -> Mapping[int, int]:
        """The place of each account among all, from the oldest on."""
        keys = sorted(account.id for account in self.accounts)
        return {key: rank for rank, key in enumerate(keys)}

    def folders_of(self, box: Box, folder: MailFolder | None = None) -> Sequence[MailFolder]:
        """The folders that are looked at together."""
        if box is Box.FOLDER:
            return [folder] if folder else []
        if box in (Box.STARRED, Box.SNOOZED):
            return [each for each in self.shown_folders if each.role not in HIDDEN]
        return [each for each in self.shown_folders if each.role is ROLES[box]]

    def own_folders(self) -> Sequence[MailFolder]:
        """Those that people have made, below the others."""
        return [each for each in self.shown_folders if each.role is FolderRole.OTHER]

    def common_targets(self) -> Sequence[FolderRole]:
        """Where what is chosen from several mailboxes can be moved: at least one of them has it."""
        return [role for role in EVERYWHERE if self.has(role)]

    def has(self, role: FolderRole) -> bool:
        return any(each.role is role for each in self.shown_folders)


def mailboxes_of(person: User) -> Mailboxes:
    """What this person may read, and looked at last (S3-24)."""
    accounts = accounts_to_read(person)
    view = db.session.scalar(select(MailView).where(MailView.user_id == person.id))
    by_key = {account.id: account for account in accounts}
    if view is None:
        chosen = accounts[0] if len(accounts) == 1 else None
    else:
        chosen = by_key.get(view.account_id or 0)
    return Mailboxes(accounts, folders_to_read(person), chosen)


def choose_mailbox(person: User, account: MailAccount | None) -> None:
    """Look at this mailbox from now on, or at all of them."""
    view = db.session.scalar(select(MailView).where(MailView.user_id == person.id))
    if view is None:
        view = MailView(user_id=person.id)
        db.session.add(view)
    view.account_id = account.id if account else None
    db.session.flush()
