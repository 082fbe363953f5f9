"""What a cell means: text, and what all kinds of value can be wrong about."""

from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

from files.source_rows import Cell, FormulaWithoutValue


class CellProblemCode(StrEnum):
    """Why a cell cannot be used; `detail` says what stands in the brackets."""

    FORMULA_WITHOUT_VALUE = "formula_without_value"
    NOT_A_NUMBER = "not_a_number"  # (the text)
    AMBIGUOUS_NUMBER = "ambiguous_number"  # 1.234 (the text)
    OTHER_DECIMAL_STYLE = "other_decimal_style"  # 1,5 in a file of 1.5 (the text)
    NOT_A_DATE = "not_a_date"  # (the text)
    AMBIGUOUS_DATE = "ambiguous_date"  # 03/04/2026 (the text)
    NO_SUCH_DATE = "no_such_date"  # 31/02/2026 (the text)


class CellProblem(Exception):
    """A cell that cannot be used, for whoever knows the person's language to explain."""

    def __init__(self, code: CellProblemCode, detail: str = "") -> None:
        super().__init__(f"{code.value}: {detail}")
        self.code = code
        self.detail = detail


def parse_text(cell: Cell) -> str:
    """The cell as it would be read aloud: trimmed, a number without its point and zeros."""
    if isinstance(cell, FormulaWithoutValue):
        raise CellProblem(CellProblemCode.FORMULA_WITHOUT_VALUE)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        whole = cell == cell.to_integral_value()
        return format(cell.to_integral_value() if whole else cell.normalize(), "f")
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return cell.strip()
