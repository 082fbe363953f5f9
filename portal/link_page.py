"""What the page of a document link says, in the reader's language and notation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from flask_babel import get_locale
from flask_babel import gettext as _

from models.sales.document import Document, DocumentLine
from models.sales.document_state import DocumentKind, DocumentState, document_state_word
from models.sales.statement import Statement
from models.states import state_word
from services.sales.account_effects import NOTHING
from services.sales.formats import shown_amount, shown_date, shown_quantity

DUE = {DocumentKind.INVOICE}


@dataclass(frozen=True)
class LinkLine:
    """A line of the document."""

    description: str
    quantity: str
    price: str
    amount: str


@dataclass(frozen=True)
class LinkMovement:
    """A movement of a statement of account; one side is blank."""

    day: str
    name: str
    debit: str
    credit: str
    balance: str


@dataclass(frozen=True)
class LinkPage:
    """A document in words; a statement of account has movements in the place of lines."""

    title: str
    state: str
    total: str
    currency: str
    days: str
    lines: Sequence[LinkLine]
    movements: Sequence[LinkMovement]
    sums: Sequence[tuple[str, str]]
    until: str


def page_of(document: Document, expires_at: datetime) -> LinkPage:
    """Everything that the page shows."""
    lang, currency = str(get_locale() or "es"), document.currency
    return LinkPage(
        title=f"{DocumentKind.labels()[document.kind]} {document.label}",
        state=str(document_state_word(document.kind, document.state)) if is_void(document) else "",
        total=shown_amount(document.total, currency, lang),
        currency=currency,
        days=_days(document, lang),
        lines=[_line(line, currency, lang) for line in document.lines],
        movements=list(_movements(document, lang)),
        sums=_sums(document, lang),
        until=shown_date(expires_at.date(), lang),
    )


def is_void(document: Document) -> bool:
    """Whether it does not count any more: then nobody is asked to pay it."""
    return document.state is DocumentState.VOID


def _sums(document: Document, lang: str) -> list[tuple[str, str]]:
    currency = document.currency
    total = f"{shown_amount(document.total, currency, lang)} {currency}"
    if isinstance(document, Statement):
        return [(_("Balance"), total)]
    return [
        (_("Subtotal"), shown_amount(document.subtotal, currency, lang)),
        (_("Taxes"), shown_amount(document.tax_total, currency, lang)),
        (_("Total"), total),
    ]


def _movements(document: Document, lang: str) -> Iterator[LinkMovement]:
    """Of a statement: the balance that it begins with, and what moved it."""
    if not isinstance(document, Statement):
        return
    amount = partial(shown_amount, currency=document.currency, lang=lang)
    first = document.period_start or document.issue_date
    opening = amount(document.opening_balance or NOTHING)
    yield LinkMovement(shown_date(first, lang), _("Opening balance"), "", "", opening)
    for line in document.movements:
        yield LinkMovement(
            shown_date(line.day, lang),
            f"{state_word(line.kind)} {line.label}".strip(),
            "" if line.credit else amount(line.debit),
            amount(line.credit) if line.credit else "",
            amount(line.balance),
        )


def _days(document: Document, lang: str) -> str:
    issued = shown_date(document.issue_date, lang)
    if isinstance(document, Statement) and document.period_start is not None:
        first = shown_date(document.period_start, lang)
        return str(_("From %(first)s to %(last)s", first=first, last=issued))
    if document.kind not in DUE or is_void(document):
        return str(_("Issued on %(day)s", day=issued))
    due = shown_date(document.due_date, lang)
    return str(_("Issued on %(day)s, due on %(due)s", day=issued, due=due))


def _line(line: DocumentLine, currency: str, lang: str) -> LinkLine:
    return LinkLine(
        line.description,
        shown_quantity(line.quantity, lang),
        shown_amount(line.unit_price, currency, lang),
        shown_amount(line.net, currency, lang),
    )
