"""What happened last at a customer, as far as somebody may see it, and which of our questions still wait for an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, false, or_, select
from sqlalchemy.orm import joinedload, load_only

from models.base import db
from models.sales.document import Document
from models.sales.quote_answer import QuoteAnswer
from models.tenancy import kept
from models.work.comment import Comment, CommentVisibility
from models.work.project import Project
from services.portal.document_list import MOST
from services.portal.visible_documents import Kinds, Sight, Subject, kinds_of, own, the_customer

LOOKED_THROUGH = 60  # comments: a thread that has been quiet for longer is on its own page
WAITING_DAYS = 30
# What the lines say.
NAMED = (Document.kind, Document.label, Document.public_id)
SAID = (
    Comment.document_id,
    Comment.project_id,
    Comment.user_id,
    Comment.portal_user_id,
    Comment.contact_id,
    Comment.author_name,
    Comment.body,
    Comment.at,
)


@dataclass(frozen=True, slots=True)
class Latest:
    """Each of them the newest first; what is `unanswered` is not among the `comments`."""

    comments: Sequence[Comment]
    answers: Sequence[QuoteAnswer]
    unanswered: Sequence[Comment]


def latest(
    sight: Sight,
    now: datetime,
    *,
    most: int,
    has_comments: bool = True,
    has_answers: bool = True,
) -> Latest:
    """What was written by whomever, answers to quotes; and our open questions. What is known to be none is not asked for."""
    kinds, customer = kinds_of(sight), {"customer": sight.customer_id}
    answers: Sequence[QuoteAnswer] = ()
    if has_answers:
        answers = db.session.scalars(_answers(kinds), customer | {"most": most}).all()
    comments: Sequence[Comment] = ()
    if has_comments:
        wanted = _comments(kinds, sight.sees(Subject.PROJECTS))
        comments = db.session.scalars(wanted, customer).all()
    unanswered = _unanswered(comments, now)[:most]
    others = [comment for comment in comments if comment not in unanswered]
    return Latest(others[:most], answers, unanswered)


@lru_cache(maxsize=500)
def _answers(kinds: Kinds) -> Select[Any]:
    return kept(
        select(QuoteAnswer)
        .where(QuoteAnswer.customer_id == the_customer())
        .where(QuoteAnswer.document_id.in_(select(Document.id).where(own(kinds))))
        .order_by(QuoteAnswer.id.desc())
        .limit(MOST)
        .options(
            load_only(QuoteAnswer.answer, QuoteAnswer.at, QuoteAnswer.name),
            joinedload(QuoteAnswer.quote).load_only(*NAMED),
        )
    )


@lru_cache(maxsize=500)
def _comments(kinds: Kinds, sees_projects: bool) -> Select[Any]:
    shared = select(Project.id).where(Project.customer_id == the_customer(), Project.is_shared)
    is_on_project = Comment.project_id.in_(shared) if sees_projects else false()
    return kept(
        select(Comment)
        .where(
            Comment.customer_id == the_customer(),
            Comment.visibility == CommentVisibility.CUSTOMER,
            or_(Comment.document_id.in_(select(Document.id).where(own(kinds))), is_on_project),
        )
        .order_by(Comment.id.desc())
        .limit(LOOKED_THROUGH)
        .options(
            load_only(*SAID),
            joinedload(Comment.document).load_only(*NAMED),
            joinedload(Comment.project).load_only(Project.name, Project.public_id),
        )
    )


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
