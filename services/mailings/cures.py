"""What a person can do about it: the cures that fit a case now, the one that helps most first (N-01)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.mailings.delivery import DeliveryStatus
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.people.contact import CopyMode
from models.sales.document_state import DocumentState
from services.mailings.address_book import (
    BookEntry,
    customers_among,
    entries_of,
    suppressed_among,
)
from services.mailings.explained_case import Case
from services.mailings.explained_cause import Cause, Verdict, obstacle_of
from services.mailings.objections import objection
from services.mailings.partly_sent import reached_recipients
from services.mailings.retry import HELPED_BY_TRYING


class Cure(StrEnum):
    """What can be done; each is one button that really does it."""

    SEND_NOW = "send_now"
    RETRY = "retry"
    RESEND = "resend"
    OTHER_CONTACT = "other_contact"
    ADD_ADDRESS = "add_address"
    CORRECT_ADDRESS = "correct_address"
    FREE_ADDRESS = "free_address"
    GIVE_ROLE = "give_role"
    ACTIVATE_CONTACT = "activate_contact"
    WRITE_AGAIN = "write_again"
    POST_DOCUMENT = "post_document"
    END_HOLD = "end_hold"
    ANY_LANGUAGE = "any_language"
    OPEN_ACCOUNT = "open_account"
    START = "start"
    SETTLE_SENT = "settle_sent"
    SETTLE_RESEND = "settle_resend"


@dataclass(frozen=True)
class Offered:
    """A cure, and whom one can choose with it."""

    cure: Cure
    contacts: Sequence[BookEntry] = ()


ACCOUNT_REASONS = {
    ReasonCode.ACCOUNT_DISABLED,
    ReasonCode.FROM_NOT_ALLOWED,
    ReasonCode.AUTH_FAILED,
    ReasonCode.CONSENT_LOST,
    ReasonCode.TLS_FAILED,
    ReasonCode.CONNECT_FAILED,
}
# What stands in the way now, and what takes it away.
OF_OBSTACLE: dict[ReasonCode, tuple[Cure, ...]] = {
    ReasonCode.NO_ADDRESS: (Cure.ADD_ADDRESS,),
    ReasonCode.INVALID_ADDRESS: (Cure.CORRECT_ADDRESS,),
    ReasonCode.SUPPRESSED: (Cure.FREE_ADDRESS, Cure.CORRECT_ADDRESS),
    ReasonCode.BOUNCED_BEFORE: (Cure.CORRECT_ADDRESS, Cure.FREE_ADDRESS),
    ReasonCode.NO_ROLE: (Cure.GIVE_ROLE,),
    ReasonCode.CONTACT_INACTIVE: (Cure.ACTIVATE_CONTACT,),
    ReasonCode.PORTAL_ONLY: (Cure.WRITE_AGAIN,),
    ReasonCode.DOCUMENT_NOT_POSTED: (Cure.POST_DOCUMENT,),
    ReasonCode.ON_HOLD: (Cure.END_HOLD,),
    ReasonCode.LANGUAGE_MISSING: (Cure.ANY_LANGUAGE,),
}
NOT_FOR_ANYBODY = {ReasonCode.DOCUMENT_VOID, ReasonCode.ON_HOLD}
NOTHING_LEAVES = {MailingState.DRAFT, MailingState.CANCELLED}


def cures_of(case: Case, cause: Cause) -> list[Offered]:
    """The buttons, the first one stands out; nothing for what a cancelled mailing has not sent."""
    if case.mailing.state in NOTHING_LEAVES:
        return []
    found: dict[Cure, Offered] = {}
    for cure in _wanted(case, cause):
        offered = _offered(case, cure)
        if offered is not None:
            found.setdefault(cure, offered)
    return list(found.values())


def _wanted(case: Case, cause: Cause) -> Iterator[Cure]:
    match cause.verdict:
        case Verdict.DOUBT:
            yield from (Cure.SETTLE_SENT, Cure.SETTLE_RESEND)
        case Verdict.RECEIVED:
            yield from (Cure.RESEND, Cure.OTHER_CONTACT)
        case Verdict.WAITING:
            if cause.reason in ACCOUNT_REASONS:
                yield Cure.OPEN_ACCOUNT
            elif case.mailing.state in {
                MailingState.STOPPED,
                MailingState.REGISTERED,
                MailingState.SCHEDULED,
            }:
                yield Cure.START
        case Verdict.FAILED:
            yield from _after_failure(case, cause)
        case Verdict.EXCLUDED | Verdict.OUTSIDE:
            yield from _after_exclusion(case)


def _after_failure(case: Case, cause: Cause) -> Iterator[Cure]:
    has_come_back = case.state is not None and case.state.bounced_at is not None
    if cause.reason in ACCOUNT_REASONS and not has_come_back:
        yield Cure.OPEN_ACCOUNT
    if cause.reason in HELPED_BY_TRYING:
        # A full mailbox may stay full: somebody else can read it now.
        is_full = cause.reason is ReasonCode.QUOTA
        yield from (
            (Cure.OTHER_CONTACT, Cure.RETRY) if is_full else (Cure.RETRY, Cure.OTHER_CONTACT)
        )
        return
    obstacle = obstacle_of(case)
    if obstacle is None and _has_new_address(case):
        yield Cure.SEND_NOW
    yield from OF_OBSTACLE.get(obstacle, ()) if obstacle else ()
    if cause.reason is ReasonCode.RECIPIENT_REJECTED and not _has_new_address(case):
        yield Cure.CORRECT_ADDRESS
    yield Cure.OTHER_CONTACT
    if obstacle is None:
        yield Cure.RESEND


def _after_exclusion(case: Case) -> Iterator[Cure]:
    """Those who got nothing: take away what stands in the way, then send."""
    obstacle = obstacle_of(case)
    if obstacle is None and case.documents:
        was_skipped = case.state is not None and not _has_new_address(case)
        # What is void stays void: the rest goes in a message of its own.
        is_void = any(document.state is DocumentState.VOID for document in case.documents)
        yield Cure.RESEND if was_skipped and not is_void else Cure.SEND_NOW
    elif obstacle is not None:
        yield from OF_OBSTACLE.get(obstacle, ())
    is_skipped = case.state is not None and case.state.state is DeliveryStatus.SKIPPED
    if is_skipped and obstacle not in NOT_FOR_ANYBODY:
        yield Cure.OTHER_CONTACT


def new_address_of(case: Case) -> str | None:
    """Where the contact's mail goes by now, if that is elsewhere."""
    if case.contact is None:
        return None
    entries = entries_of([case.customer.id]).get(case.customer.id, [])
    now = next((entry for entry in entries if entry.contact_id == case.contact.id), None)
    return now.address if now is not None and now.address_norm != case.address_norm else None


