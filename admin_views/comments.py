"""Comments on a record's page: what we and the customer wrote, the form below it, and the files (P-06)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _

from admin_views import reader_formats as reader
from admin_views.identity import current_staff
from admin_views.shell import initials
from admin_views.stored_files import download, store
from errors import AppError, Invalid
from files.upload_kinds import endings_of
from jobs.mailings import deliver_due
from models.base import db
from models.people.customer import Customer
from models.sales.document import Document
from models.sales.document_state import DocumentState
from models.work.comment import (
    LONGEST_COMMENT,
    MOST_FILES,
    Comment,
    CommentVisibility,
)
from services.mailbox.conversation import name_to_read
from services.system.uploads import ANY_KIND, MOST_BYTES, kinds_words, size_words
from services.work.comments import (
    Subject,
    comments_on,
    file_of_comment,
    receive_files,
    write_comment,
)

RESOURCE = "comment"
MAIL = "message"


@dataclass(frozen=True)
class CommentWords:
    """One comment as staff read it; with a `mail_url` if it came by e-mail and the reader may see that."""

    author: str
    initials: str
    side: str
    is_internal: bool
    when: str
    at: datetime
    body: str
    files: Sequence[tuple[str, str, str]]
    is_by_mail: bool = False
    mail_url: str = ""


@dataclass(frozen=True)
class Thread:
    """The comments and, for who may write, the form; `problem` stands at `problem_at`."""

    comments: Sequence[CommentWords]
    url: str | None
    may_be_open: bool
    visibility: str
    body: str
    problem: str
    problem_at: str
    accept: str
    limits: str
    too_large: str
    longest: int = LONGEST_COMMENT
    most_bytes: int = MOST_BYTES


class CommentRoutes:
    """`/comment/` writes one, `/comment/file/` hands a file over."""

    def record_context(self: Any, record: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().record_context(record)  # type: ignore[misc]
        if not current_staff().rights.allows(RESOURCE, "view"):
            return context
        return {**context, "thread": self.thread_of(record)}

    def thread_of(self: Any, record: Any, problem: AppError | None = None) -> Thread:
        """What was written about the record; with what was just refused."""
        base = f"{self.url}/comment/"
        comments = [
            comment_words(each, f"{base}file/?id={record.id}&file=")
            for each in self.comments_of(record)
        ]
        return thread(record, comments, url=f"{base}?id={record.id}", problem=problem)

    def comments_of(self, record: Any) -> Sequence[Comment]:
        return comments_on(record)

    @expose("/comment/", methods=("POST",))
    def comment_view(self: Any) -> ResponseReturnValue:
        """Write a comment; what is wrong with it is told at its field."""
        current_staff().rights.require(RESOURCE, "create")
        record = self.find(request.args.get("id"))
        try:
            take_comment(record)
        except Invalid as problem:
            db.session.rollback()
            record = self.find(request.args.get("id"))
            return self.comment_refused(record, problem), problem.status
        return redirect(self.commented_url(record))

    def comment_refused(self: Any, record: Any, problem: Invalid) -> str:
        return str(self.details_of(record, thread=self.thread_of(record, problem)))

    def commented_url(self: Any, record: Any) -> str:
        return f"{self.record_url(record)}#comments"

    @expose("/comment/file/")
    def comment_file_view(self: Any) -> ResponseReturnValue:
        """A file of a comment, to keep."""
        current_staff().rights.require(RESOURCE, "view")
        record = self.find(request.args.get("id"))
        key = request.args.get("file", "")
        if not key.isdecimal() or len(key) > 18:
            abort(404)
        one = self.comment_file(record, int(key))
        return download(one.sha256, name=one.name, media_type=one.media_type)

    def comment_file(self, record: Any, file_id: int) -> Any:
        return file_of_comment(record, file_id)


def take_comment(record: Subject) -> None:
    """Write what the form says, commit and ring; raises Invalid."""
    sent = [(each.filename or "", each.stream) for each in request.files.getlist("files")]
    chosen = request.form.get("visibility", "")
    body = request.form.get("body", "")
    comment = write_comment(
        record,
        body,
        files=receive_files(sent, store(), body=body),
        visibility=CommentVisibility(chosen)
        if chosen in list(CommentVisibility)
        else CommentVisibility.INTERNAL,
    )
    is_open = comment.visibility is CommentVisibility.CUSTOMER
    db.session.commit()
    if is_open:
        deliver_due.enqueue()
    flash(_("The comment was sent.") if is_open else _("The note was kept."))


def thread(
    record: Subject,
    comments: Sequence[CommentWords],
    *,
    url: str,
    problem: AppError | None = None,
) -> Thread:
    """The comments of a record with the form for the next one."""
    most = size_words(MOST_BYTES)
    is_open = not isinstance(record, Customer) and not (
        isinstance(record, Document) and record.state is DocumentState.DRAFT
    )
    return Thread(
        comments=comments,
        url=url if current_staff().rights.allows(RESOURCE, "create") else None,
        may_be_open=is_open,
        visibility=request.form.get("visibility", "") or CommentVisibility.INTERNAL,
        body=request.form.get("body", "")[:LONGEST_COMMENT] if problem else "",
        problem=problem.message if problem else "",
        problem_at=(getattr(problem, "field", "") or "body") if problem else "",
        accept=",".join(endings_of(ANY_KIND)),
        limits=_(
            "Up to %(number)d files of %(most)s each: %(kinds)s.",
            number=MOST_FILES,
            most=most,
            kinds=kinds_words(ANY_KIND),
        ),
        too_large=_("Larger than %(most)s", most=most),
    )


def comment_words(comment: Comment, file_url: str) -> CommentWords:
    """A comment in the reader's language; `file_url` leads to a file when its key is put behind it."""
    return CommentWords(
        author=comment.author_name,
        initials=initials(comment.author_name),
        side=_("customer") if comment.user_id is None else "",
        is_internal=comment.visibility is CommentVisibility.INTERNAL,
        when=reader.moment(comment.at),
        at=comment.at,
        body=comment.body,
        files=[
            (file.name, size_words(file.size_bytes), f"{file_url}{file.id}")
            for file in comment.files
        ],
        is_by_mail=comment.is_by_mail,
        mail_url=_mail_url(comment),
    )


def _mail_url(comment: Comment) -> str:
    staff = current_staff()
    if comment.message_id is None or not staff.rights.allows(MAIL, "view"):
        return ""
    name = name_to_read(comment.message_id, staff.user)
    return url_for("mail_area.message", public_id=name) if name is not None else ""
