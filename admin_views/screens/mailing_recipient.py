"""One recipient of a mailing: the state as a badge, the reason as a sentence, and what happened, try by try."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.reader_formats import moment, number, zone
from admin_views.screens.mailing_words import reason_words, size_words
from admin_views.state_badges import Look, badge, state_badge
from models.mailings.delivery import AttemptOutcome, Delivery, DeliveryAttempt, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.reason import ReasonCode
from models.people.contact import ContactRole
from services.mailings.reasons import cure_for, sentence_for
from services.mailings.recipient_lines import Recipient
from services.mailings.recipients import attempts_of

TONES = {DeliveryStatus.FAILED: "bad", DeliveryStatus.UNCONFIRMED: "doubt"}
ACCOUNT_REASONS = {
    ReasonCode.ACCOUNT_DISABLED,
    ReasonCode.FROM_NOT_ALLOWED,
    ReasonCode.AUTH_FAILED,
    ReasonCode.TLS_FAILED,
    ReasonCode.CONNECT_FAILED,
}


@dataclass(frozen=True)
class Event:
    """A step of the story."""

    icon: str
    text: str
    when: str
    moment: Any = None
    changes: Sequence[Any] = ()


@dataclass(frozen=True)
class Story:
    """What became of one message."""

    recipient: Recipient
    roles: str
    badge: Any
    sentence: str
    tone: str
    events: Sequence[Event]
    answers: Sequence[str]
    message_id: str
    cure: str | None
    cure_url: str | None
    resolve_url: str | None
    close_url: str


def badge_of(row: Recipient) -> Any:
    """Those who were left out are *excluded*: nothing of theirs was tried."""
    if row.state is DeliveryStatus.SKIPPED:
        return badge(_("Excluded"), Look("", "user-off"))
    return state_badge(row.state)


def reason_of(row: Recipient) -> str:
    """Why not, or what one waits for; empty for what was sent."""
    if row.state is DeliveryStatus.SENT:
        return moment(row.sent_at) if row.sent_at else ""
    if row.reason is None:
        return ""
    words = reason_words(row.reason)
    if row.state in {DeliveryStatus.QUEUED, DeliveryStatus.PREPARED}:
        return _("%(reason)s; it is tried again", reason=words)
    return words


def roles_words(text: str | None) -> str:
    """`billing, statements` in the reader's language."""
    labels = {role.value: str(label) for role, label in ContactRole.labels().items()}
    return ", ".join(labels.get(role.strip(), role) for role in (text or "").split(",") if role)


def story_of(
    mailing: Mailing,
    delivery: Delivery,
    row: Recipient,
    *,
    resolve_url: str | None,
    close_url: str,
) -> Story:
    """Registered, every try with the server's answer, and what can be done."""
    attempts = attempts_of(delivery)
    in_doubt = row.state is DeliveryStatus.UNCONFIRMED
    return Story(
        recipient=row,
        roles=roles_words(row.role),
        badge=badge_of(row),
        sentence=sentence_for(row.reason),
        tone=TONES.get(row.state, ""),
        events=[_registered(mailing, delivery, row), *map(_tried, attempts)],
        answers=_answers(attempts, row.detail),
        message_id=delivery.message_id_header,
        cure=cure_for(row.reason) if not in_doubt else None,
        cure_url=_cure_url(delivery, row) if not in_doubt else None,
        resolve_url=resolve_url if in_doubt else None,
        close_url=close_url,
    )


def _registered(mailing: Mailing, delivery: Delivery, row: Recipient) -> Event:
    count = len(row.documents)
    text = ngettext(
        "Registered with %(n)s invoice, %(size)s",
        "Registered with %(n)s invoices, %(size)s",
        count,
        n=number(count),
        size=size_words(delivery.size_bytes),
    )
    return Event("file-check", str(text), moment(delivery.created_at), delivery.created_at)


def _tried(attempt: DeliveryAttempt) -> Event:
    words = {
        AttemptOutcome.OK: ("send", _("Try %(n)s: accepted", n=attempt.n)),
        AttemptOutcome.TEMP_FAIL: ("clock-pause", _("Try %(n)s: not now", n=attempt.n)),
        AttemptOutcome.PERM_FAIL: ("shield-x", _("Try %(n)s: refused for good", n=attempt.n)),
        AttemptOutcome.UNCONFIRMED: (
            "mail-question",
            _("Try %(n)s: interrupted, nobody knows whether it arrived", n=attempt.n),
        ),
    }
    icon, text = words[attempt.outcome]
    local = attempt.ended_at.astimezone(zone())
    return Event(icon, text, f"{moment(attempt.ended_at)}:{local:%S}", attempt.ended_at)


def _answers(attempts: Sequence[DeliveryAttempt], detail: str | None) -> list[str]:
    """What the server said, try by try; what we noted ourselves where it said nothing."""
    said = [
        f"{attempt.n}. {attempt.smtp_code} {attempt.smtp_text or ''}".strip()
        for attempt in attempts
        if attempt.smtp_code
    ]
    return said or ([detail] if detail else [])


def _cure_url(delivery: Delivery, row: Recipient) -> str | None:
    """Where one can put it right: the account, the contact or the customer."""
    if row.reason is None:
        return None
    if row.reason in ACCOUNT_REASONS:
        return url_for("mail_account.details_view", id=delivery.account_id)
    if delivery.contact_id is not None:
        return url_for("contact.details_view", id=delivery.contact_id)
    if delivery.customer_id is not None:
        return url_for("customer.details_view", id=delivery.customer_id)
    return None
