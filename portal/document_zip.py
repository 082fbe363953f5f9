"""Several documents of a list as one ZIP: the part of the list that offers it, and the answer to what was chosen there."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from flask import Response, current_app, request
from flask_babel import gettext as _

from errors import AppError, NotFound
from files.store import FileStore
from jobs.mailings import workshop
from models.base import db
from models.sales.document_state import DocumentKind
from portal.asked_period import asked_period
from portal.guard import current_visitor
from portal.own_documents import current_sight, today
from portal.served_files import attached
from services.portal.account_period import usual_period
from services.portal.document_zip import (
    MOST_DOCUMENTS,
    chosen_documents,
    documents_of_period,
    entries_of,
    note_zip,
    packed,
)
from services.sales.statements import Period

ZIP = "application/zip"
SELDOM = "20 per minute"


@dataclass(frozen=True)
class ZipForm:
    """The two ways to say which documents; `chosen` are the keys of those that were ticked before a refusal."""

    most: int
    first: str
    last: str
    today: str
    chosen: Collection[str] = ()
    problem: str = ""


def zip_form(problem: AppError | None = None) -> ZipForm | None:
    """As it is offered, or after a refusal; None for staff who look, since whoever takes documents is noted."""
    if current_visitor().is_staff:
        return None
    usual = usual_period(today())
    return ZipForm(
        most=MOST_DOCUMENTS,
        first=request.form.get("first") or usual.first.isoformat(),
        last=request.form.get("last") or usual.last.isoformat(),
        today=today().isoformat(),
        chosen=frozenset(request.form.getlist("document")),
        problem=problem.message if problem else "",
    )


def zip_answer(kind: DocumentKind, title: str) -> Response:
    """The ZIP of what was sent; all of it is drawn and noted before its first byte leaves. Raises AppError."""
    if "first" in request.form:
        period = asked_period(request.form, today())
        documents = documents_of_period(current_sight(), kind, period)
        name = f"{title} {_days(period)}.zip"
    else:
        documents = chosen_documents(current_sight(), kind, _chosen())
        name = f"{title} ({len(documents)}).zip"
    entries = entries_of(documents, workshop())
    note_zip(documents, ip=request.remote_addr)
    db.session.commit()
    store = FileStore(current_app.extensions["settings"].files_url)
    return attached(packed(entries, store), name, ZIP)


def _chosen() -> list[UUID]:
    try:
        return [UUID(key) for key in request.form.getlist("document")]
    except ValueError as problem:
        raise NotFound(_("This document does not exist, or you have no access to it.")) from problem


def _days(period: Period) -> str:
    return f"{period.first:%Y-%m-%d} {period.last:%Y-%m-%d}"
