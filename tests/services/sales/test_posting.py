"""Posting gives a number and freezes; voiding keeps the number."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from errors import Conflict, Invalid
from models.base import db
from models.people.customer import Address, AddressKind, Customer
from models.people.organization import Organization
from models.sales.document import CreditNote, Document, DocumentLine, Invoice
from models.sales.document_state import DocumentKind, DocumentState
from models.sales.number_series import NumberSeries
from models.system.audit_event import AuditEvent
from services.sales.posting import post_document, void_document
from tests.factories.people import make_customer
from tests.factories.saving import saved


@pytest.fixture
def customer(organization: Organization) -> Customer:
    customer = make_customer(name="Ñandú, S. A.", tax_id="900123456", tax_id_type=None)
    saved(
        Address(customer_id=customer.id, kind=AddressKind.SHIPPING, street="Puerto 9", city="Cali")
    )
    saved(
        Address(customer_id=customer.id, kind=AddressKind.BILLING, street="Calle 1", city="Bogotá")
    )
    return customer


@pytest.fixture
def series(organization: Organization) -> NumberSeries:
    return saved(NumberSeries(kind=DocumentKind.INVOICE, series="FV", next_number=41, padding=5))


def draft(customer: Customer, *, series: str = "FV", kind: type[Document] = Invoice) -> Document:
    document = kind(
        customer=customer,
        series=series,
        issue_date=date(2026, 7, 1),
        due_date=date(2026, 7, 31),
        currency="EUR",
    )
    document.lines = [
        DocumentLine(
            description="Arreglo",
            quantity=Decimal(3),
            unit_price=Decimal("10.005"),
            discount_percent=Decimal(0),
            tax_rate=Decimal(19),
        )
    ]
    return saved(document)


def test_posting_takes_the_next_number_and_snapshots_the_customer(
    app: Flask, customer: Customer, series: NumberSeries
) -> None:
    invoice = draft(customer)
    post_document(invoice)
    assert (invoice.number, invoice.number_int, invoice.state) == (
        "00041",
        41,
        DocumentState.POSTED,
    )
    assert invoice.posted_at is not None
    assert (invoice.subtotal, invoice.tax_total) == (Decimal("30.02"), Decimal("5.70"))
    assert invoice.balance_due == invoice.total == Decimal("35.72")
    assert invoice.bill_to["name"] == "Ñandú, S. A."
    assert invoice.bill_to["street"] == "Calle 1", "the billing address, not the first one"
    assert series.next_number == 42


def test_a_draft_without_a_series_gets_the_default_one(
    app: Flask, customer: Customer, series: NumberSeries
) -> None:
    invoice = draft(customer, series="")
    post_document(invoice)
    assert invoice.series == "FV"


def test_two_drafts_get_two_numbers(app: Flask, customer: Customer, series: NumberSeries) -> None:
    numbers = []
    for _ in range(2):
        invoice = draft(customer)
        post_document(invoice)
        numbers.append(invoice.number_int)
    assert numbers == [41, 42]


def test_what_is_posted_is_not_posted_again(
    app: Flask, customer: Customer, series: NumberSeries
) -> None:
    invoice = draft(customer)
    post_document(invoice)
    with pytest.raises(Conflict):
        post_document(invoice)


def test_posting_wants_lines_a_series_and_dates_in_order(
    app: Flask, customer: Customer, series: NumberSeries
) -> None:
    empty = draft(customer)
    empty.lines.clear()
    with pytest.raises(Invalid):
        post_document(empty)
    with pytest.raises(Conflict):
        post_document(draft(customer, series="NO-SUCH"))
    with pytest.raises(Conflict):
        post_document(draft(customer, kind=CreditNote))
    late = draft(customer)
    late.due_date = date(2026, 6, 30)
    with pytest.raises(Invalid):
        post_document(late)


def test_void_keeps_the_number_and_owes_nothing(
    app: Flask, customer: Customer, series: NumberSeries
) -> None:
    invoice = draft(customer)
    post_document(invoice)
    db.session.commit()
    void_document(invoice)
    db.session.commit()
    assert (invoice.state, invoice.number_int, invoice.balance_due) == (
        DocumentState.VOID,
        41,
        Decimal(0),
    )
    assert invoice.void_at is not None
    with pytest.raises(Conflict):
        void_document(invoice)


def test_verbs_are_in_the_audit(app: Flask, customer: Customer, series: NumberSeries) -> None:
    """L-12: posting and voiding are named there, beside the changes of columns."""
    invoice = draft(customer)
    post_document(invoice)
    void_document(invoice)
    db.session.commit()
    actions = db.session.scalars(
        select(AuditEvent.action).where(
            AuditEvent.entity == "document", AuditEvent.entity_id == invoice.id
        )
    ).all()
    assert {"create", "post", "void"} <= set(actions)
