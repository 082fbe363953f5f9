"""The folders of a mailbox, and how far each has been read."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord, within_organization
from models.keys import belongs_to
from models.mailbox.mail_account import MailAccount
from models.public_id import uuid7


class FolderRole(StrEnum):
    """What a folder is for (RFC 6154); a mailbox has each but `other` once at most."""

    INBOX = "inbox"
    DRAFTS = "drafts"
    SENT = "sent"
    TRASH = "trash"
    JUNK = "junk"
    ARCHIVE = "archive"
    OTHER = "other"

    @classmethod
    def labels(cls) -> dict["FolderRole", Any]:
        return {
            cls.INBOX: _l("Inbox"),
            cls.DRAFTS: _l("Drafts"),
            cls.SENT: _l("Sent"),
            cls.TRASH: _l("Trash"),
            cls.JUNK: _l("Junk"),
            cls.ARCHIVE: _l("Archive"),
            cls.OTHER: _l("Folder"),
        }


class MailFolder(OrganizationRecord):
    """A folder as the server names it.

    `uidvalidity`, `uidnext`, `highestmodseq`, `server_messages` and `server_unseen` are the position up to which its rows stand here:
    they are written in the transaction of those rows, as SELECT said them (RFC 7162).
    `wanted_path` is what its readers call it until the server does, `is_unwanted` that they have deleted it, and `refusal` what the server
    said to that (`pushing_folders.py`).
    """

    __tablename__ = "mail_folder"
    __audited__ = False
    __table_args__ = (
        within_organization(),
        belongs_to("mail_account", "account_id", ondelete="CASCADE"),
        UniqueConstraint("organization_id", "account_id", "path"),
        Index(
            "uq_mail_folder_role",
            "organization_id",
            "account_id",
            "role",
            unique=True,
            postgresql_where=text("role <> 'other'"),
        ),
        Index(
            "ix_mail_folder_wanted",
            "account_id",
            postgresql_where=text("wanted_path IS NOT NULL OR is_unwanted"),
        ),
    )

    public_id: Mapped[uuid.UUID] = mapped_column(default=uuid7, unique=True)
    account_id: Mapped[int] = mapped_column()
    role: Mapped[FolderRole] = mapped_column(default=FolderRole.OTHER)
    path: Mapped[str] = mapped_column()
    delimiter: Mapped[str | None] = mapped_column()
    is_selectable: Mapped[bool] = mapped_column(default=True)
    uidvalidity: Mapped[int | None] = mapped_column()
    uidnext: Mapped[int | None] = mapped_column()
    highestmodseq: Mapped[int | None] = mapped_column()
    server_messages: Mapped[int] = mapped_column(default=0)
    server_unseen: Mapped[int | None] = mapped_column()
    # The oldest UID that the first run has not read yet; None when everything wanted is here.
    first_run_below: Mapped[int | None] = mapped_column()
    synced_at: Mapped[datetime | None] = mapped_column()
    gone_at: Mapped[datetime | None] = mapped_column()
    wanted_path: Mapped[str | None] = mapped_column()
    is_unwanted: Mapped[bool] = mapped_column(default=False)
    refusal: Mapped[str | None] = mapped_column()

    account: Mapped[MailAccount] = relationship(
        primaryjoin=lambda: foreign(MailFolder.account_id) == MailAccount.id
    )

    @property
    def name(self) -> str:
        """The last part of its path."""
        path = self.shown_path
        return path.rsplit(self.delimiter, 1)[-1] if self.delimiter else path

    @property
    def shown_path(self) -> str:
        """What its readers call it: with what they want that the server has not done yet."""
        return self.wanted_path or self.path

    def __str__(self) -> str:
        return self.shown_path
