"""Accounts for tests: what was paid, and statements of them."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import selectinload

from models.base import db
from models.people.customer import Customer
from models.sales.document import Document
from models.sales.payment import Payment, PaymentAllocation
from models.sales.statement import Statement
from services.sales.issuing_statements import issue_statements
from services.sales.statements import Period
from tests.factories.saving import saved

JULY = Period(date(2026, 7, 1), date(2026, 7, 31))


def pay(
    customer: Customer,
    amount: Decimal | int,
    *documents: tuple[Document, Decimal | int],
    on: date = date(2026, 7, 20),
    **fields: Any,
) -> Payment:
    """A payment; `documents` say what of it goes to which of them."""
    payment = Payment(
        **{
            "customer_id": customer.id,
            "paid_on": on,
            "amount": Decimal(amount),
            "currency": "EUR",
            "reference": "TR-1",
            **fields,
        }
    )
    for document, part in documents:
        payment.allocations.append(PaymentAllocation(document_id=document.id, amount=Decimal(part)))
    saved(payment)
    for document, _part in documents:
        db.session.refresh(document)
    return payment


def make_statement(customer: Customer, period: Period = JULY) -> Statement:
    """The only statement of this customer for the period; they need a document or a payment before its end."""
    [statement] = issue_statements([customer.id], period)
    return statement


def reloaded(statement: Statement) -> Statement:
    """As the database has it."""
    key = statement.id
    db.session.expire_all()
    return db.session.get_one(Statement, key, options=[selectinload(Statement.movements)])
