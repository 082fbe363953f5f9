"""How the pages speak of mailings: periods, durations, sizes, results."""

from collections.abc import Iterable
from datetime import date

from babel.dates import format_interval
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from admin_views.reader_formats import day, number
from admin_views.screens.mailing_beginning import begin_moment
from admin_views.state_badges import Look, badge, state_badge
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.sales.document_state import DocumentKind
from services.mailings.progress import Tally
from services.mailings.reasons import sentence_for

MEGABYTE = 1_000_000
# For bars and lists; `services/mailings/reasons.py` has the whole sentences.
SHORT = {
    ReasonCode.NO_ADDRESS: _l("No e-mail address"),
    ReasonCode.INVALID_ADDRESS: _l("Invalid address"),
    ReasonCode.SUPPRESSED: _l("On the suppression list"),
    ReasonCode.BOUNCED_BEFORE: _l("Bounced before"),
    ReasonCode.NO_ROLE: _l("Nobody with this role"),
    ReasonCode.CONTACT_INACTIVE: _l("Contact not active"),
    ReasonCode.DOCUMENT_NOT_POSTED: _l("Draft document"),
    ReasonCode.DOCUMENT_VOID: _l("Void document"),
    ReasonCode.DUPLICATE_RECIPIENT: _l("Same address twice"),
    ReasonCode.OVER_SIZE: _l("Too large"),
    ReasonCode.RENDER_ERROR: _l("Could not be created"),
    ReasonCode.ACCOUNT_DISABLED: _l("Account switched off"),
    ReasonCode.FROM_NOT_ALLOWED: _l("Sender not allowed"),
    ReasonCode.AUTH_FAILED: _l("Password refused"),
    ReasonCode.CONSENT_LOST: _l("Permission has ended"),
    ReasonCode.TLS_FAILED: _l("No secure connection"),
    ReasonCode.CONNECT_FAILED: _l("Connection lost"),
    ReasonCode.THROTTLED: _l("Server asked to wait"),
    ReasonCode.RECIPIENT_REJECTED: _l("Address refused"),
    ReasonCode.CONTENT_REJECTED: _l("Message refused"),
    ReasonCode.QUOTA: _l("Mailbox full"),
    ReasonCode.CRASH_IN_DATA: _l("Interrupted halfway"),
    ReasonCode.ON_HOLD: _l("Customer on hold"),
}


def period_words(first: date | None, last: date | None) -> str:
    """`1–31 jul 2026`; a dash if no document has a date."""
    if first is None or last is None:
        return day(first or last) if first or last else "—"  # type: ignore[arg-type]
    if first == last:
        return day(first)
    return str(format_interval(first, last, "yMMMd", locale=get_locale()))


def duration_words(seconds: int) -> str:
    """`12 min 40 s`, `2 h 5 min`."""
    if seconds < 60:
        return _("%(seconds)d s", seconds=seconds)
    minutes, rest = divmod(seconds, 60)
    if minutes < 60 and rest:
        return _("%(minutes)d min %(seconds)d s", minutes=minutes, seconds=rest)
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)d min", minutes=minutes)
    return _("%(hours)d h %(minutes)d min", hours=hours, minutes=minutes)


def size_words(size_bytes: int) -> str:
    """`12,4 MB`, `61 KB`."""
    if size_bytes >= MEGABYTE:
        return f"{number(size_bytes / MEGABYTE, 1)} MB"
    return f"{number(max(1, round(size_bytes / 1000)))} KB"


def count_words(kinds: Iterable[DocumentKind], count: int) -> str:
    """`80 invoices`; what is of several kinds are documents."""
    told = number(count)
    match set(kinds):
        case only if only <= {DocumentKind.INVOICE}:
            return str(ngettext("%(n)s invoice", "%(n)s invoices", count, n=told))
        case only if only == {DocumentKind.CREDIT_NOTE}:
            return str(ngettext("%(n)s credit note", "%(n)s credit notes", count, n=told))
        case only if only == {DocumentKind.STATEMENT}:
            words = ngettext(
                "%(n)s statement of account", "%(n)s statements of account", count, n=told
            )
            return str(words)
        case _:
            return str(ngettext("%(n)s document", "%(n)s documents", count, n=told))


