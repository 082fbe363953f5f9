"""Dates in cells: ISO, day/month/year, month names, and the serial numbers of Excel.

"03/04/2026" alone is either order; the other dates of the file tell which, as `DateEvidence`
finds out, or a person does.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from files.cell_values import CellProblem, CellProblemCode
from files.source_rows import Cell, FormulaWithoutValue

# Excel counts days from 1900 and believes in a 29 February 1900, so its day 61 is 1 March.
EXCEL_DAY_ZERO = date(1899, 12, 30)
FIRST_DATE = date(1950, 1, 1)
LAST_DATE = date(2199, 12, 31)
CENTURY_TURN = 69  # POSIX: 69 to 99 are 19xx, 00 to 68 are 20xx

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "ene enero jan january",
            "feb febrero february",
            "mar marzo march",
            "abr abril apr april",
            "may mayo",
            "jun junio june",
            "jul julio july",
            "ago agosto aug august",
            "sep sept septiembre setiembre september",
            "oct octubre october",
            "nov noviembre november",
            "dic diciembre dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]\.? ?m\.?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}", re.ASCII | re.IGNORECASE)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})", re.ASCII)
_NUMBERS = re.compile(
    rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}", re.ASCII | re.IGNORECASE
)
_NAMED = re.compile(
    r"(\d{1,2})(?: de |[-/ .]+)([a-záéíóúñ]+)\.?(?: de |,? ?(?:del )?|[-/ .]+)(\d{4}|\d{2})",
    re.ASCII | re.IGNORECASE,
)
_SERIAL = re.compile(r"\d{5,6}(?:[.,]\d+)?", re.ASCII)


class DateOrder(StrEnum):
    """What comes first in 03/04/2026."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class DateEvidence:
    """What the dates of a file say about their order; keeps one example of each."""

    def __init__(self) -> None:
        self.examples: dict[DateOrder, str] = {}
        self.has_ambiguous = False

    def see(self, cell: Cell) -> None:
        """Take a cell of a date column into account; what is no such date does not count."""
        match = _NUMBERS.fullmatch(cell.strip()) if isinstance(cell, str) else None
        if match is None:
            return
        first, second = int(match[1]), int(match[3])
        if first > 12 >= second:
            self.examples.setdefault(DateOrder.DAY_FIRST, match[0])
        elif second > 12 >= first:
            self.examples.setdefault(DateOrder.MONTH_FIRST, match[0])
        elif first != second:
            self.has_ambiguous = True

    @property
    def contradiction(self) -> tuple[str, str] | None:
        """One date of each order, if the file has both."""
        if len(self.examples) < 2:
            return None
        return self.examples[DateOrder.DAY_FIRST], self.examples[DateOrder.MONTH_FIRST]

    @property
    def order(self) -> DateOrder | None:
        """The file's order; None if nothing tells, or if its dates contradict each other."""
        return next(iter(self.examples)) if len(self.examples) == 1 else None


def guess_date_order(cells: Iterable[Cell]) -> DateEvidence:
    """What these cells say about the order of their file."""
    evidence = DateEvidence()
    for cell in cells:
        evidence.see(cell)
    return evidence


def parse_date(cell: Cell, order: DateOrder | None = DateOrder.DAY_FIRST) -> date | None:
    """The day in the cell, without a time; None if the cell is blank.

    `order` decides only what could be both; None refuses to decide. Raises CellProblem.
    """
    if isinstance(cell, FormulaWithoutValue):
        raise CellProblem(CellProblemCode.FORMULA_WITHOUT_VALUE)
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, Decimal):
        return _of_serial(cell, str(cell))
    if not isinstance(cell, str):
        raise CellProblem(CellProblemCode.NOT_A_DATE, str(cell))
    text = " ".join(cell.split())
    return _of_text(text, order) if text else None


def _of_text(text: str, order: DateOrder | None) -> date:
    if match := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return _day(text, int(match[1]), int(match[2]), int(match[3]))
    if match := _NUMBERS.fullmatch(text):
        first, second, year = int(match[1]), int(match[3]), _year(match[4])
        if first <= 12 and second <= 12 and first != second and order is None:
            raise CellProblem(CellProblemCode.AMBIGUOUS_DATE, text)
        if second > 12 or (order is DateOrder.MONTH_FIRST and first <= 12):
            return _day(text, year, first, second)
        return _day(text, year, second, first)
    if (match := _NAMED.fullmatch(text)) and (month := _MONTHS.get(match[2].lower())):
        return _day(text, _year(match[3]), month, int(match[1]))
    if _SERIAL.fullmatch(text):
        return _of_serial(Decimal(text.replace(",", ".")), text)
    raise CellProblem(CellProblemCode.NOT_A_DATE, text[:40])


def _year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (1900 if int(digits) >= CENTURY_TURN else 2000)


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise CellProblem(CellProblemCode.NO_SUCH_DATE, text) from error


def _of_serial(serial: Decimal, text: str) -> date:
    """A plain number is a date only if it gives a likely one: 2026 is a year, not a day of 1905."""
    days = (FIRST_DATE - EXCEL_DAY_ZERO).days, (LAST_DATE - EXCEL_DAY_ZERO).days + 1
    if not days[0] <= serial < days[1]:
        raise CellProblem(CellProblemCode.NOT_A_DATE, text)
    return EXCEL_DAY_ZERO + timedelta(days=int(serial))
