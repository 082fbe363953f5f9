"""What holds for every import: the dry run tells the truth, a file that cannot be used changes nothing."""

import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import func, select

from errors import Invalid
from models.base import db
from models.people.customer import Customer
from models.people.organization import Organization
from models.sales.document import Document, Invoice
from models.system.audit_event import AuditEvent
from models.tenancy import current_scope, enter
from services.system.imports.outcome import Outcome
from services.system.imports.run import Progress, run_import
from tests.factories.people import make_customer
from tests.factories.sales import make_document
from tests.factories.saving import numbers
from tests.services.system.imports.sheets import (
    CUSTOMER,
    INVOICE,
    csv_of,
    customers,
    invoices,
    places,
    sheet_of,
    take_customers,
    take_invoices,
    xlsx_of,
)

pytestmark = pytest.mark.usefixtures("organization")

CELLS = {
    "number": st.sampled_from(["1", "2", "3", "3A", ""]),
    "customer_number": st.sampled_from(["C1", "C1", "C1", "C404", ""]),
    "issue_date": st.sampled_from(["2026-07-01", "2026-07-01", "01/07/2026", "30/02/2026"]),
    "quantity": st.sampled_from(["1", "2", "-1", "1,5", "x"]),
    "unit_price": st.sampled_from(["10", "10", "1.234", "1.234,56"]),
}
LINES = st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=8)
SLOW_FIXTURES = hypothesis_settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def everything() -> tuple[Any, ...]:
    """What there is of customers, documents and audit."""
    return tuple(
        db.session.scalar(select(func.count()).select_from(model))
        for model in (Customer, Document, AuditEvent)
    )


@SLOW_FIXTURES
@given(lines=LINES)
def test_the_dry_run_says_what_the_import_will_say(
    organization: Organization, lines: list[dict[str, str]]
) -> None:
    """L-10: the verdict of the dry run is the real one, and it changes nothing."""
    if db.session.scalar(select(func.count(Customer.id))) == 0:
        make_customer(number="C1")
        db.session.commit()
    series = f"S{next(numbers)}"  # each example has numbers of its own
    file = invoices(*({"series": series, "due_date": "", **line} for line in lines))
    before = everything()

    rehearsed = take_invoices(file, dry_run=True)
    untouched = everything()
    imported = take_invoices(file)
    repeated = take_invoices(file)

    assert untouched == before
    assert rehearsed.wrong == imported.wrong == repeated.wrong
    assert rehearsed.held_back == imported.held_back
    assert rehearsed.counts.created == imported.counts.created == repeated.counts.unchanged
    assert (repeated.counts.created, repeated.counts.updated) == (0, 0)


@SLOW_FIXTURES
@given(order=st.permutations(list(INVOICE)))
def test_the_order_of_columns_does_not_matter(organization: Organization, order: list[str]) -> None:
    rows = [INVOICE, {**INVOICE, "number": "2", "customer_number": "C404", "quantity": "x"}]
    turned = [{name: row[name] for name in order} for row in rows]

    assert sorted(places(take_invoices(csv_of(turned), dry_run=True))) == sorted(
        places(take_invoices(csv_of(rows), dry_run=True))
    )


@pytest.mark.parametrize("create_groups", [True, False])
def test_a_dry_run_of_customers_makes_nothing(create_groups: bool) -> None:
    file = customers({"group": "VIP", "email": "a@a.test"}, {"number": "C2", "group": "VIP"})
    before = everything()

    rehearsed = take_customers(file, dry_run=True, create_groups=create_groups)
    untouched = everything()
    imported = take_customers(file, create_groups=create_groups)

    assert untouched == before
    assert rehearsed.for_programs() == imported.for_programs()
    assert imported.counts.created == (2 if create_groups else 0)


def test_chunks_do_not_change_the_verdict() -> None:
    rows = [{"number": f"C{number % 5}", "email": f"a{number}@a.test"} for number in range(15)]

    outcome = take_customers(customers(*rows), records_a_chunk=2)

    assert (outcome.counts.rows, outcome.counts.created, outcome.wrong) == (15, 5, [])


