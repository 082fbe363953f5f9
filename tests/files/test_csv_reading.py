import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.errors import UnreadableFile
from files.source_rows import SourceRow
from files.spreadsheet import read_rows
from tests.files.sheets import rows_of


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
