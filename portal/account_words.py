"""A customer's account in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from flask_babel import gettext as _

from models.states import state_word
from services.sales.formats import shown_amount, shown_date
from services.sales.statements import CustomerAccount

MOST_SHOWN = 300


@dataclass(frozen=True)
class Age:
    """A part of the balance: how long it is due, and its share for the bar."""

    word: str
    amount: str
    is_nothing: bool
    tone: str
    percent: float


@dataclass(frozen=True)
class MovementWords:
    """A line of the account; one side is blank."""

    day: str
    name: str
    url: str | None
    debit: str
    credit: str
    balance: str


@dataclass(frozen=True)
class AccountWords:
    """One currency; `left_out` says how many of the first movements are not shown. Credits that there are have a minus."""

    currency: str
    balance: str
    first: str
    last: str
    opening: str
    debits: str
    credits: str
    ages: Sequence[Age]
    movements: Sequence[MovementWords]
    left_out: int
    balance_before: str


def in_words(account: CustomerAccount, urls: Mapping[int, str], lang: str) -> AccountWords:
    """In the reader's notation; `urls` leads from a document's key to its page."""
    amount = partial(shown_amount, currency=account.currency, lang=lang)
    shown = account.movements[-MOST_SHOWN:]
    left_out = len(account.movements) - len(shown)
    return AccountWords(
        currency=account.currency,
        balance=amount(account.closing),
        first=shown_date(account.period.first, lang),
        last=shown_date(account.period.last, lang),
        opening=amount(account.opening),
        debits=amount(account.debits),
        credits=f"−{amount(account.credits)}" if account.credits else amount(account.credits),
        ages=_ages(account, lang),
        movements=[
            MovementWords(
                shown_date(movement.day, lang),
                f"{state_word(movement.kind)} {movement.label}".strip(),
                urls.get(movement.record_id) if movement.kind.value in DOCUMENTS else None,
                amount(movement.debit) if not movement.credit else "",
                amount(movement.credit) if movement.credit else "",
                amount(movement.balance),
            )
            for movement in shown
        ],
        left_out=left_out,
        balance_before=amount(account.movements[left_out - 1].balance) if left_out else "",
    )


DOCUMENTS = {"invoice", "credit_note"}


def _ages(account: CustomerAccount, lang: str) -> list[Age]:
    words = (
        _("Not due yet"),
        _("1 to 30 days"),
        _("31 to 60 days"),
        _("61 to 90 days"),
        _("More than 90"),
        _("In your favour"),
    )
    largest = max((abs(amount) for amount in account.aged), default=Decimal(0))
    last = len(words) - 1
    return [
        Age(
            word,
            shown_amount(amount, account.currency, lang),
            not amount,
            "info" if at == 0 else "ok" if at == last else "bad",
            float(100 * abs(amount) / largest) if largest else 0.0,
        )
        for at, (word, amount) in enumerate(zip(words, account.aged, strict=True))
        if amount or at < last
    ]
