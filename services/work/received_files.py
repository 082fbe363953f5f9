"""Files that somebody brings along with a comment, as a form sends them."""

from collections.abc import Sequence
from typing import Protocol

from flask_babel import ngettext

from errors import Invalid
from files.store import FileStore
from models.work.comment import MOST_FILES
from services.system.uploads import Upload, receive
from services.work.comments import FILE_KINDS, MOST_FILE_BYTES


class Sent(Protocol):
    """One file of a form; without a name nothing was chosen."""

    filename: str | None

    @property
    def stream(self) -> "Readable": ...


class Readable(Protocol):
    """What a file of a form is read from."""

    def read(self, size: int = -1, /) -> bytes: ...


def receive_files(sent: Sequence[Sent], store: FileStore) -> list[Upload]:
    """Check and store them; raises Invalid with `files` as its place. Nothing is stored of too many."""
    chosen = [each for each in sent if each.filename]
    if len(chosen) > MOST_FILES:
        raise Invalid(
            ngettext(
                "A comment takes one file.", "A comment takes up to %(num)d files.", MOST_FILES
            ),
            field="files",
        )
    try:
        return [
            receive(
                each.stream.read(MOST_FILE_BYTES + 1),
                each.filename or "",
                store=store,
                kinds=FILE_KINDS,
                most_bytes=MOST_FILE_BYTES,
            )
            for each in chosen
        ]
    except Invalid as problem:
        raise Invalid(problem.message, field="files") from problem
