from datetime import date, datetime
from decimal import Decimal

import pytest

from files.cell_values import CellProblem, parse_text
from files.source_rows import FormulaWithoutValue


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("  Peña ", "Peña"),
        (Decimal("900482117"), "900482117"),
        (Decimal("9E+8"), "900000000"),
        (Decimal("12.50"), "12.5"),
        (Decimal("12.0"), "12"),
        (True, "true"),
        (date(2026, 7, 3), "2026-07-03"),
        (datetime(2026, 7, 3, 10, 30), "2026-07-03 10:30:00"),  # noqa: DTZ001  # sheets know no zones
    ],
)
def test_cell_is_read_as_text(cell, text):
    assert parse_text(cell) == text


def test_formula_without_value_is_no_text():
    with pytest.raises(CellProblem, match="formula_without_value"):
        parse_text(FormulaWithoutValue())
