"""Who gets what: from ranges and audience to the messages to be, and to those who get none."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mail.envelope import EmailAddress
from mail.errors import InvalidAddress
from models.mailings.mailing import AudienceMode, Mailing, MailingAudience, MailingRange, OneMailPer
from models.mailings.reason import ReasonCode
from models.people.contact import AddressState
from services.mailings.address_book import (
    BookEntry,
    CustomerFacts,
    customers_among,
    entries_of,
    groups_below,
    suppressed_among,
)
from services.mailings.document_ranges import (
    FoundDocument,
    Gap,
    documents_in,
    gaps_in,
    other_series_in,
)

BOUNCED = {AddressState.BOUNCED, AddressState.COMPLAINED}


@dataclass(frozen=True)
class Choice:
    """What a person has chosen; the rows need not be stored."""

    ranges: Sequence[MailingRange]
    audience: Sequence[MailingAudience] = ()
    one_mail_per: OneMailPer = OneMailPer.CUSTOMER
    languages: frozenset[str] | None = None  # None: the text is good enough for every language

    @classmethod
    def of(cls, mailing: Mailing) -> "Choice":
        strict = mailing.needs_own_language
        return cls(
            ranges=mailing.ranges,
            audience=mailing.audience,
            one_mail_per=mailing.one_mail_per,
            languages=frozenset({mailing.lang, *mailing.variants}) if strict else None,
        )


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """One message to be: to one contact, with documents of one customer."""

    customer: CustomerFacts
    entry: BookEntry
    documents: tuple[FoundDocument, ...]
    address: str
    address_norm: str

    @property
    def lang(self) -> str:
        return self.entry.lang or self.customer.lang


@dataclass(frozen=True, slots=True)
class Excluded:
    """A customer, a contact or a document that was asked for and gets or brings no message."""

    customer_id: int
    reason: ReasonCode
    document_id: int | None = None
    contact_id: int | None = None
    address: str | None = None
    detail: str | None = None


@dataclass
class Resolved:
    """What the choice comes to."""

    messages: list[PlannedMessage] = field(default_factory=list)
    exclusions: list[Excluded] = field(default_factory=list)


@dataclass(frozen=True)
class Preview:
    """The numbers that a person sees before registering (S1-08)."""

    messages: int
    customers: int
    documents: int
    excluded: dict[ReasonCode, int]
    gaps: list[Gap]
    other_series: dict[str, int]


def preview(choice: Choice) -> Preview:
    """Count what would be registered; writes nothing."""
    resolved = resolve(choice)
    return Preview(
        messages=len(resolved.messages),
        customers=len({message.customer.id for message in resolved.messages}),
        documents=len({d.id for message in resolved.messages for d in message.documents}),
        excluded=dict(Counter(excluded.reason for excluded in resolved.exclusions)),
        gaps=gaps_in(choice.ranges),
        other_series=other_series_in(choice.ranges),
    )


def resolve(choice: Choice) -> Resolved:
    """Work out every message and every exclusion, customer by customer; a few queries in all.

    Each contact with a wanted role gets a message of their own. Without a wanted role these are
    the contacts for billing, else the primary contact.
    """
    found = documents_in(choice.ranges)
    resolved = Resolved()
    customers = _chosen_customers(choice, {document.customer_id for document in found})
    documents = _documents_to_send(found, customers, resolved)
    held = {key for key in documents if customers[key].on_hold}
    resolved.exclusions += [Excluded(key, ReasonCode.ON_HOLD) for key in sorted(held)]
    keys = sorted(documents.keys() - held, key=lambda key: customers[key].number)
    book = entries_of(keys)
    suppressed = suppressed_among(
        entry.address_norm for entries in book.values() for entry in entries if entry.address_norm
    )
    for key in keys:
        wanted = _wanted_entries(choice.audience, book[key])
        if not wanted and not _chooses_contacts(choice):
            nobody = ReasonCode.NO_ROLE if book[key] else ReasonCode.NO_ADDRESS
            resolved.exclusions.append(Excluded(key, nobody))
        taken: set[str] = set()
        for entry in wanted:
            reason = _objection(entry, customers[key], choice, suppressed)
            address = _parsed(entry.address) if reason is None else None
            if reason is None and address is None:
                reason = ReasonCode.INVALID_ADDRESS
            elif address is not None and address.normalised in taken:
                reason = ReasonCode.DUPLICATE_RECIPIENT
            if reason is not None or address is None:
                resolved.exclusions.append(
                    _excluded(key, entry, reason or ReasonCode.INVALID_ADDRESS)
                )
                continue
            taken.add(address.normalised)
            for together in _together(choice.one_mail_per, documents[key]):
                resolved.messages.append(
                    PlannedMessage(
                        customers[key], entry, together, str(address), address.normalised
                    )
                )
    return resolved


def _chosen_customers(choice: Choice, found: set[int]) -> dict[int, CustomerFacts]:
    customers = customers_among(found)
    for way in choice.audience:
        if way.mode is AudienceMode.CUSTOMERS:
            customers = {k: c for k, c in customers.items() if k in set(way.ref_ids)}
        elif way.mode is AudienceMode.GROUPS:
            groups = groups_below(way.ref_ids)
            customers = {k: c for k, c in customers.items() if c.group_id in groups}
    return customers


def _documents_to_send(
    found: Iterable[FoundDocument], customers: dict[int, CustomerFacts], resolved: Resolved
) -> dict[int, list[FoundDocument]]:
    """Documents by customer; those that are not posted become exclusions."""
    documents: dict[int, list[FoundDocument]] = defaultdict(list)
    for document in found:
        if document.customer_id not in customers:
            continue
        if document.exclusion is None:
            documents[document.customer_id].append(document)
        else:
            resolved.exclusions.append(
                Excluded(
                    document.customer_id,
                    document.exclusion,
                    document_id=document.id,
                    detail=document.label,
                )
            )
    return documents


def _wanted_entries(
    audience: Sequence[MailingAudience], entries: Sequence[BookEntry]
) -> list[BookEntry]:
    wanted = list(entries)
    says_who = False
    for way in audience:
        if way.mode is AudienceMode.ROLES:
            wanted = [entry for entry in wanted if entry.roles & set(way.roles)]
        elif way.mode is AudienceMode.PRIMARY:
            wanted = [entry for entry in wanted if entry.is_primary]
        elif way.mode is AudienceMode.CONTACTS:
            wanted = [entry for entry in wanted if entry.contact_id in set(way.ref_ids)]
        elif way.mode is AudienceMode.EVERYBODY:
            wanted = [entry for entry in wanted if entry.is_active]
        else:
            continue
        says_who = True
    if says_who:
        return wanted
    billing = [entry for entry in wanted if "billing" in entry.roles]
    return billing or [entry for entry in wanted if entry.is_primary]


def _chooses_contacts(choice: Choice) -> bool:
    """Whether contacts were named one by one: a customer without any of them was not meant."""
    return any(way.mode is AudienceMode.CONTACTS for way in choice.audience)


def _objection(
    entry: BookEntry, customer: CustomerFacts, choice: Choice, suppressed: set[str]
) -> ReasonCode | None:
    if not entry.is_active:
        return ReasonCode.CONTACT_INACTIVE
    if not entry.address:
        return ReasonCode.NO_ADDRESS
    if entry.state is AddressState.INVALID:
        return ReasonCode.INVALID_ADDRESS
    if entry.state in BOUNCED:
        return ReasonCode.BOUNCED_BEFORE
    if entry.address_norm in suppressed:
        return ReasonCode.SUPPRESSED
    if choice.languages is not None and (entry.lang or customer.lang) not in choice.languages:
        return ReasonCode.LANGUAGE_MISSING
    return None


def _parsed(address: str | None) -> EmailAddress | None:
    try:
        return EmailAddress.parse(address or "")
    except InvalidAddress:
        return None


def _excluded(customer_id: int, entry: BookEntry, reason: ReasonCode) -> Excluded:
    return Excluded(customer_id, reason, contact_id=entry.contact_id, address=entry.address)


def _together(
    one_mail_per: OneMailPer, documents: Sequence[FoundDocument]
) -> list[tuple[FoundDocument, ...]]:
    if one_mail_per is OneMailPer.DOCUMENT:
        return [(document,) for document in documents]
    return [tuple(documents)]
