"""Whom to ask for a mailbox: somebody whose role lets them set up mail accounts (S3-03)."""

from sqlalchemy import select
from sqlalchemy.orm import aliased

from models.base import db
from models.people.membership import UserMembership
from models.people.role import Permission
from models.people.user import User

MAIL_ACCOUNTS, EDIT = ("mail_account", "*"), ("edit", "*")


def account_manager(*, besides: User) -> User | None:
    """Of this organization; who has been here longest, and nobody where there is none."""
    granted, denied = aliased(Permission), aliased(Permission)
    user: User | None = db.session.scalar(
        select(User)
        .join(UserMembership, UserMembership.user_id == User.id)
        .join(granted, granted.role_id == UserMembership.role_id)
        .where(
            User.is_active,
            User.id != besides.id,
            granted.resource.in_(MAIL_ACCOUNTS),
            granted.action.in_(EDIT),
            granted.field.is_(None),
            ~granted.denied,
            ~select(denied.id)
            .where(
                denied.role_id == granted.role_id,
                denied.resource.in_(MAIL_ACCOUNTS),
                denied.action.in_(EDIT),
                denied.field.is_(None),
                denied.denied,
            )
            .exists(),
        )
        .order_by(UserMembership.id)
        .limit(1)
    )
    return user
