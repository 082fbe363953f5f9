"""Rows of a sheet put together: all rows of one customer or one document, wherever in the file they are."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from services.system.imports.cells import CellReader, WrongCell
from services.system.imports.sheet import SheetRow

RECORDS_A_CHUNK = 1_000
ROWS_A_CHUNK = 4_000


@dataclass
class SheetRecord:
    """All rows of one customer or document, with what is wrong in any of them."""

    rows: list[SheetRow]
    wrong: list[WrongCell] = field(default_factory=list)

    def take_wrong(self, readers: Iterable[CellReader]) -> None:
        """Collect what the readers of the rows found."""
        for reader in readers:
            self.wrong += reader.wrong


def together(rows: Iterable[SheetRow], rows_of: Mapping[str, int]) -> Iterator[SheetRecord]:
    """A record as soon as its last row has come; only records that are not complete are kept in memory."""
    waiting: dict[str, list[SheetRow]] = {}
    for row in rows:
        if row.key is None:
            yield SheetRecord([row])
            continue
        own = waiting.setdefault(row.key, [])
        own.append(row)
        if len(own) == rows_of[row.key]:
            yield SheetRecord(waiting.pop(row.key))


def in_chunks(
    records: Iterable[SheetRecord], *, size: int = RECORDS_A_CHUNK
) -> Iterator[list[SheetRecord]]:
    """What is written in one transaction."""
    chunk: list[SheetRecord] = []
    rows = 0
    for record in records:
        chunk.append(record)
        rows += len(record.rows)
        if len(chunk) >= size or rows >= ROWS_A_CHUNK:
            yield chunk
            chunk, rows = [], 0
    if chunk:
        yield chunk
