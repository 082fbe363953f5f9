"""Where the pages of an organization's portal are, for links in e-mails."""

from flask import current_app
from sqlalchemy import select

from models.base import db
from models.portal.portal_settings import PortalSettings
from models.tenancy import across_organizations


def portal_url(path: str = "/") -> str:
    """The address of a page in the portal of the organization in scope, such as `/sign-in`."""
    name = db.session.scalars(select(PortalSettings.name)).one()
    return f"{base_url()}/portal/{name}{path}"


def only_portal() -> str | None:
    """The name of the portal, where this installation has just one."""
    with across_organizations():
        names = db.session.scalars(select(PortalSettings.name).limit(2)).all()
    return names[0] if len(names) == 1 else None


def base_url() -> str:
    """Under which address people reach this installation, without a slash at its end."""
    url: str = current_app.extensions["settings"].public_base_url
    return url.rstrip("/")
