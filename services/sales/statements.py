"""A customer's account over a period: what they owed, what moved it, what they owe at its end (S1-09).

What is issued as a document comes from here; how a customer stands at a moment says `services/sales/standings.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, or_, select

from errors import Invalid
from models.sales.statement import MovementKind
from services.sales.account_effects import (
    NOTHING,
    Effect,
    OpenDebt,
    all_effects,
    balances_before,
    effects_between,
    open_debts,
)
from services.sales.ageing import BUCKETS

# On one day: what is charged before what is credited.
ORDER = (
    MovementKind.INVOICE,
    MovementKind.REFUND,
    MovementKind.CREDIT_NOTE,
    MovementKind.PAYMENT,
)


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, both included."""

    first: date
    last: date

    @classmethod
    def checked(cls, first: date, last: date, *, today: date) -> "Period":
        """Raises Invalid for a period that ends before it begins, or that has not ended yet."""
        if last < first:
            raise Invalid(_("The period ends before it begins."), field="last")
        if last > today:
            raise Invalid(_("A period may end today at the latest."), field="last")
        return cls(first, last)


@dataclass(frozen=True, slots=True)
class Movement:
    """One line: what moved the balance, on which side, and the balance after it."""

    day: date
    kind: MovementKind
    record_id: int  # the document's key, or the payment's
    label: str
    debit: Decimal
    credit: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class CustomerAccount:
    """The account of one customer in one currency; `models/sales/statement.py` explains `aged`."""

    customer_id: int
    currency: str
    period: Period
    opening: Decimal
    movements: Sequence[Movement]
    aged: tuple[Decimal, ...]

    @property
    def debits(self) -> Decimal:
        return sum((movement.debit for movement in self.movements), NOTHING)

    @property
    def credits(self) -> Decimal:
        return sum((movement.credit for movement in self.movements), NOTHING)

    @property
    def closing(self) -> Decimal:
        return self.opening + self.debits - self.credits


def accounts_of(customers: Sequence[int], period: Period) -> dict[int, list[CustomerAccount]]:
    """By customer, in the order of currencies: those with a movement in the period, or a balance before it.

    A few queries, however many customers there are.
    """
    opening = balances_before(customers, period.first)
    moved = effects_between(customers, period.first, period.last)
    debts = open_debts(customers, period.last)
    found: dict[int, list[CustomerAccount]] = {}
    for key in sorted(opening.keys() | moved.keys()):
        begins = opening.get(key, NOTHING)
        movements = _with_balances(begins, moved.get(key, ()))
        if not begins and not movements:
            continue
        closing = movements[-1].balance if movements else begins
        aged = _aged(closing, debts.get(key, ()), period.last)
        account = CustomerAccount(*key, period, begins, movements, aged)
        found.setdefault(account.customer_id, []).append(account)
    return found


def account_of(customer_id: int, currency: str, period: Period) -> CustomerAccount:
    """One account; an empty one if nothing moved it until then."""
    for account in accounts_of([customer_id], period).get(customer_id, ()):
        if account.currency == currency:
            return account
    aged = _aged(NOTHING, (), period.last)
    return CustomerAccount(customer_id, currency, period, NOTHING, (), aged)


def with_an_account(period: Period) -> Select[Any]:
    """Customer and currency of all accounts that `accounts_of` would find."""
    moves = all_effects().subquery()
    before = moves.c.day < period.first
    return (
        select(moves.c.customer_id, moves.c.currency)
        .where(moves.c.day <= period.last)
        .group_by(moves.c.customer_id, moves.c.currency)
        .having(
            or_(
                func.coalesce(func.sum(moves.c.amount).filter(before), NOTHING) != 0,
                func.count().filter(~before) > 0,
            )
        )
    )


def _with_balances(opening: Decimal, effects: Iterable[Effect]) -> list[Movement]:
    """In the order of days, each with the balance after it."""
    movements, balance = [], opening
    for effect in sorted(effects, key=_place):
        balance += effect.amount
        movements.append(
            Movement(
                effect.day,
                effect.kind,
                effect.record_id,
                effect.label,
                debit=max(effect.amount, NOTHING),
                credit=max(-effect.amount, NOTHING),
                balance=balance,
            )
        )
    return movements


def _place(effect: Effect) -> tuple[date, int, int]:
    return effect.day, ORDER.index(effect.kind), effect.record_id


def _aged(closing: Decimal, debts: Iterable[OpenDebt], day: date) -> tuple[Decimal, ...]:
    """What is not due, what is late by buckets, and what the customer has in their favour: the rest."""
    amounts = [NOTHING] * (len(BUCKETS) + 1)
    for debt in debts:
        amounts[_bucket((day - debt.due_date).days)] += debt.amount
    return (*amounts, closing - sum(amounts, NOTHING))


def _bucket(days_late: int) -> int:
    """0 for what is not due yet, then one for each of `BUCKETS`."""
    return sum(days_late >= first for first, _last in BUCKETS)
