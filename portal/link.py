"""A document by its link, for whoever has it; nobody signs in, and looking changes nothing."""

from datetime import date

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select

from errors import Conflict, Forbidden, Invalid, NotFound
from extensions import limiter
from models.base import db, utc_now
from models.people.organization import Organization
from models.portal.portal_event import PortalEventKind
from models.portal.portal_settings import PortalSettings
from models.sales.document import Document
from models.tenancy import Actor, Scope, enter
from portal.answer_form import AnswerForm, answer_form, closed_form, refused, take_answer
from portal.company_clock import there
from portal.document_in_words import in_words
from portal.how_to_pay import how_to_pay
from portal.human_looks import is_customers_look, may_be_a_scan
from portal.languages import offer
from portal.sender import sender_of
from portal.served_files import PDF, served
from services.portal.events import is_link_viewed, note_event, note_view
from services.portal.quote_answers import Signature, link_that_answers, why_not
from services.portal.share_links import FoundLink, files_of_link, find_link
from services.sales.formats import shown_date

blueprint = Blueprint("link", __name__)
SELDOM = "20 per minute"
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
    found = _opened(link)
    offer(_settings(), _organization(link))
    return _page(token, link, found, _answer_form(found, token, link))


@blueprint.post("/l/<token>/answer")
@limiter.limit(SELDOM)
def answer(token: str) -> ResponseReturnValue:
    """Accept or decline a quote with the name that one writes."""
    link = find_link(token)
    found = _opened(link)
    offer(_settings(), _organization(link))
    link_id = link_that_answers(token)
    if link_id is None:
        raise Forbidden(_("This link is only to read. Sign in to the portal to answer."))
    signature = Signature(
        name=request.form.get("name", ""),
        share_link_id=link_id,
        ip=request.remote_addr,
        user_agent=request.user_agent.string,
    )
    try:
        take_answer(found, signature, pdf_sha256=link.file_sha256, today=_today(link))
    except (Invalid, Conflict) as problem:
        db.session.rollback()
        found = _opened(link)
        form = refused(_answer_form(found, token, link), problem)
        return _page(token, link, found, form, problem.message), problem.status
    db.session.commit()
    return redirect(url_for("link.document", token=token), code=303)


@blueprint.post("/l/<token>/seen")
@limiter.limit(SLOWLY)
def seen(token: str) -> ResponseReturnValue:
    """The page's script says that a person has it before them; 202 while that may be a mail scanner."""
    found = _opened(find_link(token))
    if is_customers_look():
        if may_be_a_scan(found):
            return "", 202
        note_view(found, ip=request.remote_addr, token=token)
        db.session.commit()
    return "", 204


@blueprint.post("/l/<token>/load")
@limiter.limit(SLOWLY)
def load(token: str) -> ResponseReturnValue:
    """A person wants the PDF, which is a view too if none was noted; the file itself is fetched by GET."""
    found = _opened(find_link(token))
    if is_customers_look():
        if not is_link_viewed(token):
            note_view(found, ip=request.remote_addr, token=token)
        note_event(PortalEventKind.DOWNLOADED, found, ip=request.remote_addr)
        db.session.commit()
    return redirect(url_for("link.pdf", token=token), code=303)


@blueprint.get("/l/<token>/document.pdf")
@limiter.limit(SLOWLY)
def pdf(token: str) -> ResponseReturnValue:
    """The very file that the message is about."""
    link = find_link(token)
    return served(link.file_sha256, f"{_opened(link).label}.pdf", PDF)


@blueprint.get("/l/<token>/files/<sha256>")
@limiter.limit(SLOWLY)
def file(token: str, sha256: str) -> ResponseReturnValue:
    """A file that goes along with the document, such as its XML."""
    find_link(token)
    for each in files_of_link(token):
        if each.sha256 == sha256:
            return served(each.sha256, each.name, each.media_type)
    raise NotFound(_("This document has no such file."))


@blueprint.errorhandler(NotFound)
def gone(problem: NotFound) -> ResponseReturnValue:
    """One page for links that are old, withdrawn or were never made."""
    return render_template("portal/gone.html", message=problem.message), problem.status


def _today(link: FoundLink) -> date:
    """The day on the wall of the company that sent the link."""
    return there(utc_now(), _organization(link)).date()


def _organization(link: FoundLink) -> Organization:
    return db.session.get_one(Organization, link.organization_id)


def _settings() -> PortalSettings:
    found: PortalSettings = db.session.scalars(select(PortalSettings)).one()
    return found


def _answer_form(found: Document, token: str, link: FoundLink) -> AnswerForm | None:
    """For whoever has the link, if the contact to whom it was sent may answer."""
    today = _today(link)
    if link_that_answers(token) is None or why_not(found, today):
        return closed_form(found, today)
    return answer_form(
        found,
        today,
        url=url_for("link.answer", token=token),
        name="",
        pdf_sha256=link.file_sha256,
        pdf_url=url_for("link.pdf", token=token),
    )


def _page(
    token: str, link: FoundLink, found: Document, form: AnswerForm | None, problem: str = ""
) -> str:
    organization, settings = _organization(link), _settings()
    lang = str(get_locale() or "es")
    return render_template(
        "portal/link.html",
        sender=sender_of(organization, settings.title),
        document=in_words(found, _today(link)),
        until=shown_date(there(link.expires_at, organization).date(), lang),
        load_url=url_for("link.load", token=token),
        seen_url=url_for("link.seen", token=token),
        files=[
            (each.name, url_for("link.file", token=token, sha256=each.sha256))
            for each in files_of_link(token)
        ],
        verify_url=url_for("portal-verify.verify", portal_name=settings.name),
        language_url=url_for("portal-door.language", portal_name=settings.name),
        current_language=lang,
        how_to_pay=how_to_pay(found, organization),
        answer=form,
        problem=problem if form is None or not form.problem else "",
    )


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
