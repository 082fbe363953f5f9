"""Invoices come from a sheet, one row a line, and are posted."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from models.base import db
from models.people.customer import Address, Customer
from models.people.organization import Organization
from models.sales.document import DocumentLine, Invoice
from models.sales.document_state import DocumentKind, DocumentState
from models.sales.number_series import NumberSeries
from models.system.audit_event import AuditEvent
from models.tenancy import acting_in
from tests.factories.people import make_customer, make_organization
from tests.factories.saving import saved
from tests.services.system.imports.sheets import (
    INVOICE,
    csv_of,
    invoices,
    places,
    sheet_of,
    take_invoices,
    xlsx_of,
)


@pytest.fixture(autouse=True)
def customer(organization: Organization) -> Customer:
    customer = make_customer(number="C1", name="Óptica Peñafiel", tax_id="B1", lang="en")
    customer.payment_terms_days = 15
    customer.addresses.append(Address(street="Calle Mayor, 1", city="Madrid"))
    db.session.commit()
    return customer


def invoice_labelled(label: str) -> Invoice:
    return db.session.scalars(Invoice.labelled(label)).one()


def labels() -> list[str]:
    return list(db.session.scalars(select(Invoice.label).order_by(Invoice.number_int)))


def test_rows_of_a_number_become_one_posted_invoice() -> None:
    """L-10"""
    outcome = take_invoices(
        invoices(
            {"number": "10518"},
            {
                "number": "10518",
                "description": "Descuento",
                "quantity": "-1",
                "unit_price": "0.333",
            },
            {"number": "10519", "due_date": "", "currency": ""},
        )
    )

    invoice = invoice_labelled("FV-10518")
    assert (outcome.counts.rows, outcome.counts.created, outcome.wrong) == (3, 2, [])
    assert (invoice.state, invoice.number_int) == (DocumentState.POSTED, 10518)
    assert (invoice.subtotal, invoice.tax_total) == (Decimal("20.67"), Decimal("4.34"))
    assert invoice.total == invoice.balance_due == Decimal("25.01")
    assert [(line.position, line.description, line.net) for line in invoice.lines] == [
        (1, "Cemento gris", Decimal(21)),
        (2, "Descuento", Decimal("-0.33")),
    ]
    assert (invoice.bill_to["name"], invoice.bill_to["city"]) == ("Óptica Peñafiel", "Madrid")
    assert (invoice.lang, invoice.currency) == ("en", "EUR")
    assert invoice_labelled("FV-10519").due_date == date(2026, 7, 16)


def test_what_was_imported_cannot_be_changed() -> None:
    take_invoices(invoices({}))
    invoice = invoice_labelled("FV-1")
    invoice.lines[0].quantity = Decimal(3)

    with pytest.raises(DBAPIError, match="document_is_posted"):
        db.session.flush()


def test_lines_may_stand_anywhere_in_the_file() -> None:
    outcome = take_invoices(
        invoices(
            {"number": "1", "description": "a"},
            {"number": "2", "description": "b"},
            {"number": "1", "description": "c", "customer_number": "", "issue_date": ""},
        )
    )

    assert outcome.counts.created == 2
    assert [line.description for line in invoice_labelled("FV-1").lines] == ["a", "c"]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"number": ""}, "number"),
        ({"number": "12A"}, "number"),
        ({"number": "1" * 16}, "number"),
        ({"number": "0"}, "number"),
        ({"customer_number": "C404"}, "customer_number"),
        ({"customer_number": ""}, "customer_number"),
        ({"issue_date": ""}, "issue_date"),
        ({"issue_date": "ayer"}, "issue_date"),
        ({"issue_date": "31/06/2026"}, "issue_date"),
        ({"due_date": "2026-06-30"}, "due_date"),
        ({"currency": "XXZ"}, "currency"),
        ({"description": " "}, "description"),
        ({"quantity": "dos"}, "quantity"),
        ({"quantity": ""}, "quantity"),
        ({"quantity": "0.33333"}, "quantity"),
        ({"unit_price": "9" * 14}, "unit_price"),
        ({"unit_price": "1e999"}, "unit_price"),
        ({"quantity": "9" * 9, "unit_price": "9" * 9}, "unit_price"),
        ({"tax_rate": ""}, "tax_rate"),
        ({"tax_rate": "-1"}, "tax_rate"),
        ({"tax_rate": "101"}, "tax_rate"),
    ],
)
def test_a_wrong_cell_is_named_and_the_others_are_imported(
    cells: dict[str, Any], column: str
) -> None:
    outcome = take_invoices(invoices({"number": "1"}, {"number": "2", **cells}, {"number": "3"}))

    assert places(outcome) == [(3, column)]
    assert outcome.wrong[0].reason.endswith(".")
    assert labels() == ["FV-1", "FV-3"]


def test_an_invoice_with_one_wrong_line_is_not_imported_at_all() -> None:
    outcome = take_invoices(
        invoices({"number": "1"}, {"number": "1", "quantity": "x"}, {"number": "2"})
    )

    assert places(outcome) == [(3, "quantity")]
    assert (outcome.held_back, outcome.counts.held_back) == ({2: 3}, 1)
    assert labels() == ["FV-2"]
    assert db.session.scalar(select(func.count(DocumentLine.id))) == 1


def test_a_row_without_any_heading_cells_keeps_the_invoice_above_out() -> None:
    bare = {"series": "", "number": "", "customer_number": "", "issue_date": ""}

    outcome = take_invoices(invoices({"number": "1"}, {"number": "2"}, bare))

    assert places(outcome) == [(4, "number")]
    assert labels() == ["FV-1"]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"customer_number": "C2"}, "customer_number"),
        ({"issue_date": "2026-07-02"}, "issue_date"),
        ({"due_date": "2026-08-01"}, "due_date"),
        ({"currency": "COP"}, "currency"),
    ],
)
def test_lines_of_one_number_that_disagree_are_wrong(cells: dict[str, Any], column: str) -> None:
    make_customer(number="C2")
    db.session.commit()

    outcome = take_invoices(invoices({}, cells))

    assert places(outcome) == [(3, column)]
    assert labels() == []


def test_the_same_file_again_changes_nothing() -> None:
    file = invoices({}, {"description": "b"}, {"number": "2", "due_date": "", "currency": ""})
    take_invoices(file)
    events = db.session.scalar(select(func.count(AuditEvent.id)))

    outcome = take_invoices(file)

    assert (outcome.counts.created, outcome.counts.updated, outcome.counts.unchanged) == (0, 0, 2)
    assert outcome.wrong == []
    assert db.session.scalar(select(func.count(AuditEvent.id))) == events


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([{"customer_number": "C2"}, {}], (2, "customer_number")),
        ([{"due_date": "2026-08-02"}, {"due_date": ""}], (2, "due_date")),
        ([{"currency": "COP"}, {"currency": ""}], (2, "currency")),
        ([{}, {"unit_price": "9"}], (3, "unit_price")),
        ([{}, {"description": "otra"}], (3, "description")),
        ([{}], (2, "number")),
        ([{}, {}, {}], (2, "number")),
    ],
)
def test_an_invoice_that_exists_with_other_content_is_a_wrong_row(
    rows: list[dict[str, Any]], place: tuple[int, str]
) -> None:
    make_customer(number="C2")
    db.session.commit()
    take_invoices(invoices({}, {}))
    rows[1:2] = [{**row, "customer_number": row.get("customer_number", "")} for row in rows[1:2]]

    outcome = take_invoices(invoices(*rows))

    assert places(outcome) == [place]
    assert outcome.counts.unchanged == 0


def test_the_number_series_goes_on_after_the_last_number() -> None:
    saved(NumberSeries(kind=DocumentKind.INVOICE, series="FV", next_number=5))
    saved(NumberSeries(kind=DocumentKind.INVOICE, series="FX", next_number=50))
    db.session.commit()

    take_invoices(invoices({"number": "9"}, {"number": "3"}, {"series": "FX", "number": "3"}))

    rows = db.session.scalars(select(NumberSeries).order_by(NumberSeries.series))
    assert [(row.series, row.next_number) for row in rows] == [("FV", 10), ("FX", 50)]


def test_there_is_one_audit_event_a_document() -> None:
    take_invoices(invoices({}, {"description": "b"}, {"number": "2"}))

    events = db.session.scalars(
        select(AuditEvent).where(AuditEvent.source == "import").order_by(AuditEvent.id)
    ).all()
    assert [(event.entity, event.action) for event in events] == [("document", "create")] * 2
    assert events[0].after is not None
    assert (events[0].after["lines"], events[0].after["total"]) == (2, "50.82")


def test_a_customer_of_another_organization_is_unknown() -> None:
    with acting_in(make_organization().id):
        make_customer(number="C9")
        db.session.commit()

    outcome = take_invoices(invoices({"customer_number": "C9"}))

    assert places(outcome) == [(2, "customer_number")]


def test_a_workbook_holds_numbers_and_dates() -> None:
    file = xlsx_of(
        [
            {
                **INVOICE,
                "number": 7,
                "series": None,
                "issue_date": datetime(2026, 7, 1),  # noqa: DTZ001  # Excel knows no time zones
                "due_date": 46234,
                "quantity": 0.1 + 0.2,
                "unit_price": 1234.5,
                "tax_rate": 19,
            }
        ]
    )

    outcome = take_invoices(file)

    invoice = invoice_labelled("7")
    assert outcome.wrong == []
    assert (invoice.issue_date, invoice.due_date) == (date(2026, 7, 1), date(2026, 7, 31))
    assert (invoice.lines[0].quantity, invoice.total) == (Decimal("0.3"), Decimal("440.72"))


def test_a_rate_of_a_percent_cell_is_not_taken_for_less_than_one_per_cent() -> None:
    outcome = take_invoices(xlsx_of([{**INVOICE, "tax_rate": 0.19}]))

    assert places(outcome) == [(2, "tax_rate")]


def test_decimal_commas_and_spanish_headings_are_understood() -> None:
    headings = {
        "Serie": "FV",
        "Número": "8",
        "Cliente": "C1",
        "Fecha de emisión": "01/07/2026",
        "Vencimiento": "31/07/2026",
        "Descripción": "Azulejo «Ñandú»",
        "Cantidad": "1.000",
        "Precio unitario": "1.234,50 €",
        "IVA": "21 %",
    }

    outcome = take_invoices(csv_of([headings], delimiter=";", encoding="cp1252"))

    invoice = invoice_labelled("FV-8")
    assert outcome.wrong == []
    assert (invoice.issue_date, invoice.subtotal) == (date(2026, 7, 1), Decimal(1_234_500))
    assert invoice.lines[0].description == "Azulejo «Ñandú»"


def test_a_number_that_may_be_a_thousand_is_asked_about() -> None:
    outcome = take_invoices(invoices({"unit_price": "1.234"}))

    assert places(outcome) == [(2, "unit_price")]


def test_months_come_first_if_another_date_says_so() -> None:
    outcome = take_invoices(invoices({"issue_date": "07/04/2026", "due_date": "07/31/2026"}))

    assert outcome.wrong == []
    assert invoice_labelled("FV-1").issue_date == date(2026, 7, 4)


def test_lines_of_the_file_are_counted_with_cells_of_several_lines() -> None:
    outcome = take_invoices(
        invoices({"description": "dos\nlíneas"}, {"number": "2", "quantity": "x"})
    )

    assert places(outcome) == [(4, "quantity")]
    assert invoice_labelled("FV-1").lines[0].description == "dos\nlíneas"


def test_columns_are_named_by_their_headings() -> None:
    file = "Número;Cliente;Fecha;Concepto;Cant.;Precio;IVA\n1;C404;2026-07-01;a;1;2;x\n".encode()

    outcome = take_invoices(file)

    assert places(outcome) == [(2, "IVA")]
    assert sheet_of(file, "invoices").columns().columns["quantity"] == 4
