"""Which documents somebody in the portal may see: by the roles of the contact that they are at the customer.

The first wall between customers: every page asks `mine`. The second is the database itself (`docs/security.md`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    Uuid,
    and_,
    bindparam,
    literal_column,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from models.base import db
from models.people.contact import ContactRole
from models.sales.document import Document
from models.sales.document_state import DocumentKind, DocumentState
from models.tenancy import kept


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
Kinds = tuple[DocumentKind, ...]


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
    return are_of(sight.customer_id, kinds_of(sight, *kinds))


def document_called(sight: Sight, public_id: UUID) -> Document | None:
    """The document with this public name, if the sight comprises it."""
    values = {"customer": sight.customer_id, "public_id": public_id}
    found: Document | None = db.session.scalars(_called(kinds_of(sight)), values).one_or_none()
    return found


@lru_cache(maxsize=500)
def _called(kinds: Kinds) -> Select[Any]:
    public_id = bindparam("public_id", type_=Uuid)
    return kept(select(Document).where(own(kinds), Document.public_id == public_id))


def kinds_of(sight: Sight, *kinds: DocumentKind) -> Kinds:
    """Which of these kinds, or of all, this sight comprises."""
    return _seen(sight.subjects, kinds)


def own(kinds: Kinds) -> ColumnElement[bool]:
    """What `is_mine` says, for a kept statement: which customer it is about is told when it is asked."""
    return are_of(the_customer(), kinds)


def the_customer() -> BindParameter[int]:
    """The key of the customer that a kept statement is told.

    Made for each place where it stands: SQLAlchemy compares one that stands twice with itself, at every request.
    """
    return bindparam("customer", type_=BigInteger)


def are_of(customer: Any, kinds: Kinds) -> ColumnElement[bool]:
    """The filter itself: documents of this customer and of these kinds that are no drafts."""
    return and_(
        Document.customer_id == customer,
        Document.kind.in_([said(Document.kind, kind) for kind in kinds]),
        Document.state != said(Document.state, DocumentState.DRAFT),
    )


def said(column: InstrumentedAttribute[Any], word: StrEnum) -> ColumnElement[Any]:
    """A word of an enumeration of ours, in a statement itself: it is the same at every request.

    As a value it would be told each time, and a list of values would be put into the text of the statement each time.
    """
    return literal_column(f"'{word.value}'", column.type)


@lru_cache(maxsize=500)
def _seen(subjects: frozenset[Subject], kinds: Kinds) -> Kinds:
    seen = {KIND_OF[subject] for subject in subjects if subject in KIND_OF}
    return tuple(sorted(seen & set(kinds) if kinds else seen))
