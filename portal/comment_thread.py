"""What was written about a document or a project, and the form below it, as a page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_datetime
from flask import request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from errors import AppError
from files.upload_kinds import endings_of
from models.base import utc_now
from models.sales.document import Document
from models.work.comment import LONGEST_COMMENT, MOST_FILES, Comment, CommentFile
from models.work.project import Project
from portal.company_clock import there
from portal.guard import current_portal, current_visitor
from portal.urls import url_of
from portal.writing import may_write
from services.system.uploads import ANY_KIND, MOST_BYTES, kinds_words, size_words
from services.work.comments import comments_on

TOO_LARGE = "too_large"  # in the address after files that were larger than anything is taken

# With the day of this year, and of another one.
MOMENTS = {
    "es": ("d MMM, HH:mm", "d MMM y, HH:mm"),
    "en": ("MMM d, HH:mm", "MMM d, y, HH:mm"),
    "pt": ("d 'de' MMM, HH:mm", "d 'de' MMM 'de' y, HH:mm"),
}


@dataclass(frozen=True)
class FileWords:
    name: str
    size: str
    url: str


@dataclass(frozen=True)
class CommentWords:
    """One comment: `company` says whose side a member of staff is on."""

    author: str
    company: str
    is_own: bool
    when: str
    at: datetime
    body: str
    files: Sequence[FileWords]
    is_by_mail: bool


@dataclass(frozen=True)
class Thread:
    """The comments and, with a `url`, the form; `problem` stands at `problem_at`, `body` is what was written."""

    comments: Sequence[CommentWords]
    url: str | None
    body: str
    problem: str
    problem_at: str
    accept: str
    limits: str
    longest: int = LONGEST_COMMENT
    most_bytes: int = MOST_BYTES
    too_large: str = ""


def thread_of(
    subject: Document | Project, *, problem: AppError | None = None, has_comments: bool = True
) -> Thread:
    """Of a document or a project; with what was just refused. Not `has_comments`: known to have none."""
    word = "document" if isinstance(subject, Document) else "project"
    too_large = _("Larger than %(most)s", most=size_words(MOST_BYTES))
    said, place = (
        (problem.message, getattr(problem, "field", "") or "body") if problem else ("", "")
    )
    if problem is None and TOO_LARGE in request.args:
        said, place = _("The files were too large. %(limits)s", limits=_limits()), "files"
    comments = comments_on(subject) if has_comments else ()
    return Thread(
        comments=[_words(comment, subject, word) for comment in comments],
        url=url_of(f"portal-comments.on_{word}", subject.public_id) if may_write() else None,
        body=request.form.get("body", "")[:LONGEST_COMMENT] if problem else "",
        problem=said,
        problem_at=place,
        accept=",".join(endings_of(ANY_KIND)),
        limits=_limits(),
        too_large=too_large,
    )


def _limits() -> str:
    return _(
        "Up to %(number)d files of %(most)s each: %(kinds)s.",
        number=MOST_FILES,
        most=size_words(MOST_BYTES),
        kinds=kinds_words(ANY_KIND),
    )


def _words(comment: Comment, subject: Document | Project, word: str) -> CommentWords:
    is_own = is_of_visitor(comment)
    return CommentWords(
        author=comment.author_name,
        company=current_portal().organization.name if comment.user_id is not None else "",
        is_own=is_own,
        when=shown_moment(comment.at),
        at=comment.at,
        body=comment.body,
        files=[_file(file, subject, word) for file in comment.files],
        is_by_mail=comment.is_by_mail,
    )


def is_of_visitor(comment: Comment) -> bool:
    """Whether whoever looks has written it: here, or by e-mail as the contact that they are."""
    visitor = current_visitor()
    if visitor.portal_user_id is None:
        return False
    return comment.portal_user_id == visitor.portal_user_id or (
        comment.contact_id is not None and comment.contact_id == visitor.contact_id
    )


def _file(file: CommentFile, subject: Document | Project, word: str) -> FileWords:
    url = url_for(f"portal-comments.file_on_{word}", public_id=subject.public_id, file_id=file.id)
    return FileWords(file.name, size_words(file.size_bytes), url)


def shown_moment(at: datetime) -> str:
    """Day and time of day where the company is; the year only if it is another one."""
    local, lang = there(at), str(get_locale() or "es")
    is_this_year = local.year == there(utc_now()).year
    pattern = MOMENTS.get(lang, MOMENTS["es"])[0 if is_this_year else 1]
    return str(format_datetime(local, pattern, locale=lang))
