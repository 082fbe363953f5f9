"""People of departments with their mail accounts, and rows of the grid as a browser sends them."""

from typing import Any

from models.base import db
from models.mailbox.letterhead import Letterhead
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import MailSecurity
from models.people.membership import UserMembership
from models.people.organization import Department, Organization
from models.people.user import User
from services.mailbox.account_cells import TypedRow, fingerprint, made_from, shown_cells
from services.mailbox.account_rows import AccountRow, AccountRows
from services.mailbox.default_domain import DefaultDomains
from services.people.departments import DepartmentTree
from tests.factories.people import make_mail_account, make_user
from tests.factories.saving import numbers, saved


def make_department(name: str, *, parent: Department | None = None) -> Department:
    number = next(numbers)
    return saved(Department(code=f"D{number}", name=name, parent_id=parent.id if parent else None))


def make_colleague(
    organization: Organization, name: str, *, department: Department | None = None, **fields: Any
) -> User:
    """Somebody who works in this department."""
    user = make_user(organization, name=name, **fields)
    place = db.session.scalars(UserMembership.of_user(user)).one()
    place.department_id = department.id if department else None
    db.session.flush()
    return user


def make_own_account(owner: User, address: str, **fields: Any) -> MailAccount:
    """An account of this person at the company's server, with a password unless another is named."""
    return make_mail_account(
        **{
            "address": address,
            "owner_id": owner.id,
            "smtp_host": "smtp.penalba.test",
            "smtp_port": 587,
            "smtp_security": MailSecurity.STARTTLS,
            "login": address,
            "password": "the old one",
            **fields,
        }
    )


def account_rows() -> AccountRows:
    tree = DepartmentTree()
    return AccountRows(tree, DefaultDomains(tree))


def row_of(user: User) -> AccountRow:
    return account_rows().of([user.id])[user.id]


def typed_row(user: User, **cells: str) -> TypedRow:
    """The person's row as it is shown now, with these cells typed over."""
    row = row_of(user)
    shown = shown_cells(row.account, row.domain)
    return TypedRow(
        user_id=user.id,
        made_from=made_from(row.account),
        cells=shown | cells,
        prints={name: fingerprint(text) for name, text in shown.items()},
    )


def make_letterhead(
    *, department: Department | None = None, user: User | None = None, **texts: Any
) -> Letterhead:
    """What a level says; without department and user, the organization."""
    return saved(
        Letterhead(
            department_id=department.id if department else None,
            user_id=user.id if user else None,
            **texts,
        )
    )
