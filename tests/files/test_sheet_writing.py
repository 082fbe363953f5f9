import csv
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from files.sheet_writing import csv_chunks, write_csv, write_xlsx
from files.spreadsheet import read_rows

DANGEROUS = ["=1+1", "+57 601", "-SUM(A1)", "@x", "\t=1", "\r=1", " =1", "'=1"]


def csv_of(header, rows, **options) -> bytes:
    stream = BytesIO()
    write_csv(header, rows, stream, **options)
    return stream.getvalue()


@pytest.mark.parametrize("text", DANGEROUS)
def test_csv_cell_that_would_run_gets_an_apostrophe(text):
    """L-11: formula-injection safe."""
    content = csv_of(["a"], [[text]]).decode("utf-8-sig")

    assert list(csv.reader(StringIO(content, newline="")))[1] == ["'" + text]


def test_negative_numbers_stay_numbers():
    content = csv_of(["a", "b", "c"], [[Decimal("-5.00"), "-5,00", -3]]).decode("utf-8-sig")

    assert content.splitlines()[1] == '-5.00,"-5,00",-3'


def test_csv_with_decimal_comma_is_separated_by_semicolons():
    content = csv_of(["a", "b"], [[Decimal("1234.50"), date(2026, 7, 3)]], decimal_mark=",")

    assert content.decode("utf-8-sig").splitlines() == ["a;b", "1234,50;2026-07-03"]


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])).map(lambda s: "x" + s),
            st.one_of(
                st.sampled_from(DANGEROUS),
                st.text(st.characters(codec="utf-8", exclude_characters="\0")),
            ),
        ),
        max_size=6,
    )
)
def test_what_was_exported_is_read_back(rows):
    content = csv_of(["name", "note"], rows)

    read = [row.cells for row in read_rows(content, "a.csv")]

    assert read == [("name", "note"), *rows]


def test_xlsx_keeps_types_and_runs_nothing():
    """L-11: formula-injection safe, typed cells."""
    stream = BytesIO()
    moment = datetime(2026, 7, 3, 10, 30, tzinfo=UTC)
    row = ["=1+1", Decimal("12.50"), 3, date(2026, 7, 3), moment, True, None, "http://x.test"]

    write_xlsx(list("abcdefgh"), [row], stream)

    cells = load_workbook(BytesIO(stream.getvalue())).active[2]
    assert [cell.data_type for cell in cells] == ["s", "n", "n", "d", "d", "b", "n", "s"]
    assert cells[0].value == "=1+1"
    assert cells[1].value == 12.5
    assert cells[4].value == datetime(2026, 7, 3, 10, 30)  # noqa: DTZ001  # sheets know no zones
    assert cells[7].hyperlink is None


def test_number_longer_than_excel_can_hold_is_written_as_text():
    stream = BytesIO()

    write_xlsx(["a"], [[Decimal("12345678901234567.89")], [Decimal("NaN")], ["x" * 40_000]], stream)

    values = [row[0] for row in load_workbook(BytesIO(stream.getvalue())).active.values]
    assert values[1:3] == ["12345678901234567.89", "NaN"]
    assert len(values[3]) == 32_767


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_sheets_are_written_in_flat_memory(write, tmp_path):
    rows = ((number, "some text", Decimal("1234.56")) for number in range(50_000))
    tracemalloc.start()

    with (tmp_path / "out").open("wb") as stream:
        write(["a", "b", "c"], rows, stream)

    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 4_000_000


def test_csv_comes_in_pieces():
    rows = (["x" * 100] for _ in range(5_000))

    chunks = list(csv_chunks(["a"], rows))

    assert len(chunks) > 3
    assert b"".join(chunks).count(b"\r\n") == 5_001


def test_written_workbook_is_read_back():
    stream = BytesIO()
    rows = [("FV-1", Decimal("0.1"), date(2026, 7, 3)), ("Ñ", Decimal(-5), date(1999, 1, 1))]

    write_xlsx(["a", "b", "c"], rows, stream)

    read = [row.cells for row in read_rows(stream.getvalue(), "a.xlsx")]
    assert read == [("a", "b", "c"), *rows]
