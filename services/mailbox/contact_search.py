"""People by what somebody types into the search of the mail area (S3-22)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, or_, select

from models.base import db
from models.people.contact import Contact, ContactEmail, CustomerContact
from models.people.customer import Customer
from services.mailbox.search_question import Question

A_PAGE = 50


@dataclass(frozen=True)
class FoundContact:
    """Somebody, their addresses, and the customers that they belong to."""

    contact: Contact
    addresses: Sequence[str]
    customers: Sequence[Customer]


def search_contacts(question: Question, *, size: int = A_PAGE) -> list[FoundContact]:
    """Whose name, address or customer has every word; one more than a page where there are more."""
    words = [*question.words.split(), *question.values("sender"), *question.values("recipient")]
    if not words:
        return []
    contacts = db.session.scalars(
        select(Contact)
        .where(*map(_has, words))
        .order_by(Contact.sort_name, Contact.id)
        .limit(size + 1)
    ).all()
    keys = [contact.id for contact in contacts]
    customers: dict[int, list[Customer]] = {}
    for contact_id, customer in db.session.execute(
        select(CustomerContact.contact_id, Customer)
        .join(Customer, Customer.id == CustomerContact.customer_id)
        .where(CustomerContact.contact_id.in_(keys))
        .order_by(Customer.id)
    ):
        customers.setdefault(contact_id, []).append(customer)
    return [
        FoundContact(
            contact, [email.address for email in contact.emails], customers.get(contact.id, ())
        )
        for contact in contacts
    ]


def _has(word: str) -> ColumnElement[bool]:
    folded = func.fold(word)
    return or_(
        func.strpos(Contact.sort_name, folded) > 0,
        exists().where(
            ContactEmail.contact_id == Contact.id,
            ContactEmail.address_norm.contains(word.lower(), autoescape=True),
        ),
        exists().where(
            CustomerContact.contact_id == Contact.id,
            CustomerContact.customer_id == Customer.id,
            func.strpos(func.fold(Customer.name), folded) > 0,
        ),
    )
