"""Write customers of a sheet with their contacts: new ones are made, known ones change where the sheet says so."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from models.base import db
from models.people.contact import Contact, CustomerContact
from models.people.customer import Customer
from models.people.customer_group import CustomerGroup
from models.people.organization import Organization
from models.tenancy import current_scope
from services.system.imports.cells import quoted
from services.system.imports.contacts import write_contacts
from services.system.imports.customer_drafts import CustomerDraft, checked_tax_id, read_customer
from services.system.imports.outcome import Counts, Made
from services.system.imports.records import SheetRecord
from services.system.imports.sheet import Survey


def write_customers(
    records: Sequence[SheetRecord], found: Survey, *, create_groups: bool = False
) -> Counts:
    """Make and change the customers of these records, flushed; what keeps one out is added to its record."""
    drafts = [read_customer(record, found) for record in records]
    ready = [draft for draft in drafts if not draft.is_wrong]
    known = _known_customers(ready)
    contacts = _contacts_of(known.values())
    groups = _groups(ready)
    home = db.session.get_one(Organization, current_scope().organization_id)
    created: list[Customer] = []
    updated: list[Customer] = []
    unchanged = 0
    for draft in ready:
        customer = known.get(draft.number)
        values = _values(draft, customer, groups, create_groups=create_groups)
        if draft.is_wrong:
            continue
        if customer is None:
            values = {"lang": home.default_lang, "currency": home.base_currency, **values}
            customer = Customer(number=draft.number, **values)
            db.session.add(customer)
            write_contacts(customer, draft.contacts, [])
            created.append(customer)
            continue
        changed = _change(customer, values)
        changed |= write_contacts(customer, draft.contacts, contacts[customer.id])
        if changed:
            updated.append(customer)
        else:
            unchanged += 1
    db.session.flush()
    made = [Made(customer.id, customer.name) for customer in created + updated]
    return Counts(created=len(created), updated=len(updated), unchanged=unchanged, made=made)


def _known_customers(drafts: Sequence[CustomerDraft]) -> dict[str, Customer]:
    wanted = select(Customer).where(Customer.number.in_({draft.number for draft in drafts}))
    return {customer.number: customer for customer in db.session.scalars(wanted)}


def _contacts_of(customers: Any) -> dict[int, list[CustomerContact]]:
    of_customer: dict[int, list[CustomerContact]] = defaultdict(list)
    links = db.session.scalars(
        select(CustomerContact)
        .where(CustomerContact.customer_id.in_({customer.id for customer in customers}))
        .options(joinedload(CustomerContact.contact).options(selectinload(Contact.emails)))
        .order_by(CustomerContact.id)
    )
    for link in links:
        of_customer[link.customer_id].append(link)
    return of_customer


def _groups(drafts: Sequence[CustomerDraft]) -> dict[str, CustomerGroup]:
    """The groups by code, upper and lower case alike."""
    if not any("group" in draft.said for draft in drafts):
        return {}
    return {group.code.casefold(): group for group in db.session.scalars(select(CustomerGroup))}


def _values(
    draft: CustomerDraft,
    customer: Customer | None,
    groups: dict[str, CustomerGroup],
    *,
    create_groups: bool,
) -> dict[str, Any]:
    """The columns that the sheet sets."""
    said = draft.said
    if customer is None and "name" not in said:
        draft.reject("name", _("This is missing."))
    values: dict[str, Any] = {
        column: said[name]
        for name, column in (("name", "name"), ("language", "lang"), ("currency", "currency"))
        if name in said
    }
    values |= checked_tax_id(
        draft,
        known_type=customer.tax_id_type if customer else None,
        known_id=customer.tax_id if customer else None,
    )
    if "group" in said:
        group = groups.get(said["group"].casefold())
        if group is None and not create_groups:
            draft.reject(
                "group",
                _(
                    "There is no customer group with the code “%(code)s”.",
                    code=quoted(said["group"]),
                ),
            )
        elif group is None and not draft.is_wrong:
            group = CustomerGroup(code=said["group"], name=said["group"])
            db.session.add(group)
            db.session.flush()
            groups[said["group"].casefold()] = group
        if group is not None:
            values["customer_group_id"] = group.id
    return values


def _change(customer: Customer, values: dict[str, Any]) -> bool:
    """Set what differs; whether anything did."""
    changed = {name: value for name, value in values.items() if getattr(customer, name) != value}
    for name, value in changed.items():
        setattr(customer, name, value)
    return bool(changed)
