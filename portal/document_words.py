"""The state and the days of a document as its customer reads them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from models.sales.document import Document
from models.sales.document_state import (
    OWED_STATES,
    DocumentKind,
    DocumentState,
    document_state_word,
)
from models.states import state_word
from services.portal.listed_document import ListedDocument
from services.sales.formats import shown_date

_S, _K = DocumentState, DocumentKind


@dataclass(frozen=True, eq=False)
class StateWord:
    """A badge: word, icon and tone (`ok info live warn bad`, or none). Equal to itself only, so that a list draws each once."""

    word: Any
    icon: str
    tone: str = ""


WORDS = {
    (_K.INVOICE, _S.POSTED): StateWord(_l("To pay"), "file-check", "info"),
    (_K.INVOICE, _S.PARTIALLY_PAID): StateWord(_l("Partially paid"), "circle-half-2", "warn"),
    (_K.INVOICE, _S.PAID): StateWord(_l("Paid"), "circle-check", "ok"),
    (_K.CREDIT_NOTE, _S.POSTED): StateWord(_l("In your favour"), "receipt-refund", "info"),
    (_K.CREDIT_NOTE, _S.PARTIALLY_PAID): StateWord(_l("Partially used"), "circle-half-2", "info"),
    (_K.CREDIT_NOTE, _S.PAID): StateWord(_l("Used"), "circle-check", "ok"),
    (_K.QUOTE, _S.POSTED): StateWord(_l("Waits for your answer"), "hourglass", "info"),
    (_K.QUOTE, _S.ACCEPTED): StateWord(_l("Accepted"), "signature", "ok"),
    (_K.QUOTE, _S.DECLINED): StateWord(_l("Declined"), "x"),
    (_K.SALES_ORDER, _S.POSTED): StateWord(_l("Confirmed"), "file-check", "info"),
    (_K.SALES_ORDER, _S.SHIPPING): StateWord(_l("Shipping"), "truck", "live"),
    (_K.SALES_ORDER, _S.DELIVERED): StateWord(_l("Delivered"), "package", "ok"),
    (_K.STATEMENT, _S.POSTED): StateWord(_l("In force"), "file-check"),
}
OVERDUE = StateWord(_l("Overdue"), "clock-exclamation", "bad")
EXPIRED = StateWord(_l("Expired"), "clock-off")
# What the filter of a list offers, beside what is void (`portal/state_tabs.py`).
FILTERS = {
    "open": _l("To pay"),
    "available": _l("Available"),
    "overdue": _l("Overdue"),
    "paid": _l("Paid"),
    "used": _l("Used"),
    "waiting": _l("Wait for your answer"),
    "accepted": _l("Accepted"),
    "declined": _l("Declined"),
    "expired": _l("Expired"),
    "posted": _l("Confirmed"),
    "shipping": _l("Shipping"),
    "delivered": _l("Delivered"),
}


def state_of(document: Document | ListedDocument, today: date) -> StateWord:
    """What the badge says on this day."""
    if document.state is _S.VOID:
        return StateWord(document_state_word(document.kind, document.state), "ban")
    if document.days_overdue(today):
        return OVERDUE
    if has_expired(document, today):
        return EXPIRED
    found = WORDS.get((document.kind, document.state))
    return found or StateWord(state_word(document.state), "circle-half-2")


def has_expired(document: Document | ListedDocument, today: date) -> bool:
    """Whether a quote can be answered no more; it can be on its last day."""
    if document.kind is not _K.QUOTE:
        return False
    return document.state is _S.EXPIRED or (
        document.state is _S.POSTED and document.due_date < today
    )


def days_of(document: ListedDocument, today: date, lang: str) -> str:
    """The day that matters in a list."""
    due = shown_date(document.due_date, lang)
    if document.period_start is not None:
        first = shown_date(document.period_start, lang)
        return str(
            _("%(first)s to %(last)s", first=first, last=shown_date(document.issue_date, lang))
        )
    if document.kind is _K.INVOICE and document.state in OWED_STATES:
        when = days_until(document.due_date, today)
        if document.due_date < today:
            return str(_("Was due on %(day)s, %(when)s", day=due, when=when))
        return str(_("Due on %(day)s, %(when)s", day=due, when=when))
    if document.kind is _K.QUOTE and document.state is _S.POSTED:
        if document.due_date < today:
            return str(_("Was valid until %(day)s", day=due))
        when = days_until(document.due_date, today)
        return str(_("Valid until %(day)s, %(when)s", day=due, when=when))
    return str(_("Issued on %(day)s", day=shown_date(document.issue_date, lang)))


def days_until(day: date, today: date) -> str:
    """How far away it is, as the end of a sentence: today, tomorrow, in 5 days, 34 days ago."""
    days = (day - today).days
    if days == 0:
        return str(_("today"))
    if days == 1:
        return str(_("tomorrow"))
    if days > 0:
        return str(ngettext("in %(num)d day", "in %(num)d days", days))
    return str(ngettext("%(num)d day ago", "%(num)d days ago", -days))
