"""Sheets that go out, written row by row: memory stays flat however many rows there are."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from io import StringIO
from typing import BinaryIO

import xlsxwriter

from files.errors import N_, UnreadableFile
from files.formula_guard import guarded

Value = str | int | float | Decimal | bool | date | datetime | time | None

LONGEST_TEXT = 32_767  # what a cell of Excel holds
LAST_ROW = 1_048_576
EXACT_DIGITS = 15
FIRST_EXCEL_YEAR = 1900
CHUNK_CHARACTERS = 64_000
WIDEST_COLUMN = 48


def csv_chunks(
    header: Sequence[str], rows: Iterable[Sequence[Value]], *, decimal_mark: str = "."
) -> Iterator[bytes]:
    """The file in pieces, in UTF-8 with the mark that Excel needs to see it.

    With a decimal comma the cells are separated by semicolons, as Spanish programs expect.
    Texts that a spreadsheet program would run get an apostrophe in front.
    """
    text = StringIO()
    text.write("\ufeff")
    writer = csv.writer(text, delimiter=";" if decimal_mark == "," else ",")
    writer.writerow([guarded(heading) for heading in header])
    for row in rows:
        writer.writerow([_as_text(value, decimal_mark) for value in row])
        if text.tell() > CHUNK_CHARACTERS:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def write_csv(
    header: Sequence[str],
    rows: Iterable[Sequence[Value]],
    stream: BinaryIO,
    *,
    decimal_mark: str = ".",
) -> None:
    """Write what `csv_chunks` yields."""
    for chunk in csv_chunks(header, rows, decimal_mark=decimal_mark):
        stream.write(chunk)


def write_xlsx(
    header: Sequence[str],
    rows: Iterable[Sequence[Value]],
    stream: BinaryIO,
    *,
    sheet_name: str = "Sheet1",
) -> None:
    """Write a workbook of one sheet, with numbers and dates as what they are.

    Rows wait in a temporary file. Raises UnreadableFile if there are more than a sheet holds.
    """
    workbook = xlsxwriter.Workbook(
        stream,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    try:
        sheet = workbook.add_worksheet(sheet_name[:31])
        bold = workbook.add_format({"bold": True})
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        of_day = workbook.add_format({"num_format": "hh:mm:ss"})
        sheet.freeze_panes(1, 0)
        for column, heading in enumerate(header):
            sheet.set_column(column, column, min(WIDEST_COLUMN, max(12, len(heading) + 3)))
            sheet.write_string(0, column, heading[:LONGEST_TEXT], bold)
        for number, row in enumerate(rows, start=1):
            if number >= LAST_ROW:
                raise UnreadableFile(
                    N_("A sheet holds at most %(rows)d rows. Export as CSV."), rows=LAST_ROW
                )
            for column, value in enumerate(row):
                match value:
                    case None | "":
                        continue
                    case bool():
                        sheet.write_boolean(number, column, value)
                    case int() | float() | Decimal() if _is_exact(value):
                        sheet.write_number(number, column, float(value))
                    case datetime() if value.year >= FIRST_EXCEL_YEAR:
                        sheet.write_datetime(number, column, value.replace(tzinfo=None), moment)
                    case date() if value.year >= FIRST_EXCEL_YEAR:
                        sheet.write_datetime(number, column, value)
                    case time():
                        sheet.write_datetime(number, column, value.replace(tzinfo=None), of_day)
                    case _:
                        sheet.write_string(number, column, str(value)[:LONGEST_TEXT])
    finally:
        workbook.close()


def _is_exact(value: int | float | Decimal) -> bool:
    """Whether Excel keeps all digits: it has fifteen; a longer number is better off as text."""
    number = Decimal(str(value))
    return number.is_finite() and len(number.normalize().as_tuple().digits) <= EXACT_DIGITS


def _as_text(value: Value, decimal_mark: str) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal() if value.is_finite():
            return format(value, "f").replace(".", decimal_mark)
        case int() | float() | Decimal():
            return str(value).replace(".", decimal_mark)
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case date() | time():
            return value.isoformat()
        case _:
            return guarded(str(value))
