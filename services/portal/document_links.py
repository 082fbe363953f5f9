"""The links that open a customer's documents without signing in, as the customer sees them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager

from models.base import db, utc_now
from models.portal.share_link import ShareLink
from models.sales.document import Document
from services.portal.visible_documents import Sight, mine

MOST_SHOWN = 200


def links_in_force(sight: Sight) -> Sequence[ShareLink]:
    """The newest ones to documents that this sight comprises."""
    return db.session.scalars(
        _in_force(sight).order_by(ShareLink.id.desc()).limit(MOST_SHOWN)
    ).all()


def link_in_force(sight: Sight, link_id: int) -> ShareLink | None:
    """One of them."""
    found: ShareLink | None = db.session.scalars(
        _in_force(sight).where(ShareLink.id == link_id)
    ).one_or_none()
    return found


def _in_force(sight: Sight) -> Select[Any]:
    return (
        select(ShareLink)
        .join(ShareLink.document)
        .where(
            Document.id.in_(mine(sight).with_only_columns(Document.id)),
            ShareLink.revoked_at.is_(None),
            ShareLink.expires_at > utc_now(),
        )
        .options(contains_eager(ShareLink.document))
    )
