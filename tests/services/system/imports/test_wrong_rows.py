"""The rows that were not imported come back as a sheet, which is corrected and imported again."""

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from models.base import db
from models.people.organization import Organization
from models.sales.document import Invoice
from services.system.imports.run import run_import
from services.system.imports.wrong_rows import write_wrong_rows
from tests.factories.people import make_customer
from tests.services.system.imports.sheets import csv_of, places, sheet_of, take_invoices

ROWS: list[dict[str, Any]] = [
    {
        "Nota": "=cmd",
        "Número": number,
        "Cliente": customer,
        "Fecha": day,
        "Concepto": "x",
        "Cantidad": "1.000",
        "Precio": price,
        "IVA": "19",
    }
    for number, customer, day, price in (
        ("1", "C1", "07/31/2026", "1.234,50"),
        ("2", "C404", "07/04/2026", "2,5"),
        ("3", "C1", "07/04/2026", "x"),
        ("3", "C1", "", "7"),
        ("4", "C1", "07/04/2026", "7"),
    )
]


@pytest.fixture(autouse=True)
def customer(organization: Organization) -> None:
    make_customer(number="C1")
    db.session.commit()


def wrong_file(content: bytes, *, as_csv: bool) -> bytes:
    """Import the content and give the file of its wrong rows."""
    sheet = sheet_of(content, "invoices")
    outcome = run_import(sheet)
    stream = BytesIO()
    write_wrong_rows(sheet, outcome, stream, as_csv=as_csv)
    return stream.getvalue()


def test_the_csv_file_has_the_columns_of_the_sheet_and_a_reason() -> None:
    text = wrong_file(csv_of(ROWS, delimiter=";"), as_csv=True).decode("utf-8-sig")

    rows = list(csv.DictReader(StringIO(text), delimiter=";"))
    assert [row["Número"] for row in rows] == ["2", "3", "3"]
    assert list(rows[0])[:-1] == list(ROWS[0])
    assert "Cliente" in rows[0][list(rows[0])[-1]]
    assert rows[0]["Nota"] == "'=cmd"


@pytest.mark.parametrize("as_csv", [True, False])
def test_the_corrected_file_is_imported_and_reads_as_it_did(as_csv: bool) -> None:
    """L-10: an error file to correct and import again."""
    corrected = wrong_file(csv_of(ROWS, delimiter=";"), as_csv=as_csv)
    if as_csv:
        text = corrected.decode("utf-8-sig").replace("C404", "C1")
        content = text.replace(";1000,0000;x;", ";1000,0000;10;").encode()
    else:
        workbook = load_workbook(BytesIO(corrected))
        sheet = workbook.active
        sheet["C2"], sheet["G3"] = "C1", 10
        stream = BytesIO()
        workbook.save(stream)
        content = stream.getvalue()

    outcome = take_invoices(content)

    assert (outcome.wrong, outcome.counts.created) == ([], 2)
    second = db.session.scalars(Invoice.labelled("2")).one()
    assert (second.issue_date.isoformat(), second.subtotal) == ("2026-07-04", 2500)
    assert len(db.session.scalars(select(Invoice)).all()) == 4


def test_rows_that_stay_wrong_come_back_with_one_reason_only() -> None:
    first = wrong_file(csv_of(ROWS, delimiter=";"), as_csv=False)

    second = wrong_file(first, as_csv=False)

    header = [cell.value for cell in load_workbook(BytesIO(second)).active[1]]
    assert header == [cell.value for cell in load_workbook(BytesIO(first)).active[1]]


def test_rows_of_a_workbook_keep_their_kind() -> None:
    first = wrong_file(csv_of(ROWS, delimiter=";"), as_csv=False)

    sheet = load_workbook(BytesIO(first)).active

    assert (sheet["D2"].value.isoformat(), sheet["F2"].value) == ("2026-07-04T00:00:00", 1000)
    assert places(take_invoices(first, dry_run=True)) == [(2, "Cliente"), (3, "Precio")]
