"""Statements of account of the last month."""

from collections.abc import Sequence
from datetime import date, timedelta

from services.sales.issuing_statements import issue_statements
from services.sales.statements import Period, accounts_of

STATEMENTS = 30


def make_statements(customers: Sequence[int], today: date) -> None:
    """For the first customers who owe something at its end; the others can be issued by hand."""
    last = today.replace(day=1) - timedelta(days=1)
    month = Period(last.replace(day=1), last)
    accounts = accounts_of(customers, month)
    owing = [key for key in customers if any(one.closing > 0 for one in accounts.get(key, ()))]
    issue_statements(owing[:STATEMENTS], month)
