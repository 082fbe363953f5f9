"""The rows that were not imported, as a sheet to correct and import again."""

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO

from flask_babel import gettext as _

from files.cell_values import CellProblem
from files.column_mapping import ColumnMapping
from files.date_cells import parse_date
from files.decimal_cells import DecimalStyle, parse_decimal
from files.sheet_writing import Value, write_csv, write_xlsx
from files.source_rows import Cell, FormulaWithoutValue
from services.system.imports.fields import DATE_FIELDS, NUMBER_FIELDS
from services.system.imports.outcome import Outcome
from services.system.imports.sheet import Notation, Sheet, survey

FOUR_DECIMALS = Decimal("0.0001")
MAY_BE_A_THOUSAND = re.compile(r"\d[.,]\d{3}(?!\d)")
# What the column of reasons is called, in both languages, so that a corrected file can come back.
REASON_HEADINGS = {"Motivo", "Reason"}


def write_wrong_rows(sheet: Sheet, outcome: Outcome, stream: BinaryIO, *, as_csv: bool) -> None:
    """Write the wrong rows, and those of the same record that they hold back, with a column that says why.

    Columns and cells stay as they are in the file; only a date or number whose reading depended on the rest of the
    file is written so that it reads the same alone.
    """
    found = survey(sheet)
    source = sheet.source_rows()
    header = [str(cell) for cell in next(source).cells]
    ours = REASON_HEADINGS | {_("Reason")}
    kept = [at for at, heading in enumerate(header) if heading.strip() not in ours]
    fields = {column: name for name, column in found.mapping.columns.items()}
    reasons = _reasons(outcome, found.mapping)

    def rows() -> Iterator[list[Value]]:
        for row in source:
            if row.line in reasons:
                cells = [row.cells[at] if at < len(row.cells) else "" for at in kept]
                names = [fields.get(at, "") for at in kept]
                told = [
                    _alone(cell, name, found.notation, typed=not as_csv)
                    for cell, name in zip(cells, names, strict=True)
                ]
                yield [*told, reasons[row.line]]

    headings = [*(header[at] for at in kept), _("Reason")]
    if as_csv:
        mark = "," if found.notation.decimals is DecimalStyle.COMMA else "."
        write_csv(headings, rows(), stream, decimal_mark=mark)
    else:
        write_xlsx(headings, rows(), stream, sheet_name=_("Wrong rows"))


def _reasons(outcome: Outcome, mapping: ColumnMapping) -> dict[int, str]:
    by_line: dict[int, list[str]] = defaultdict(list)
    for cell in outcome.wrong:
        by_line[cell.line].append(
            _("Line %(line)d, %(column)s: %(reason)s", **_told(cell.line, cell.column, cell.reason))
        )
    texts = {line: " ".join(sentences) for line, sentences in by_line.items()}
    for line, wrong_line in outcome.held_back.items():
        texts[line] = _("Line %(line)d waits for line %(wrong)d.", line=line, wrong=wrong_line)
    return texts


def _told(line: int, column: str, reason: str) -> dict[str, str | int]:
    return {"line": line, "column": column, "reason": reason}


def _alone(cell: Cell, name: str, notation: Notation, *, typed: bool) -> Value:
    """The cell so that it means the same without the rest of the file."""
    if isinstance(cell, FormulaWithoutValue):
        return ""
    try:
        if name in DATE_FIELDS and isinstance(cell, str) and cell.strip():
            return parse_date(cell, notation.dates)
        if name in NUMBER_FIELDS and (number := parse_decimal(cell, notation.decimals)) is not None:
            return number if typed else _unmistakable(cell, number)
    except CellProblem:
        pass
    return cell


def _unmistakable(cell: Value, number: Decimal) -> Value:
    """1.234 alone may be a thousand; with four decimals it is not."""
    exact = number.quantize(FOUR_DECIMALS)
    return exact if MAY_BE_A_THOUSAND.search(str(cell)) and exact == number else cell
