"""Which documents somebody in the portal may see: by the roles of the contact that they are at the customer.

The first wall between customers: every page asks `mine`. The second is the database itself (`docs/security.md`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select

from models.people.contact import ContactRole
from models.sales.document import Document
from models.sales.document_state import DocumentKind, DocumentState


class Subject(StrEnum):
    """What the portal shows, as far as not everybody sees all of it."""

    INVOICES = "invoices"
    CREDIT_NOTES = "credit_notes"
    QUOTES = "quotes"
    SALES_ORDERS = "sales_orders"
    STATEMENTS = "statements"
    PAYMENTS = "payments"
    PROJECTS = "projects"


KIND_OF = {
    Subject.INVOICES: DocumentKind.INVOICE,
    Subject.CREDIT_NOTES: DocumentKind.CREDIT_NOTE,
    Subject.QUOTES: DocumentKind.QUOTE,
    Subject.SALES_ORDERS: DocumentKind.SALES_ORDER,
    Subject.STATEMENTS: DocumentKind.STATEMENT,
}
SUBJECT_OF = {kind: subject for subject, kind in KIND_OF.items()}
EVERYTHING = frozenset(Subject)
SUBJECTS_OF_ROLES: dict[str, frozenset[Subject]] = {
    ContactRole.BILLING: frozenset(
        {Subject.INVOICES, Subject.CREDIT_NOTES, Subject.PAYMENTS, Subject.STATEMENTS}
    ),
    ContactRole.STATEMENTS: frozenset({Subject.STATEMENTS}),
    ContactRole.TECHNICAL: frozenset({Subject.SALES_ORDERS, Subject.PROJECTS}),
    ContactRole.APPROVER: frozenset({Subject.QUOTES}),
    ContactRole.READONLY: EVERYTHING,
}
ANSWERING = ContactRole.APPROVER


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody sees of one customer, and whether they may answer its quotes."""

    customer_id: int
    subjects: frozenset[Subject]
    may_answer: bool = False

    def without(self, *absent: Subject) -> "Sight":
        """The same where the portal does not show something."""
        return Sight(self.customer_id, self.subjects - set(absent), self.may_answer)

    def reading_only(self) -> "Sight":
        """The same for who answers nothing."""
        return Sight(self.customer_id, self.subjects)

    def sees(self, subject: Subject) -> bool:
        return subject in self.subjects


def sight_of_contact(customer_id: int, roles: Iterable[str], *, is_primary: bool) -> Sight:
    """Of a contact with these roles; the primary contact sees everything and answers."""
    if is_primary:
        return Sight(customer_id, EVERYTHING, may_answer=True)
    held = set(roles)
    subjects = frozenset[Subject]().union(*(SUBJECTS_OF_ROLES.get(role, ()) for role in held))
    return Sight(customer_id, subjects, may_answer=ANSWERING in held)


def sight_of_staff(customer_id: int) -> Sight:
    """Of staff who look as the customer would: everything, and no answers."""
    return Sight(customer_id, EVERYTHING)


def mine(sight: Sight, *kinds: DocumentKind) -> Select[Any]:
    """The customer's documents of these kinds, or of all, that this sight comprises; never a draft."""
    return select(Document).where(is_mine(sight, *kinds))


def is_mine(sight: Sight, *kinds: DocumentKind) -> ColumnElement[bool]:
    """Whether a document is one of them."""
    seen = {KIND_OF[subject] for subject in sight.subjects if subject in KIND_OF}
    return and_(
        Document.customer_id == sight.customer_id,
        Document.kind.in_(sorted(seen & set(kinds) if kinds else seen)),
        Document.state != DocumentState.DRAFT,
    )
