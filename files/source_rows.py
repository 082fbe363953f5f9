"""Rows as they come out of a sheet, whatever kind of file it was."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class FormulaWithoutValue:
    """A cell with a formula that no spreadsheet program has computed yet."""

    def __str__(self) -> str:
        return "="


Cell = str | Decimal | bool | date | datetime | time | FormulaWithoutValue


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row with something in it; `line` is its place in the file (the header is usually 1).

    In text files that is the line where the record begins, in workbooks the row of the sheet.
    """

    line: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much of a file is looked at before it is refused; a workbook is a compressed archive."""

    file_bytes: int = 50_000_000
    unpacked_bytes: int = 500_000_000
    unpacked_ratio: int = 200
    cells: int = 6_000_000


Rows = Iterator[SourceRow]
