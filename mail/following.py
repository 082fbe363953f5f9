"""What an answer or a forwarded message begins with: its subject, whom it goes to, what it refers to (RFC 5322, 3.6.4)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mail.envelope import comparable
from mail.parsing import ParsedMessage, ParsedParty
from mail.subjects import unanswered_subject

MOST_REFERENCES = 30  # the first began the conversation, the last are the nearest
LONGEST_ID = 400


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whom an answer goes to: name and address."""

    to: Sequence[tuple[str, str]]
    cc: Sequence[tuple[str, str]] = ()


def reply_subject(subject: str) -> str:
    """With one `Re:`, whatever stood before it in whatever language."""
    return f"Re: {unanswered_subject(subject)}".rstrip()


def forward_subject(subject: str) -> str:
    """With one `Fwd:`."""
    return f"Fwd: {unanswered_subject(subject)}".rstrip()


def answer_to(message: ParsedMessage, own: Collection[str]) -> Recipients:
    """Whoever wrote it, by Reply-To first; of a message of our own, those whom it went to."""
    return Recipients(_writers(message, own))


def answer_to_all(message: ParsedMessage, own: Collection[str]) -> Recipients:
    """The same, and everybody else who is named, without our own addresses; blind copies stay unknown."""
    to = list(_writers(message, own))
    known = {comparable(address) for _name, address in to} | set(own)
    also = []
    for party in _in_fields(message, "to", "cc"):
        if party.address and comparable(party.address) not in known:
            known.add(comparable(party.address))
            also.append((party.name, party.address))
    return Recipients(to, also)


def references_of(message: ParsedMessage) -> tuple[str, ...]:
    """What an answer refers to: the conversation so far and the message itself; ids that cannot be written are left out."""
    chain = [each for each in (*message.references, message.message_id) if _can_be_written(each)]
    chain = list(dict.fromkeys(chain))
    if len(chain) > MOST_REFERENCES:
        chain = [chain[0], *chain[1 - MOST_REFERENCES :]]
    return tuple(chain)


def answered_id(message: ParsedMessage) -> str | None:
    """The id for In-Reply-To; None if it cannot be written."""
    return message.message_id if _can_be_written(message.message_id) else None


def _writers(message: ParsedMessage, own: Collection[str]) -> list[tuple[str, str]]:
    if comparable(message.sender.address) in own:
        return [(each.name, each.address) for each in _in_fields(message, "to") if each.address]
    asked_for = _in_fields(message, "reply_to") or _in_fields(message, "from")
    return [(each.name, each.address) for each in asked_for if each.address]


def _in_fields(message: ParsedMessage, *fields: str) -> list[ParsedParty]:
    return [each for each in message.parties if each.field in fields]


def _can_be_written(message_id: str) -> bool:
    return (
        message_id.isascii()
        and message_id.isprintable()
        and "@" in message_id
        and " " not in message_id
        and len(message_id) <= LONGEST_ID
    )
