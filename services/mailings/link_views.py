"""Who opened the documents of a message: looks through its own links, by people only (decision 0025)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from models.base import db
from models.portal.share_link import ShareLink


@dataclass(frozen=True)
class Views:
    """How often, and when last."""

    count: int
    last_at: datetime


def views_of(deliveries: Sequence[int]) -> dict[int, Views]:
    """What is known of each of these messages; nothing of those that nobody has opened a document of."""
    rows = db.session.execute(
        select(
            ShareLink.delivery_id,
            func.sum(ShareLink.view_count),
            func.max(ShareLink.last_viewed_at),
        )
        .where(ShareLink.delivery_id.in_(deliveries), ShareLink.view_count > 0)
        .group_by(ShareLink.delivery_id)
    )
    return {key: Views(int(count), last) for key, count, last in rows if last is not None}
