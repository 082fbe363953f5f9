"""What a customer owes now."""

from collections import defaultdict
from decimal import Decimal

from sqlalchemy import case, func, select, text

from models.base import db
from models.sales.document import Document
from models.sales.document_state import OPEN_DOCUMENT, DocumentKind
from models.sales.payment import Payment


def balances_of(customer_id: int) -> list[tuple[str, Decimal]]:
    """In each currency in which it is not nothing: open documents, less what was paid and is not allocated yet."""
    open_part = case(
        (Document.kind == DocumentKind.CREDIT_NOTE, -Document.balance_due),
        else_=Document.balance_due,
    )
    documents = (
        select(Document.currency, func.sum(open_part))
        .where(Document.customer_id == customer_id, text(OPEN_DOCUMENT))
        .group_by(Document.currency)
    )
    payments = (
        select(Payment.currency, -func.sum(Payment.unallocated))
        .where(Payment.customer_id == customer_id, text("unallocated <> 0"))
        .group_by(Payment.currency)
    )
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for query in (documents, payments):
        for currency, amount in db.session.execute(query):
            sums[currency] += amount
    return sorted((currency, amount) for currency, amount in sums.items() if amount)
