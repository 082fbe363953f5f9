"""The name of a portal in its address: unique among all organizations, and never given to another one (S2-04 to S2-06)."""

import re
import unicodedata

from flask_babel import gettext as _
from sqlalchemy import select

from errors import Invalid
from models.base import db
from models.portal.portal_settings import NAME, FormerPortalName, PortalSettings
from models.tenancy import across_organizations, current_scope

RESERVED = frozenset(
    [
        "admin",
        "administrator",
        "api",
        "app",
        "assets",
        "billing",
        "blog",
        "demo",
        "email",
        "ftp",
        "help",
        "l",
        "login",
        "logout",
        "mail",
        "news",
        "portal",
        "preferences",
        "root",
        "sign-in",
        "sign-out",
        "static",
        "status",
        "support",
        "system",
        "test",
        "ventanilla",
        "www",
    ]
)
LONGEST = 40


def tidy_name(written: str) -> str:
    """The name in small letters without accents, words joined by hyphens. Raises Invalid."""
    plain = unicodedata.normalize("NFKD", written.strip().lower())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    name = re.sub(r"[\s_.-]+", "-", plain).strip("-")
    if len(name) > LONGEST or not re.fullmatch(NAME, name):
        raise Invalid(
            _(
                "A name has 2 to %(most)d letters, digits and hyphens, such as penalba.",
                most=LONGEST,
            ),
            field="name",
        )
    if name in RESERVED:
        raise Invalid(_("“%(name)s” is a reserved word.", name=name), field="name")
    return name


def rename_portal(settings: PortalSettings, written: str) -> bool:
    """Give the portal this name; the former one leads to it for 90 days and stays the organization's.

    Returns whether it is new. Raises Invalid for a name that will not do or is another organization's.
    """
    name = tidy_name(written)
    if name == settings.name:
        return False
    if _is_taken(name):
        raise Invalid(_("“%(name)s” is in use already.", name=name), field="name")
    former = db.session.scalar(select(FormerPortalName).where(FormerPortalName.name == name))
    if former is not None:  # its own, taken back
        db.session.delete(former)
    db.session.add(FormerPortalName(name=settings.name))
    settings.name = name
    db.session.flush()
    return True


def _is_taken(name: str) -> bool:
    """By another organization, now or formerly."""
    mine = current_scope().organization_id
    with across_organizations():
        present = db.session.scalar(
            select(PortalSettings.id).where(
                PortalSettings.name == name, PortalSettings.organization_id != mine
            )
        )
        former = db.session.scalar(
            select(FormerPortalName.id).where(
                FormerPortalName.name == name, FormerPortalName.organization_id != mine
            )
        )
    return present is not None or former is not None
