"""Statements of account issued as documents: numbered, frozen, one for each customer, currency and period (S1-09)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, and_, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import selectinload

from errors import Conflict
from models.base import db, utc_now
from models.people.customer import Customer
from models.public_id import uuid7
from models.sales.document_state import DocumentKind, DocumentState
from models.sales.number_series import NumberSeries
from models.sales.statement import Statement, StatementLine
from models.tenancy import current_scope
from services.sales.account_effects import NOTHING
from services.sales.bill_to import bill_to
from services.sales.statements import CustomerAccount, Period, accounts_of, with_an_account

FIRST_SERIES = "EC"  # where nobody has made a series for statements
CUSTOMERS_AT_ONCE = 200


@dataclass(frozen=True)
class Demand:
    """How many accounts there are to tell of, and how many of them have their statement already."""

    accounts: int
    issued: int

    @property
    def waiting(self) -> int:
        return self.accounts - self.issued


class Issuing:
    """Issues the statements of some customers; what they all have is read at once.

    Raises Conflict at a branch: an account is the whole company's, and a branch would see a part of it.
    """

    def __init__(self, customers: Sequence[int], period: Period) -> None:
        refuse_at_a_branch()
        # Locked first: whoever issues the same at this moment is waited for, and then seen below.
        self.series = _series()
        self.accounts = accounts_of(customers, period)
        rows = db.session.execute(
            Statement.of_period(period.first, period.last)
            .where(Statement.customer_id.in_(customers))
            .with_only_columns(Statement.customer_id, Statement.currency)
        )
        self.issued = {(customer_id, currency) for customer_id, currency in rows}

    def issue(self, customer: Customer) -> list[Statement]:
        """Those that this customer does not have yet, one for each currency; adds them to the session.

        Raises Conflict if there is nothing to tell.
        """
        accounts = self.accounts.get(customer.id, ())
        if not accounts:
            raise Conflict(_("There is no movement in the period, and no balance before it."))
        waiting = [one for one in accounts if (customer.id, one.currency) not in self.issued]
        if not waiting:
            return []
        made = [_statement(customer, account, self.series) for account in waiting]
        db.session.add_all(made)
        return made


def issue_statements(customers: Sequence[int], period: Period) -> list[Statement]:
    """Issue for these customers what they do not have yet; who has nothing to be told of is passed over."""
    made: list[Statement] = []
    for at in range(0, len(customers), CUSTOMERS_AT_ONCE):
        chunk = customers[at : at + CUSTOMERS_AT_ONCE]
        issuing = Issuing(chunk, period)
        found = db.session.scalars(
            select(Customer)
            .where(Customer.id.in_(issuing.accounts.keys()))
            .options(selectinload(Customer.addresses))
            .order_by(Customer.id)
        )
        made += [statement for customer in found for statement in issuing.issue(customer)]
        db.session.flush()
    return made


def demand_of(period: Period, customers: Select[Any] | None = None) -> Demand:
    """Of these customers, or of all."""
    waiting = _accounts(period, customers)
    issued = waiting.c.statement_id.is_not(None)
    accounts, done = db.session.execute(
        select(func.count(), func.count().filter(issued)).select_from(waiting)
    ).one()
    return Demand(accounts, done)


def customers_waiting(period: Period, customers: Select[Any] | None = None) -> Select[Any]:
    """The keys of those who have an account to be told of and no statement of it yet."""
    waiting = _accounts(period, customers)
    return (
        select(waiting.c.customer_id)
        .where(waiting.c.statement_id.is_(None))
        .distinct()
        .order_by(waiting.c.customer_id)
    )


def refuse_at_a_branch() -> None:
    """Raise Conflict where one works at a branch."""
    if current_scope().branch_id is not None:
        raise Conflict(
            _(
                "A statement of account tells of all branches. Choose the whole company above to issue it."
            )
        )


def _accounts(period: Period, customers: Select[Any] | None) -> Any:
    """The accounts of a period, each with its statement if there is one."""
    accounts = with_an_account(period).subquery()
    of_period = Statement.of_period(period.first, period.last).subquery()
    query = select(
        accounts.c.customer_id, accounts.c.currency, of_period.c.id.label("statement_id")
    ).outerjoin(
        of_period,
        and_(
            of_period.c.customer_id == accounts.c.customer_id,
            of_period.c.currency == accounts.c.currency,
        ),
    )
    if customers is not None:
        query = query.where(accounts.c.customer_id.in_(customers))
    return query.subquery()


def _series() -> NumberSeries:
    """The default series of statements, locked until the transaction ends; made the first time.

    No law numbers statements, so nobody has to set a series up before the first one.
    """
    wanted = (
        select(NumberSeries)
        .where(NumberSeries.kind == DocumentKind.STATEMENT)
        .order_by(NumberSeries.is_default.desc(), NumberSeries.id)
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    series: NumberSeries | None = db.session.scalar(wanted)
    if series is None:
        _make_series()
        series = db.session.scalars(wanted).one()
    return series


def _make_series() -> None:
    """Two at once make it once."""
    now = utc_now()
    db.session.execute(
        insert(NumberSeries)
        .values(
            organization_id=current_scope().organization_id,
            kind=DocumentKind.STATEMENT,
            series=FIRST_SERIES,
            next_number=1,
            padding=0,
            is_default=True,
            public_id=uuid7(),
            version=1,
            created_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing()
    )


def statement_of(customer: Customer, account: CustomerAccount) -> Statement:
    """The account as a statement without a number, which nobody has issued: not in the session."""
    return Statement(
        customer_id=customer.id,
        state=DocumentState.POSTED,
        period_start=account.period.first,
        issue_date=account.period.last,
        due_date=account.period.last,
        currency=account.currency,
        opening_balance=account.opening,
        subtotal=account.closing,
        tax_total=NOTHING,
        total=account.closing,
        balance_due=NOTHING,
        aged=list(account.aged),
        bill_to=bill_to(customer),
        lang=customer.lang,
        posted_at=utc_now(),
        movements=[
            StatementLine(
                position=position,
                day=movement.day,
                kind=movement.kind,
                label=movement.label,
                debit=movement.debit,
                credit=movement.credit,
                balance=movement.balance,
            )
            for position, movement in enumerate(account.movements, start=1)
        ],
    )


def _statement(customer: Customer, account: CustomerAccount, series: NumberSeries) -> Statement:
    statement = statement_of(customer, account)
    statement.series = series.series
    statement.number, statement.number_int = series.take()
    return statement
