"""Who gets what: from ranges and audience to the messages to be, and to those who get none."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from models.mailings.delivery_copy import CopyRole
from models.mailings.mailing import AudienceMode, Mailing, MailingAudience, MailingRange, OneMailPer
from models.mailings.reason import ReasonCode
from services.mailings.address_book import (
    BookEntry,
    CustomerFacts,
    customers_among,
    entries_of,
    groups_below,
    suppressed_among,
)
from services.mailings.copies import (
    ALWAYS,
    CopyWish,
    PlannedCopy,
    to_contact,
    without_doubles,
)
from services.mailings.document_ranges import (
    FoundDocument,
    Gap,
    documents_in,
    gaps_in,
    other_series_in,
)
from services.mailings.objections import Excluded, exclude, objection


@dataclass(frozen=True)
class Choice:
    """What a person has chosen; the rows need not be stored."""

    ranges: Sequence[MailingRange]
    audience: Sequence[MailingAudience] = ()
    one_mail_per: OneMailPer = OneMailPer.CONTACT
    languages: frozenset[str] | None = None  # None: the text is good enough for every language
    copies: CopyWish = field(default_factory=CopyWish)

    @classmethod
    def of(cls, mailing: Mailing) -> "Choice":
        strict = mailing.needs_own_language
        return cls(
            ranges=mailing.ranges,
            audience=mailing.audience,
            one_mail_per=mailing.one_mail_per,
            languages=frozenset({mailing.lang, *mailing.variants}) if strict else None,
            copies=CopyWish(
                mailing.cc, mailing.bcc, frozenset(mailing.cc_roles), frozenset(mailing.bcc_roles)
            ),
        )


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """One message to be: to one contact, with documents of one customer; others may get copies."""

    customer: CustomerFacts
    entry: BookEntry
    documents: tuple[FoundDocument, ...]
    address: str
    address_norm: str
    copies: tuple[PlannedCopy, ...] = ()

    @property
    def lang(self) -> str:
        return self.entry.lang or self.customer.lang


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

    Without a wanted role the contacts for billing are meant, else the primary contact. One mail per
    customer goes to the first of them, and the others stand beside; else each has one of their own.
    """
    found = documents_in(choice.ranges)
    resolved = Resolved()
    customers = _chosen_customers(choice, {document.customer_id for document in found})
    documents = _documents_to_send(found, customers, resolved)
    held = {key for key in documents if customers[key].on_hold}
    brings = {key: tuple(each.id for each in documents[key]) for key in documents}
    resolved.exclusions += [
        Excluded(key, ReasonCode.ON_HOLD, document_ids=brings[key]) for key in sorted(held)
    ]
    keys = sorted(documents.keys() - held, key=lambda key: customers[key].number)
    book = entries_of(keys)
    suppressed = suppressed_among(
        entry.address_norm for entries in book.values() for entry in entries if entry.address_norm
    )
    for key in keys:
        wanted = _wanted_entries(choice.audience, book[key])
        if not wanted and not _chooses_contacts(choice):
            nobody = ReasonCode.NO_ROLE if book[key] else ReasonCode.NO_ADDRESS
            resolved.exclusions.append(Excluded(key, nobody, document_ids=brings[key]))
        recipients, refused = _reachable(wanted, customers[key], choice, suppressed)
        resolved.exclusions += [exclude(*each, brings[key]) for each in refused]
        if not recipients:
            continue
        copied = [
            entry
            for entry in book[key]
            if entry not in wanted and choice.copies.role_of(entry) is not None
        ]
        copies, refused = _reachable(copied, customers[key], choice, suppressed)
        resolved.exclusions += [exclude(*each, brings[key]) for each in refused]
        resolved.messages += _messages(choice, customers[key], documents[key], recipients, copies)
    return resolved


def _reachable(
    entries: Iterable[BookEntry],
    customer: CustomerFacts,
    choice: Choice,
    suppressed: set[str],
) -> tuple[list[BookEntry], list[tuple[BookEntry, ReasonCode]]]:
    """Those who can be written to, each address once, and the others with the reason."""
    reachable: dict[str | None, BookEntry] = {}
    refused: list[tuple[BookEntry, ReasonCode]] = []
    for entry in entries:
        reason = objection(entry, customer, suppressed=suppressed, languages=choice.languages)
        if reason is None and entry.address_norm in reachable:
            reason = ReasonCode.DUPLICATE_RECIPIENT
        if reason is None:
            reachable[entry.address_norm] = entry
        else:
            refused.append((entry, reason))
    return list(reachable.values()), refused


def _messages(
    choice: Choice,
    customer: CustomerFacts,
    documents: Sequence[FoundDocument],
    recipients: Sequence[BookEntry],
    copied: Sequence[BookEntry],
) -> Iterable[PlannedMessage]:
    """What goes to this customer; contacts who get copies see the first recipient's messages only."""
    is_joint = choice.one_mail_per is OneMailPer.CUSTOMER
    beside = [to_contact(CopyRole.TO, entry) for entry in recipients[1:]] if is_joint else []
    beside += [to_contact(choice.copies.role_of(entry) or CopyRole.CC, entry) for entry in copied]
    ours = choice.copies.of_ours()
    for entry in recipients[:1] if is_joint else recipients:
        main = to_contact(CopyRole.TO, entry)
        copies = without_doubles([*beside, *ours], besides=main.address_norm)
        for together in _together(choice.one_mail_per, documents):
            yield PlannedMessage(customer, entry, together, main.address, main.address_norm, copies)
        beside = []


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
    wanted = [entry for entry in entries if entry.cc_mode not in ALWAYS]
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


def _together(
    one_mail_per: OneMailPer, documents: Sequence[FoundDocument]
) -> list[tuple[FoundDocument, ...]]:
    if one_mail_per is OneMailPer.DOCUMENT:
        return [(document,) for document in documents]
    return [tuple(documents)]
