"""The part of the grid that a request is about: whose accounts, which side of them, under which domain."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import request, url_for

from admin_views.identity import current_staff
from admin_views.screens.account_grid_form import Asked, asked
from admin_views.screens.account_grid_page import ShownRow, shown_row
from admin_views.screens.account_tabs import RESOURCE
from errors import Invalid
from mail.step_log import Side
from services.mailbox.account_checking import CheckedRow
from services.mailbox.account_rows import AccountRow, AccountRows
from services.mailbox.checks import newest_checks
from services.mailbox.default_domain import DefaultDomains, domain_of
from services.mailbox.password_asking import asked_at
from services.people.departments import DepartmentTree


class Grid:
    """One request's view of the grid: the part that is asked for, departments and domains."""

    def __init__(self) -> None:
        self.asked: Asked = asked()
        self.tree = DepartmentTree()
        self.department = self.tree.find(self.asked.choice.department_id)
        self.domains = DefaultDomains(self.tree)
        self.domain_text: str | None = None
        self.domain_problem = ""
        self.rows = AccountRows(self.tree, self.domains)

    @property
    def level(self) -> int | None:
        return self.department.id if self.department else None

    def read_domain(self) -> str | None:
        """The default domain as it was typed, which counts for this form; what is none stands as a problem."""
        self.domain_text = request.form.get("default_domain")
        if self.domain_text is None:
            return None
        try:
            domain = domain_of(self.domain_text)
        except Invalid as problem:
            self.domain_problem = problem.message
            return None
        self.domains.suppose(self.level, domain)
        return domain

    def shown(
        self,
        rows: Sequence[AccountRow],
        typed: Mapping[int, CheckedRow] | None = None,
        chosen: Collection[int] = (),
    ) -> list[ShownRow]:
        """These rows as the page shows them, with the newest test of each account."""
        may_open = current_staff().rights.allows(RESOURCE, "view")
        keys = [row.account.id for row in rows if row.account]
        checks, asked = newest_checks(keys), asked_at(keys)
        names = self.asked.columns
        side = Side.IMAP if self.asked.side == "incoming" else Side.SMTP
        return [
            shown_row(
                row,
                names,
                checks.get(row.account.id) if row.account else None,
                side=side,
                checked=(typed or {}).get(row.user.id),
                chosen=chosen,
                may_open=may_open,
                asked_at=asked.get(row.account.id) if row.account else None,
            )
            for row in rows
        ]

    def url(self) -> str:
        arguments: dict[str, Any] = dict(self.asked.arguments())
        return url_for("mail_accounts_grid.index", **arguments)
