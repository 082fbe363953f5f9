"""Documents for tests."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from models.base import utc_now
from models.people.customer import Customer
from models.sales.document import Document, DocumentLine, Invoice
from models.sales.document_state import DocumentState
from tests.factories.saving import numbers, saved

ISSUED = date(2026, 7, 15)


def make_document(
    customer: Customer,
    *,
    kind: type[Document] = Invoice,
    price: Decimal | int = 100,
    state: DocumentState = DocumentState.POSTED,
    **fields: Any,
) -> Document:
    """A document with one line; posted unless said otherwise."""
    number = fields.pop("number", None) or str(next(numbers))
    document = kind(
        **{
            "customer_id": customer.id,
            "series": "FV",
            "number": number,
            "number_int": int(number),
            "issue_date": ISSUED,
            "due_date": ISSUED + timedelta(days=30),
            "currency": "EUR",
            "state": state,
            "posted_at": utc_now() if state is not DocumentState.DRAFT else None,
            "bill_to": {"name": customer.name, "tax_id": customer.tax_id},
            **fields,
        }
    )
    document.lines.append(
        DocumentLine(
            description="Service",
            quantity=Decimal(1),
            unit_price=Decimal(price),
            discount_percent=Decimal(0),
            tax_rate=Decimal(19),
        )
    )
    document.add_up()
    document.balance_due = document.total
    return saved(document)
