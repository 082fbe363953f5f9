"""What is said of a company and its portal, kept by each process: every page needs it, and it changes rarely.

The truth stays in the database. Each visit brings a stamp that changes with every change of the two rows, whoever makes
it (`find_visit` in the migrations); what was kept under another stamp is read anew. Nothing of a customer is kept.
"""

from typing import TypeVar

from flask import current_app
from sqlalchemy import select

from models.base import Record, db
from models.people.organization import Organization
from models.portal.portal_settings import PortalSettings

MOST_KEPT = 500
Kept = dict[int, tuple[str, Organization, PortalSettings]]
Row = TypeVar("Row", bound=Record)


def company_at(organization_id: int, stamp: str) -> tuple[Organization, PortalSettings]:
    """The company and its portal, to be read: they belong to no session, and to all threads of this process."""
    kept: Kept = current_app.extensions.setdefault("kept_companies", {})
    found = kept.get(organization_id)
    if found is None or found[0] != stamp:
        organization = db.session.get_one(Organization, organization_id, populate_existing=True)
        settings = db.session.scalars(
            select(PortalSettings).execution_options(populate_existing=True)
        ).one()
        found = (stamp, _apart(organization), _apart(settings))
        if len(kept) >= MOST_KEPT:
            kept.clear()
        kept[organization_id] = found
    _stamp, organization, settings = found
    return organization, settings


def _apart(row: Row) -> Row:
    """Out of the session, with all its columns."""
    db.session.expunge(row)
    return row
