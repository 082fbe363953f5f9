"""Accounts of somebody, and who may send with them."""

from sqlalchemy import select

from models.base import db
from models.mailbox.account_grant import AccountGrant
from models.mailbox.mail_account import MailAccount
from models.people.organization import Organization
from models.people.user import User
from models.tenancy import Actor, Scope, enter
from services.mailbox.account_grants import Use, allow
from services.mailbox.senders import may_send_as
from tests.factories.people import make_mail_account


def own(user: User) -> MailAccount:
    return make_mail_account(owner_id=user.id)


def act_as(organization: Organization, user: User) -> None:
    actor = Actor(kind="user", id=user.id, name=user.name, source="ui")
    enter(Scope(organization_id=organization.id, actor=actor))


def who_may(account: MailAccount, *people: User | None) -> list[bool]:
    return [may_send_as(account.id, person) for person in people]


def allow_all(account: MailAccount, wanted: dict[User, Use]) -> None:
    """Name these and nobody else."""
    for grant in db.session.scalars(select(AccountGrant)):
        db.session.delete(grant)
    db.session.flush()
    for user, use in wanted.items():
        allow(account, user, use)
