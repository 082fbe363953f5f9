"""The bytes of messages: kept in packs, one stored file for a batch, as one file for each would cost a second a hundred."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from errors import NotFound
from files.store import FileStore, StoredFile
from models.base import db
from models.mailbox.message import Message, MessagePack


@dataclass(frozen=True, slots=True)
class Packed:
    """Where in which pack the bytes of a message are."""

    pack_id: int
    offset: int
    length: int


def pack_store() -> FileStore:
    """Where packs are kept."""
    return FileStore(current_app.extensions["settings"].files_url)


def pack(organization_id: int, messages: Sequence[bytes]) -> list[Packed]:
    """Keep the bytes; when this returns they survive a power cut, and rows may point to them."""
    with packing(messages) as packed:
        return packed(organization_id)


@contextmanager
def packing(messages: Sequence[bytes]) -> Iterator[Callable[[int], list[Packed]]]:
    """The same in two steps: what is done in between does not wait for the disk. The second is called with the organization."""
    if not messages:
        yield lambda _organization_id: []
        return
    store = pack_store()
    with ThreadPoolExecutor(1, "pack") as writer:
        stored = writer.submit(lambda: store.put(b"".join(messages)))
        yield lambda organization_id: _places(organization_id, messages, stored.result())


def _places(organization_id: int, messages: Sequence[bytes], stored: StoredFile) -> list[Packed]:
    values = {
        "organization_id": organization_id,
        "sha256": stored.sha256,
        "size_bytes": stored.size_bytes,
    }
    db.session.execute(insert(MessagePack).values(values).on_conflict_do_nothing())
    pack_id = db.session.scalars(
        select(MessagePack.id).where(MessagePack.sha256 == stored.sha256)
    ).one()
    found, offset = [], 0
    for each in messages:
        found.append(Packed(pack_id, offset, len(each)))
        offset += len(each)
    return found


def raw_of(message: Message) -> bytes:
    """The message as its server gave it (RFC 5322). Raises NotFound if its bytes were deleted, or StoreUnavailable."""
    if message.pack is None:
        raise NotFound(_("The content of this message is not kept any more."))
    return pack_store().read_range(message.pack.sha256, message.pack_offset, message.pack_length)
