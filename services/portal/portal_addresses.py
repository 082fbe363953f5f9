"""Where the pages of an organization's portal are, for links in e-mails."""

import uuid
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select

from models.base import db
from models.portal.portal_settings import PortalSettings
from models.sales.document import Document
from models.tenancy import across_organizations
from services.portal.custom_domain import is_served


def portal_url(path: str = "/") -> str:
    """The address of a page in the portal of the organization in scope, such as `/sign-in`; at its own domain, if it has one."""
    settings = db.session.scalars(select(PortalSettings)).one()
    return f"{portal_base(settings)}/portal/{settings.name}{path}"


def page_of_document(public_id: uuid.UUID) -> str | None:
    """The path of a document's page in the portal of its organization, whichever that is; None if there is none."""
    with across_organizations():
        name = db.session.scalars(
            select(PortalSettings.name)
            .join(Document, Document.organization_id == PortalSettings.organization_id)
            .where(Document.public_id == public_id)
        ).one_or_none()
    return f"/portal/{name}/documents/{public_id}" if name else None


def portal_base(settings: PortalSettings) -> str:
    """Under which address customers reach a portal, without a slash at its end."""
    return _base_of(settings, base_url())


def links_base(base_url: str) -> str:
    """Under which address the documents of the organization in scope open by their links; `base_url` is the installation's."""
    settings = db.session.scalars(select(PortalSettings)).one()
    return _base_of(settings, base_url)


def only_portal() -> str | None:
    """The name of the portal, where this installation has just one."""
    with across_organizations():
        names = db.session.scalars(select(PortalSettings.name).limit(2)).all()
    return names[0] if len(names) == 1 else None


def base_url() -> str:
    """Under which address people reach this installation, without a slash at its end."""
    url: str = current_app.extensions["settings"].public_base_url
    return url.rstrip("/")


def _base_of(settings: PortalSettings, installation: str) -> str:
    if not is_served(settings):
        return installation.rstrip("/")
    return f"{urlsplit(installation).scheme or 'https'}://{settings.custom_domain}"
