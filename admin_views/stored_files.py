"""Files that records hold by the hash of their content: their names, their bytes, and whose they are."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from flask import Response, g
from werkzeug.http import dump_options_header

from admin_views.columns import Described
from admin_views.identity import settings
from files.store import FileStore
from models.people.organization import Organization
from models.system.file import File
from models.tenancy import acting_in, current_scope
from services.system.uploads import files_with


def store() -> FileStore:
    """The file store of this installation."""
    return FileStore(settings().files_url)


def owner_of(record: Any) -> int | None:
    """The organization whose file it is: an organization's logo is its own, wherever one works."""
    return record.id if isinstance(record, Organization) else current_scope().organization_id


@contextmanager
def as_owner_of(record: Any) -> Iterator[None]:
    """Work in the organization whose record it is."""
    owner = owner_of(record)
    if owner is None or owner == current_scope().organization_id:
        yield
        return
    with acting_in(owner):
        yield


def file_of(record: Any, sha256: str) -> File | None:
    """The row of a file that a record holds; asked once a request."""
    found = _known()
    key = (owner_of(record), sha256)
    if key not in found:
        with as_owner_of(record):
            found[key] = files_with({sha256}).get(sha256)
    return found[key]


def look_up(records: Sequence[Any], columns: Sequence[Described]) -> None:
    """Fetch the rows of all files in these columns at once, for a page of a list or a part of an export."""
    names = [column.name for column in columns if column.kind == "file"]
    if not names:
        return
    wanted: dict[int | None, dict[str, Any]] = defaultdict(dict)
    for record in records:
        for sha256 in filter(None, (getattr(record, name) for name in names)):
            wanted[owner_of(record)][sha256] = record
    for owner, hashes in wanted.items():
        with as_owner_of(next(iter(hashes.values()))):
            files = files_with(set(hashes))
        _known().update({(owner, sha256): files.get(sha256) for sha256 in hashes})


def _known() -> dict[tuple[int | None, str], File | None]:
    if "files_of_records" not in g:
        g.files_of_records = {}
    found: dict[tuple[int | None, str], File | None] = g.files_of_records
    return found


def disposition(how: str, name: str) -> str:
    """`attachment` or `inline`, with a name in any script (RFC 6266)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    if plain == name:
        return dump_options_header(how, {"filename": name})
    whole = f"UTF-8''{quote(name, safe='')}"
    return dump_options_header(how, {"filename": plain.strip() or "file", "filename*": whole})


def download(sha256: str, *, name: str, media_type: str) -> Response:
    """The bytes as a file to keep: never shown in our pages, never run in our name."""
    answer = Response(store().read(sha256), mimetype=media_type)
    answer.headers["Content-Disposition"] = disposition("attachment", name)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
