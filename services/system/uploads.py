"""Files that people hand in: checked by what is in them, kept by the hash of their content."""

import re
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale
from babel.numbers import format_decimal
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from errors import Invalid
from files.store import FileStore
from files.upload_kinds import UploadKind, endings_of, recognised
from models.base import db, utc_now
from models.system.file import File
from models.tenancy import current_scope

MOST_BYTES = 10_000_000
LONGEST_NAME = 120
ANY_KIND = ("pdf", "xml", "png", "jpeg", "gif", "webp", "xlsx", "docx", "zip", "csv", "text")


@dataclass(frozen=True)
class Upload:
    """A file that was checked and stored; no row of the database knows of it yet."""

    sha256: str
    size_bytes: int
    media_type: str
    name: str


def receive(
    content: bytes,
    filename: str,
    *,
    store: FileStore,
    kinds: tuple[str, ...] = ANY_KIND,
    most_bytes: int = MOST_BYTES,
) -> Upload:
    """Check and store a file; raises Invalid if it is empty, too large or none of `kinds`."""
    name, kind = check(content, filename, kinds=kinds, most_bytes=most_bytes)
    stored = store.put(content)
    return Upload(stored.sha256, stored.size_bytes, kind.media_type, name)


def check(
    content: bytes,
    filename: str,
    *,
    kinds: tuple[str, ...] = ANY_KIND,
    most_bytes: int = MOST_BYTES,
) -> tuple[str, UploadKind]:
    """Its name and kind, and nothing is stored; raises Invalid as `receive` does."""
    name = clean_name(filename)
    if not content:
        raise Invalid(_("“%(file)s” is empty.", file=name))
    if len(content) > most_bytes:
        raise Invalid(
            _(
                "“%(file)s” is larger than %(most)s, which is the most possible here.",
                file=name,
                most=size_words(most_bytes),
            )
        )
    kind = recognised(content, name, kinds)
    if kind is None:
        raise Invalid(
            _(
                "“%(file)s” cannot be used here. Possible are files of these kinds, with what their ending says "
                "in them: %(kinds)s",
                file=name,
                kinds=kinds_words(kinds),
            )
        )
    return name, kind


def keep(upload: Upload) -> File:
    """The row of this content in the organization in scope, which has each content once."""
    now = utc_now()
    facts = {
        "organization_id": current_scope().organization_id,
        "sha256": upload.sha256,
        "size_bytes": upload.size_bytes,
        "media_type": upload.media_type,
        "name": upload.name,
        "created_at": now,
        "updated_at": now,
    }
    # Two people may bring the same content at the same moment.
    db.session.execute(insert(File).values(facts).on_conflict_do_nothing())
    file: File = db.session.scalars(File.with_hash(upload.sha256)).one()
    return file


def files_with(hashes: set[str]) -> dict[str, File]:
    """The rows of these contents, by their hash."""
    rows = db.session.scalars(select(File).where(File.sha256.in_(sorted(hashes)))).all()
    return {file.sha256: file for file in rows}


def clean_name(filename: str, *, unnamed: str = "file") -> str:
    """The last part of a file's name, in signs that any system takes; its ending stays."""
    last = re.split(r"[/\\]", filename)[-1]
    kept = "".join(sign for sign in last if sign.isprintable() and sign not in '<>:"|?*')
    return kept.strip(" .")[-LONGEST_NAME:] or unnamed


def kinds_words(kinds: tuple[str, ...]) -> str:
    return ", ".join(ending.removeprefix(".").upper() for ending in endings_of(kinds))


def size_words(size_bytes: int) -> str:
    """A size for people, in the units of disks: 512 B, 24 KB, 1.4 MB."""
    if size_bytes < 1_000:
        return f"{size_bytes} B"
    if size_bytes < 1_000_000:
        return f"{round(size_bytes / 1_000)} KB"
    return f"{_in_millions(size_bytes, get_locale())} MB"


@lru_cache(maxsize=1_000)
def _in_millions(size_bytes: int, locale: Locale | None) -> str:
    """Kept, since pages name the same limits over and over."""
    return format_decimal(round(size_bytes / 1_000_000, 1), locale=locale or "es")
