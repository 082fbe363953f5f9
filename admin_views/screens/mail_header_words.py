"""What the head of a message says of who wrote to whom, and what is odd about it."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import pgettext

from admin_views.reader_formats import full_moment, number
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


def header_fields(each: ReadMessage) -> list[tuple[str, str]]:
    """All that the message says about who and when, with every address in full."""
    words = {
        PartyField.FROM: pgettext("mail", "From"),
        PartyField.REPLY_TO: _("Reply to"),
        PartyField.TO: pgettext("mail", "To"),
        PartyField.CC: _("Copy"),
        PartyField.BCC: _("Blind copy"),
    }
    found = [
        (
            word,
            ", ".join(
                f"{party.name} <{party.address}>" if party.name else party.address
                for party in each.parties
                if party.field is field
            ),
        )
        for field, word in words.items()
    ]
    if each.message.sender_address:
        acting = f"{each.message.sender_name} <{each.message.sender_address}>".strip()
        found.insert(1, (_("Sent by"), acting))
    found.append((_("Date"), full_moment(each.message.sent_at)))
    found.append((_("Subject"), each.message.subject))
    found.append((_("Message-ID"), each.message.message_id_header))
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
