"""Comments that contacts write by answering an e-mail: openly, signed with the contact, and once for each message (P-06)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from models.base import db
from models.people.contact import Contact
from models.sales.document import Document
from models.work.comment import LONGEST_COMMENT, Comment, CommentVisibility
from models.work.project import Project
from services.system.uploads import Upload
from services.work.comments import add_with_files

CUT = " […]"  # the rest is in the mailbox


def write_mailed_comment(
    subject: Document | Project,
    body: str,
    *,
    contact: Contact,
    message_id: int,
    at: datetime,
    files: Sequence[Upload] = (),
) -> Comment:
    """A comment of this contact, who wrote it in that message; the caller has checked whose contact it is."""
    comment = Comment(
        customer_id=subject.customer_id,
        document_id=subject.id if isinstance(subject, Document) else None,
        project_id=subject.id if isinstance(subject, Project) else None,
        contact_id=contact.id,
        message_id=message_id,
        author_name=contact.name,
        visibility=CommentVisibility.CUSTOMER,
        body=_cut(body),
        at=at,
        is_by_mail=True,
    )
    add_with_files(comment, files)
    return comment


def is_commented_by(message_id: int) -> bool:
    """Whether this message has become a comment already."""
    query = select(Comment.id).where(Comment.message_id == message_id).limit(1)
    return db.session.scalar(query) is not None


def mailed_since(contact_id: int, moment: datetime) -> int:
    """How many comments this contact has written by e-mail since then."""
    counted = select(func.count(Comment.id)).where(
        Comment.contact_id == contact_id, Comment.at >= moment
    )
    return db.session.scalar(counted) or 0


def _cut(body: str) -> str:
    if len(body) <= LONGEST_COMMENT:
        return body
    return body[: LONGEST_COMMENT - len(CUT)].rstrip() + CUT
