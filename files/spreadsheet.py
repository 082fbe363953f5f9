"""Sheets that come in: CSV in any common form, and XLSX."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from files.csv_reading import csv_rows
from files.errors import N_, UnreadableFile
from files.source_rows import ReadLimits, Rows
from files.xlsx_reading import xlsx_rows

_ZIP = b"PK"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_TEXT_ENDINGS = (".csv", ".txt", ".tsv", ".tab")


def read_rows(source: Path | bytes, filename: str, limits: ReadLimits | None = None) -> Rows:
    """The rows that are not blank, one at a time; the first is the header.

    The kind is told by the content; `filename` only decides what an error says.
    Raises UnreadableFile, at the first row for what concerns the whole file.
    """
    limits = limits or ReadLimits()
    with _opened(source) as stream:
        size_bytes = stream.seek(0, 2)
        stream.seek(0)
        if size_bytes > limits.file_bytes:
            raise UnreadableFile(
                N_("%(filename)s has more than %(megabytes)d MB. Split it up."),
                filename=filename,
                megabytes=limits.file_bytes // 1_000_000,
            )
        kind = stream.read(4)
        stream.seek(0)
        if not kind:
            raise UnreadableFile(N_("%(filename)s is empty."), filename=filename)
        if kind.startswith(_ZIP):
            yield from xlsx_rows(stream, limits)
        elif kind == _OLD_OFFICE:
            raise UnreadableFile(
                N_("%(filename)s has a password or is of the old .xls kind. Save it as .xlsx."),
                filename=filename,
            )
        elif filename.lower().endswith(_TEXT_ENDINGS) or "." not in filename:
            yield from csv_rows(stream)
        else:
            raise UnreadableFile(
                N_("%(filename)s is neither a CSV nor an XLSX file."), filename=filename
            )


@contextmanager
def _opened(source: Path | bytes) -> Iterator[BinaryIO]:
    if isinstance(source, bytes):
        yield BytesIO(source)
    else:
        with source.open("rb") as stream:
            yield stream
