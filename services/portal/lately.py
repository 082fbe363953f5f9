"""What customers did last in the portal, whoever they are (mockup 02)."""

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.orm import selectinload

from models.base import db
from models.portal.portal_event import WORTH_TELLING, PortalEvent


def lately(*, most: int) -> Sequence[PortalEvent]:
    """The newest events, without what happens all day long."""
    query = (
        select(PortalEvent)
        .where(text(WORTH_TELLING))
        .order_by(PortalEvent.id.desc())
        .limit(most)
        .options(selectinload(PortalEvent.customer), selectinload(PortalEvent.document))
    )
    return db.session.scalars(query).all()
