"""How each user's own mail account stands, for lists of users (S4-06)."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.mailbox.account_check import AccountCheck
from models.people.membership import UserMembership
from models.people.user import User
from services.mailbox.account_rows import AccountRow, accounts_of
from services.mailbox.account_states import Standing, standing_of
from services.mailbox.checks import newest_checks
from services.people.workplaces import seen_by


@dataclass(frozen=True, kw_only=True)
class OutgoingMail:
    """The standing of the account that a user takes by default where they work, and its newest test."""

    standing: Standing
    check: AccountCheck | None = None


def outgoing_mail_of(
    places: Mapping[User, UserMembership | None], *, everywhere: bool
) -> dict[int, OutgoingMail]:
    """By user; an account counts in the company of the place that is named for them."""
    with seen_by(everywhere=everywhere):
        accounts = accounts_of([user.id for user in places])
        rows = []
        for user, place in places.items():
            here = [
                account
                for account in accounts[user.id]
                if place is not None and account.organization_id == place.organization_id
            ]
            account = here[0] if here else None
            rows.append(AccountRow(user=user, department=None, account=account, domain=""))
        checks = newest_checks([row.account.id for row in rows if row.account])
    found = {}
    for row in rows:
        check = checks.get(row.account.id) if row.account else None
        found[row.user.id] = OutgoingMail(standing=standing_of(row, check), check=check)
    return found
