"""One document: what it says, its PDF, the files that go along, its print view. Reading it changes nothing."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from errors import AppError, Conflict, Forbidden, Invalid, NotFound
from extensions import limiter
from jobs.mailings import workshop
from models.base import db
from models.portal.portal_event import PortalEventKind
from models.sales.document import Document
from models.sales.document_state import DocumentKind
from models.states import state_word
from portal.answer_form import AnswerForm, answer_form, closed_form, refused, take_answer, thanks
from portal.comment_thread import thread_of
from portal.company_clock import there
from portal.document_in_words import in_words
from portal.documents import list_endpoint, list_title
from portal.forward_words import forward_words
from portal.frame import page
from portal.guard import current_portal, current_visitor, portal_blueprint
from portal.how_to_pay import how_to_pay
from portal.limits import per_visitor
from portal.own_documents import current_sight, own_document, today
from portal.paper import paper_of
from portal.served_files import PDF, served
from portal.urls import page_url, url_of
from portal.writing import may_write
from services.portal.beside_document import bring_lines
from services.portal.events import note_event, note_view
from services.portal.quote_answers import Signature, why_not
from services.portal.visible_documents import SUBJECT_OF
from services.sales.document_files import attachment, attachments_of
from services.sales.formats import shown_date
from services.sales.pdf import pdf_of
from services.system.uploads import size_words

OFTEN = "60 per minute"
blueprint = portal_blueprint("document", __name__)


@blueprint.get("/documents/<uuid:public_id>")
def document(public_id: UUID) -> str:
    found = own_document(public_id)
    return document_page(found)


def document_page(found: Document, *, refused_comment: AppError | None = None) -> str:
    """The page of a document; with a comment that was just refused."""
    text = _page(found, _answer_form(found), refused_comment=refused_comment)
    if found.kind is DocumentKind.QUOTE:
        db.session.commit()  # the PDF that is answered to
    return text


@blueprint.post("/documents/<uuid:public_id>/answer")
@limiter.limit(OFTEN, key_func=per_visitor)
def answer(public_id: UUID) -> ResponseReturnValue:
    """Accept or decline a quote."""
    found, visitor = own_document(public_id), current_visitor()
    if not current_sight().may_answer:
        raise Forbidden(_("Your role at this customer does not answer quotes."))
    signature = Signature(
        name=request.form.get("name", ""),
        portal_user_id=visitor.portal_user_id,
        ip=request.remote_addr,
        user_agent=request.user_agent.string,
    )
    try:
        given = take_answer(found, signature, pdf_sha256=request.form.get("pdf", ""), today=today())
    except (Invalid, Conflict) as problem:
        db.session.rollback()
        found = own_document(public_id)
        text = _page(found, refused(_answer_form(found), problem), problem=problem.message)
        db.session.commit()
        return text, problem.status
    db.session.commit()
    flash(thanks(given))
    return redirect(_url("document", found), code=303)


def _answer_form(found: Document) -> AnswerForm | None:
    """Drawn with the very PDF that is answered to."""
    if found.kind is not DocumentKind.QUOTE:
        return None
    if not current_sight().may_answer or why_not(found, today()):
        return closed_form(found, today())
    return answer_form(
        found,
        today(),
        url=_url("answer", found),
        name=current_visitor().name,
        pdf_sha256=pdf_of(found, workshop()).sha256,
        pdf_url=_url("pdf", found),
    )


def _page(
    found: Document,
    form: AnswerForm | None,
    problem: str = "",
    refused_comment: AppError | None = None,
) -> str:
    beside = bring_lines(found)
    return render_template(
        "portal/document.html",
        page=page(SUBJECT_OF[found.kind]),
        document=in_words(found, today()),
        list_url=page_url(list_endpoint(found.kind)),
        list_title=list_title(found.kind),
        history=_history(found),
        paper=paper_of(found),
        pdf_name=f"{found.label}.pdf",
        pdf_url=_url("pdf", found),
        load_url=None if current_visitor().is_staff else _url("load", found),
        seen_url=None if current_visitor().is_staff else _url("seen", found),
        print_url=_url("print_view", found),
        files=[
            {
                "name": str(each),
                "kind": str(state_word(each.kind)),
                "size": size_words(each.file.size_bytes),
                "url": url_for("portal-document.file", public_id=found.public_id, file_id=each.id),
            }
            for each in (attachments_of(found) if beside.has_files else ())
        ],
        how_to_pay=how_to_pay(found, current_portal().organization),
        answer=form,
        problem=problem if form is None or not form.problem else "",
        thread=thread_of(found, problem=refused_comment, has_comments=beside.has_comments),
        forward_url=url_of("portal-forward.form", found.public_id)
        if current_portal().settings.allow_forward and may_write()
        else None,
        forwards=forward_words(found) if beside.has_forwards else [],
    )


@blueprint.get("/documents/<uuid:public_id>/pdf")
def pdf(public_id: UUID) -> ResponseReturnValue:
    """The PDF to keep; drawn once and stored, which nobody can see."""
    found = own_document(public_id)
    drawn = pdf_of(found, workshop())
    db.session.commit()
    return served(drawn.sha256, drawn.filename, PDF)


@blueprint.get("/documents/<uuid:public_id>/files/<int:file_id>")
def file(public_id: UUID, file_id: int) -> ResponseReturnValue:
    """A file that goes along with the document, such as its XML."""
    if file_id > 2**62:
        raise NotFound(_("This file does not exist, or you have no access to it."))
    one = attachment(own_document(public_id), file_id)
    return served(one.file.sha256, str(one), one.file.media_type)


@blueprint.get("/documents/<uuid:public_id>/print")
def print_view(public_id: UUID) -> str:
    """The document alone, as it looks on paper."""
    found = own_document(public_id)
    return render_template(
        "portal/print.html",
        page=page(SUBJECT_OF[found.kind]),
        title=in_words(found, today()).title,
        paper=paper_of(found),
        document_url=_url("document", found),
        printed_url=None if current_visitor().is_staff else _url("printed", found),
    )


@blueprint.post("/documents/<uuid:public_id>/seen")
@limiter.limit(OFTEN, key_func=per_visitor)
def seen(public_id: UUID) -> ResponseReturnValue:
    """The page's script says that a person has it before them."""
    note_view(own_document(public_id), ip=request.remote_addr)
    db.session.commit()
    return "", 204


