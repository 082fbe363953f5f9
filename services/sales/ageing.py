"""Receivables by age: what customers owe, by currency and by days since it was due."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, distinct, func, select, text

from models.base import db
from models.sales.document import Document
from models.sales.document_state import UNPAID_INVOICE

BUCKETS = ((1, 30), (31, 60), (61, 90), (91, None))


@dataclass(frozen=True)
class Ageing:
    """The open invoices of one currency; `overdue` has one amount for each of `BUCKETS`."""

    currency: str
    not_due: Decimal
    overdue: tuple[Decimal, ...]
    invoices_overdue: int
    customers_overdue: int

    @property
    def total_overdue(self) -> Decimal:
        return sum(self.overdue, Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.not_due + self.total_overdue

    @property
    def percent_overdue(self) -> int:
        """Of all that is owed, rounded."""
        return round(100 * self.total_overdue / self.total) if self.total else 0


def receivables_by_age(today: date) -> list[Ageing]:
    """One row for each currency in which somebody owes something, the largest debt first.

    An invoice that is due today is not late yet.
    """
    late = Document.due_date < today
    buckets = [
        _amount(*_between(today, first, last)).label(f"days_{first}") for first, last in BUCKETS
    ]
    rows = db.session.execute(
        select(
            Document.currency,
            _amount(Document.due_date >= today).label("not_due"),
            *buckets,
            func.count().filter(late).label("invoices"),
            func.count(distinct(Document.customer_id)).filter(late).label("customers"),
        )
        .where(text(UNPAID_INVOICE))
        .group_by(Document.currency)
    ).all()
    found = [
        Ageing(
            currency=row.currency,
            not_due=row.not_due,
            overdue=tuple(getattr(row, bucket.name) for bucket in buckets),
            invoices_overdue=row.invoices,
            customers_overdue=row.customers,
        )
        for row in rows
    ]
    return sorted(found, key=lambda ageing: (-ageing.total, ageing.currency))


def _amount(*which: ColumnElement[bool]) -> ColumnElement[Decimal]:
    return func.coalesce(func.sum(Document.balance_due).filter(*which), Decimal(0))


def _between(today: date, first: int, last: int | None) -> list[ColumnElement[bool]]:
    """The due dates that are `first` to `last` days past."""
    age = today - Document.due_date
    return [age >= first, *([age <= last] if last is not None else [])]