def _has_new_address(case: Case) -> bool:
    """Whether a message that was made went elsewhere."""
    return case.delivery is not None and new_address_of(case) is not None


def _offered(case: Case, cure: Cure) -> Offered | None:
    """With the people to choose from; None if there is nobody to choose."""
    entries = entries_of([case.customer.id]).get(case.customer.id, [])
    if cure is Cure.OTHER_CONTACT:
        others = _reachable(case, entries)
        return Offered(cure, others) if others else None
    if cure is Cure.GIVE_ROLE:
        return Offered(cure, entries) if entries else Offered(Cure.ADD_ADDRESS)
    needs_contact = {
        Cure.CORRECT_ADDRESS,
        Cure.FREE_ADDRESS,
        Cure.ACTIVATE_CONTACT,
        Cure.WRITE_AGAIN,
    }
    if cure in needs_contact and case.contact is None:
        return None
    return Offered(cure)


def _reachable(case: Case, entries: Sequence[BookEntry]) -> list[BookEntry]:
    """The customer's other contacts who can be written to."""
    facts = customers_among([case.customer.id])[case.customer.id]
    suppressed = suppressed_among(e.address_norm for e in entries if e.address_norm)
    reached = (
        [a.lower() for a in reached_recipients(case.delivery.id)]
        if case.missed and case.delivery
        else []
    )
    return [
        entry
        for entry in entries
        if objection(entry, facts, suppressed=suppressed, languages=None) is None
        and entry.cc_mode is CopyMode.TO
        and entry.contact_id != (case.contact.id if case.contact else None)
        and entry.address_norm != case.address_norm
        and entry.address_norm not in reached
    ]
