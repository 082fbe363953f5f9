"""Whom a written message goes to: why each one stands there, and what speaks against writing to them (pains D-5)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import select

from mail.address_list import TypedAddress, read_addresses
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import DraftKind, MailDraft
from models.mailbox.message_party import MessageParty, PartyField
from models.people.contact import AddressState, ContactEmail, CustomerContact
from models.people.customer import Customer
from services.mailbox.typed_addresses import ADDRESS_FIELDS, address_sentence
from services.mailings.address_book import suppressed_among

MOST_RECIPIENTS = 100  # of one message; more is a mailing
ANSWERS = (DraftKind.REPLY, DraftKind.REPLY_ALL)
BOUNCED = (AddressState.BOUNCED, AddressState.COMPLAINED)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One entry of a field. With an `obstacle` the message does not leave; a `doubt` lets it."""

    entry: TypedAddress
    why: str = ""
    obstacle: str = ""
    doubt: str = ""


def recipients_of(
    draft: MailDraft, *, names_customers: bool = True
) -> Mapping[str, Sequence[Recipient]]:
    """By field, in the order in which they were typed.

    `names_customers`: whether the reader may know whose contacts they are.
    """
    lists = {name: read_addresses(draft.fields.get(name, "")) for name in ADDRESS_FIELDS}
    known = _known({each.norm for entries in lists.values() for each in entries} - {""}, draft)
    found: dict[str, list[Recipient]] = {}
    before = 0
    for name, entries in lists.items():
        found[name] = []
        for entry in entries:
            found[name].append(
                Recipient(
                    entry,
                    _why(entry, known, names_customers=names_customers),
                    _obstacle(entry, before, draft, known),
                    _doubt(entry, draft, known, names_customers=names_customers),
                )
            )
            before += 1
    return found


@dataclass(frozen=True)
class _Known:
    """What is known of the addresses of a message, by their normal form."""

    suppressed: Collection[str]
    own: Collection[str]
    customers: Mapping[str, Mapping[int, str]]
    states: Mapping[str, Collection[AddressState]]
    parties: Mapping[str, Collection[PartyField]] = field(default_factory=dict)


def _known(norms: Collection[str], draft: MailDraft) -> _Known:
    customers: dict[str, dict[int, str]] = defaultdict(dict)
    states: dict[str, set[AddressState]] = defaultdict(set)
    rows = db.session.execute(
        select(ContactEmail.address_norm, ContactEmail.state, Customer.id, Customer.name)
        .outerjoin(CustomerContact, CustomerContact.contact_id == ContactEmail.contact_id)
        .outerjoin(Customer, Customer.id == CustomerContact.customer_id)
        .where(ContactEmail.address_norm.in_(norms))
        .order_by(ContactEmail.id, Customer.id)
    )
    for norm, state, customer_id, name in rows:
        states[norm].add(state)
        if customer_id is not None:
            customers[norm][customer_id] = name
    own = select(MailAccount.address_norm).where(MailAccount.address_norm.in_(norms))
    parties: dict[str, set[PartyField]] = defaultdict(set)
    if draft.follows is not None and draft.kind in ANSWERS:
        named = select(MessageParty).where(
            MessageParty.message_id == draft.follows.id, MessageParty.address_norm.in_(norms)
        )
        for party in db.session.scalars(named):
            parties[party.address_norm].add(party.field)
    return _Known(
        suppressed_among(norms), frozenset(db.session.scalars(own)), customers, states, parties
    )


def _why(entry: TypedAddress, known: _Known, *, names_customers: bool) -> str:
    """In few words: what brought the address there, or whose it is."""
    if entry.problem:
        return ""
    parts = known.parties.get(entry.norm, ())
    customers = known.customers.get(entry.norm, {})
    if PartyField.REPLY_TO in parts:
        return str(_("wants the answers"))
    if PartyField.FROM in parts:
        return str(_("wrote the message"))
    if parts:
        return str(_("also got the message"))
    if entry.norm in known.own:
        return str(_("one of ours"))
    if customers and names_customers:
        return next(iter(customers.values()))
    return str(_("a contact") if entry.norm in known.states else _("no contact"))


def _obstacle(entry: TypedAddress, before: int, draft: MailDraft, known: _Known) -> str:
    if entry.problem:
        return address_sentence(entry)
    if before >= MOST_RECIPIENTS:
        return str(
            _(
                "“%(address)s” is one too many: a message goes to %(most)s addresses at most.",
                address=entry.address,
                most=MOST_RECIPIENTS,
            )
        )
    if entry.norm in known.suppressed and not _is_answered(before, draft):
        return str(
            _(
                "“%(address)s” is on the suppression list and gets nothing. Take it out here, or off that list.",
                address=entry.address,
            )
        )
    return ""


def _is_answered(before: int, draft: MailDraft) -> bool:
    """Whoever is answered gets the answer, on whichever list they are."""
    return before == 0 and draft.kind in ANSWERS


def _doubt(entry: TypedAddress, draft: MailDraft, known: _Known, *, names_customers: bool) -> str:
    states, customers = known.states.get(entry.norm, ()), known.customers.get(entry.norm, {})
    if AddressState.INVALID in states:
        return str(_("“%(address)s” does not exist, as far as is known.", address=entry.address))
    if entry.norm in known.suppressed or any(each in BOUNCED for each in states):
        return str(_("An earlier message to “%(address)s” bounced.", address=entry.address))
    if not customers or draft.customer_id is None or draft.customer_id in customers:
        return ""
    if not names_customers:
        return str(
            _("“%(address)s” belongs to another customer than this message.", address=entry.address)
        )
    return str(
        _(
            "“%(address)s” belongs to %(customer)s, and this message to another customer.",
            address=entry.address,
            customer=next(iter(customers.values())),
        )
    )
