"""Links to documents: made when a message is frozen, opened by whoever has one."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import text

from errors import NotFound
from models.base import db

# By the owner's right and the link's hash alone: it says in whose scope to go on.
FIND = text("SELECT * FROM find_share_link(:hash)")
FILES = text("SELECT sha256, name, media_type, size_bytes FROM find_shared_files(:hash)")
LONGEST_TOKEN = 100


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that is not stored yet; nobody but its message ever knows the token."""

    document_id: int
    label: str
    token: str
    url: str

    @property
    def token_hash(self) -> str:
        return hash_of(self.token)


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A link in force: whose document it opens, the very file that was sent, and who sent it."""

    organization_id: int
    customer_id: int
    document_id: int
    file_sha256: str
    expires_at: datetime
    sender: str
    sender_tax_id: str | None
    sender_email: str | None


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file that goes along with the document."""

    sha256: str
    name: str
    media_type: str
    size_bytes: int


def new_links(documents: Iterable[tuple[int, str]], base_url: str) -> list[NewLink]:
    """A link with 256 bits of chance for each document (key and label)."""
    links = []
    for key, label in documents:
        token = secrets.token_urlsafe(32)
        links.append(NewLink(key, label, token, f"{base_url.rstrip('/')}/l/{token}"))
    return links


def find_link(token: str) -> FoundLink:
    """The link with this token; raises NotFound, with one sentence for all that do not work."""
    if len(token) <= LONGEST_TOKEN:
        with db.engines["portal"].connect() as connection:
            row = connection.execute(FIND, {"hash": hash_of(token)}).one_or_none()
        if row is not None:
            return FoundLink(*row)
    raise NotFound(_("This link has expired or was withdrawn. Ask the sender for a new one."))


def files_of_link(token: str) -> list[SharedFile]:
    """What else the link opens, beside the PDF."""
    with db.engines["portal"].connect() as connection:
        rows = connection.execute(FILES, {"hash": hash_of(token)})
        return [SharedFile(*row) for row in rows]


def hash_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
