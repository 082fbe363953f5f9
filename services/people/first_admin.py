"""The first administrator of an empty installation, by a link that works once."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, exists, select, text, update

from errors import NotFound
from models.base import db, utc_now
from models.people.organization import Organization
from models.people.user import User
from models.people.user_session import SetupLink
from services.people.sign_in import token_hash
from services.people.staff import create_organization, create_user

LINK_HOURS = 24
SETUP_LOCK = 700_004


@dataclass(frozen=True, kw_only=True)
class FirstSteps:
    """What the page asks for."""

    organization_name: str
    organization_code: str
    currency: str
    tax_id: str | None
    tax_id_type: str | None = None
    name: str
    email: str
    password: str = field(repr=False)
    lang: str = "es"


def make_setup_link() -> str | None:
    """The token of a new link, in place of earlier ones; None when there is a user already."""
    if has_users():
        return None
    db.session.execute(delete(SetupLink).where(SetupLink.used_at.is_(None)))
    token = secrets.token_urlsafe(32)
    db.session.add(
        SetupLink(token_hash=token_hash(token), ends_at=utc_now() + timedelta(hours=LINK_HOURS))
    )
    db.session.flush()
    return token


def has_users() -> bool:
    return bool(db.session.scalar(select(exists().select_from(User))))


def is_good_link(token: str) -> bool:
    """Whether the link can be used; looking does not use it up."""
    found = db.session.scalar(
        select(SetupLink.id)
        .where(SetupLink.token_hash == token_hash(token), SetupLink.used_at.is_(None))
        .where(SetupLink.ends_at > utc_now())
    )
    return found is not None and not has_users()


def make_first_administrator(token: str, steps: FirstSteps) -> tuple[User, Organization]:
    """Use the link up for an organization and its administrator.

    Two requests at once: the second waits for the first, and finds the link used. Raises NotFound for a link that
    is used, old or unknown; Invalid for what was entered wrongly (the link then stays good, as nothing is kept).
    """
    db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SETUP_LOCK})
    used = db.session.scalar(
        update(SetupLink)
        .where(SetupLink.token_hash == token_hash(token), SetupLink.used_at.is_(None))
        .where(SetupLink.ends_at > utc_now())
        .values(used_at=utc_now())
        .returning(SetupLink.id)
    )
    if used is None or has_users():
        raise NotFound(_("This link was used already, or is older than a day."))
    organization = create_organization(
        steps.organization_code,
        steps.organization_name,
        tax_id=steps.tax_id,
        tax_id_type=steps.tax_id_type,
        currency=steps.currency,
    )
    organization.default_lang = steps.lang
    user = create_user(
        steps.email,
        steps.name,
        password=steps.password,
        role_code="administrator",
        organization=organization,
    )
    user.is_global_admin = True
    db.session.flush()
    return user, organization
