"""What customers wrote last about a document or a project, where nobody has seen to it since (mockups 02 and 16)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import aliased, joinedload

from models.base import db
from models.work.comment import Comment

WAITS = timedelta(days=30)  # what is older stands in its customer's timeline


def unanswered(now: datetime, *, customer_id: int | None = None, most: int) -> Sequence[Comment]:
    """The last word of each thread that is a customer's, the one that waits longest first.

    Whatever staff write after it is an answer, be it a note to themselves.
    """
    query = (
        select(Comment)
        .where(Comment.portal_user_id.is_not(None), Comment.at >= now - WAITS)
        .where(_is_last("document_id"), _is_last("project_id"))
        .order_by(Comment.at, Comment.id)
        .limit(most)
        .options(joinedload(Comment.document), joinedload(Comment.project))
    )
    if customer_id is not None:
        query = query.where(Comment.customer_id == customer_id)
    return db.session.scalars(query).all()


def _is_last(subject: str) -> ColumnElement[bool]:
    """Nothing was written about the same subject afterwards; two questions, so that each has its index."""
    later: Any = aliased(Comment)
    return ~exists().where(
        later.organization_id == Comment.organization_id,
        getattr(later, subject) == getattr(Comment, subject),
        later.id > Comment.id,
    )
