"""Which messages are a customer's: by the addresses of their contacts, by hand, and by the message that they answer (S3-25).

What an address says is asked for and written nowhere, so that a contact who is added today has the messages of last year.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, Select, and_, select, union

from models.any_of import is_any_of
from models.base import db
from models.mailbox.message import Message
from models.mailbox.message_link import MessageLink
from models.mailbox.message_party import MessageParty
from models.people.contact import Contact, ContactEmail, CustomerContact
from models.people.customer import Customer

MOST_NAMED = 100  # people of one message who are looked up where messages are listed


def is_of_customer(customer: Customer) -> ColumnElement[bool]:
    """The rule, as a condition on `Message`."""
    theirs = (
        select(ContactEmail.address_norm)
        .join(CustomerContact, CustomerContact.contact_id == ContactEmail.contact_id)
        .where(CustomerContact.customer_id == customer.id)
    )
    return and_(
        Message.id.in_(union(_naming(theirs), _linked(customer, is_cut=False))),
        Message.id.not_in(_linked(customer, is_cut=True)),
    )


def is_of_contact(contact: Contact) -> ColumnElement[bool]:
    """Whom an address names is a fact: nobody can say otherwise."""
    theirs = select(ContactEmail.address_norm).where(ContactEmail.contact_id == contact.id)
    return Message.id.in_(_naming(theirs))


def customer_names(messages: Collection[Message]) -> Mapping[int, str]:
    """The name of the first customer of each message that has one."""
    found = customers_of_messages(messages)
    return {key: customers[0].name for key, customers in found.items() if customers}


def customers_of_messages(messages: Collection[Message]) -> Mapping[int, Sequence[Customer]]:
    """All customers of each message: those tied by somebody first, then by address, the sender's before the others."""
    keys = [message.id for message in messages]
    found: dict[int, dict[int, Customer]] = {key: {} for key in keys}
    cut: set[tuple[int, int]] = set()
    for link, customer in db.session.execute(
        select(MessageLink, Customer)
        .join(Customer, Customer.id == MessageLink.customer_id)
        .where(is_any_of(MessageLink.message_id, keys))
        .order_by(MessageLink.id)
    ):
        if link.is_cut:
            cut.add((link.message_id, customer.id))
        else:
            found[link.message_id][customer.id] = customer
    for message_id, customer in db.session.execute(
        select(MessageParty.message_id, Customer)
        .join(ContactEmail, ContactEmail.address_norm == MessageParty.address_norm)
        .join(CustomerContact, CustomerContact.contact_id == ContactEmail.contact_id)
        .join(Customer, Customer.id == CustomerContact.customer_id)
        .where(is_any_of(MessageParty.message_id, keys), MessageParty.position < MOST_NAMED)
        .order_by(MessageParty.position, Customer.id)
    ):
        found[message_id].setdefault(customer.id, customer)
    return {
        key: [each for each in customers.values() if (key, each.id) not in cut]
        for key, customers in found.items()
    }


def _naming(addresses: Select[str]) -> Select[int]:
    return select(MessageParty.message_id).where(MessageParty.address_norm.in_(addresses))


def _linked(customer: Customer, *, is_cut: bool) -> Select[int]:
    return select(MessageLink.message_id).where(
        MessageLink.customer_id == customer.id, MessageLink.is_cut.is_(is_cut)
    )
