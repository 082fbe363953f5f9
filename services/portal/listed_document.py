"""What a list says of a document: a row of its columns, not the record, which costs several times as much to make."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from models.sales.document import Document
from models.sales.document_state import DocumentKind, DocumentState, days_overdue

# In the order of the fields below. `period_start` is of statements only, which the mapper would take for a condition.
COLUMNS: tuple[Any, ...] = (
    Document.id,
    Document.kind,
    Document.label,
    Document.public_id,
    Document.state,
    Document.issue_date,
    Document.due_date,
    Document.currency,
    Document.total,
    Document.balance_due,
    Document.__table__.c.period_start,
)


class ListedDocument(NamedTuple):
    """A document as far as a list says it; `period_start` is the first day of a statement of account."""

    id: int
    kind: DocumentKind
    label: str
    public_id: UUID
    state: DocumentState
    issue_date: date
    due_date: date
    currency: str
    total: Decimal
    balance_due: Decimal
    period_start: date | None

    def days_overdue(self, today: date) -> int:
        """Days since the due date of an invoice that is still owed; 0 if nothing is late."""
        return days_overdue(self.kind, self.state, self.balance_due, self.due_date, today)
