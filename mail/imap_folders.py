"""The folders of a mailbox and what they are for: by their marks (RFC 6154), else by their names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mail.errors import BadReply
from mail.imap_syntax import read_folder_name
from mail.imap_talk import Untagged

MARKS = {
    b"\\drafts": "drafts",
    b"\\sent": "sent",
    b"\\trash": "trash",
    b"\\junk": "junk",
    b"\\archive": "archive",
}
EVERYTHING = b"\\all"  # Google's archive
VIEWS = {b"\\flagged", b"\\important"}  # messages that lie elsewhere
UNOPENED = {b"\\noselect", b"\\nonexistent"}
# How servers and programs name them where nothing is marked: English, Spanish, Portuguese, German, French.
NAMES: Mapping[str, tuple[str, ...]] = {
    "drafts": ("drafts", "draft", "borradores", "borrador", "rascunhos", "entwürfe", "brouillons"),
    "sent": (
        *(
            "sent",
            "sent items",
            "sent messages",
            "sent mail",
            "enviados",
            "elementos enviados",
            "enviado",
        ),
        *(
            "correo enviado",
            "mensajes enviados",
            "itens enviados",
            "gesendet",
            "gesendete elemente",
        ),
        *("gesendete objekte", "envoyés", "éléments envoyés", "messages envoyés"),
    ),
    "trash": (
        *("trash", "deleted items", "deleted messages", "deleted", "bin", "papelera", "eliminados"),
        *(
            "elementos eliminados",
            "papelera de reciclaje",
            "lixeira",
            "itens excluídos",
            "papierkorb",
        ),
        *("gelöschte elemente", "gelöschte objekte", "corbeille", "éléments supprimés"),
    ),
    "junk": (
        *(
            "junk",
            "spam",
            "junk email",
            "junk e-mail",
            "bulk mail",
            "correo no deseado",
            "no deseado",
        ),
        *("lixo eletrônico", "spamverdacht", "junk-e-mail", "courrier indésirable", "indésirables"),
    ),
    "archive": ("archive", "archives", "archivo", "archivados", "arquivo", "archiv"),
}
PREFIX = re.compile(r"(?:INBOX|\[Gmail\]|\[Google Mail\])[./\\]", re.IGNORECASE)
MOST_FOLDERS = 5_000


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """What a server says of a folder from outside (RFC 3501, STATUS); None for what it does not tell."""

    uidvalidity: int | None = None
    uidnext: int | None = None
    messages: int | None = None
    unseen: int | None = None
    highestmodseq: int | None = None


@dataclass(frozen=True, slots=True)
class ListedFolder:
    """A folder; `role` is a word of `models/mailbox/mail_folder.py`."""

    path: str
    delimiter: str | None
    role: str = "other"
    is_selectable: bool = True
    status: FolderStatus | None = None


@dataclass
class FolderListing:
    """Collects what LIST and STATUS say."""

    marked: dict[str, tuple[frozenset[bytes], str | None]] = field(default_factory=dict)
    statuses: dict[str, FolderStatus] = field(default_factory=dict)

    def hear(self, said: Untagged) -> None:
        """Raises BadReply for what is no list of folders."""
        if said.kind == b"LIST":
            values = said.values
            if (
                len(values) < 3
                or not isinstance(values[0], list)
                or not isinstance(values[2], bytes)
            ):
                raise BadReply("The mail server's list of folders cannot be read.")
            marks = frozenset(each.lower() for each in values[0] if isinstance(each, bytes))
            delimiter = values[1].decode("latin-1") if values[1] not in (b"NIL", []) else None
            path = read_folder_name(values[2])
            self.marked[path] = marks, delimiter
        elif said.kind == b"STATUS":
            values = said.values
            if len(values) < 2 or not isinstance(values[1], list):
                raise BadReply("The mail server's state of a folder cannot be read.")
            self.statuses[read_folder_name(values[0])] = read_status(values[1])
        if len(self.marked) > MOST_FOLDERS:
            raise BadReply("The mail server names too many folders.")

    def folders(self, said_before: Mapping[str, str]) -> list[ListedFolder]:
        """All of them with their roles; `said_before` (role -> path) counts more than marks, and marks more than names."""
        roles = _roles(self.marked, said_before)
        return [
            ListedFolder(
                path=path,
                delimiter=delimiter,
                role=roles.get(path, "other"),
                is_selectable=not marks & (UNOPENED | VIEWS),
                status=self.statuses.get(path),
            )
            for path, (marks, delimiter) in self.marked.items()
        ]


def read_status(values: Sequence[object]) -> FolderStatus:
    """The numbers of a STATUS."""
    said: dict[str, int] = {}
    for name, value in zip(values[::2], values[1::2], strict=False):
        if isinstance(name, bytes) and isinstance(value, bytes) and value.isdigit():
            said[name.decode("latin-1").lower()] = int(value)
    return FolderStatus(
        uidvalidity=said.get("uidvalidity"),
        uidnext=said.get("uidnext"),
        messages=said.get("messages"),
        unseen=said.get("unseen"),
        highestmodseq=said.get("highestmodseq"),
    )


def _roles(
    marked: Mapping[str, tuple[frozenset[bytes], str | None]], said_before: Mapping[str, str]
) -> dict[str, str]:
    """Path -> role; each role once."""
    opened = {path: marks for path, (marks, _delimiter) in marked.items() if not marks & UNOPENED}
    taken: dict[str, str] = {path: "inbox" for path in opened if path.upper() == "INBOX"}
    found = set(taken.values())

    def take(path: str, role: str) -> None:
        if role not in found and path not in taken:
            taken[path] = role
            found.add(role)

    for role, path in said_before.items():
        if path in opened:
            take(path, role)
    for path, marks in opened.items():
        for mark, role in MARKS.items():
            if mark in marks:
                take(path, role)
    for path, marks in opened.items():
        if EVERYTHING in marks:
            take(path, "archive")
    for role, names in NAMES.items():
        for name in names:
            for path in opened:
                if PREFIX.sub("", path).lower() == name:
                    take(path, role)
    return taken
