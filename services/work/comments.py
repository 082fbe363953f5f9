"""Comments: written by whoever is in scope, with files, and never changed afterwards (P-06, P-23, S2-25)."""

from collections.abc import Sequence
from functools import cache
from typing import IO, Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, select
from sqlalchemy.orm import selectinload

from errors import Forbidden, Invalid, NotFound
from files.store import FileStore
from models.base import db
from models.people.customer import Customer
from models.portal.portal_event import PortalEventKind
from models.sales.document import Document
from models.sales.document_state import DocumentState
from models.tenancy import current_scope, kept
from models.work.comment import (
    LONGEST_COMMENT,
    MOST_FILES,
    Comment,
    CommentFile,
    CommentVisibility,
)
from models.work.project import Project
from services.portal.comment_emails import comment_written
from services.portal.events import note_event
from services.system.uploads import MOST_BYTES, Upload, check, receive

Subject = Document | Project | Customer
FOR_CUSTOMERS = Comment.visibility == CommentVisibility.CUSTOMER


def write_comment(
    subject: Subject,
    body: str,
    *,
    files: Sequence[Upload] = (),
    visibility: CommentVisibility = CommentVisibility.CUSTOMER,
    ip: str | None = None,
) -> Comment:
    """A comment of the person in scope; whoever may read it is told. Raises Invalid.

    Customers write openly; what staff write about a customer as a whole, or about a draft, is internal.
    """
    actor = current_scope().actor
    if actor.kind not in ("user", "portal_user") or actor.id is None:
        raise Forbidden(_("Only somebody who is signed in can comment."))
    if isinstance(subject, Customer) or _is_draft(subject):
        visibility = CommentVisibility.INTERNAL
    is_staff = actor.kind == "user"
    comment = Comment(
        customer_id=subject.id if isinstance(subject, Customer) else subject.customer_id,
        document_id=subject.id if isinstance(subject, Document) else None,
        project_id=subject.id if isinstance(subject, Project) else None,
        user_id=actor.id if is_staff else None,
        portal_user_id=None if is_staff else actor.id,
        author_name=actor.name or "",
        visibility=visibility if is_staff else CommentVisibility.CUSTOMER,
        body=_checked(body),
    )
    _check_number(files)
    add_with_files(comment, files)
    if is_staff and comment.visibility is CommentVisibility.CUSTOMER:
        comment_written(comment)
    elif not is_staff:
        _note(subject, comment, ip)
    return comment


def add_with_files(comment: Comment, files: Sequence[Upload]) -> None:
    """Keep a comment that was checked."""
    db.session.add(comment)
    db.session.flush()
    db.session.add_all(
        CommentFile(
            comment_id=comment.id,
            customer_id=comment.customer_id,
            sha256=file.sha256,
            name=file.name,
            media_type=file.media_type,
            size_bytes=file.size_bytes,
        )
        for file in files
    )
    db.session.flush()


def receive_files(
    sent: Sequence[tuple[str, IO[bytes]]], store: FileStore, *, body: str
) -> list[Upload]:
    """Store what a form brought, names with contents, once all of the comment was checked: of a refused one nothing stays.

    Raises Invalid with `body` or `files` as its place.
    """
    _checked(body)
    chosen = [(name, content) for name, content in sent if name]
    _check_number(chosen)
    try:
        for name, content in chosen:  # one at a time: together they may be large
            check(content.read(MOST_BYTES + 1), name)
            content.seek(0)
        return [
            receive(content.read(MOST_BYTES + 1), name, store=store) for name, content in chosen
        ]
    except Invalid as problem:
        raise Invalid(problem.message, field="files") from problem


def comments_on(subject: Document | Project) -> Sequence[Comment]:
    """What was written about it, the oldest first; customers get no internal notes, whoever asks."""
    is_document, is_customer = (
        isinstance(subject, Document),
        current_scope().customer_id is not None,
    )
    query = _comments(is_document=is_document, is_customer=is_customer)
    return db.session.scalars(query, {"subject": subject.id}).all()


@cache
def _comments(*, is_document: bool, is_customer: bool) -> Select[Any]:
    subject = bindparam("subject", type_=BigInteger)
    query = Comment.of_document(subject) if is_document else Comment.of_project(subject)
    if is_customer:
        query = query.where(FOR_CUSTOMERS)
    return kept(query.options(selectinload(Comment.files)))


def file_of_comment(subject: Document | Project, file_id: int) -> CommentFile:
    """A file of a comment on this subject; raises NotFound for any other."""
    about = (
        Comment.document_id == subject.id
        if isinstance(subject, Document)
        else Comment.project_id == subject.id
    )
    return _file(about, file_id)


def file_of_customer(customer: Customer, file_id: int) -> CommentFile:
    """A file of any comment about this customer; raises NotFound for any other."""
    return _file(Comment.customer_id == customer.id, file_id)


def _file(about: ColumnElement[bool], file_id: int) -> CommentFile:
    found: CommentFile | None = None
    if file_id < 2**63:
        query = select(CommentFile).join(Comment, Comment.id == CommentFile.comment_id)
        found = db.session.scalars(
            _readable(query).where(about, CommentFile.id == file_id)
        ).one_or_none()
    if found is None:
        raise NotFound(_("This file does not exist, or you have no access to it."))
    return found


def _readable(query: Select[Any]) -> Select[Any]:
    if current_scope().customer_id is not None:
        return query.where(FOR_CUSTOMERS)
    return query


def _checked(body: str) -> str:
    text = body.replace("\r\n", "\n").strip()
    if not text:
        raise Invalid(_("Write something first."), field="body")
    if len(text) > LONGEST_COMMENT:
        raise Invalid(
            _("The comment is longer than %(most)d letters.", most=LONGEST_COMMENT), field="body"
        )
    return text


def _check_number(files: Sequence[object]) -> None:
    if len(files) > MOST_FILES:
        raise Invalid(
            ngettext(
                "A comment takes one file.", "A comment takes up to %(num)d files.", MOST_FILES
            ),
            field="files",
        )


def _is_draft(subject: Subject) -> bool:
    return isinstance(subject, Document) and subject.state is DocumentState.DRAFT


def _note(subject: Subject, comment: Comment, ip: str | None) -> None:
    document = subject if isinstance(subject, Document) else None
    about = {"project": subject.name} if isinstance(subject, Project) else {}
    note_event(PortalEventKind.COMMENTED, document, ip=ip, comment=comment.id, **about)
