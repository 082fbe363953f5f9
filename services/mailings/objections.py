"""What speaks against writing to somebody, and how it is written down."""

from dataclasses import dataclass

from mail.envelope import EmailAddress
from mail.errors import InvalidAddress
from models.mailings.reason import ReasonCode
from models.people.contact import AddressState, CopyMode
from services.mailings.address_book import BookEntry, CustomerFacts

BOUNCED = {AddressState.BOUNCED, AddressState.COMPLAINED}


@dataclass(frozen=True, slots=True)
class Excluded:
    """A customer, a contact or a document that was asked for and gets or brings no message."""

    customer_id: int
    reason: ReasonCode
    document_id: int | None = None
    contact_id: int | None = None
    address: str | None = None
    detail: str | None = None
    document_ids: tuple[int, ...] = ()  # that they would have got


def exclude(entry: BookEntry, reason: ReasonCode, document_ids: tuple[int, ...] = ()) -> Excluded:
    """This contact gets no message of the customer."""
    return Excluded(
        entry.customer_id,
        reason,
        contact_id=entry.contact_id,
        address=entry.address,
        document_ids=document_ids,
    )


def objection(
    entry: BookEntry,
    customer: CustomerFacts,
    *,
    suppressed: set[str],
    languages: frozenset[str] | None,
) -> ReasonCode | None:
    """Why this contact cannot be written to, if so; `languages` are those that the text exists in."""
    if not entry.is_active:
        return ReasonCode.CONTACT_INACTIVE
    if entry.cc_mode is CopyMode.NONE:
        return ReasonCode.PORTAL_ONLY
    if not entry.address:
        return ReasonCode.NO_ADDRESS
    if entry.state is AddressState.INVALID:
        return ReasonCode.INVALID_ADDRESS
    if entry.state in BOUNCED:
        return ReasonCode.BOUNCED_BEFORE
    if entry.address_norm in suppressed:
        return ReasonCode.SUPPRESSED
    if languages is not None and (entry.lang or customer.lang) not in languages:
        return ReasonCode.LANGUAGE_MISSING
    if parsed(entry.address) is None:
        return ReasonCode.INVALID_ADDRESS
    return None


def parsed(address: str | None) -> EmailAddress | None:
    """The address as it goes over the wire; None for what is none."""
    try:
        return EmailAddress.parse(address or "")
    except InvalidAddress:
        return None
