"""The fields about who writes: `{{ user.name }}` and its kin, for the texts around a message and those of a mailing."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from files.brand_colour import readable_on_white
from mail.pictures import Picture
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.people.membership import UserMembership
from models.people.organization import Branch, Organization
from models.people.user import User
from services.mailbox.letterheads import Around, around
from services.mailbox.logo_picture import logo_of

SENDER_FIELDS: dict[str, Any] = {
    "user.name": _l("Name of who writes (of a shared account: its name of the sender)"),
    "user.position": _l("Position of who writes (empty for a shared account)"),
    "user.phone": _l("Phone of who writes (of a shared account: that of our company)"),
    "user.email": _l("E-mail of who writes: the address of the account"),
    "branch.name": _l("Branch of who writes (empty for a shared account, or who works in all)"),
}
ORGANIZATION_FIELDS: dict[str, Any] = {
    "organization.name": _l("Name of our company"),
    "organization.phone": _l("Phone of our company"),
    "organization.email": _l("E-mail of our company"),
    "organization.website": _l("Website of our company"),
}


@dataclass(frozen=True, slots=True)
class Brand:
    """How our company is known at a glance: its colour as #rrggbb, and its logo, or the letter that it begins with."""

    colour: str
    initial: str
    logo: Picture | None = None


@dataclass(frozen=True)
class SenderWords:
    """What all messages of an account have in common: the texts around them, the look, and what the fields of the sender say."""

    around: Around
    values: dict[str, str]
    brand: Brand


def words_of(account: MailAccount, organization: Organization) -> SenderWords:
    """The same for every message of the account; ask once for many."""
    return SenderWords(
        around(account),
        sender_values(account, organization) | organization_values(organization),
        Brand(
            readable_on_white(organization.brand_color),
            organization.name[:1].upper(),
            logo_of(organization),
        ),
    )


def sender_values(account: MailAccount, organization: Organization) -> dict[str, str]:
    """What the fields say in the messages of this account; for nobody's account it speaks of the company."""
    if account.owner is None:
        return {
            "user.name": account.display_name or organization.name,
            "user.position": "",
            "user.phone": organization.phone or "",
            "user.email": account.address,
            "branch.name": "",
        }
    return person_values(account.owner) | {"user.email": account.address}


def person_values(user: User) -> dict[str, str]:
    """What the fields say of this person."""
    branch = db.session.scalar(
        select(Branch.name)
        .join(UserMembership, UserMembership.branch_id == Branch.id)
        .where(UserMembership.user_id == user.id)
        .order_by(UserMembership.id)
        .limit(1)
    )
    return {
        "user.name": user.name,
        "user.position": user.position,
        "user.phone": user.phone or "",
        "user.email": user.email,
        "branch.name": branch or "",
    }


def organization_values(organization: Organization) -> dict[str, str]:
    """What the fields say of our company."""
    return {
        "organization.name": organization.name,
        "organization.phone": organization.phone or "",
        "organization.email": organization.email or "",
        "organization.website": organization.website or "",
    }
