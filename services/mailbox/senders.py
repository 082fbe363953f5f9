"""Who may send as which mail account (S4-01, X4-08); `docs/decisions/0019-who-sends-as-whom.md` says why.

- An account with an owner: the owner, and whoever has a grant to send.
- A shared one that nobody is named for: everybody who works in the organization; as soon as anybody is named, those.
- One without owner that is not shared (its owner has left): whoever is named.
- Whoever may change mail accounts: every account without owner, never another person's.
- Nobody in person (the command line): every account without owner.

Whether somebody may send mailings at all is a right of their role, which the door has asked for.
"""

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, exists, or_, select

from errors import Forbidden
from models.base import db
from models.mailbox.account_grant import AccountGrant
from models.mailbox.mail_account import MailAccount
from models.people.user import User
from models.tenancy import current_scope
from services.people.colleagues import roles_allow, works_here


class NotTheirAccount(Forbidden):
    """Somebody may not send as this address (any more)."""


def person_in_scope() -> User | None:
    """Who acts; None where no person does."""
    actor = current_scope().actor
    if actor.kind != "user" or actor.id is None:
        return None
    return db.session.get(User, actor.id)


def may_send_as(account_id: int, person: User | None) -> bool:
    """Whether this person (None: the organization itself) may send as this account of the present organization."""
    wanted = select(MailAccount.id).where(MailAccount.id == account_id, sendable_by(person))
    return db.session.scalar(wanted) is not None


def require_sender(account_id: int, person: User | None) -> None:
    """Raise NotTheirAccount, with what one can do about it."""
    if not may_send_as(account_id, person):
        raise NotTheirAccount(refusal_of(db.session.get_one(MailAccount, account_id), person))


def refusal_of(account: MailAccount, person: User | None) -> str:
    """The sentence for somebody who may not send as the account."""
    if person is None:
        return str(
            _(
                "%(address)s belongs to a person: only that person, or somebody whom it is shared with, sends as it."
                " Choose an account of the organization.",
                address=account.address,
            )
        )
    return str(
        _(
            "%(name)s may not send as %(address)s. Choose another account, or ask whoever manages the mail accounts"
            " to allow it.",
            name=person.name,
            address=account.address,
        )
    )


def accounts_to_send_as(person: User | None) -> Sequence[MailAccount]:
    """What this person may choose as the sender: the active ones, the oldest first."""
    return db.session.scalars(
        select(MailAccount)
        .where(MailAccount.is_active, sendable_by(person))
        .order_by(MailAccount.id)
    ).all()


def sendable_by(person: User | None) -> ColumnElement[bool]:
    """The rule, as a condition on `MailAccount`."""
    is_nobodys = MailAccount.owner_id.is_(None)
    if person is None:
        return is_nobodys
    if not person.is_active or not works_here(person):
        return MailAccount.id.is_(None)
    granted = exists().where(
        AccountGrant.account_id == MailAccount.id,
        AccountGrant.user_id == person.id,
        AccountGrant.can_send,
    )
    ways = [MailAccount.owner_id == person.id, granted, _is_open()]
    if person.is_global_admin or roles_allow(person, "mail_account", "edit"):
        ways.append(is_nobodys)
    return or_(*ways)


def _is_open() -> ColumnElement[bool]:
    """Shared, and nobody is named for it."""
    return and_(MailAccount.is_shared, ~exists().where(AccountGrant.account_id == MailAccount.id))
