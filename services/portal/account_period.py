"""The customer's account over a period of their choice: on the page, as a PDF and as a sheet (P-05)."""

from collections.abc import Iterator, Sequence
from datetime import date

from flask_babel import gettext as _

from errors import Invalid
from files.sheet_writing import Value, csv_chunks
from files.store import FileStore
from models.people.customer import Customer
from models.states import state_word
from services.sales.document_pages import page_of_account
from services.sales.drawing import draw
from services.sales.issuing_statements import statement_of
from services.sales.statements import CustomerAccount, Period, account_of, accounts_of

MONTHS_AT_FIRST = 3
MOST_ON_PAPER = 3_000


def usual_period(today: date) -> Period:
    """This month and the two before it."""
    months = today.year * 12 + today.month - 1 - (MONTHS_AT_FIRST - 1)
    return Period(date(months // 12, months % 12 + 1, 1), today)


def accounts_over(customer: Customer, period: Period) -> Sequence[CustomerAccount]:
    """One for each currency that moved; an empty one in the customer's own if none did."""
    found = accounts_of([customer.id], period).get(customer.id)
    return found or [account_of(customer.id, customer.currency, period)]


def account_pdf(
    customer: Customer, account: CustomerAccount, *, lang: str, store: FileStore
) -> bytes:
    """The account on paper, in the reader's language; raises Invalid if nobody would want to print it."""
    if len(account.movements) > MOST_ON_PAPER:
        raise Invalid(
            _(
                "This period has more than %(most)d movements. Choose a shorter one, or take the CSV.",
                most=MOST_ON_PAPER,
            )
        )
    statement = statement_of(customer, account)
    statement.lang = lang
    return draw(page_of_account(statement, store=store))


def account_csv(accounts: Sequence[CustomerAccount], *, decimal_mark: str) -> Iterator[bytes]:
    """Every movement of every currency with the balance after it, opening and closing balances included."""
    header = (
        _("Date"),
        _("Movement"),
        _("Number"),
        _("Charge"),
        _("Credit"),
        _("Balance"),
        _("Currency"),
    )
    return csv_chunks(header, _rows(accounts), decimal_mark=decimal_mark)


def _rows(accounts: Sequence[CustomerAccount]) -> Iterator[Sequence[Value]]:
    for account in accounts:
        first, last, currency = account.period.first, account.period.last, account.currency
        yield first, _("Opening balance"), "", None, None, account.opening, currency
        for movement in account.movements:
            yield (
                movement.day,
                str(state_word(movement.kind)),
                movement.label,
                movement.debit or None,
                movement.credit or None,
                movement.balance,
                currency,
            )
        yield last, _("Balance"), "", account.debits, account.credits, account.closing, currency
