"""What a text of the portal looks like for a chosen contact while it is being written, and a test of it (X0-08)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from errors import Invalid
from mail.envelope import EmailAddress
from mail.errors import InvalidAddress, MailError
from mail.headers import Mailbox
from mail.letter import Letter, compose_letter
from models.base import db
from models.mailings.delivery import DeliveryKind
from models.people.contact import Contact, CustomerContact
from models.people.customer import Customer
from models.people.customer_group import CustomerGroup
from models.portal.portal_text import PortalTextKind
from services.mailings.notices import Notice, letter_from, write_letter
from services.mailings.trial import PREFIXES
from services.mailings.unmade import unmade_words
from services.portal.group_levels import PRODUCT, GroupSettings
from services.portal.mail_words import (
    Reader,
    common_values,
    example_values,
    filled,
    organization_in_scope,
    reader_of_contact,
)
from services.portal.portal_texts import SaidText, checked_text

MOST_READERS = 20


@dataclass(frozen=True)
class Example:
    """A message as it would leave."""

    sender: str
    reader: str
    subject: str
    letter: Letter


def readers_of(group: CustomerGroup | None) -> Sequence[tuple[int, str]]:
    """Contacts to choose from: key and name of the first ones of the group's customers."""
    query = (
        select(CustomerContact)
        .join(Customer, Customer.id == CustomerContact.customer_id)
        .order_by(Customer.sort_name, CustomerContact.is_primary.desc(), CustomerContact.id)
        .limit(MOST_READERS)
        .options(joinedload(CustomerContact.contact), joinedload(CustomerContact.customer))
    )
    if group is not None:
        query = query.where(Customer.customer_group_id == group.id)
    found = db.session.scalars(query).unique()
    return [(link.id, f"{link.contact.name} · {link.customer.name}") for link in found]


def example_of(
    group: CustomerGroup | None,
    kind: PortalTextKind,
    lang: str,
    words: tuple[str, str],
    reader_id: int | None,
    today: date,
) -> Example:
    """The message with these words for this contact of a customer, or for nobody in particular.

    Raises Invalid for words that cannot be sent.
    """
    reader = _reader(group, reader_id, lang)
    account = GroupSettings(group).sender()
    subject, body = checked_text(kind, *words)
    values = {**common_values(reader, account), **example_values(reader, lang, today)}
    try:
        subject, html = filled(SaidText(subject, body, PRODUCT, lang), values)
        letter = letter_from(account, html, lang) if account else compose_letter(html, lang=lang)
    except MailError as problem:
        raise Invalid(unmade_words(problem), field="body") from problem
    sender = f"{values['sender.name']} <{account.address}>" if account is not None else "—"
    return Example(sender, f"{reader.name} <{reader.address or '—'}>", subject, letter)


def send_example(
    group: CustomerGroup | None,
    kind: PortalTextKind,
    lang: str,
    words: tuple[str, str],
    reader_id: int | None,
    address: str,
    today: date,
) -> int:
    """Put such a message into the ledger as a test; returns the key of the delivery.

    Raises Invalid if the address is none, no account can send, or for words that cannot be sent.
    """
    account = GroupSettings(group).sender()
    if account is None:
        raise Invalid(_("No mail account can send. Set one up first."), field="address")
    try:
        to = EmailAddress.parse(address)
    except InvalidAddress:
        raise Invalid(
            _("“%(email)s” is not an e-mail address.", email=address), field="address"
        ) from None
    example_of(group, kind, lang, words, reader_id, today)  # what is wrong is said before
    reader = _reader(group, reader_id, lang)
    values = {**common_values(reader, account), **example_values(reader, lang, today)}
    said = SaidText(*checked_text(kind, *words), PRODUCT, lang)
    subject, html = filled(said, values)
    notice = Notice(cause=f"test:{uuid.uuid4().hex}", to=Mailbox(str(to)), lang=lang, values={})
    prefix = PREFIXES.get(lang, PREFIXES["en"])
    key = write_letter(account, notice, prefix + subject, html, kind=DeliveryKind.TEST)
    assert key is not None  # nobody made this cause before
    return key


def _reader(group: CustomerGroup | None, reader_id: int | None, lang: str) -> Reader:
    """The chosen one, if they are a contact of this group; else somebody made up."""
    query = select(CustomerContact).join(Customer).where(CustomerContact.id == (reader_id or 0))
    if group is not None:
        query = query.where(Customer.customer_group_id == group.id)
    link = db.session.scalar(query)
    if link is not None:
        contact: Contact = link.contact
        return reader_of_contact(contact, link.customer)
    with force_locale(lang):
        name = _("Name of the contact")
    return Reader(name, organization_in_scope().email, lang, "mgarcia")
