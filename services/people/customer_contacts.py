"""The contacts of a customer as one edits them there: who, at which address, in which roles, and one of them primary."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from errors import Conflict
from models.base import db
from models.people.contact import AddressState, Contact, ContactEmail, CopyMode, CustomerContact
from models.people.customer import Customer
from services.people.contacts import checked_address
from services.portal.contact_emails import primary_changed, secondary_added


@dataclass(frozen=True)
class ContactLine:
    """One contact of a customer; `id` is that of its `CustomerContact`, None for a new one."""

    id: int | None
    name: str
    email: str | None
    roles: tuple[str, ...]
    is_primary: bool
    cc_mode: CopyMode = CopyMode.TO
    contact_id: int | None = None
    address_state: AddressState | None = None


def contact_lines(customer: Customer) -> list[ContactLine]:
    """The contacts of a customer, the primary one first."""
    return [_line_of(link) for link in _links_of(customer)]


def write_contacts(
    customer: Customer, lines: Sequence[ContactLine], *, removed: Collection[int] = ()
) -> bool:
    """Change, add and take out contacts; whether anything changed. Those that are not named stay as they are.

    Who is taken out stays as a person. Exactly one is primary afterwards: the one that the lines say, else the one
    before, else the first. Raises Conflict for a contact that is not (or no longer) this customer's.
    """
    links = {link.id: link for link in _links_of(customer)} if customer.id else {}
    known = {line.id for line in lines if line.id is not None} | set(removed)
    if not known <= links.keys():
        raise Conflict(_("A contact was removed by somebody else in the meantime."))
    changed, added = False, list[CustomerContact]()
    was = next((link.contact for link in links.values() if link.is_primary), None)
    for key in removed:
        db.session.delete(links.pop(key))
        changed = True
    chosen: CustomerContact | None = None
    for line in lines:
        if line.id is None:
            link = _added(customer, line, links.values())
            links[-len(links) - 1] = link  # it has no key yet
            added.append(link)
            changed = True
        else:
            link = links[line.id]
            changed |= _changed(link, line)
        chosen = link if line.is_primary else chosen
    changed |= _choose_primary(list(links.values()), chosen)
    _tell_of_primary(customer, was, links.values())
    _tell_of_added(customer, was, added)
    return changed


def _tell_of_primary(
    customer: Customer, was: Contact | None, links: Collection[CustomerContact]
) -> None:
    """Write to both when another contact is the primary one; the first one that a customer gets is no change."""
    now = next((link.contact for link in links if link.is_primary), None)
    if was is None or now is None or now is was:
        return
    db.session.flush()  # the e-mail speaks of what is true now
    primary_changed(customer, now, was)


def _tell_of_added(
    customer: Customer, was: Contact | None, added: Collection[CustomerContact]
) -> None:
    """Write to the primary contact of whoever is a contact now besides; the first ones of a customer are no news."""
    if was is None:
        return
    db.session.flush()
    for link in added:
        secondary_added(customer, link.contact)


def _links_of(customer: Customer) -> Sequence[CustomerContact]:
    query = CustomerContact.of_customer(customer).options(
        joinedload(CustomerContact.contact).selectinload(Contact.emails)
    )
    return db.session.scalars(query).all()


def _line_of(link: CustomerContact) -> ContactLine:
    email = _address_of(link.contact)
    return ContactLine(
        id=link.id,
        name=link.contact.name,
        email=email.address if email else None,
        roles=tuple(link.roles),
        is_primary=link.is_primary,
        cc_mode=link.cc_mode,
        contact_id=link.contact_id,
        address_state=email.state if email else None,
    )


def _address_of(contact: Contact) -> ContactEmail | None:
    """The address that mail goes to."""
    return next((email for email in contact.emails if email.is_default), None) or next(
        iter(contact.emails), None
    )


def _added(
    customer: Customer, line: ContactLine, present: Collection[CustomerContact]
) -> CustomerContact:
    """A new line: somebody we know by name and address, or a new person."""
    contact = _known(line) or Contact(name=line.name)
    if any(link.contact is contact for link in present):
        raise Conflict(_("“%(name)s” is a contact of this customer already.", name=line.name))
    if not contact.id and line.email:
        contact.emails.append(_new_address(line.email))
    link = CustomerContact(
        customer=customer,
        contact=contact,
        roles=list(line.roles),
        cc_mode=line.cc_mode,
        is_primary=False,
    )
    db.session.add(link)
    return link


def _known(line: ContactLine) -> Contact | None:
    """The person with this name and address, who may be at another customer already."""
    if not line.email:
        return None
    query = (
        select(Contact)
        .join(ContactEmail, ContactEmail.contact_id == Contact.id)
        .where(ContactEmail.address_norm == line.email)
        .options(selectinload(Contact.emails))
        .order_by(Contact.id)
    )
    wanted = line.name.casefold()
    found = db.session.scalars(query).unique()
    return next((one for one in found if one.name.casefold() == wanted), None)


def _changed(link: CustomerContact, line: ContactLine) -> bool:
    before = _line_of(link)
    if line.name != before.name:
        link.contact.name = line.name
    if set(line.roles) != set(before.roles):
        link.roles = list(line.roles)
    if (line.email or None) != before.email:
        _change_address(link.contact, line.email)
    link.cc_mode = line.cc_mode
    same = (before.name, before.email, set(before.roles), before.cc_mode) == (
        line.name,
        line.email or None,
        set(line.roles),
        line.cc_mode,
    )
    return not same


def _change_address(contact: Contact, address: str | None) -> None:
    """Mail goes to `address` from now on; what was known of the old one is not true of the new one."""
    present = _address_of(contact)
    if present is not None and not address:
        contact.emails.remove(present)
        db.session.flush()
        if contact.emails:
            contact.emails[0].is_default = True
        return
    assert address is not None
    wanted = _new_address(address)
    other = next((e for e in contact.emails if e.address_norm == wanted.address_norm), None)
    if other is not None and other is not present:
        for email in contact.emails:
            email.is_default = False
        db.session.flush()  # the old default gives way before the new one comes
        other.is_default = True
    elif present is None:
        contact.emails.append(wanted)
    else:
        present.address, present.address_norm = wanted.address, wanted.address_norm
        present.state = AddressState.OK
        present.last_success_at = present.last_failure_at = present.last_failure_code = None


def _new_address(address: str) -> ContactEmail:
    written, norm = checked_address(address)
    return ContactEmail(address=written, address_norm=norm, is_default=True)


def _choose_primary(links: Sequence[CustomerContact], chosen: CustomerContact | None) -> bool:
    """Whether somebody else is primary now."""
    before = next((link for link in links if link.is_primary), None)
    wanted = chosen or before or next(iter(links), None)
    if wanted is before:
        return False
    if before is not None:
        before.is_primary = False
    db.session.flush()  # a customer never has two, not even for a moment
    if wanted is not None:
        wanted.is_primary = True
    return True
