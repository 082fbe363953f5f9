"""Customers say what they think of the business (S2-20)."""

from collections.abc import Sequence
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select

from errors import Forbidden, Invalid, TooMany
from models.base import db, utc_now
from models.portal.portal_event import PortalEventKind
from models.portal.review import Review
from models.tenancy import current_scope
from services.portal.daily_caps import hold_caps
from services.portal.events import note_event

LONGEST_REVIEW = 2_000
STARS = (1, 2, 3, 4, 5)
MOST_A_DAY = 5
MOST_SHOWN = 50


def write_review(customer_id: int, *, rating: int | None, body: str, ip: str | None) -> Review:
    """The opinion of whoever is signed in; raises Invalid and TooMany."""
    actor = current_scope().actor
    if actor.kind != "portal_user" or actor.id is None:
        raise Forbidden(_("Only somebody who is signed in can write a review."))
    text = body.replace("\r\n", "\n").strip()
    if rating not in STARS:
        raise Invalid(_("Choose one to five stars."), field="rating")
    if not text:
        raise Invalid(_("Write something first."), field="body")
    if len(text) > LONGEST_REVIEW:
        raise Invalid(
            _("The review is longer than %(most)d letters.", most=LONGEST_REVIEW), field="body"
        )
    hold_caps(customer_id)
    today = select(func.count(Review.id)).where(
        Review.customer_id == customer_id, Review.created_at > utc_now() - timedelta(days=1)
    )
    if (db.session.scalar(today) or 0) >= MOST_A_DAY:
        raise TooMany(_("That is enough for today. Thank you."))
    review = Review(customer_id=customer_id, portal_user_id=actor.id, rating=rating, body=text)
    db.session.add(review)
    db.session.flush()
    note_event(PortalEventKind.REVIEWED, ip=ip, rating=rating)
    return review


def reviews_of(customer_id: int) -> Sequence[Review]:
    """What the customer has written, the newest first; hidden ones too: they are their own words."""
    return db.session.scalars(
        select(Review)
        .where(Review.customer_id == customer_id)
        .order_by(Review.id.desc())
        .limit(MOST_SHOWN)
    ).all()
