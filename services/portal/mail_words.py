"""A text of the portal filled in for somebody: what each field says, in their language (S0-12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from mail.merge import render, render_subject
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.people.contact import Contact
from models.people.customer import Customer
from models.people.organization import Organization
from models.portal.portal_user import PortalMembership, PortalUser
from models.tenancy import current_scope
from services.portal.languages import spoken_to
from services.portal.portal_addresses import portal_url
from services.portal.portal_texts import SaidText


@dataclass(frozen=True)
class Reader:
    """To whom a text speaks."""

    name: str
    address: str | None
    lang: str
    login: str = ""
    customer: Customer | None = None
    contact_id: int | None = None


def reader_of_user(user: PortalUser, customer: Customer | None) -> Reader:
    """Somebody with a way into the portal, as the contact that they are at this customer."""
    here = (each for each in user.memberships if customer and each.customer_id == customer.id)
    contacts = (each.contact_id for each in here)
    return Reader(
        user.name, user.email, spoken_to(user.lang), user.login, customer, next(contacts, None)
    )


def reader_of_contact(contact: Contact, customer: Customer) -> Reader:
    """A contact of a customer, who may have no way in and no address."""
    email = next((each for each in contact.emails if each.is_default), None) or next(
        iter(contact.emails), None
    )
    user: PortalUser | None = db.session.scalar(
        select(PortalUser)
        .join(PortalMembership, PortalMembership.portal_user_id == PortalUser.id)
        .where(PortalMembership.contact_id == contact.id)
        .order_by(PortalMembership.id)
        .limit(1)
    )
    address = email.address if email is not None else None
    login = user.login if user is not None else address or ""
    lang = spoken_to(contact.lang or customer.lang)
    return Reader(contact.name, address, lang, login, customer, contact.id)


def common_values(reader: Reader, account: MailAccount | None) -> dict[str, str]:
    """What the fields say that may stand in every text."""
    company = organization_in_scope()
    return {
        "contact.name": reader.name,
        "contact.login": reader.login,
        "company.name": company.name,
        "customer.name": reader.customer.name if reader.customer is not None else "",
        "sender.name": (account.display_name if account is not None else None) or company.name,
        "portal_url": portal_url(),
    }


def example_values(reader: Reader, lang: str, today: date) -> dict[str, str]:
    """What the other fields say in a preview, where nothing has happened yet."""
    link = portal_url("/sign-in")
    with force_locale(lang):
        return {
            "access_url": link,
            "reset_url": link,
            "expires_on": day_in_words(today, lang),
            "minutes": "60",
            "user_names": reader.login,
            "new_primary": reader.name,
            "previous_primary": _("Name of the previous contact"),
            "new_contact": _("Name of the new contact"),
            "amount": "1.250.000 COP",
            "paid_on": day_in_words(today, lang),
            "documents": "FV-10518, FV-10519",
            "reference": "TR-2041",
            "company": reader.customer.name if reader.customer is not None else "",
            "changed_by": current_scope().actor.name or organization_in_scope().name,
            "date": day_in_words(today, lang),
        }


def filled(said: SaidText, values: Mapping[str, str]) -> tuple[str, str]:
    """Subject and body. Raises MailError for a field without a value."""
    return render_subject(said.subject, values), render(said.body_html, values, html=True)


def day_in_words(day: date, lang: str) -> str:
    """A day as one writes it in a letter."""
    return str(format_date(day, "long", locale=lang))


def organization_in_scope() -> Organization:
    """The company that writes."""
    return db.session.get_one(Organization, current_scope().organization_id)
