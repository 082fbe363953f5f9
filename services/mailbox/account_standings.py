"""How the accounts of everybody here stand, in numbers."""

from collections import Counter

from services.mailbox.account_rows import AccountRows, Choice
from services.mailbox.account_states import Standing, counted, standing_of
from services.mailbox.checks import newest_checks
from services.mailbox.default_domain import DefaultDomains
from services.people.departments import DepartmentTree


def accounts_stand() -> Counter[Standing]:
    """How many of the people of the present organization have an account of each standing."""
    tree = DepartmentTree()
    rows = AccountRows(tree, DefaultDomains(tree)).chosen(Choice())
    checks = newest_checks([row.account.id for row in rows if row.account])
    return counted(
        standing_of(row, checks.get(row.account.id) if row.account else None) for row in rows
    )
