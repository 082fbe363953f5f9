import tracemalloc
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from files.errors import UnreadableFile
from files.source_rows import FormulaWithoutValue, ReadLimits, SourceRow
from files.spreadsheet import read_rows


def rows_of(content: bytes, filename: str = "sheet.csv", **limits: int) -> list[SourceRow]:
    return list(read_rows(content, filename, ReadLimits(**limits)))


def workbook_bytes(workbook: Workbook) -> bytes:
    stream = BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def sheet_of(*rows: tuple) -> bytes:
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    return workbook_bytes(workbook)


def repacked(content: bytes, part: str, change) -> bytes:
    """The workbook with one of its parts changed."""
    result = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(result, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            inside = old.read(name)
            new.writestr(name, change(inside) if name == part else inside)
    return result.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


# Text files


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16", "utf-16-le"]
)
def test_letters_are_read_in_every_usual_encoding(encoding):
    content = "número;nombre\r\n1;Ferretería La Ñapa\r\n2;Peña\r\n".encode(encoding)

    assert [row.cells for row in rows_of(content)] == [
        ("número", "nombre"),
        ("1", "Ferretería La Ñapa"),
        ("2", "Peña"),
    ]


def test_euro_of_windows_is_read():
    assert rows_of("a;b\n12 €;«x»\n".encode("cp1252"))[1].cells == ("12 €", "«x»")


def test_first_accent_far_behind_is_read():
    content = b"a;b\n" + b"1;plain\n" * 100_000 + "2;Peña\n".encode("cp1252")

    assert rows_of(content)[-1].cells == ("2", "Peña")


@pytest.mark.parametrize(
    "content",
    [bytes(range(128, 256)) * 40, "число;имя\nпривет мир как дела\n".encode("cp1251")],
    ids=["noise", "cyrillic"],
)
def test_what_cannot_be_read_as_letters_is_said(content):
    with pytest.raises(UnreadableFile, match="UTF-8"):
        rows_of(content)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_usual_delimiter_is_found(delimiter):
    content = "\n".join(delimiter.join(cells) for cells in (["a", "b", "c"], ["1", "2", "3"]))

    assert [row.cells for row in rows_of(content.encode())] == [("a", "b", "c"), ("1", "2", "3")]


def test_decimal_commas_do_not_hide_the_semicolon():
    assert rows_of(b"name;price\nx;1,5\ny;2,5\n")[1].cells == ("x", "1,5")


def test_delimiter_that_excel_declares_is_used():
    assert rows_of(b"sep=|\na|b\n1|2\n") == [SourceRow(2, ("a", "b")), SourceRow(3, ("1", "2"))]


def test_line_is_where_the_record_begins_in_the_file():
    """Issue part 4: `line` is the line of the file, header = 1; a cell may span lines."""
    content = b'a,b\n1,"two\nlines"\n\n2,"x\r\ny\r\nz"\n3,w\n'

    assert [(row.line, row.cells[0]) for row in rows_of(content)] == [
        (1, "a"),
        (2, "1"),
        (5, "2"),
        (8, "3"),
    ]


def test_zero_bytes_are_left_out():
    assert rows_of(b"a,b\n1\0,2\n")[1].cells == ("1", "2")


def test_quotation_mark_that_is_never_closed_is_named_by_its_line():
    with pytest.raises(UnreadableFile, match="Line 3 "):
        rows_of(b'a,b\n1,2\n3,"four\n5,6\n')


def test_quotation_mark_inside_a_cell_is_a_letter():
    assert rows_of(b'a,b\n1,Tubo 1/2" largo\n')[1].cells == ("1", 'Tubo 1/2" largo')


def test_a_line_without_end_is_refused():
    with pytest.raises(UnreadableFile, match="Line 2 "):
        rows_of(b"a,b\n" + b"x" * 2_000_000)


def test_million_blank_lines_end_quickly_and_are_skipped():
    assert rows_of(b"a,b\n1,2\n" + b"\n" * 1_000_000 + b",,\n3,4\n")[-1] == SourceRow(
        1_000_004, ("3", "4")
    )


def test_text_is_streamed(tmp_path):
    path = tmp_path / "long.csv"
    path.write_bytes(b"a,b\n" + b"some text,1234.56\n" * 200_000)
    tracemalloc.start()

    count = sum(1 for _ in read_rows(path, "long.csv"))

    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 200_001
    assert peak_bytes < 3_000_000


@pytest.mark.parametrize(
    ("content", "filename", "words"),
    [
        (b"", "a.csv", "a.csv is empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a.xlsx", "password"),
        (b"PK\x03\x04 broken", "a.xlsx", "damaged"),
        (b"%PDF-1.7", "a.pdf", "neither"),
        (b"a,b\n" * 300, "a.csv", "more than 0 MB"),
    ],
)
def test_what_is_no_sheet_is_said_in_one_sentence(content, filename, words):
    with pytest.raises(UnreadableFile, match=words) as caught:
        rows_of(content, filename, file_bytes=1000)

    assert caught.value.sentence % caught.value.values == caught.value.message


@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2, max_size=4
        ),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_csv_holds_is_read_or_refused(rows):
    content = "\n".join(",".join(cells) for cells in rows).encode()

    with suppress(UnreadableFile):
        rows_of(content)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content):
    with suppress(UnreadableFile):
        rows_of(content)


# Workbooks


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
