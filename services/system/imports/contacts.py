"""Write the contacts of one customer: known by their address, else by their name; nobody is removed."""

from collections.abc import Sequence

from mail.envelope import EmailAddress
from models.base import db
from models.people.contact import Contact, ContactEmail, ContactSource, CustomerContact
from models.people.customer import Customer
from services.system.imports.customer_drafts import ContactDraft


def write_contacts(
    customer: Customer, drafts: Sequence[ContactDraft], known: Sequence[CustomerContact]
) -> bool:
    """Add and change contacts; whether anything changed. The first contact that a customer gets is the primary one."""
    matches = _matches(drafts, known)
    has_primary = any(link.is_primary for link in known)
    changed = False
    for position, draft in enumerate(drafts):
        link = matches.get(position)
        if link is None:
            _add(customer, draft, is_primary=not has_primary)
            has_primary = changed = True
        else:
            changed |= _change(link, draft)
    return changed


def _matches(
    drafts: Sequence[ContactDraft], known: Sequence[CustomerContact]
) -> dict[int, CustomerContact]:
    """Which contact each draft is, by its position: first all addresses, then names that fit one only."""
    free = list(known)
    found: dict[int, CustomerContact] = {}
    for same in (_has_address, _has_name):
        for position, draft in enumerate(drafts):
            if position not in found:
                fitting = [link for link in free if same(link, draft)]
                if len(fitting) == 1:
                    found[position] = fitting[0]
                    free.remove(fitting[0])
    return found


def _has_address(link: CustomerContact, draft: ContactDraft) -> bool:
    if draft.email is None:
        return False
    wanted = draft.email.normalised
    return any(email.address_norm == wanted for email in link.contact.emails)


def _has_name(link: CustomerContact, draft: ContactDraft) -> bool:
    return draft.name is not None and link.contact.name.casefold() == draft.name.casefold()


def _add(customer: Customer, draft: ContactDraft, *, is_primary: bool) -> None:
    contact = Contact(name=draft.name or str(draft.email), source=ContactSource.IMPORT)
    if draft.email:
        contact.emails.append(_address(draft.email))
    link = CustomerContact(customer=customer, is_primary=is_primary, roles=draft.roles or [])
    contact.customers.append(link)
    db.session.add(contact)


def _change(link: CustomerContact, draft: ContactDraft) -> bool:
    changed = False
    contact = link.contact
    if draft.name and contact.name != draft.name:
        contact.name = draft.name
        changed = True
    if draft.roles is not None and set(link.roles) != set(draft.roles):
        link.roles = draft.roles
        changed = True
    if draft.email and not _has_address(link, draft):
        for email in contact.emails:
            email.is_default = False
        db.session.flush()  # the old default gives way before the new one comes
        contact.emails.append(_address(draft.email))
        changed = True
    return changed


def _address(email: EmailAddress) -> ContactEmail:
    return ContactEmail(address=str(email), address_norm=email.normalised, is_default=True)
