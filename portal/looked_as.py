"""As whom staff look at the portal: as the customer in whole, or as one of its contacts, who sees less (P-22)."""

from dataclasses import dataclass

from models.base import db
from models.people.contact import Contact, ContactRole, CustomerContact
from models.people.customer import Customer
from models.states import state_word
from portal.guard import current_customer, current_visitor

MOST_OFFERED = 100


@dataclass(frozen=True)
class LookedAs:
    """A contact in the bar of those who look."""

    key: int
    name: str
    roles: str
    is_here: bool


def contacts_to_look_as() -> list[LookedAs]:
    """The active contacts of the customer at whom staff look, the primary one first."""
    here = current_visitor().contact_id
    return [
        LookedAs(
            link.contact_id,
            link.contact.name,
            ", ".join(str(state_word(ContactRole(role))) for role in link.roles),
            link.contact_id == here,
        )
        for link in _links(current_customer())
    ]


def contact_to_look_as(customer: Customer, written: str) -> Contact | None:
    """The contact with this key, if it is one of the customer's; None for the customer in whole."""
    for link in _links(customer):
        if str(link.contact_id) == written:
            found: Contact = link.contact
            return found
    return None


def _links(customer: Customer) -> list[CustomerContact]:
    links = db.session.scalars(CustomerContact.of_customer(customer).limit(MOST_OFFERED))
    return [link for link in links if link.contact.is_active]
