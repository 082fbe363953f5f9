"""What customers change of their own: who they are, and where their invoices and goods go (S2-13 to S2-15)."""

from collections.abc import Sequence
from dataclasses import dataclass

from babel import Locale
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import func, select

from errors import Conflict, Invalid, NotFound
from mail.merge import one_line
from mail.page_html import page_html
from models.base import db
from models.people.contact import Contact
from models.people.customer import Address, AddressKind, Customer
from models.people.organization import Organization
from models.portal.portal_event import PortalEventKind
from services.people.phones import dialled, region_of
from services.portal.events import note_event

LONGEST = 200
MOST_ADDRESSES = 20
NEEDED = ("street", "city")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnData:
    """What a contact says of themselves."""

    name: str
    job_title: str
    phone: str
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalAddress:
    """An address as a form brings it."""

    kind: str
    street: str
    postcode: str
    city: str
    region: str
    country: str


def save_own_data(
    contact: Contact,
    data: OwnData,
    *,
    organization: Organization,
    languages: Sequence[str],
    ip: str | None,
) -> None:
    """Write what the contact says; their user name in the portal follows. `languages`: those that the portal offers.

    Raises Invalid.
    """
    name = _one_line(data.name, "name")
    if not name:
        raise Invalid(_("Write your name."), field="name")
    if data.lang not in languages:
        raise Invalid(_("Choose a language."), field="lang")
    changed = {
        "name": name,
        "job_title": _one_line(data.job_title, "job_title") or None,
        "phone": _phone(data.phone, organization, contact.phone),
        "lang": data.lang,
    }
    names = [each for each, value in changed.items() if getattr(contact, each) != value]
    for each in names:
        setattr(contact, each, changed[each])
    db.session.flush()
    if names:
        note_event(PortalEventKind.EDITED_PROFILE, ip=ip, fields=names)


def save_address(
    customer: Customer, data: PostalAddress, *, address: Address | None, ip: str | None
) -> Address:
    """Change an address of the customer, or add one; documents keep what they had. Raises Invalid."""
    if data.kind not in list(AddressKind):
        raise Invalid(_("Choose what the address is for."), field="kind")
    if data.country not in territories():
        raise Invalid(_("Choose a country."), field="country")
    texts = {
        each: _one_line(getattr(data, each), each)
        for each in ("street", "postcode", "city", "region")
    }
    for each in NEEDED:
        if not texts[each]:
            raise Invalid(_("Fill this in."), field=each)
    if address is None:
        if len(customer.addresses) >= MOST_ADDRESSES:
            raise Conflict(_("There are enough addresses: change one of them."))
        address = Address(customer_id=customer.id)
        db.session.add(address)
    address.kind = AddressKind(data.kind)
    address.street, address.city = texts["street"], texts["city"]
    address.postcode, address.region = texts["postcode"] or None, texts["region"] or None
    address.country = data.country
    db.session.flush()
    note_event(PortalEventKind.EDITED_ADDRESS, ip=ip, address=str(address))
    return address


def remove_address(customer: Customer, address: Address, *, ip: str | None) -> None:
    """Take an address out; the last one for invoices stays. Raises Conflict."""
    billing = [each for each in customer.addresses if each.kind is AddressKind.BILLING]
    if billing == [address]:
        raise Conflict(_("Invoices need an address: change it instead."))
    text = str(address)
    db.session.delete(address)
    db.session.flush()
    note_event(PortalEventKind.EDITED_ADDRESS, ip=ip, removed=text)


def address_of(customer: Customer, address_id: int) -> Address:
    """One of the customer's addresses; raises NotFound for any other."""
    found: Address | None = None
    if address_id < 2**63:
        found = db.session.scalar(
            select(Address).where(Address.customer_id == customer.id, Address.id == address_id)
        )
    if found is None:
        raise NotFound(_("This address does not exist, or you have no access to it."))
    return found


def said_after_update(lang: str) -> Markup | None:
    """What the company says when somebody has changed their data (X0-02); None if it wrote nothing."""
    text = db.session.scalar(select(func.contact_updated_text(lang)))
    return Markup(page_html(text)) if text else None  # nosec B704  # cleaned


def territories() -> dict[str, str]:
    """The countries by their code, in the reader's words and order."""
    names = Locale.parse(str(get_locale() or "es")).territories
    known = {code: name for code, name in names.items() if len(code) == 2 and code.isalpha()}
    return dict(sorted(known.items(), key=lambda one: one[1]))


def _one_line(text: str, field: str) -> str:
    line = one_line(text)
    if len(line) > LONGEST:
        raise Invalid(_("At most %(max)d characters.", max=LONGEST), field=field)
    return line


def _phone(text: str, organization: Organization, present: str | None) -> str | None:
    line = _one_line(text, "phone")
    if not line or line == present:
        return line or None
    try:
        return dialled(line, region_of(organization))
    except Invalid as problem:
        raise Invalid(problem.message, field="phone") from problem
