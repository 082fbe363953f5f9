"""What a customer owes now."""

from collections import defaultdict
from decimal import Decimal

from sqlalchemy import case, func, select

from models.base import db
from models.sales.document import Document
from models.sales.document_state import DocumentKind
from models.sales.payment import Payment, PaymentAllocation
from services.sales.account_effects import COUNTS


def balances_of(customer_id: int) -> list[tuple[str, Decimal]]:
    """In each currency in which it is not nothing: open documents, less what was paid and is not allocated yet."""
    open_part = case(
        (Document.kind == DocumentKind.CREDIT_NOTE, -Document.balance_due),
        else_=Document.balance_due,
    )
    documents = (
        select(Document.currency, func.sum(open_part))
        .where(COUNTS, Document.customer_id == customer_id, Document.balance_due != 0)
        .group_by(Document.currency)
    )
    payments = (
        select(Payment.currency, -func.sum(Payment.amount))
        .where(Payment.customer_id == customer_id)
        .group_by(Payment.currency)
    )
    allocated = (
        select(Payment.currency, func.sum(PaymentAllocation.amount))
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .where(Payment.customer_id == customer_id)
        .group_by(Payment.currency)
    )
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for query in (documents, payments, allocated):
        for currency, amount in db.session.execute(query):
            sums[currency] += amount
    return sorted((currency, amount) for currency, amount in sums.items() if amount)
