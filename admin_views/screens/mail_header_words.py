"""What the head of a message says of who wrote to whom, and what is odd about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import pgettext

from admin_views.reader_formats import number
from mail.sender_doubts import DoubtKind, SenderDoubt
from models.mailbox.message_party import MessageParty, PartyField
from services.mailbox.conversation import ReadMessage
from services.mailings.not_reached import NotReached
from services.mailings.reasons import sentence_for


def recipients_words(parties: Sequence[MessageParty], own: set[str]) -> str:
    names = [
        _("you") if party.address_norm in own else party.name or party.address
        for party in parties
        if party.field in (PartyField.TO, PartyField.CC)
    ]
    shown = list(dict.fromkeys(names))
    if not shown:
        return ""
    more = len(shown) - 4
    people = ", ".join(shown[:4]) + (f" +{number(more)}" if more > 0 else "")
    return _("to %(people)s", people=people)


@dataclass(frozen=True, kw_only=True)
class HeaderWords:
    """What the lines of a head are called: looked up once a page, not for every message."""

    people: Mapping[PartyField, str]
    sent_by: str
    date: str
    subject: str
    message_id: str


def header_words() -> HeaderWords:
    """In the reader's language."""
    return HeaderWords(
        people={
            PartyField.FROM: pgettext("mail", "From"),
            PartyField.REPLY_TO: _("Reply to"),
            PartyField.TO: pgettext("mail", "To"),
            PartyField.CC: _("Copy"),
            PartyField.BCC: _("Blind copy"),
        },
        sent_by=_("Sent by"),
        date=_("Date"),
        subject=_("Subject"),
        message_id=_("Message-ID"),
    )


def header_fields(each: ReadMessage, exact_time: str, words: HeaderWords) -> list[tuple[str, str]]:
    """All that the message says about who and when, with every address in full."""
    people: dict[PartyField, list[str]] = {}
    for party in each.parties:
        said = f"{party.name} <{party.address}>" if party.name else party.address
        people.setdefault(party.field, []).append(said)
    message = each.message
    found = [(word, ", ".join(people.get(field, ()))) for field, word in words.people.items()]
    if message.sender_address:
        found.insert(
            1, (words.sent_by, f"{message.sender_name} <{message.sender_address}>".strip())
        )
    found.append((words.date, exact_time))
    found.append((words.subject, message.subject))
    found.append((words.message_id, message.message_id_header))
    return [(word, value) for word, value in found if value]


def doubt_words(doubt: SenderDoubt) -> str:
    if doubt.kind is DoubtKind.NAME_HAS_ADDRESS:
        return _(
            "The name of the sender says %(seems)s, but the message comes from %(really)s.",
            seems=doubt.seems,
            really=doubt.really,
        )
    return _(
        "%(really)s is not %(seems)s, which it resembles. Make sure who writes before you answer or pay.",
        really=doubt.really,
        seems=doubt.seems,
    )


def missed_words(missed: NotReached) -> str:
    """Who has not got what was sent, why, and what the server said."""
    said = " ".join(filter(None, (sentence_for(missed.reason), missed.answer)))
    return _("%(address)s did not get this message. %(why)s", address=missed.address, why=said)
