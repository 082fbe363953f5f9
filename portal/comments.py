"""A customer comments on a document or a project, and loads the files of comments (P-06, S2-25)."""

from uuid import UUID

from flask import current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from errors import Invalid
from extensions import limiter
from files.store import FileStore
from models.base import db
from models.sales.document import Document
from models.work.project import Project
from portal.comment_thread import TOO_LARGE
from portal.document import document_page
from portal.guard import only_with, portal_blueprint
from portal.limits import per_visitor
from portal.own_documents import own_document
from portal.own_projects import own_project
from portal.project import project_page
from portal.served_files import served
from portal.writing import require_writer
from services.work.comments import file_of_comment, receive_files, write_comment

OFTEN = "20 per minute; 200 per day"
blueprint = portal_blueprint("comments", __name__)


@blueprint.post("/documents/<uuid:public_id>/comments")
@limiter.limit(OFTEN, key_func=per_visitor)
def on_document(public_id: UUID) -> ResponseReturnValue:
    found = own_document(public_id)
    try:
        _write(found)
    except Invalid as problem:
        db.session.rollback()
        return document_page(own_document(public_id), refused_comment=problem), problem.status
    return _back("portal-document.document", public_id)


@blueprint.post("/projects/<uuid:public_id>/comments")
@limiter.limit(OFTEN, key_func=per_visitor)
@only_with("show_projects")
def on_project(public_id: UUID) -> ResponseReturnValue:
    found = own_project(public_id)
    try:
        _write(found)
    except Invalid as problem:
        db.session.rollback()
        return project_page(own_project(public_id), refused_comment=problem), problem.status
    return _back("portal-project.project", public_id)


@blueprint.get("/documents/<uuid:public_id>/comments/files/<int:file_id>")
def file_on_document(public_id: UUID, file_id: int) -> ResponseReturnValue:
    return _file(own_document(public_id), file_id)


@blueprint.get("/projects/<uuid:public_id>/comments/files/<int:file_id>")
@only_with("show_projects")
def file_on_project(public_id: UUID, file_id: int) -> ResponseReturnValue:
    return _file(own_project(public_id), file_id)


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """More than anything is taken, so nothing of it was read: the page says so at its form."""
    page = {"on_document": "portal-document.document", "on_project": "portal-project.project"}
    name = (request.endpoint or "").partition(".")[2]
    values = {**(request.view_args or {}), "portal_name": g.portal_name, TOO_LARGE: 1}
    return redirect(url_for(page[name], **values, _anchor="comments"), code=303)


def _write(subject: Document | Project) -> None:
    require_writer()
    sent = [(each.filename or "", each.stream) for each in request.files.getlist("files")]
    store = FileStore(current_app.extensions["settings"].files_url)
    body = request.form.get("body", "")
    write_comment(
        subject,
        body,
        files=receive_files(sent, store, body=body),
        ip=request.remote_addr,
    )
    db.session.commit()
    flash(_("Your comment was sent."))


def _back(endpoint: str, public_id: UUID) -> ResponseReturnValue:
    return redirect(url_for(endpoint, public_id=public_id, _anchor="comments"), code=303)


def _file(subject: Document | Project, file_id: int) -> ResponseReturnValue:
    one = file_of_comment(subject, file_id)
    return served(one.sha256, one.name, one.media_type)