@blueprint.post("/documents/<uuid:public_id>/load")
@limiter.limit(OFTEN, key_func=per_visitor)
def load(public_id: UUID) -> ResponseReturnValue:
    """A person wants the PDF, which is a view too; the file itself is fetched by GET."""
    found = own_document(public_id)
    if found.first_viewed_at is None:
        note_view(found, ip=request.remote_addr)
    note_event(PortalEventKind.DOWNLOADED, found, ip=request.remote_addr)
    db.session.commit()
    return redirect(_url("pdf", found), code=303)


@blueprint.post("/documents/<uuid:public_id>/printed")
@limiter.limit(OFTEN, key_func=per_visitor)
def printed(public_id: UUID) -> ResponseReturnValue:
    """The print view's button was pressed."""
    note_event(PortalEventKind.PRINTED, own_document(public_id), ip=request.remote_addr)
    db.session.commit()
    return "", 204


def _history(found: Document) -> str:
    """When it was sent and first viewed."""
    lang = str(get_locale() or "es")
    parts = []
    if found.first_sent_at is not None:
        day = shown_date(there(found.first_sent_at).date(), lang)
        parts.append(_("Sent to you on %(day)s", day=day))
    if found.first_viewed_at is not None:
        day = shown_date(there(found.first_viewed_at).date(), lang)
        parts.append(_("first viewed on %(day)s", day=day))
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def _url(page_name: str, found: Document) -> str:
    return url_of(f"portal-document.{page_name}", found.public_id)
