"""People for tests: only what matters has to be said."""

from typing import Any

from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import MailSecurity
from models.people.contact import Contact, ContactEmail, CopyMode, CustomerContact
from models.people.customer import Customer
from models.people.customer_group import CustomerGroup
from models.people.membership import UserMembership
from models.people.organization import Organization
from models.people.role import Role
from models.people.user import User
from models.tenancy import acting_in
from services.people.passwords import hasher
from tests.factories.saving import numbers, saved

PASSWORD = "a long enough pass phrase"


def make_organization(**fields: Any) -> Organization:
    number = next(numbers)
    return saved(Organization(**{"code": f"ORG{number}", "name": f"Company {number}", **fields}))


def make_user(organization: Organization, *, role: str = "clerk", **fields: Any) -> User:
    """Somebody with `PASSWORD` and a role in this organization."""
    number = next(numbers)
    user = saved(
        User(
            **{
                "email": f"staff{number}@example.com",
                "name": f"Staff {number}",
                "lang": organization.default_lang,
                "password_hash": hasher.hash(PASSWORD),
                **fields,
            }
        )
    )
    role_id = db.session.scalars(select(Role.id).where(Role.code == role)).one()
    with acting_in(organization.id):
        saved(UserMembership(user_id=user.id, role_id=role_id))
    return user


def make_group(**fields: Any) -> CustomerGroup:
    number = next(numbers)
    return saved(CustomerGroup(**{"code": f"G{number}", "name": f"Group {number}", **fields}))


def make_customer(**fields: Any) -> Customer:
    number = next(numbers)
    return saved(Customer(**{"number": f"C{number:05}", "name": f"Customer {number}", **fields}))


def make_contact(
    customer: Customer,
    *,
    email: str | None = "",
    roles: tuple[str, ...] = ("billing",),
    is_primary: bool = True,
    cc_mode: CopyMode = CopyMode.TO,
    **fields: Any,
) -> Contact:
    """A contact of this customer; `email` None for one without an address."""
    number = next(numbers)
    address = f"contact{number}@example.com" if email == "" else email
    contact = Contact(**{"name": f"Contact {number}", **fields})
    if address:
        contact.emails.append(ContactEmail(address=address, address_norm=address))
    saved(contact)
    saved(
        CustomerContact(
            customer_id=customer.id,
            contact_id=contact.id,
            is_primary=is_primary,
            roles=list(roles),
            cc_mode=cc_mode,
        )
    )
    return contact


def make_mail_account(**fields: Any) -> MailAccount:
    number = next(numbers)
    password = fields.pop("password", None)
    account = MailAccount(
        **{
            "address": f"billing{number}@example.com",
            "display_name": "Billing",
            "smtp_host": "127.0.0.1",
            "smtp_port": 2525,
            "smtp_security": MailSecurity.NONE,
            **fields,
        }
    )
    account.password = password
    return saved(account)
