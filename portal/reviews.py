"""What the customer thinks of the business, and our answer (S2-20)."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from errors import AppError, Invalid, TooMany
from extensions import limiter
from models.base import db
from models.portal.review import Review
from portal.comment_thread import shown_moment
from portal.frame import page
from portal.guard import current_customer, current_portal, only_with, portal_blueprint
from portal.limits import per_visitor
from portal.writing import may_write, require_writer
from services.portal.reviews import LONGEST_REVIEW, STARS, reviews_of, write_review

OFTEN = "10 per hour"
blueprint = portal_blueprint("reviews", __name__)


@dataclass(frozen=True)
class ReviewWords:
    """One review: `rating` of five, and our answer."""

    rating: int
    stars: str
    body: str
    when: str
    reply: str
    replied: str


@blueprint.get("/reviews")
@only_with("allow_reviews")
def reviews() -> str:
    return _page()


@blueprint.post("/reviews")
@limiter.limit(OFTEN, key_func=per_visitor)
@only_with("allow_reviews")
def write() -> ResponseReturnValue:
    require_writer()
    stars = request.form.get("rating", "")
    try:
        write_review(
            current_customer().id,
            rating=int(stars) if stars in {str(each) for each in STARS} else None,
            body=request.form.get("body", ""),
            ip=request.remote_addr,
        )
    except (Invalid, TooMany) as problem:
        db.session.rollback()
        return _page(problem), problem.status
    db.session.commit()
    flash(_("Thank you for your review."))
    return redirect(url_for("portal-reviews.reviews"), code=303)


def _page(problem: AppError | None = None) -> str:
    return render_template(
        "portal/reviews.html",
        page=page("reviews"),
        organization=current_portal().organization.name,
        reviews=[_words(each) for each in reviews_of(current_customer().id)],
        may_write=may_write(),
        choices=[(each, _stars(each)) for each in STARS],
        rating=request.form.get("rating", ""),
        body=request.form.get("body", "")[:LONGEST_REVIEW] if problem else "",
        longest=LONGEST_REVIEW,
        problem=problem.message if problem else "",
        problem_at=(getattr(problem, "field", "") or "body") if problem else "",
    )


def _words(review: Review) -> ReviewWords:
    return ReviewWords(
        rating=review.rating,
        stars=_stars(review.rating),
        body=review.body,
        when=shown_moment(review.created_at),
        reply=review.reply or "",
        replied=shown_moment(review.replied_at) if review.replied_at else "",
    )


def _stars(number: int) -> str:
    return _("%(number)d of 5 stars", number=number)
