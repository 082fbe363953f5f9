"""Rows of the first visible sheet of an .xlsx workbook.

The parser holds the sheet as one rectangle (about 30 bytes a cell, plus its texts): 50,000 rows
of 10 columns take 40 MB above the process's own. `ReadLimits.cells` bounds it.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, BinaryIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
)

from files.errors import N_, UnreadableFile
from files.source_rows import Cell, FormulaWithoutValue, ReadLimits, Rows, SourceRow
from files.xlsx_inspection import SheetInspection, inspect_workbook

SIGNIFICANT_DIGITS = 15  # what Excel itself keeps and shows of a number


def xlsx_rows(stream: BinaryIO, limits: ReadLimits) -> Rows:
    """The rows that are not blank, with the row number of the sheet.

    A formula counts as the value that was last computed for it. Raises UnreadableFile.
    """
    inspection = inspect_workbook(stream, limits)
    stream.seek(0)
    try:
        with CalamineWorkbook.from_filelike(stream) as workbook:
            yield from _rows(workbook.get_sheet_by_index(inspection.index), inspection)
    except PasswordError as error:
        raise UnreadableFile(N_("This workbook has a password. Save it without one.")) from error
    except CalamineError as error:
        raise UnreadableFile(N_("This workbook is damaged. Save it again as .xlsx.")) from error


def _rows(sheet: CalamineSheet, inspection: SheetInspection) -> Rows:
    """The rows of the parser, with the formulas that it leaves out put into their places."""
    missing: dict[int, list[int]] = {}
    for line, column in sorted(inspection.formulas_without_value):
        missing.setdefault(line, []).append(column)
    # The parser's rows begin at the first row of the sheet, but at the first filled column.
    indent = [""] * (sheet.start[1] if sheet.start else 0)
    for line, values in enumerate(sheet.iter_rows(), start=1):
        cells = [*indent, *map(_cell, values)]
        if line in missing:
            _put_formulas(cells, missing.pop(line))
        if any(cell != "" for cell in cells):
            yield SourceRow(line, tuple(cells))
    for line, columns in missing.items():
        cells = []
        _put_formulas(cells, columns)
        yield SourceRow(line, tuple(cells))


def _put_formulas(cells: list[Cell], columns: list[int]) -> None:
    cells.extend([""] * (max(columns) - len(cells)))
    for column in columns:
        cells[column - 1] = FormulaWithoutValue()


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return "" if value.isspace() else value
    if isinstance(value, bool | datetime | date | time):
        return value
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, float):
        # 0.1 + 0.2 is stored as 0.30000000000000004 and shown as 0.3.
        return Decimal(format(value, f".{SIGNIFICANT_DIGITS}g"))
    return Decimal(value)
