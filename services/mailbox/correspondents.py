"""Which customer a message is of: the one it was tied to, else the one whose contact has sent it."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from models.base import db
from models.mailbox.message import Message
from models.mailbox.message_link import MessageLink
from models.people.contact import ContactEmail, CustomerContact
from models.people.customer import Customer


def customers_of(messages: Collection[Message]) -> Mapping[int, str]:
    """The customer's name by message."""
    return {key: customer.name for key, customer in customers_behind(messages).items()}


def customers_behind(messages: Collection[Message]) -> Mapping[int, Customer]:
    """The customer by message; where an address is of several, the oldest."""
    senders = {message.id: message.from_address.lower() for message in messages}
    by_address: dict[str, Customer] = {}
    for address, customer in db.session.execute(
        select(ContactEmail.address_norm, Customer)
        .join(CustomerContact, CustomerContact.contact_id == ContactEmail.contact_id)
        .join(Customer, Customer.id == CustomerContact.customer_id)
        .where(ContactEmail.address_norm.in_(set(senders.values())))
        .order_by(Customer.id)
    ):
        by_address.setdefault(address, customer)
    linked: dict[int, Customer] = {}
    for message_id, customer in db.session.execute(
        select(MessageLink.message_id, Customer)
        .join(Customer, Customer.id == MessageLink.customer_id)
        .where(MessageLink.message_id.in_(senders))
        .order_by(MessageLink.id)
    ):
        linked.setdefault(message_id, customer)
    found = {key: by_address[address] for key, address in senders.items() if address in by_address}
    return found | linked
