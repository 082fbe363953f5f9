"""The cells of one row as values; what is wrong with them is collected, for a person to correct."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _

from files.cell_values import CellProblem, CellProblemCode, parse_text
from files.column_mapping import ColumnMapping
from files.date_cells import parse_date
from files.decimal_cells import parse_decimal
from services.system.imports.sheet import Notation, SheetRow

DECIMALS = 4
LARGEST = Decimal(10) ** 13
LONGEST_QUOTED = 60


@dataclass(frozen=True, slots=True)
class WrongCell:
    """A cell that keeps its row out: the file's line (the header is 1), the heading, why, and what it says."""

    line: int
    column: str
    reason: str
    value: str = ""


class CellReader:
    """Reads the cells of one row. A blank or wrong cell reads as None; `wrong` has every problem."""

    def __init__(self, row: SheetRow, mapping: ColumnMapping, notation: Notation) -> None:
        self.row = row
        self.wrong: list[WrongCell] = []
        self._mapping = mapping
        self._notation = notation

    def reject(self, field: str, reason: str) -> None:
        """Note why the cell of this field cannot be used."""
        heading, cell = heading_of(field, self._mapping), self.row.cells.get(field, "")
        self.wrong.append(WrongCell(self.row.line, heading, reason, quoted(str(cell).strip())))

    def has_wrong(self, field: str) -> bool:
        heading = heading_of(field, self._mapping)
        return any(cell.column == heading for cell in self.wrong)

    def text(self, field: str, *, longest: int, lines: bool = False) -> str | None:
        """The text on one line (or several), without control characters, in one Unicode form."""
        try:
            text = clean(parse_text(self.row.cells.get(field, "")), lines=lines)
        except CellProblem as problem:
            self.reject(field, cell_sentence(problem))
            return None
        if len(text) > longest:
            self.reject(
                field, _("This has %(count)d letters; %(most)d fit.", count=len(text), most=longest)
            )
            return None
        return text or None

    def number(self, field: str) -> Decimal | None:
        """The number, with at most four decimals and 13 digits before them."""
        try:
            value = parse_decimal(self.row.cells.get(field, ""), self._notation.decimals)
        except CellProblem as problem:
            self.reject(field, cell_sentence(problem))
            return None
        if value is None:
            return None
        if not value.is_finite() or abs(value) >= LARGEST:
            self.reject(field, _("This number is too large."))
            return None
        if value != round(value, DECIMALS):
            shown = quoted(str(self.row.cells[field]).strip())
            self.reject(field, _("“%(text)s” has more than four decimals. Round it.", text=shown))
            return None
        return round(value, DECIMALS)

    def day(self, field: str) -> date | None:
        """The date."""
        try:
            return parse_date(self.row.cells.get(field, ""), self._notation.dates)
        except CellProblem as problem:
            self.reject(field, cell_sentence(problem))
            return None


def heading_of(field: str, mapping: ColumnMapping) -> str:
    """What the file calls a field; the field's own name if it has no column or no heading for it."""
    return mapping.headings.get(field) or field


def clean(text: str, *, lines: bool = False) -> str:
    """Text without control characters, in the composed form of Unicode, with single spaces."""
    if text.isascii() and text.isprintable():  # nearly always
        return " ".join(text.split())
    kept = "".join(
        letter if letter == "\n" or not unicodedata.category(letter).startswith("C") else " "
        for letter in unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    )
    if lines:
        return "\n".join(" ".join(line.split()) for line in kept.splitlines()).strip()
    return " ".join(kept.split())


def quoted(text: str) -> str:
    """As much of a value as fits into a sentence."""
    return text if len(text) <= LONGEST_QUOTED else text[:LONGEST_QUOTED] + "…"


def cell_sentence(problem: CellProblem) -> str:
    """Why a cell cannot be read, and what to write instead."""
    shown = quoted(problem.detail)
    sentences = {
        CellProblemCode.FORMULA_WITHOUT_VALUE: _(
            "This is a formula that was never computed. Write its value."
        ),
        CellProblemCode.NOT_A_NUMBER: _("“%(text)s” is not a number.", text=shown),
        CellProblemCode.AMBIGUOUS_NUMBER: _(
            "“%(text)s” may be a thousand or a decimal. Write it with two decimals.", text=shown
        ),
        CellProblemCode.OTHER_DECIMAL_STYLE: _(
            "“%(text)s” has another decimal mark than the rest of the file.", text=shown
        ),
        CellProblemCode.NOT_A_DATE: _(
            "“%(text)s” is not a date. Write it as 2026-07-31.", text=shown
        ),
        CellProblemCode.AMBIGUOUS_DATE: _(
            "“%(text)s” may be two dates. Write it as 2026-07-31.", text=shown
        ),
        CellProblemCode.NO_SUCH_DATE: _("“%(text)s” is not in the calendar.", text=shown),
    }
    return str(sentences[problem.code])
