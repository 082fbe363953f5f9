"""How a customer stands in the evening of a day: what they owe, what is late, what is due next.

The numbers are those of a statement of that day, but they come from what is open, not from all that ever moved the
account: what is not settled is little, however long the account (`docs/decisions/0030-balances-are-what-is-open.md`).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Date,
    Integer,
    Numeric,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    text,
    union_all,
)

from models.sales.document import Document
from models.sales.document_state import OPEN_DOCUMENT, DocumentKind
from models.sales.payment import Payment
from models.tenancy import column_rows, kept
from services.sales.account_effects import NOTHING, OpenDebt, moved_after, open_debts

# Constants stand in the statement itself, where SQLAlchemy would make values of them, to be told at every request.
CREDIT_NOTE = literal_column(f"'{DocumentKind.CREDIT_NOTE.value}'", Document.kind.type)
NONE, ZERO = literal_column("0", Integer), literal_column("0", Numeric)
SIGNED = case(
    (Document.kind == CREDIT_NOTE, -Document.balance_due),
    else_=Document.balance_due,
)
COMING = case((Document.due_date >= bindparam("day", type_=Date), Document.due_date))
IS_AHEAD = ""  # in the place of a currency: something is dated after the day


@dataclass(frozen=True, slots=True)
class Standing:
    """How a customer stands in one currency in the evening of a day; the same numbers as a statement of that day."""

    currency: str
    balance: Decimal
    overdue: Decimal
    in_favour: Decimal  # what was paid or credited and settles no debt yet; the balance counts it
    debts_overdue: int
    next_due: OpenDebt | None

    @classmethod
    def nothing_owed(cls, currency: str) -> "Standing":
        return cls(currency, NOTHING, NOTHING, NOTHING, 0, None)


@dataclass(frozen=True, slots=True)
class _Debts:
    """Open debts that fall due on one day; without `due_date`, all that are late."""

    due_date: date | None
    amount: Decimal
    number: int = 1


def _customer() -> BindParameter[int]:
    """Of its own for each place where it stands: SQLAlchemy compares one that stands twice at every request."""
    return bindparam("customer", type_=BigInteger)


def _day() -> BindParameter[date]:
    return bindparam("day", type_=Date)


# In one question: open documents by currency and day, what is left of payments, and whether anything is dated ahead.
PARTS = kept(
    union_all(
        select(
            Document.currency,
            COMING.label("coming"),
            func.sum(SIGNED).label("amount"),
            func.coalesce(func.sum(SIGNED).filter(SIGNED > NONE), ZERO).label("debt"),
            func.count().filter(SIGNED > NONE).label("debts"),
        )
        .where(Document.customer_id == _customer(), text(OPEN_DOCUMENT))
        .group_by(Document.currency, COMING),
        select(
            Payment.currency,
            cast(null(), Date),
            -func.sum(Payment.unallocated),
            ZERO,
            NONE,
        )
        .where(Payment.customer_id == _customer(), text("unallocated <> 0"))
        .group_by(Payment.currency),
        select(literal_column(f"'{IS_AHEAD}'", Text), cast(null(), Date), ZERO, ZERO, NONE).where(
            or_(
                select(Document.id)
                .where(Document.customer_id == _customer(), Document.issue_date > _day())
                .exists(),
                select(Payment.id)
                .where(Payment.customer_id == _customer(), Payment.paid_on > _day())
                .exists(),
            )
        ),
    )
)


def standings_of(customer_id: int, day: date) -> list[Standing]:
    """In each currency in which something is owed or in favour, in the order of currencies."""
    balances: dict[str, Decimal] = defaultdict(Decimal)
    debts: dict[str, list[_Debts]] = defaultdict(list)
    is_ahead = False
    for currency, coming, amount, debt, number in column_rows(
        PARTS, {"customer": customer_id, "day": day}
    ):
        if currency == IS_AHEAD:
            is_ahead = True
            continue
        balances[currency] += amount
        if number:
            debts[currency].append(_Debts(coming, debt, number))
    if is_ahead:
        for currency, amount in moved_after(customer_id, day).items():
            balances[currency] -= amount
        debts = _debts_then(customer_id, day)
    return [
        _standing(currency, balances[currency], debts.get(currency, ()))
        for currency in sorted({*balances, *debts})
        if balances[currency] or currency in debts
    ]


def _debts_then(customer_id: int, day: date) -> dict[str, list[_Debts]]:
    """Where payments of later days have settled debts of this one."""
    return {
        currency: [
            _Debts(debt.due_date if debt.due_date >= day else None, debt.amount) for debt in debts
        ]
        for (_customer, currency), debts in open_debts([customer_id], day).items()
    }


def _standing(currency: str, balance: Decimal, debts: Sequence[_Debts]) -> Standing:
    late = [each for each in debts if each.due_date is None]
    return Standing(
        currency,
        balance,
        sum((each.amount for each in late), NOTHING),
        sum((each.amount for each in debts), NOTHING) - balance,
        sum(each.number for each in late),
        _first_due(debts),
    )


def _first_due(debts: Sequence[_Debts]) -> OpenDebt | None:
    """What of all debts falls due on the first of their days."""
    days = [each.due_date for each in debts if each.due_date is not None]
    if not days:
        return None
    first = min(days)
    return OpenDebt(first, sum((each.amount for each in debts if each.due_date == first), NOTHING))
