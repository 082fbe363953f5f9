"""Own domains are asked about again once a day: whose record is gone stops being served after some days (S2-07)."""

import logging
from datetime import timedelta

from sqlalchemy import select

from mail.name_lookup import NameLookup
from models.base import db, utc_now
from models.portal.portal_settings import PortalSettings
from models.tenancy import Actor, across_organizations, acting_in
from services.portal.custom_domain import check_domain

EVERY = timedelta(days=1)
logger = logging.getLogger(__name__)


def check_served_domains(lookup: NameLookup) -> int:
    """Check every domain that was not checked for a day; each is committed. Returns how many are not served any more."""
    due = select(PortalSettings.organization_id).where(
        PortalSettings.domain_verified_at.is_not(None),
        PortalSettings.domain_checked_at < utc_now() - EVERY,
    )
    with across_organizations():
        keys = db.session.scalars(due).all()
    lapsed = 0
    for key in keys:
        db.session.rollback()
        with acting_in(key, actor=Actor(source="job", name="portal")):
            try:
                settings = db.session.scalars(select(PortalSettings)).one()
                check_domain(settings, lookup)
                lapsed += settings.domain_verified_at is None
                db.session.commit()
            except Exception:  # the domains of others are checked all the same
                logger.exception("the domain of organization %s was not checked", key)
                db.session.rollback()
    return lapsed
