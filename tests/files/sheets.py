"""Ways to make sheets and to read them back."""

from collections.abc import Callable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

from files.source_rows import ReadLimits, SourceRow
from files.spreadsheet import read_rows

SHEET = "xl/worksheets/sheet1.xml"


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


def repacked(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one of its parts changed."""
    result = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(result, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            inside = old.read(name)
            new.writestr(name, change(inside) if name == part else inside)
    return result.getvalue()
