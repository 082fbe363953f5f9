"""Many rows in one statement, with the defaults of their model and behind the wall."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from models.base import db
from models.people.customer import Customer
from models.people.organization import Organization
from models.sales.document import Document, Invoice
from models.sales.document_state import DocumentKind, DocumentState
from services.system.bulk_insert import insert_rows, reserve_keys
from tests.factories.people import make_customer, make_organization


def test_values_of_all_kinds_arrive_as_they_are(organization: Organization) -> None:
    customer = make_customer()
    [key] = reserve_keys(Document.__table__, 1)

    insert_rows(
        Document.__table__,
        [
            {
                "id": key,
                "organization_id": organization.id,
                "kind": DocumentKind.INVOICE,
                "number": "7",
                "number_int": 7,
                "customer_id": customer.id,
                "state": DocumentState.POSTED,
                "issue_date": date(2026, 7, 1),
                "due_date": date(2026, 7, 31),
                "currency": "EUR",
                "total": Decimal("1234567890.1234"),
                "bill_to": {"name": 'Óptica «Peñafiel» "1" \\ :x'},
            }
        ],
    )

    invoice = db.session.get_one(Invoice, key)
    assert invoice.total == Decimal("1234567890.1234")
    assert invoice.bill_to == {"name": 'Óptica «Peñafiel» "1" \\ :x'}
    assert (invoice.issue_date, invoice.state) == (date(2026, 7, 1), DocumentState.POSTED)
    assert (invoice.version, invoice.series, invoice.lang) == (1, "", "es")
    assert invoice.public_id.version == 7


def test_a_row_whose_place_is_taken_is_left_out(organization: Organization) -> None:
    make_customer(number="1", name="there")
    rows = [
        {"organization_id": organization.id, "number": number, "name": "new"} for number in "12"
    ]

    insert_rows(Customer.__table__, rows, unless_taken=("organization_id", "number"))

    found = db.session.execute(select(Customer.number, Customer.name).order_by(Customer.number))
    assert [tuple(row) for row in found] == [("1", "there"), ("2", "new")]


def test_rows_of_another_organization_are_refused(organization: Organization) -> None:
    other = make_organization()

    with pytest.raises(DBAPIError, match="row-level security"):
        insert_rows(Customer.__table__, [{"organization_id": other.id, "number": "1", "name": "x"}])


def test_nothing_is_inserted_for_no_rows(organization: Organization) -> None:
    insert_rows(Customer.__table__, [])

    assert db.session.scalars(select(Customer)).all() == []
