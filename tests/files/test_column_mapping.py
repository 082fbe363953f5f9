import pytest

from files.column_mapping import Field, HeadingCode, HeadingProblem, map_columns

NUMBER = Field("number", ("Número", "Nº de factura"), ("Invoice number",), required=True)
ISSUE_DATE = Field("issue_date", ("Fecha de emisión",), ("Date",), required=True)
UNIT_PRICE = Field("unit_price", ("Precio unitario", "Precio"), ("Price",))
FIELDS = (NUMBER, ISSUE_DATE, UNIT_PRICE)


@pytest.mark.parametrize(
    "header",
    [
        ("number", "issue_date", "unit_price"),
        ("Número", "Fecha de emisión", "Precio"),
        ("NUMERO", "fecha_de_emision", "precio  unitario"),
        ("Invoice Number", "DATE", "Unit Price"),
        ("nº de factura", "Fecha-de-Emisión", "price:"),
    ],
)
def test_headings_are_known_in_both_languages_however_they_are_written(header):
    mapping = map_columns(header, FIELDS)

    assert mapping.columns == {"number": 0, "issue_date": 1, "unit_price": 2}
    assert mapping.is_usable
    assert mapping.problems == ()


def test_columns_may_come_in_any_order_and_rows_may_end_early():
    mapping = map_columns(("precio", "", "fecha de emision", "numero"), FIELDS)

    assert mapping.columns == {"unit_price": 0, "issue_date": 2, "number": 3}
    assert mapping.headings["unit_price"] == "precio"
    assert mapping.cells_of(("5", "", "2026-07-03")) == {
        "unit_price": "5",
        "issue_date": "2026-07-03",
        "number": "",
    }


def test_heading_that_was_nearly_right_is_suggested():
    mapping = map_columns(("number", "date", "Preico"), FIELDS)

    assert mapping.problems == (HeadingProblem(HeadingCode.UNKNOWN, "Preico", 3, "unit_price"),)
    assert mapping.is_usable


def test_heading_like_no_other_is_left_out():
    mapping = map_columns(("number", "date", "observaciones"), FIELDS)

    assert mapping.problems == (HeadingProblem(HeadingCode.UNKNOWN, "observaciones", 3, None),)


def test_two_columns_of_one_field_and_missing_ones_are_named():
    mapping = map_columns(("Precio", "price"), FIELDS)

    assert not mapping.is_usable
    assert mapping.problems == (
        HeadingProblem(HeadingCode.DUPLICATE, "price", 2, "unit_price"),
        HeadingProblem(HeadingCode.MISSING, "", None, "number"),
        HeadingProblem(HeadingCode.MISSING, "", None, "issue_date"),
    )


def test_what_a_person_chose_goes_before_the_headings():
    mapping = map_columns(("A", "date", "Precio"), FIELDS, chosen={0: "number", 2: None})

    assert mapping.columns == {"number": 0, "issue_date": 1}
    assert mapping.is_usable
    assert mapping.problems == ()


def test_two_fields_with_one_heading_are_a_mistake_of_ours():
    with pytest.raises(ValueError, match="Precio"):
        map_columns((), (UNIT_PRICE, Field("total", ("Precio",))))
