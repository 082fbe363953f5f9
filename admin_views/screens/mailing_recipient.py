"""How a line of the list speaks: the state as a badge, the reason or the time, the roles, the channel."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.reader_formats import moment, number
from admin_views.screens.mailing_words import reason_words
from admin_views.state_badges import Look, badge, state_badge
from models.mailings.delivery import DeliveryStatus
from models.mailings.reason import ReasonCode
from models.people.contact import ContactRole
from models.states import state_word
from services.mailings.partly_sent import is_partly_sent
from services.mailings.reasons import sentence_for
from services.mailings.recipient_lines import Channel, FurtherAddress, Recipient

VIEWED = Look("ok", "eye-check")


def badge_of(state: DeliveryStatus, reason: ReasonCode | None, *, bounced: bool = False) -> Any:
    """Those who were left out are *excluded*: nothing of theirs was tried."""
    if bounced:
        return badge(_("Bounced"), Look("bad", "mail-x"))
    if state is DeliveryStatus.SKIPPED:
        return badge(_("Excluded"), Look("", "user-off"))
    if state is DeliveryStatus.CANCELLED and reason is ReasonCode.MANUAL:
        return badge(_("Replaced"), Look("", "mail-forward"))
    if is_partly_sent(state, reason):
        return badge(_("Sent to some"), Look("warn", "send"))
    return state_badge(state)


def viewed_of(row: Recipient) -> Any:
    """That somebody had a document before them, by the link of this message; empty where nobody is known to."""
    if row.views is None:
        return ""
    return badge(_("Viewed %(when)s", when=moment(row.views.last_at)), VIEWED)


def missed_of(row: Recipient) -> str:
    """Whom the message did not reach though others got it, and why; `reason_of` says it in short."""
    if not row.missed or row.state is not DeliveryStatus.SENT:
        return ""
    reason = reason_words(row.reason or ReasonCode.RECIPIENT_REJECTED)
    return _("not to %(addresses)s: %(reason)s", addresses=", ".join(row.missed), reason=reason)


def reason_of(row: Recipient) -> str:
    """Why not, or what one waits for; for what was sent, when."""
    if row.state is DeliveryStatus.SENT and row.bounced_at is None:
        if row.missed:
            n = len(row.missed)
            words = ngettext(
                "%(n)s recipient did not get it", "%(n)s recipients did not get it", n, n=number(n)
            )
            return str(words)
        return moment(row.sent_at) if row.sent_at else ""
    if row.state is DeliveryStatus.CANCELLED and row.reason is ReasonCode.MANUAL:
        return _("sent to %(address)s", address=row.detail or "—")
    if row.reason is None:
        return ""
    words = reason_words(row.reason)
    if row.state in {DeliveryStatus.QUEUED, DeliveryStatus.PREPARED}:
        return _("%(reason)s; it is tried again", reason=words)
    return words


def sentence_of(row: Recipient) -> str:
    """The reason as a sentence, with the addresses that it is about where others got the message."""
    sentence = sentence_for(row.reason)
    if row.missed and is_partly_sent(row.state, row.reason):
        return f"{sentence} {', '.join(row.missed)}"
    return sentence


def copy_words(copy: FurtherAddress) -> str:
    """`ana@example.com`, with what became of it where that is not what one expects."""
    if not copy.is_missed:
        return copy.address
    said = " ".join(filter(None, [str(state_word(copy.state)), str(copy.smtp_code or "")]))
    return f"{copy.address} ({said})"


def roles_words(text: str | None) -> str:
    """`billing, statements` in the reader's language."""
    labels = {role.value: str(label) for role, label in ContactRole.labels().items()}
    roles = [role.strip() for role in (text or "").split(",") if role]
    return ", ".join(labels.get(role, role) for role in roles)


def channel_words(channel: Channel | None) -> str:
    return str(state_word(channel)) if channel is not None else ""
