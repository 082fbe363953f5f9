"""Where somebody stands in the mail area: the folder, what of it, which page, which conversation is open."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import abort, url_for
from flask_babel import lazy_gettext as _l

from models.mailbox.mail_folder import FolderRole, MailFolder
from services.mailbox.list_mark import ListMark
from services.mailbox.mail_place import ROLES, Box, Mailboxes
from services.mailbox.snoozing import SETTLED

WORDS: Mapping[Box, tuple[str, Any]] = {
    Box.INBOX: ("inbox", _l("Inbox")),
    Box.STARRED: ("star", _l("Starred")),
    Box.SNOOZED: ("clock", _l("Snoozed")),
    Box.DRAFTS: ("pencil", _l("Drafts")),
    Box.SENT: ("send", _l("Sent mail")),
    Box.TRASH: ("trash", _l("Deleted mail")),
    Box.ARCHIVE: ("archive", _l("Archive")),
    Box.JUNK: ("mail-off", _l("Junk")),
}
ALWAYS = (Box.INBOX, Box.STARRED, Box.SNOOZED, Box.DRAFTS, Box.SENT, Box.TRASH)
FILTERS_OF = {Box.STARRED: "starred", Box.SNOOZED: "snoozed"}


@dataclass(frozen=True)
class MailPlace:
    """A place; its address holds all of it but the mailbox, which is the reader's last choice."""

    mailboxes: Mailboxes
    box: Box = Box.INBOX
    folder: MailFolder | None = None
    only: str = ""
    after: ListMark | None = None
    before: ListMark | None = None
    open: uuid.UUID | None = None

    @property
    def name(self) -> str:
        return self.folder.name if self.folder else str(WORDS[self.box][1])

    @property
    def key(self) -> str:
        """How the folder is called in addresses."""
        return str(self.folder.public_id) if self.folder else self.box.value

    @property
    def folders(self) -> Sequence[MailFolder]:
        return self.mailboxes.folders_of(self.box, self.folder)

    @property
    def filter(self) -> str:
        """What of the folders is listed."""
        return FILTERS_OF.get(self.box, self.only)

    @property
    def is_outgoing(self) -> bool:
        """Whether the people one writes to say more than who writes."""
        return self._role in (FolderRole.SENT, FolderRole.DRAFTS)

    @property
    def is_trash(self) -> bool:
        return self._role is FolderRole.TRASH

    @property
    def can_snooze(self) -> bool:
        """Whether what lies here may wait for a better time."""
        return self._role not in SETTLED

    @property
    def _role(self) -> FolderRole | None:
        return self.folder.role if self.folder else ROLES.get(self.box)

    def arguments(self) -> dict[str, Any]:
        """All of it as the arguments of an address."""
        found = {
            "folder": self.key,
            "only": self.only,
            "after": str(self.after or ""),
            "before": str(self.before or ""),
            "open": str(self.open or ""),
        }
        return {name: value for name, value in found.items() if value}

    @property
    def query(self) -> str:
        """The same as one text, for addresses that have to lead back here."""
        return urlencode(self.arguments())

    @cached_property
    def _address(self) -> str:
        return url_for("mail_area.index")

    def url(self, **changes: Any) -> str:
        return f"{self._address}?{replace(self, **changes).query}"


def place_asked_for(mailboxes: Mailboxes, asked: Mapping[str, str]) -> MailPlace:
    """The place of an address or a form; 404 for a folder that is not this reader's."""
    wanted = asked.get("folder", Box.INBOX.value)
    folder = None
    if wanted in {box.value for box in WORDS}:
        box = Box(wanted)
    else:
        box = Box.FOLDER
        folder = folder_named(mailboxes, wanted) or abort(404)
    only = asked.get("only", "")
    return MailPlace(
        mailboxes,
        box,
        folder,
        only if only == "unread" or (only == "unanswered" and box is Box.INBOX) else "",
        ListMark.read(asked.get("after", "")),
        ListMark.read(asked.get("before", "")),
        _uuid(asked.get("open", "")),
    )


def place_of_query(mailboxes: Mailboxes, query: str) -> MailPlace:
    """The place that `MailPlace.query` has put into words."""
    return place_asked_for(mailboxes, dict(parse_qsl(query)))


def folder_named(mailboxes: Mailboxes, public_id: str) -> MailFolder | None:
    """The folder of this name, if it is one that this reader may look into."""
    return next((each for each in mailboxes.folders if str(each.public_id) == public_id), None)


def folder_words(folder: MailFolder) -> str:
    """What a reader calls it: servers have names of their own for the inbox and its like."""
    if folder.role is FolderRole.OTHER:
        return folder.name
    return str(FolderRole.labels()[folder.role])


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