def kinds_of(mailing: Mailing) -> set[DocumentKind]:
    """What kinds of documents a mailing is about."""
    return {each.kind for each in mailing.ranges}


def name_words(mailing: Mailing) -> str:
    """Its number and its title."""
    return f"{_('No. %(number)s', number=mailing.number)} {mailing.title}".strip()


def customers_words(count: int) -> str:
    return str(ngettext("%(n)s third party", "%(n)s third parties", count, n=number(count)))


def emails_words(count: int) -> str:
    return str(ngettext("%(n)s e-mail", "%(n)s e-mails", count, n=number(count)))


def sent_words(count: int) -> str:
    return str(ngettext("%(n)s sent", "%(n)s sent", count, n=number(count)))


def failed_words(count: int) -> str:
    return str(ngettext("%(n)s failed", "%(n)s failed", count, n=number(count)))


def came_back_words(count: int) -> str:
    """Of what was sent."""
    return str(ngettext("%(n)s bounced later", "%(n)s bounced later", count, n=number(count)))


def stop_words(mailing: Mailing) -> str:
    """`It stopped by itself: 14 of the last 50 messages were refused.`"""
    refused, answers = mailing.refused_answers or 0, mailing.last_answers or 0
    return str(
        ngettext(
            "It stopped automatically: %(n)s of the last %(total)s messages was refused.",
            "It stopped automatically: %(n)s of the last %(total)s messages were refused.",
            refused,
            n=number(refused),
            total=number(answers),
        )
    )


def mailing_badge(mailing: Mailing) -> Markup:
    """The state; a draft that a worker is at says what is done with it."""
    if mailing.is_being_registered:
        return badge(_("Registering"), Look("live", "loader-2"))
    return state_badge(mailing.state)


def review_words(count: int, *, goes_on: bool = False) -> str:
    """What to look at before the mailing starts, or before it is resumed."""
    if goes_on:
        words = ngettext(
            "%(n)s message or third party is worth a look before you resume.",
            "%(n)s messages or third parties are worth a look before you resume.",
            count,
            n=number(count),
        )
        return str(words)
    return str(
        ngettext(
            "%(n)s message or third party is worth a look before you start.",
            "%(n)s messages or third parties are worth a look before you start.",
            count,
            n=number(count),
        )
    )


def result_words(mailing: Mailing, tally: Tally, prepared: int) -> str:
    """One line of what became of it; a bar stands in its place while it runs."""
    sent = sent_words(tally.sent)
    if tally.came_back:
        sent = f"{sent} · {came_back_words(tally.came_back)}"
    match mailing.state:
        case MailingState.DRAFT if mailing.register_error:
            return _("Could not be registered")
        case MailingState.DRAFT if mailing.planned_count and mailing.is_being_registered:
            planned = number(mailing.planned_count)
            return _("Preparing: %(n)s of %(total)s", n=number(prepared), total=planned)
        case MailingState.DRAFT if mailing.is_being_registered:
            return _("Being prepared")
        case MailingState.DRAFT:
            return _("Not registered yet")
        case MailingState.REGISTERED:
            return _("Not started yet")
        case MailingState.SCHEDULED:
            return begin_moment(mailing)
        case MailingState.STOPPED:
            return _("%(sent)s · %(left)s left", sent=sent, left=number(tally.left))
        case MailingState.FINISHED_WITH_ERRORS if tally.sent == tally.total:
            return _("%(sent)s · some in part", sent=sent)
        case MailingState.FINISHED_WITH_ERRORS:
            missing = number(tally.total - tally.sent)
            return _("%(sent)s · %(missing)s not", sent=sent, missing=missing)
        case MailingState.CANCELLED if not tally.sent:
            return _("Nothing was sent")
        case _:
            return sent


def reason_words(code: ReasonCode | str | None) -> str:
    """A reason in two or three words."""
    if not code:
        return ""
    reason = ReasonCode(code)
    return str(SHORT[reason]) if reason in SHORT else sentence_for(reason).rstrip(".")
