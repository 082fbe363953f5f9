"""Rows of a text file whose cells are separated by comma, semicolon, tab or bar."""

import csv
import re
from collections.abc import Iterator
from io import TextIOWrapper
from typing import BinaryIO, TextIO

from files.errors import N_, UnreadableFile
from files.formula_guard import unguarded
from files.source_rows import Rows, SourceRow
from files.text_encoding import encoding_of

DELIMITERS = ",;\t|"
LONGEST_LINE = 1_000_000
SNIFFED_LINES = 20

_DECLARED = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)


def csv_rows(stream: BinaryIO) -> Rows:
    """The rows that are not blank, one at a time.

    Raises UnreadableFile, naming the line, where the text ends inside quotation marks, a line
    has no end, or a byte has no letter.
    """
    encoding = encoding_of(stream)
    text = TextIOWrapper(stream, encoding=encoding, newline="")
    lines = _Lines(text)
    delimiter = _delimiter_of(lines)
    records = csv.reader(lines, delimiter=delimiter)
    while True:
        begins_at = lines.begin_record()
        try:
            cells = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableFile(
                N_("Line %(line)d cannot be read: a quotation mark may be missing at its end."),
                line=begins_at,
            ) from error
        if lines.ended and _is_open(lines.record, delimiter):
            raise UnreadableFile(
                N_("Line %(line)d opens a quotation mark that is never closed."), line=begins_at
            )
        if any(cell.strip() for cell in cells):
            yield SourceRow(begins_at, tuple(unguarded(cell) for cell in cells))


class _Lines:
    """The lines of the file, counted, with those of the record that is being read."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._ahead: list[str] = []
        self._number = 0
        self.record: list[str] = []
        self.ended = False

    def begin_record(self) -> int:
        """Forget the last record; the number of the line on which the next one begins."""
        self.record.clear()
        return self._number + 1

    def ahead(self, count: int) -> list[str]:
        """The next lines, which stay to be read."""
        while len(self._ahead) < count and (line := self._read()):
            self._ahead.append(line)
        return self._ahead[:count]

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._ahead.pop(0) if self._ahead else self._read()
        if not line:
            self.ended = True
            raise StopIteration
        self._number += 1
        self.record.append(line)
        return line

    def _read(self) -> str:
        here = self._number + len(self._ahead) + 1
        try:
            line = self._text.readline(LONGEST_LINE)
        except UnicodeDecodeError as error:
            raise UnreadableFile(
                N_("Line %(line)d has letters that cannot be read. Save the file as UTF-8."),
                line=here,
            ) from error
        if len(line) >= LONGEST_LINE:
            raise UnreadableFile(N_("Line %(line)d is too long."), line=here)
        return line.replace("\0", "")


def _delimiter_of(lines: _Lines) -> str:
    """The one that Excel declares in a line `sep=;`, else the one that makes most of the header."""
    ahead = lines.ahead(SNIFFED_LINES)
    if ahead and (declared := _DECLARED.fullmatch(ahead[0])):
        next(lines)
        return declared.group(1)
    header = next((line for line in ahead if line.strip()), "")

    def columns(delimiter: str) -> tuple[int, int]:
        records = [cells for cells in csv.reader(ahead, delimiter=delimiter) if any(cells)]
        width = len(next(csv.reader([header], delimiter=delimiter), []))
        return width, sum(len(cells) == width for cells in records)

    try:
        return max(DELIMITERS, key=columns)
    except csv.Error:
        return ","


def _is_open(record: list[str], delimiter: str) -> bool:
    """Whether the record's last quotation mark still waits for its partner."""
    try:
        list(csv.reader(record, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False
