"""A document by its link, for whoever has it; nobody signs in, and looking changes nothing."""

from flask import Blueprint, Response, current_app, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from errors import NotFound
from extensions import limiter
from files.store import FileStore
from models.base import db
from models.sales.document import Document
from models.tenancy import Actor, Scope, enter
from portal.link_page import page_of
from services.portal.share_links import FoundLink, files_of_link, find_link

blueprint = Blueprint("link", __name__)
SLOWLY = "120 per minute"  # a person reads; who guesses needs 2^256 tries


@blueprint.before_request
def nobody_in_particular() -> None:
    """Staff who open a link see what its customer sees: who they are is not even asked for."""
    g.is_identity_unknown = True


@blueprint.get("/l/<token>")
@limiter.limit(SLOWLY)
def document(token: str) -> str:
    """What the document says, with the PDF to keep."""
    link = find_link(token)
    page = page_of(_opened(link), link.expires_at)
    return render_template(
        "portal/link.html",
        page=page,
        pdf_url=url_for("link.pdf", token=token),
        files=[
            (each.name, url_for("link.file", token=token, sha256=each.sha256))
            for each in files_of_link(token)
        ],
        sender=link.sender,
        sender_tax_id=link.sender_tax_id,
        sender_email=link.sender_email,
        current_language=str(get_locale() or "es"),
    )


@blueprint.get("/l/<token>/document.pdf")
@limiter.limit(SLOWLY)
def pdf(token: str) -> Response:
    """The very file that the message is about."""
    link = find_link(token)
    return _kept(link.file_sha256, f"{_opened(link).label}.pdf", "application/pdf")


@blueprint.get("/l/<token>/files/<sha256>")
@limiter.limit(SLOWLY)
def file(token: str, sha256: str) -> Response:
    """A file that goes along with the document, such as its XML."""
    find_link(token)
    for each in files_of_link(token):
        if each.sha256 == sha256:
            return _kept(each.sha256, each.name, each.media_type)
    raise NotFound(_("This document has no such file."))


@blueprint.errorhandler(NotFound)
def gone(problem: NotFound) -> ResponseReturnValue:
    """One page for links that are old, withdrawn or were never made."""
    return render_template("portal/gone.html", message=problem.message), problem.status


def _kept(sha256: str, name: str, media_type: str) -> Response:
    """To keep, never to run: strangers' files may be among them."""
    content = FileStore(current_app.extensions["settings"].files_url).read(sha256)
    answer = Response(content, mimetype=media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _opened(link: FoundLink) -> Document:
    """Work for the link's customer from here on: both walls stand around everybody else's rows."""
    enter(
        Scope(
            organization_id=link.organization_id,
            customer_id=link.customer_id,
            actor=Actor(kind="link", source="portal"),
        )
    )
    return db.session.get_one(Document, link.document_id)
