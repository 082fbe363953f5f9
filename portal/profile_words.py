"""What the page of one's own data shows: contacts, addresses and cards in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app, url_for
from flask_babel import gettext as _

from models.base import db
from models.people.contact import ContactRole, CustomerContact
from models.people.customer import Address, Customer
from models.portal.portal_settings import PortalSettings
from models.sales.payment_method import SavedPaymentMethod
from models.states import state_word
from services.portal.own_data import territories
from services.sales.payment_methods import methods_of
from services.sales.payment_providers import PaymentProvider, payment_providers

MOST_CONTACTS = 100


@dataclass(frozen=True)
class ContactWords:
    name: str
    roles: str
    is_primary: bool
    is_own: bool


@dataclass(frozen=True)
class AddressWords:
    kind: str
    lines: Sequence[str]
    edit_url: str


@dataclass(frozen=True)
class MethodWords:
    name: str
    expires: str
    is_default: bool
    prefer_url: str
    remove_url: str


@dataclass(frozen=True)
class ProviderWords:
    name: str
    label: str
    url: str


def contact_words(customer: Customer, own_contact_id: int | None) -> list[ContactWords]:
    """The people of the customer, the primary one first; who is not active is not named."""
    links = db.session.scalars(CustomerContact.of_customer(customer).limit(MOST_CONTACTS))
    return [
        ContactWords(
            name=link.contact.name,
            roles=_roles(link),
            is_primary=link.is_primary,
            is_own=link.contact_id == own_contact_id,
        )
        for link in links
        if link.contact.is_active
    ]


def address_words(customer: Customer) -> list[AddressWords]:
    return [
        AddressWords(
            kind=str(state_word(each.kind)),
            lines=_lines(each),
            edit_url=url_for("portal-addresses.edit", address_id=each.id),
        )
        for each in customer.addresses
    ]


def method_words(customer: Customer) -> list[MethodWords]:
    return [_method(each) for each in methods_of(customer)]


def provider_words(settings: PortalSettings) -> list[ProviderWords]:
    """Whom a customer may leave a card with; nobody where the portal does not allow it."""
    if not settings.allow_card_edit:
        return []
    return [
        ProviderWords(
            each.name, str(each.label), url_for("portal-payment_methods.new", provider=each.name)
        )
        for each in providers().values()
    ]


def providers() -> dict[str, PaymentProvider]:
    """Those of this installation."""
    return dict(payment_providers(is_demo=current_app.extensions["settings"].ventanilla_demo))


def _method(each: SavedPaymentMethod) -> MethodWords:
    expires = (
        _("Expires %(month)s/%(year)s", month=f"{each.expires_month:02}", year=each.expires_year)
        if each.expires_month and each.expires_year
        else ""
    )
    return MethodWords(
        name=_("%(brand)s ending in %(last4)s", brand=each.brand, last4=each.last4),
        expires=expires,
        is_default=each.is_default,
        prefer_url=url_for("portal-payment_methods.default", method_id=each.id),
        remove_url=url_for("portal-payment_methods.remove", method_id=each.id),
    )


def _roles(link: CustomerContact) -> str:
    words = [str(state_word(ContactRole(role))) for role in link.roles]
    return ", ".join([*words, link.contact.job_title or ""]).strip(", ")


def _lines(each: Address) -> list[str]:
    place = " ".join(filter(None, [each.postcode, each.city]))
    region = each.region if each.region and each.region != each.city else None
    lines = [each.street, ", ".join(filter(None, [place, region]))]
    return [*lines, territories().get(each.country, each.country)]
