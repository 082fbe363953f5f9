"""What happened last at a customer, as far as somebody may see it, and which of our questions still wait for an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import joinedload

from models.base import db
from models.sales.document import Document
from models.sales.quote_answer import QuoteAnswer
from models.work.comment import Comment, CommentVisibility
from models.work.project import Project
from services.portal.visible_documents import Sight, Subject, mine

LOOKED_THROUGH = 60  # comments: a thread that has been quiet for longer is on its own page
WAITING_DAYS = 30


@dataclass(frozen=True, slots=True)
class Latest:
    """Each of them the newest first; what is `unanswered` is not among the `comments`."""

    documents: Sequence[Document]
    comments: Sequence[Comment]
    answers: Sequence[QuoteAnswer]
    unanswered: Sequence[Comment]


def latest(sight: Sight, now: datetime, *, most: int) -> Latest:
    """Documents that were issued, what was written by whomever, answers to quotes; and our open questions."""
    own = mine(sight)
    documents = db.session.scalars(
        own.order_by(Document.issue_date.desc(), Document.id.desc()).limit(most)
    ).all()
    answers = db.session.scalars(
        select(QuoteAnswer)
        .where(QuoteAnswer.customer_id == sight.customer_id)
        .where(QuoteAnswer.document_id.in_(own.with_only_columns(Document.id)))
        .order_by(QuoteAnswer.id.desc())
        .limit(most)
        .options(joinedload(QuoteAnswer.quote))
    ).all()
    comments = _comments(sight)
    unanswered = _unanswered(comments, now)[:most]
    others = [comment for comment in comments if comment not in unanswered]
    return Latest(documents, others[:most], answers, unanswered)


def _comments(sight: Sight) -> Sequence[Comment]:
    found: Sequence[Comment] = db.session.scalars(
        select(Comment)
        .where(
            Comment.customer_id == sight.customer_id,
            Comment.visibility == CommentVisibility.CUSTOMER,
            or_(
                Comment.document_id.in_(mine(sight).with_only_columns(Document.id)),
                _on_a_project(sight),
            ),
        )
        .order_by(Comment.id.desc())
        .limit(LOOKED_THROUGH)
        .options(joinedload(Comment.document), joinedload(Comment.project))
    ).all()
    return found


def _on_a_project(sight: Sight) -> ColumnElement[bool]:
    if not sight.sees(Subject.PROJECTS):
        return false()
    shared: Any = select(Project.id).where(
        Project.customer_id == sight.customer_id, Project.is_shared
    )
    return Comment.project_id.in_(shared)


def _unanswered(comments: Sequence[Comment], now: datetime) -> list[Comment]:
    """The last word of each thread, where it is ours, asks something and is not old."""
    last: dict[tuple[int | None, int | None], Comment] = {}
    for comment in comments:
        last.setdefault((comment.document_id, comment.project_id), comment)
    return [
        comment
        for comment in last.values()
        if comment.user_id is not None
        and "?" in comment.body
        and comment.at > now - timedelta(days=WAITING_DAYS)
    ]
