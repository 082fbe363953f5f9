"""Where the pages of an organization's portal are, for links in e-mails."""

from flask import current_app
from sqlalchemy import select

from models.base import db
from models.portal.portal_settings import PortalSettings


def portal_url(path: str = "/") -> str:
    """The address of a page in the portal of the organization in scope, such as `/sign-in`."""
    name = db.session.scalars(select(PortalSettings.name)).one()
    return f"{base_url()}/portal/{name}{path}"


def base_url() -> str:
    """Under which address people reach this installation, without a slash at its end."""
    url: str = current_app.extensions["settings"].public_base_url
    return url.rstrip("/")
