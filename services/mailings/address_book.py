"""The customers and contacts of a mailing, read in a few queries for all of them together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.types import Text

from models.any_of import is_any_of
from models.base import db
from models.mailings.suppression import Suppression
from models.people.contact import (
    AddressState,
    Contact,
    ContactEmail,
    ContactRole,
    CopyMode,
    CustomerContact,
)
from models.people.customer import Customer
from models.people.customer_group import CustomerGroup


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """A customer, as far as a mailing needs to know it."""

    id: int
    number: str
    name: str
    lang: str
    on_hold: bool
    group_id: int | None
    tax_id: str | None
    tax_id_type: str | None


@dataclass(frozen=True, slots=True)
class BookEntry:
    """A contact at a customer with the address that mail goes to."""

    customer_id: int
    contact_id: int
    is_primary: bool
    roles: frozenset[str]
    name: str
    lang: str | None
    is_active: bool
    address: str | None
    address_norm: str | None
    state: AddressState | None
    cc_mode: CopyMode = CopyMode.TO


def customers_among(keys: Iterable[int]) -> dict[int, CustomerFacts]:
    """The customers with these keys."""
    rows = db.session.execute(
        select(
            Customer.id,
            Customer.number,
            Customer.name,
            Customer.lang,
            Customer.on_hold,
            Customer.customer_group_id,
            Customer.tax_id,
            Customer.tax_id_type,
        ).where(is_any_of(Customer.id, list(keys)))
    )
    return {row[0]: CustomerFacts(*row) for row in rows.all()}


def entries_of(customer_ids: Sequence[int]) -> dict[int, list[BookEntry]]:
    """The contacts of these customers, the primary one first; each with one address at most."""
    rows = db.session.execute(
        select(
            CustomerContact.customer_id,
            CustomerContact.contact_id,
            CustomerContact.is_primary,
            CustomerContact.roles,
            Contact.name,
            Contact.lang,
            Contact.is_active,
            ContactEmail.address,
            ContactEmail.address_norm,
            ContactEmail.state,
            CustomerContact.cc_mode,
        )
        .join(Contact, Contact.id == CustomerContact.contact_id)
        .outerjoin(ContactEmail, and_(ContactEmail.contact_id == Contact.id))
        .where(is_any_of(CustomerContact.customer_id, customer_ids))
        .ext(distinct_on(CustomerContact.id))
        .order_by(CustomerContact.id, ContactEmail.is_default.desc(), ContactEmail.id)
    )
    book: dict[int, list[BookEntry]] = defaultdict(list)
    for customer_id, contact_id, is_primary, roles, *rest in rows:
        entry = BookEntry(customer_id, contact_id, is_primary, frozenset(roles), *rest)
        book[customer_id].append(entry)
    for entries in book.values():
        entries.sort(key=lambda entry: (not entry.is_primary, entry.contact_id))
    return book


def get_invoices(entries: Sequence[BookEntry]) -> list[BookEntry]:
    """Those of a customer's contacts who get its invoices where nobody says otherwise: billing, else the primary one."""
    reached = [
        entry
        for entry in entries
        if entry.is_active and entry.address and entry.cc_mode is not CopyMode.NONE
    ]
    billing = [entry for entry in reached if ContactRole.BILLING in entry.roles]
    return billing or [entry for entry in reached if entry.is_primary]


def suppressed_among(addresses: Iterable[str]) -> set[str]:
    """Those of the addresses that get nothing now."""
    wanted = any_(literal(list(addresses), ARRAY(Text)))
    in_force = Suppression.in_force().where(Suppression.address_norm == wanted)
    return {row.address_norm for row in db.session.scalars(in_force)}


def groups_below(keys: Sequence[int]) -> set[int]:
    """These groups and all that stand under them."""
    under: dict[int | None, list[int]] = defaultdict(list)
    for key, parent in db.session.execute(select(CustomerGroup.id, CustomerGroup.parent_id)):
        under[parent].append(key)
    found: set[int] = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += under[key]
    return found
