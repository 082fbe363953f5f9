from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.cell_values import CellProblem, CellProblemCode
from files.decimal_cells import DecimalStyle, guess_decimal_style, parse_decimal
from files.source_rows import FormulaWithoutValue


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1234,5", "1234.5"),
        ("1234.5", "1234.5"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234\u202f567,8", "1234567.8"),
        ("1'234.50", "1234.50"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("€ 12", "12"),
        ("12 €", "12"),
        ("$1,234.50", "1234.50"),
        ("COP 1.234,50", "1234.50"),
        ("12,50 EUR", "12.50"),
        ("US$ 3.5", "3.5"),
        ("21 %", "21"),
        ("-5,00", "-5.00"),
        ("−5", "-5"),
        ("5,00-", "-5.00"),
        ("(1.234,50)", "-1234.50"),
        ("€ -12,5", "-12.5"),
        ("-€ 12,5", "-12.5"),
        ("+7", "7"),
        ("0,125", "0.125"),
        ("0.125", "0.125"),
        (",5", "0.5"),
        ("12.", "12"),
        ("1234.567", "1234.567"),
        ("999.999.999.999.999,99", "999999999999999.99"),
    ],
)
def test_number_is_read_in_both_notations(text, number):
    assert parse_decimal(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "1.2.3",
        "1,23,456",
        "1.234,56.7",
        "12 34",
        "1 2345",
        "--5",
        "1e5",
        "٣",
        "#N/A",
        "€",
        ".",
        "NaN",
    ],
)
def test_what_is_no_number_is_said(text):
    with pytest.raises(CellProblem) as caught:
        parse_decimal(text)

    assert caught.value.code is CellProblemCode.NOT_A_NUMBER
    assert caught.value.detail == text


@pytest.mark.parametrize("text", ["1.234", "1,234", "-12.500", "€ 100,000"])
def test_thousands_or_thousandths_need_the_style_of_the_file(text):
    with pytest.raises(CellProblem) as caught:
        parse_decimal(text)

    assert caught.value.code is CellProblemCode.AMBIGUOUS_NUMBER


def test_style_of_the_file_decides():
    assert parse_decimal("1.234", DecimalStyle.COMMA) == 1234
    assert parse_decimal("1.234", DecimalStyle.POINT) == Decimal("1.234")
    assert parse_decimal("1,234", DecimalStyle.POINT) == 1234
    assert parse_decimal("12", DecimalStyle.COMMA) == 12


def test_number_in_the_other_style_is_refused():
    with pytest.raises(CellProblem) as caught:
        parse_decimal("1.234,56", DecimalStyle.POINT)

    assert caught.value.code is CellProblemCode.OTHER_DECIMAL_STYLE


def test_style_is_guessed_from_all_cells():
    evidence = guess_decimal_style(["1.234", "", "x", Decimal(3), "12", "7,5"])

    assert evidence.style is DecimalStyle.COMMA
    assert evidence.contradiction is None
    assert evidence.has_ambiguous


def test_cells_that_contradict_each_other_are_both_named():
    evidence = guess_decimal_style(["1,5", "2.50", "3,5"])

    assert evidence.style is None
    assert evidence.contradiction == ("2.50", "1,5")


def test_nothing_is_guessed_from_what_fits_both():
    evidence = guess_decimal_style(["1.234", "5"])

    assert evidence.style is None
    assert evidence.has_ambiguous


def test_cells_of_a_workbook_are_numbers_already():
    assert parse_decimal(Decimal("1.234")) == Decimal("1.234")
    assert parse_decimal("  ") is None
    with pytest.raises(CellProblem, match="formula_without_value"):
        parse_decimal(FormulaWithoutValue())
    with pytest.raises(CellProblem, match="not_a_number"):
        parse_decimal(True)


amounts = st.decimals(
    min_value=Decimal("-1e15"), max_value=Decimal("1e15"), places=2, allow_nan=False
)


@given(amounts, st.sampled_from(DecimalStyle), st.booleans())
def test_every_amount_comes_back_in_either_notation(amount, style, grouped):
    text = format(amount, ",.2f" if grouped else ".2f")
    if style is DecimalStyle.COMMA:
        text = text.translate(str.maketrans(".,", ",."))

    assert parse_decimal(text) == amount
    assert parse_decimal(text, style) == amount
    assert guess_decimal_style([text]).style in (style, None)


@given(st.text(max_size=60), st.sampled_from([None, *DecimalStyle]))
def test_any_text_is_a_number_or_a_problem(text, style):
    try:
        number = parse_decimal(text, style)
    except CellProblem:
        return
    assert number is None or number.is_finite()
