"""How the pages speak of mailings: periods, durations, sizes, results."""

from datetime import date

from babel.dates import format_interval
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.reader_formats import day, moment, number
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from services.mailings.progress import Tally

MEGABYTE = 1_000_000


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
    if minutes < 60:
        return _("%(minutes)d min %(seconds)d s", minutes=minutes, seconds=rest)
    return _("%(hours)d h %(minutes)d min", hours=minutes // 60, minutes=minutes % 60)


def size_words(size_bytes: int) -> str:
    """`12,4 MB`, `61 KB`."""
    if size_bytes >= MEGABYTE:
        return f"{number(size_bytes / MEGABYTE, 1)} MB"
    return f"{number(max(1, round(size_bytes / 1000)))} KB"


def invoices_words(count: int) -> str:
    return str(ngettext("%(n)s invoice", "%(n)s invoices", count, n=number(count)))


def customers_words(count: int) -> str:
    return str(ngettext("%(n)s customer", "%(n)s customers", count, n=number(count)))


def emails_words(count: int) -> str:
    return str(ngettext("%(n)s e-mail", "%(n)s e-mails", count, n=number(count)))


def sent_words(count: int) -> str:
    return str(ngettext("%(n)s sent", "%(n)s sent", count, n=number(count)))


def result_words(mailing: Mailing, tally: Tally, prepared: int) -> str:
    """One line of what became of it; a bar stands in its place while it runs."""
    sent = sent_words(tally.sent)
    match mailing.state:
        case MailingState.DRAFT if mailing.register_error:
            return _("Could not be registered")
        case MailingState.DRAFT if mailing.planned_count:
            planned = number(mailing.planned_count)
            return _("Preparing: %(n)s of %(total)s", n=number(prepared), total=planned)
        case MailingState.DRAFT:
            return _("Being prepared")
        case MailingState.REGISTERED:
            return _("Not started yet")
        case MailingState.SCHEDULED:
            return moment(mailing.scheduled_at) if mailing.scheduled_at else ""
        case MailingState.STOPPED:
            return _("%(sent)s · %(left)s left", sent=sent, left=number(tally.left))
        case MailingState.FINISHED_WITH_ERRORS:
            missing = number(tally.total - tally.sent)
            return _("%(sent)s · %(missing)s not", sent=sent, missing=missing)
        case MailingState.CANCELLED if not tally.sent:
            return _("Nothing was sent")
        case _:
            return sent
