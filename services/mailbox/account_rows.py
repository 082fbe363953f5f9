"""The rows of the grid of accounts: a person of the organization with the account that is theirs (S4-10)."""

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import select

from models.base import db
from models.mailbox.account_default import AccountDefault, MailPurpose
from models.mailbox.mail_account import MailAccount
from models.people.membership import UserMembership
from models.people.organization import Department
from models.people.user import User
from services.mailbox.default_domain import DefaultDomains
from services.people.departments import DepartmentTree


@dataclass(frozen=True, kw_only=True)
class AccountRow:
    """A person, where they work, and their account: the one they take by default, or their first.

    `domain` is meant when an address is written without one; `further` counts their other accounts.
    """

    user: User
    department: Department | None
    account: MailAccount | None
    domain: str
    further: int = 0


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Whose accounts one looks at; without a department, everybody's."""

    department_id: int | None = None
    with_below: bool = True
    only_without: bool = False


class AccountRows:
    """Reads rows with the departments and default domains that were asked once."""

    def __init__(self, tree: DepartmentTree, domains: DefaultDomains) -> None:
        self._tree = tree
        self._domains = domains

    def chosen(self, choice: Choice) -> list[AccountRow]:
        """The active people of a department by name, with those below it or without."""
        departments: set[int] | None = None
        if choice.department_id is not None:
            departments = (
                self._tree.below(choice.department_id)
                if choice.with_below
                else {choice.department_id}
            )
        rows = self._rows(departments=departments)
        return [row for row in rows if not (choice.only_without and row.account)]

    def of(self, user_ids: Iterable[int]) -> dict[int, AccountRow]:
        """The rows of these people, by their keys; who does not work here is not in it."""
        return {row.user.id: row for row in self._rows(user_ids=set(user_ids))}

    def _rows(
        self, *, departments: set[int] | None = None, user_ids: set[int] | None = None
    ) -> list[AccountRow]:
        query = (
            select(UserMembership.department_id, User)
            .join(User, User.id == UserMembership.user_id)
            .where(User.is_active)
            .order_by(User.id, UserMembership.id)
        )
        if departments is not None:
            query = query.where(UserMembership.department_id.in_(departments))
        if user_ids is not None:
            query = query.where(User.id.in_(user_ids))
        people: dict[int, tuple[User, int | None]] = {}
        found = sorted(db.session.execute(query).all(), key=lambda one: _as_sorted(one[1].name))
        for department_id, user in found:
            people.setdefault(user.id, (user, department_id))
        accounts = accounts_of(people)
        return [
            AccountRow(
                user=user,
                department=self._tree.find(department_id),
                account=accounts[key][0] if accounts[key] else None,
                domain=self._domains.of(key, department_id),
                further=max(len(accounts[key]) - 1, 0),
            )
            for key, (user, department_id) in people.items()
        ]


def _as_sorted(name: str) -> str:
    """As a telephone book sorts it: Íñigo stands among those with I, whatever the database thinks."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def accounts_of(user_ids: Collection[int]) -> dict[int | None, list[MailAccount]]:
    """The accounts that belong to each of these people, the one they take by default first."""
    found: dict[int | None, list[MailAccount]] = defaultdict(list)
    if not user_ids:
        return found
    query = select(MailAccount).where(MailAccount.owner_id.in_(user_ids)).order_by(MailAccount.id)
    for account in db.session.scalars(query):
        found[account.owner_id].append(account)
    defaults = select(AccountDefault).where(AccountDefault.user_id.in_(user_ids))
    rank = {
        (each.user_id, each.account_id): 0 if each.purpose is MailPurpose.PERSONAL else 1
        for each in sorted(
            db.session.scalars(defaults), key=lambda one: one.purpose is MailPurpose.PERSONAL
        )
    }
    for user_id, accounts in found.items():
        accounts.sort(key=lambda account: (rank.get((user_id, account.id), 2), account.id))
    return found
