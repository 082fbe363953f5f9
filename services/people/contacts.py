"""What is put right at a customer's contacts when a message did not reach them."""

from flask_babel import gettext as _
from sqlalchemy import select

from errors import Invalid, NotFound
from mail.envelope import EmailAddress
from mail.errors import InvalidAddress
from models.base import db
from models.people.contact import (
    AddressState,
    Contact,
    ContactEmail,
    ContactRole,
    CopyMode,
    CustomerContact,
)
from models.people.customer import Customer


def add_address(customer: Customer, contact: Contact | None, address: str, *, name: str) -> Contact:
    """Give the contact an address; without a contact there is a new one, for billing. Raises Invalid."""
    text, norm = checked_address(address)
    if contact is None:
        contact = Contact(name=name.strip() or customer.name)
        db.session.add(contact)
        db.session.flush()
        has_primary = db.session.scalar(
            select(CustomerContact.id).where(
                CustomerContact.customer_id == customer.id, CustomerContact.is_primary
            )
        )
        db.session.add(
            CustomerContact(
                customer_id=customer.id,
                contact_id=contact.id,
                is_primary=has_primary is None,
                roles=[ContactRole.BILLING.value],
            )
        )
    if any(email.address_norm == norm for email in contact.emails):
        raise Invalid(_("This contact has this address already."), field="address")
    is_first = not any(email.is_default for email in contact.emails)
    contact.emails.append(ContactEmail(address=text, address_norm=norm, is_default=is_first))
    db.session.flush()
    return contact


def correct_address(contact: Contact, wrong: str | None, address: str) -> None:
    """Put the right address in the place of the wrong one; raises Invalid."""
    text, norm = checked_address(address)
    if any(email.address_norm == norm for email in contact.emails):
        raise Invalid(_("This contact has this address already."), field="address")
    old = next(
        (email for email in contact.emails if email.address_norm == (wrong or "").lower()),
        next((email for email in contact.emails if email.is_default), None),
    )
    if old is None:
        contact.emails.append(ContactEmail(address=text, address_norm=norm))
    else:
        old.address, old.address_norm = text, norm
        old.state, old.last_failure_at, old.last_failure_code = AddressState.OK, None, None
    db.session.flush()


def give_role(customer: Customer, contact_id: int, role: str) -> Contact:
    """Let the contact do this for the customer, too; raises NotFound if it is none of theirs."""
    link = _link(customer, contact_id)
    if role not in link.roles:
        link.roles = [*link.roles, ContactRole(role).value]
    db.session.flush()
    return link.contact


def activate(contact: Contact) -> None:
    """The contact is written to again."""
    contact.is_active = True
    db.session.flush()


def write_again(customer: Customer, contact_id: int) -> None:
    """The contact gets mailings by their roles, as others do."""
    _link(customer, contact_id).cc_mode = CopyMode.TO
    db.session.flush()


def checked_address(address: str) -> tuple[str, str]:
    """The address as it is written and as it is compared; raises Invalid for what is none."""
    try:
        parsed = EmailAddress.parse(address.strip())
    except InvalidAddress:
        raise Invalid(
            _("“%(email)s” is not an e-mail address.", email=address), field="address"
        ) from None
    return str(parsed), parsed.normalised


def _link(customer: Customer, contact_id: int) -> CustomerContact:
    found = db.session.scalars(
        select(CustomerContact).where(
            CustomerContact.customer_id == customer.id, CustomerContact.contact_id == contact_id
        )
    ).one_or_none()
    if found is None:
        raise NotFound(_("This customer has no such contact."))
    return found
