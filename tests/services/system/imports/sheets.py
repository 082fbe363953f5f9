"""Sheets for tests: only what matters has to be said."""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO
from typing import Any

from openpyxl import Workbook

from services.system.imports.fields import ImportSubject
from services.system.imports.outcome import Outcome
from services.system.imports.run import run_import
from services.system.imports.sheet import Sheet

CUSTOMER = {
    "number": "C1",
    "name": "Óptica Peñafiel",
    "tax_id_type": "",
    "tax_id": "",
    "group": "",
    "language": "es",
    "currency": "EUR",
    "contact_name": "",
    "email": "",
    "contact_roles": "",
}
INVOICE = {
    "series": "FV",
    "number": "1",
    "customer_number": "C1",
    "issue_date": "2026-07-01",
    "due_date": "2026-07-31",
    "currency": "EUR",
    "description": "Cemento gris",
    "quantity": "2",
    "unit_price": "10.50",
    "tax_rate": "21",
}


def csv_of(
    rows: Sequence[dict[str, Any]], *, delimiter: str = ",", encoding: str = "utf-8"
) -> bytes:
    """A CSV file with these rows; its columns are the keys of the first."""
    text = StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_of(rows: Sequence[dict[str, Any]]) -> bytes:
    """A workbook with these rows; values keep their kind."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    stream = BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def customers(*rows: dict[str, Any]) -> bytes:
    """A CSV file of customers; each row says what differs from `CUSTOMER`."""
    return csv_of([{**CUSTOMER, **row} for row in rows])


def invoices(*rows: dict[str, Any]) -> bytes:
    """A CSV file of invoice lines; each row says what differs from `INVOICE`."""
    return csv_of([{**INVOICE, **row} for row in rows])


def sheet_of(content: bytes, subject: str, filename: str = "hoja.csv") -> Sheet:
    return Sheet(content, filename, ImportSubject(subject))


def take_customers(content: bytes, **options: Any) -> Outcome:
    """Import a file of customers."""
    return run_import(sheet_of(content, "customers"), **options)


def take_invoices(content: bytes, **options: Any) -> Outcome:
    """Import a file of invoices."""
    return run_import(sheet_of(content, "invoices"), **options)


def places(outcome: Outcome) -> list[tuple[int, str]]:
    """Where the wrong cells are."""
    return [(cell.line, cell.column) for cell in outcome.wrong]