def test_an_import_that_was_cut_off_goes_on_where_it_was() -> None:
    """L-10: counts and wrong rows are those of the whole file, and nothing is there twice."""
    rows = [{"number": f"C{number}", "currency": "EUR"} for number in range(7)]
    rows[1]["currency"] = "no"
    sheet = sheet_of(customers(*rows), "customers")
    reported: list[Progress] = []

    def cut_off(progress: Progress) -> None:
        if progress.chunks == 3:
            raise KeyboardInterrupt
        reported.append(progress)

    with pytest.raises(KeyboardInterrupt):
        run_import(sheet, report=cut_off, records_a_chunk=2)
    db.session.rollback()
    outcome = run_import(sheet, done=reported[-1], records_a_chunk=2)

    assert (outcome.counts.rows, outcome.counts.created, outcome.counts.unchanged) == (7, 6, 0)
    assert places(outcome) == [(3, "currency")]
    assert db.session.scalar(select(func.count(Customer.id))) == 6


def bomb() -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 200_000_000)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "filename", "hint"),
    [
        (b"", "a.csv", "a.csv"),
        (b"number,name\r\n", "a.csv", "a.csv"),
        (csv_of([{"number": "1", "currency": "EUR"}]), "a.csv", "name"),
        (b"number,name,name\r\n1,a,b\r\n", "a.csv", "name"),
        ("número,nombre,razón social\n1,a,b\n".encode(), "a.csv", "razón social"),
        (b'number,name\r\n1,"open\r\n', "a.csv", "2"),
        (b"number,name\r\n1,a\r\n", "a.pdf", "a.pdf"),
        (b"PK\x03\x04 no workbook", "a.xlsx", ".xlsx"),
        (b"\xd0\xcf\x11\xe0 old", "a.xls", ".xlsx"),
        ("number,name\n1,Ελλάδα και άλλα\n".encode("iso8859-7"), "a.csv", "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_one_sentence(
    content: bytes, filename: str, hint: str
) -> None:
    with pytest.raises(Invalid) as refused:
        run_import(sheet_of(content, "customers", filename))

    assert hint in refused.value.message
    assert "\n" not in refused.value.message
    assert everything()[0] == 0


def test_a_zip_bomb_is_refused() -> None:
    with pytest.raises(Invalid):
        run_import(sheet_of(bomb(), "customers", "a.xlsx"))


def test_a_million_blank_rows_are_not_read_as_rows() -> None:
    workbook = Workbook()
    sheet = workbook.active
    sheet.append(list(CUSTOMER))
    sheet.append(list(CUSTOMER.values()))
    sheet.cell(row=1_048_576, column=1).number_format = "0.00"
    stream = BytesIO()
    workbook.save(stream)

    outcome = run_import(sheet_of(stream.getvalue(), "customers", "a.xlsx"))

    assert (outcome.counts.rows, outcome.counts.created) == (1, 1)


def test_a_hundred_columns_are_no_obstacle() -> None:
    row = {f"x{number}": number for number in range(100)} | CUSTOMER

    assert take_customers(xlsx_of([row])).counts.created == 1


def test_a_formula_counts_as_its_value_and_is_wrong_without_one() -> None:
    make_customer(number="C1")
    db.session.commit()

    outcome = take_invoices(xlsx_of([{**INVOICE, "quantity": "=1+1"}]))

    assert places(outcome) == [(2, "quantity")]


def test_an_invoice_that_somebody_else_posts_meanwhile_is_found_again(
    app: Flask, organization: Organization
) -> None:
    customer = make_customer(number="C1")
    db.session.commit()
    make_document(customer, number="1")  # not committed: the import has to wait for it
    file = invoices(
        {"due_date": "", "issue_date": "2026-07-15", "description": "Service", "quantity": "1"}
        | {"unit_price": "100.00", "tax_rate": "19"}
    )
    scope = current_scope()

    def import_beside() -> Outcome:
        with app.app_context():
            enter(scope)
            return take_invoices(file)

    with ThreadPoolExecutor() as pool:
        beside = pool.submit(import_beside)
        time.sleep(0.5)
        still_waiting = not beside.done()
        db.session.commit()
        outcome = beside.result(timeout=10)

    assert still_waiting
    assert (outcome.counts.unchanged, outcome.counts.created, outcome.wrong) == (1, 0, [])
    assert db.session.scalar(select(func.count(Invoice.id))) == 1
