"""Numbers in cells, in both notations: 1.234,56 and 1,234.56.

"1.234" alone is either; the other numbers of the file tell which. `DecimalEvidence` looks at them
first, `parse_decimal` then reads each cell in the style that was found.
"""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

from files.cell_values import CellProblem, CellProblemCode
from files.source_rows import Cell, FormulaWithoutValue

LONGEST = 40


class DecimalStyle(StrEnum):
    """The mark before the decimals."""

    POINT = "."
    COMMA = ","

    @property
    def other(self) -> "DecimalStyle":
        return DecimalStyle.COMMA if self is DecimalStyle.POINT else DecimalStyle.POINT


class DecimalEvidence:
    """What the numbers of a file say about its style; keeps one example of each."""

    def __init__(self) -> None:
        self.examples: dict[DecimalStyle, str] = {}
        self.has_ambiguous = False

    def see(self, cell: Cell) -> None:
        """Take a cell of a number column into account; what is no number does not count."""
        if not isinstance(cell, str) or not cell.strip():
            return
        try:
            style, _ = _read(cell)
        except CellProblem as problem:
            self.has_ambiguous |= problem.code is CellProblemCode.AMBIGUOUS_NUMBER
        else:
            if style is not None:
                self.examples.setdefault(style, cell.strip())

    @property
    def contradiction(self) -> tuple[str, str] | None:
        """One number of each style, if the file has both."""
        if len(self.examples) < 2:
            return None
        return self.examples[DecimalStyle.POINT], self.examples[DecimalStyle.COMMA]

    @property
    def style(self) -> DecimalStyle | None:
        """The file's style; None if nothing tells, or if its numbers contradict each other."""
        return next(iter(self.examples)) if len(self.examples) == 1 else None


def guess_decimal_style(cells: Iterable[Cell]) -> DecimalEvidence:
    """What these cells say about the style of their file."""
    evidence = DecimalEvidence()
    for cell in cells:
        evidence.see(cell)
    return evidence


def parse_decimal(cell: Cell, style: DecimalStyle | None = None) -> Decimal | None:
    """The number in the cell; None if the cell is blank.

    Currency signs and codes, spaces, a per cent sign and a minus on either side (or brackets) are
    understood; "21 %" is 21. Raises CellProblem: without a style for "1.234", with a style for
    what is written in the other.
    """
    if isinstance(cell, FormulaWithoutValue):
        raise CellProblem(CellProblemCode.FORMULA_WITHOUT_VALUE)
    if isinstance(cell, Decimal):
        return cell
    if not isinstance(cell, str):
        raise CellProblem(CellProblemCode.NOT_A_NUMBER, str(cell))
    if not cell.strip():
        return None
    seen, number = _read(cell, style)
    if style and seen not in (None, style):
        raise CellProblem(CellProblemCode.OTHER_DECIMAL_STYLE, cell.strip())
    return number


_PLAIN = re.compile(r"-?[0-9]{1,15}(?:([.,])(?:[0-9]{1,2}|[0-9]{4,9}))?")
_AROUND = r"(?:[A-Z]{2,3}\$?|[A-Z]?\$|[€£¥₡₲₱₿]|S/\.?|Bs\.?|%)"
_NUMBER = re.compile(rf"(?:{_AROUND} ?)?(-?[0-9.,' ]*[0-9][.,]?)(?: ?{_AROUND})?", re.IGNORECASE)
_SIGN = re.compile(r"\((?P<bracketed>.*)\)|(?P<left>[-+]?) ?(?P<plain>.*?) ?(?P<right>-?)")
_SPACED = re.compile(r"[0-9]{1,3}(?:[ '][0-9]{3})+(?:[.,][0-9]*)?")


def _read(cell: str, style: DecimalStyle | None = None) -> tuple[DecimalStyle | None, Decimal]:
    """The number, and the style that its notation proves (None if it fits both)."""
    if plain := _PLAIN.fullmatch(cell):  # nearly all cells, at a tenth of the price
        return DecimalStyle(plain[1]) if plain[1] else None, Decimal(cell.replace(",", "."))
    text = " ".join(unicodedata.normalize("NFKC", cell).replace("−", "-").replace("’", "'").split())
    problem = CellProblem(CellProblemCode.NOT_A_NUMBER, cell.strip()[:LONGEST])
    negative, unsigned = _split_sign(text)
    match = _NUMBER.fullmatch(unsigned)
    if match is None or len(text) > LONGEST or (negative and "-" in unsigned):
        raise problem
    inner_negative, digits = _split_sign(match[1].strip())
    spaced = " " in digits or "'" in digits
    if spaced and not _SPACED.fullmatch(digits):
        raise problem
    digits = digits.replace(" ", "").replace("'", "")
    proven = _proven_style(digits, spaced)
    if proven is None and re.fullmatch(r"[0-9]{1,3}[.,][0-9]{3}", digits):
        if style is None:
            raise CellProblem(CellProblemCode.AMBIGUOUS_NUMBER, cell.strip())
        reading = style
    else:
        reading = proven or DecimalStyle.POINT
    whole, mark, decimals = digits.partition(reading)
    if reading.other in decimals or reading in decimals or not _grouped(whole, reading.other):
        raise problem
    number = Decimal(whole.replace(reading.other, "") + ("." + decimals if mark else ""))
    return proven, -number if negative or inner_negative else number


def _split_sign(text: str) -> tuple[bool, str]:
    match = _SIGN.fullmatch(text)
    if match is None:
        return False, text
    if match["bracketed"] is not None:
        return True, match["bracketed"].strip()
    return match["left"] == "-" or match["right"] == "-", match["plain"]


def _proven_style(digits: str, spaced: bool) -> DecimalStyle | None:
    """The style that this notation can only be, if any."""
    point, comma = digits.rfind("."), digits.rfind(",")
    if point >= 0 and comma >= 0:
        return DecimalStyle.POINT if point > comma else DecimalStyle.COMMA
    if point < 0 and comma < 0:
        return None
    mark = DecimalStyle.POINT if point >= 0 else DecimalStyle.COMMA
    if digits.count(mark) > 1:
        return mark.other
    whole, _, decimals = digits.partition(mark)
    could_be_group = len(decimals) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0" and not spaced
    return None if could_be_group else mark


def _grouped(whole: str, mark: DecimalStyle) -> bool:
    """Whether the digits before the decimals are in groups of three, or in none."""
    first, *groups = whole.split(mark)
    return not groups or (1 <= len(first) <= 3 and all(len(group) == 3 for group in groups))
