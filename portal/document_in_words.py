"""A document in words, in the reader's language and notation: for its page in the portal and for its link."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from flask_babel import get_locale
from flask_babel import gettext as _

from models.sales.document import Document, DocumentLine
from models.sales.document_state import OWED_STATES, DocumentKind, DocumentState
from models.sales.statement import Statement
from models.states import state_word
from portal.document_words import StateWord, days_until, state_of
from services.sales.account_effects import NOTHING
from services.sales.formats import shown_amount, shown_date, shown_percent, shown_quantity

DELIVERIES = (DocumentState.POSTED, DocumentState.SHIPPING, DocumentState.DELIVERED)


@dataclass(frozen=True)
class LineInWords:
    """A line of the document."""

    description: str
    code: str
    discount: str
    quantity: str
    unit: str
    price: str
    amount: str


@dataclass(frozen=True)
class MovementInWords:
    """A movement of a statement of account; one side is blank."""

    day: str
    name: str
    debit: str
    credit: str
    balance: str


@dataclass(frozen=True)
class Step:
    """Where an order is on its way to the customer; `day` where one is known."""

    word: str
    day: str
    is_done: bool
    is_now: bool


@dataclass(frozen=True)
class DocumentInWords:
    """A document in words; a statement of account has movements in the place of lines."""

    title: str
    label: str
    state: StateWord
    total: str
    currency: str
    days: str
    notes: str
    lines: Sequence[LineInWords]
    movements: Sequence[MovementInWords]
    sums: Sequence[tuple[str, str]]
    steps: Sequence[Step]


def in_words(document: Document, today: date) -> DocumentInWords:
    """Everything that a page says of it on this day."""
    lang, currency = str(get_locale() or "es"), document.currency
    return DocumentInWords(
        title=f"{DocumentKind.labels()[document.kind]} {document.label}",
        label=document.label,
        state=state_of(document, today),
        total=shown_amount(document.total, currency, lang),
        currency=currency,
        days=_days(document, today, lang),
        notes=document.notes or "",
        lines=[_line(line, currency, lang) for line in document.lines],
        movements=list(_movements(document, lang)),
        sums=_sums(document, lang),
        steps=_steps(document, lang),
    )


def _sums(document: Document, lang: str) -> list[tuple[str, str]]:
    currency = document.currency
    amount = partial(shown_amount, currency=currency, lang=lang)
    total = f"{amount(document.total)} {currency}"
    if isinstance(document, Statement):
        return [(_("Balance"), total)]
    sums = [
        (_("Subtotal"), amount(document.subtotal)),
        *_taxes(document, lang),
        (_("Total"), total),
    ]
    if document.state is DocumentState.PARTIALLY_PAID:
        sums.append((_("Still open"), amount(document.balance_due)))
    return sums


def _taxes(document: Document, lang: str) -> list[tuple[str, str]]:
    """The tax of each rate; they add up to the document's."""
    rates: dict[str, list[DocumentLine]] = {}
    for line in document.lines:
        name = f"{line.tax_name} {shown_percent(line.tax_rate, lang)}"
        rates.setdefault(name, []).append(line)
    return [
        (name, shown_amount(sum((line.tax for line in lines), NOTHING), document.currency, lang))
        for name, lines in sorted(rates.items())
    ]


def _movements(document: Document, lang: str) -> Iterator[MovementInWords]:
    """Of a statement: the balance that it begins with, and what moved it."""
    if not isinstance(document, Statement):
        return
    amount = partial(shown_amount, currency=document.currency, lang=lang)
    first = document.period_start or document.issue_date
    opening = amount(document.opening_balance or NOTHING)
    yield MovementInWords(shown_date(first, lang), _("Opening balance"), "", "", opening)
    for line in document.movements:
        yield MovementInWords(
            shown_date(line.day, lang),
            f"{state_word(line.kind)} {line.label}".strip(),
            "" if line.credit else amount(line.debit),
            amount(line.credit) if line.credit else "",
            amount(line.balance),
        )


def _days(document: Document, today: date, lang: str) -> str:
    issued, due = shown_date(document.issue_date, lang), shown_date(document.due_date, lang)
    if isinstance(document, Statement) and document.period_start is not None:
        first = shown_date(document.period_start, lang)
        return str(_("From %(first)s to %(last)s", first=first, last=issued))
    if document.state is DocumentState.VOID:
        return str(_("Issued on %(day)s", day=issued))
    is_past = document.due_date < today
    if document.kind is DocumentKind.INVOICE:
        if document.state in OWED_STATES and is_past:
            when = days_until(document.due_date, today)
            said = _(
                "Issued on %(day)s, was due on %(due)s, %(when)s", day=issued, due=due, when=when
            )
            return str(said)
        if document.state in OWED_STATES:
            when = days_until(document.due_date, today)
            return str(
                _("Issued on %(day)s, due on %(due)s, %(when)s", day=issued, due=due, when=when)
            )
        return str(_("Issued on %(day)s, due on %(due)s", day=issued, due=due))
    if document.kind is DocumentKind.QUOTE:
        if document.state is DocumentState.POSTED and is_past:
            return str(_("Issued on %(day)s, was valid until %(due)s", day=issued, due=due))
        return str(_("Issued on %(day)s, valid until %(due)s", day=issued, due=due))
    if document.kind is DocumentKind.SALES_ORDER:
        return str(_("Confirmed on %(day)s, delivery on %(due)s", day=issued, due=due))
    return str(_("Issued on %(day)s", day=issued))


def _steps(document: Document, lang: str) -> list[Step]:
    """When it was delivered is not known, only for which day that is promised."""
    if document.kind is not DocumentKind.SALES_ORDER or document.state not in DELIVERIES:
        return []
    is_delivered = document.state is DocumentState.DELIVERED
    promised = "" if is_delivered else shown_date(document.due_date, lang)
    days = (
        (_("Confirmed"), shown_date(document.issue_date, lang)),
        (_("Shipping"), ""),
        (_("Delivered"), promised),
    )
    here = DELIVERIES.index(document.state)
    is_on_its_way = document.state is DocumentState.SHIPPING
    return [
        Step(
            word,
            day,
            is_done=at < here or (at == here and not is_on_its_way),
            is_now=at == here and is_on_its_way,
        )
        for at, (word, day) in enumerate(days)
    ]


def _line(line: DocumentLine, currency: str, lang: str) -> LineInWords:
    return LineInWords(
        line.description,
        line.item_code or "",
        f"−{shown_percent(line.discount_percent, lang)}" if line.discount_percent else "",
        shown_quantity(line.quantity, lang),
        line.unit or "",
        shown_amount(line.unit_price, currency, lang),
        shown_amount(line.net, currency, lang),
    )
