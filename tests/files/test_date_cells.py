from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.cell_values import CellProblem, CellProblemCode
from files.date_cells import DateOrder, guess_date_order, parse_date
from files.source_rows import FormulaWithoutValue

JULY_3 = date(2026, 7, 3)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-07-03",
        "2026/7/3",
        "20260703",
        "2026-07-03T10:30:00Z",
        "2026-07-03 10:30",
        "03/07/2026",
        "3-7-26",
        "3.7.2026",
        "03/07/2026 00:00:00",
        "03/07/2026 12:00:00 a. m.",
        "3 jul 2026",
        "3 de julio de 2026",
        "03-jul-26",
        "3 July 2026",
        "46206",
        "46206,5",
        Decimal(46206),
        Decimal("46206.75"),
        JULY_3,
        datetime(2026, 7, 3, 23, 59),  # noqa: DTZ001  # sheets know no zones
    ],
)
def test_day_is_read_however_it_is_written(cell):
    assert parse_date(cell) == JULY_3


def test_month_comes_first_only_where_nothing_else_fits_or_it_was_declared():
    assert parse_date("07/25/2026") == date(2026, 7, 25)
    assert parse_date("07/03/2026") == date(2026, 3, 7)
    assert parse_date("07/03/2026", DateOrder.MONTH_FIRST) == JULY_3
    assert parse_date("25/07/2026", DateOrder.MONTH_FIRST) == date(2026, 7, 25)


def test_without_an_order_what_fits_both_is_refused():
    assert parse_date("07/07/2026", None) == date(2026, 7, 7)
    with pytest.raises(CellProblem) as caught:
        parse_date("07/03/2026", None)
    assert caught.value.code is CellProblemCode.AMBIGUOUS_DATE


@pytest.mark.parametrize(
    "text", ["mañana", "2026", "1/2", "3 xyz 2026", "999999", "12345", "03/07-2026"]
)
def test_what_is_no_date_is_said(text):
    with pytest.raises(CellProblem) as caught:
        parse_date(text)

    assert caught.value.code is CellProblemCode.NOT_A_DATE


@pytest.mark.parametrize("text", ["31/02/2026", "2026-13-01", "29 feb 2025", "00/00/2026"])
def test_day_that_the_calendar_lacks_is_said(text):
    with pytest.raises(CellProblem) as caught:
        parse_date(text)

    assert caught.value.code is CellProblemCode.NO_SUCH_DATE


def test_order_is_guessed_from_all_dates():
    assert guess_date_order(["03/04/2026", "25/04/2026", "x", JULY_3]).order is DateOrder.DAY_FIRST
    assert guess_date_order(["03/04/2026", "04/25/2026"]).order is DateOrder.MONTH_FIRST
    assert guess_date_order(["03/04/2026"]).order is None
    assert guess_date_order(["03/04/2026"]).has_ambiguous
    assert guess_date_order(["25/04/2026", "04/25/26"]).contradiction == ("25/04/2026", "04/25/26")


def test_blank_is_none_and_formula_without_value_is_said():
    assert parse_date(" ") is None
    with pytest.raises(CellProblem, match="formula_without_value"):
        parse_date(FormulaWithoutValue())


days = st.dates(date(1970, 1, 1), date(2068, 12, 31))


@given(days, st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%y", "%Y%m%d", "%d %b %Y"]))
def test_every_day_comes_back(day, layout):
    assert parse_date(day.strftime(layout)) == day


@given(days)
def test_every_serial_comes_back(day):
    serial = (day - date(1899, 12, 30)) // timedelta(days=1)

    assert parse_date(Decimal(serial)) == day


@given(st.text(max_size=60), st.sampled_from([None, *DateOrder]))
def test_any_text_is_a_date_or_a_problem(text, order):
    try:
        day = parse_date(text, order)
    except CellProblem:
        return
    assert day is None or isinstance(day, date)
