import re
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from files.errors import UnreadableFile
from files.source_rows import FormulaWithoutValue, SourceRow
from tests.files.sheets import SHEET, repacked, rows_of, sheet_of, workbook_bytes


def test_workbook_gives_typed_cells_with_the_rows_of_the_sheet():
    content = sheet_of(
        ("número", "importe", "fecha", "hora"),
        ("FV-1", 0.1 + 0.2, date(2026, 7, 3), datetime(2026, 7, 3, 10, 30)),  # noqa: DTZ001  # sheets know no zones
        (),
        (12, -1234.5, True, None),
    )

    assert rows_of(content, "a.xlsx") == [
        SourceRow(1, ("número", "importe", "fecha", "hora")),
        SourceRow(2, ("FV-1", Decimal("0.3"), date(2026, 7, 3), datetime(2026, 7, 3, 10, 30))),  # noqa: DTZ001  # sheets know no zones
        SourceRow(4, (Decimal(12), Decimal("-1234.5"), True, "")),
    ]


def test_table_that_begins_further_down_keeps_its_places():
    workbook = Workbook()
    workbook.active["C3"] = "número"
    workbook.active["D4"] = "x"

    rows = rows_of(workbook_bytes(workbook), "a.xlsx")

    assert [(row.line, row.cells.index("número" if row.line == 3 else "x")) for row in rows] == [
        (3, 2),
        (4, 3),
    ]


def test_serial_of_a_cell_without_date_format_comes_as_number():
    assert rows_of(sheet_of(("fecha",), (46206,)), "a.xlsx")[1].cells == (Decimal(46206),)


def test_formula_counts_as_its_last_value_and_is_named_without_one():
    workbook = sheet_of(("a", "b", "c"), (1, "=A2*2", "=A2*3"), (2, 5, 6))

    def compute_first(xml: bytes) -> bytes:
        return xml.replace(b"<f>A2*2</f><v></v>", b"<f>A2*2</f><v>2</v>").replace(
            b"<f>A2*2</f><v />", b"<f>A2*2</f><v>2</v>"
        )

    rows = rows_of(repacked(workbook, SHEET, compute_first), "a.xlsx")

    assert rows[1].cells == (Decimal(1), Decimal(2), FormulaWithoutValue())
    assert rows[2].cells == (Decimal(2), Decimal(5), Decimal(6))


def test_formula_that_was_computed_to_an_empty_text_is_a_blank_cell():
    def compute(xml: bytes) -> bytes:
        return re.sub(
            rb"<c r=\"B2\"[^>]*><f>(.*?)</f><v ?/?>", rb'<c r="B2" t="str"><f>\1</f><v>', xml
        )

    content = repacked(sheet_of(("a", "b"), (1, '=IF(A2=1,"","x")')), SHEET, compute)

    assert rows_of(content, "a.xlsx")[1].cells == (Decimal(1), "")


def test_row_that_is_only_a_formula_without_value_is_still_a_row():
    rows = rows_of(sheet_of(("a",), ("=1+1",), ("x",), ("=2+2",)), "a.xlsx")

    assert [row.cells for row in rows] == [
        ("a",),
        (FormulaWithoutValue(),),
        ("x",),
        (FormulaWithoutValue(),),
    ]


def test_hidden_first_sheet_is_passed_over():
    workbook = Workbook()
    workbook.active.append(("secret",))
    workbook.active.sheet_state = "hidden"
    workbook.create_sheet("Facturas").append(("número", "=1+1"))

    assert rows_of(workbook_bytes(workbook), "a.xlsx") == [
        SourceRow(1, ("número", FormulaWithoutValue()))
    ]


def test_million_blank_rows_end_quickly():
    blank = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (n, n) for n in range(3, 1_000_003))
    content = repacked(
        sheet_of(("a",), ("x",)),
        SHEET,
        lambda xml: xml.replace(b"</sheetData>", blank + b"</sheetData>"),
    )

    assert [row.line for row in rows_of(content, "a.xlsx")] == [1, 2]


def test_cell_in_the_far_corner_is_named():
    workbook = Workbook()
    workbook.active["A1"] = "a"
    workbook.active["XFD1048576"] = "far"

    with pytest.raises(UnreadableFile, match="row 1048576 and column 16384"):
        rows_of(workbook_bytes(workbook), "a.xlsx")


def test_zip_bomb_is_refused_by_what_it_declares():
    bomb = repacked(sheet_of(("a",)), SHEET, lambda _: b" " * 60_000_000)

    with pytest.raises(UnreadableFile, match="unpacks"):
        rows_of(bomb, "a.xlsx")


def test_zip_bomb_that_lies_about_its_size_is_refused():
    bomb = bytearray(repacked(sheet_of(("a",)), SHEET, lambda _: b" " * 60_000_000))
    true_size = (60_000_000).to_bytes(4, "little")
    lying = bytes(bomb).replace(true_size, (1000).to_bytes(4, "little"))

    with pytest.raises(UnreadableFile):
        rows_of(lying, "a.xlsx")


def test_entities_are_refused():
    def with_entities(xml: bytes) -> bytes:
        return b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + xml[xml.index(b"<worksheet") :]

    with pytest.raises(UnreadableFile, match="damaged"):
        rows_of(repacked(sheet_of(("a",)), SHEET, with_entities), "a.xlsx")


@pytest.mark.parametrize("missing", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", SHEET])
def test_workbook_without_one_of_its_parts_is_damaged(missing):
    result = BytesIO()
    with ZipFile(BytesIO(sheet_of(("a",)))) as old, ZipFile(result, "w") as new:
        for name in old.namelist():
            if name != missing:
                new.writestr(name, old.read(name))

    with pytest.raises(UnreadableFile, match="damaged"):
        rows_of(result.getvalue(), "a.xlsx")


@given(st.integers(0, 5000), st.binary(min_size=1, max_size=40))
def test_any_damage_is_refused_or_harmless(place, noise):
    content = sheet_of(("a", "b"), (1, "x"))
    place %= len(content)
    damaged = content[:place] + noise + content[place + len(noise) :]

    with suppress(UnreadableFile):
        rows_of(damaged, "a.xlsx")
