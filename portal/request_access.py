"""Ask for access, page by page: terms, contact, company, questions, status (X0-05). Each page is kept when it is left."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from errors import AppError, Conflict, Invalid
from extensions import limiter
from jobs.mailings import deliver_due
from jobs.portal import receive_access_requests
from models.base import db
from models.portal.access_request import AccessRequest
from models.portal.portal_text import PortalText, PortalTextKind
from portal.door_page import CODES_PER_ADDRESS, PER_IP, per_written, was_refused
from portal.guard import open_to_everybody, portal_blueprint
from portal.request_draft import draft, forget, is_verified, keep, own_request
from portal.request_forms import (
    AnswerForm,
    ContactForm,
    RequestCodeForm,
    ResumeForm,
    TermsForm,
)
from portal.request_page import PAGES, group_here, lang_here, onward, request_page
from services.people.tax_ids import plain_name, shown_tax_id
from services.portal.access_codes import begin, verify
from services.portal.access_enquiries import answer_enquiry, open_enquiry
from services.portal.access_requests import (
    WRITABLE,
    Step,
    accept_terms,
    next_step,
    submit,
    write_contact,
)
from services.portal.said_texts import said_html, said_text, shown_html

blueprint = portal_blueprint("request_access", __name__)


@blueprint.route("/request-access", methods=["GET", "POST"])
@limiter.limit("60 per minute")
@open_to_everybody
def terms() -> ResponseReturnValue:
    """The first page; the address of a group's door names the group."""
    if request.args.get("group"):
        keep(group=request.args["group"][:60])
    text, form = _terms_here(), TermsForm()
    if text is None:
        del form.terms
    if not form.validate_on_submit():
        return _terms_page(form, text)
    keep(terms=text.revision if text else None)
    own = own_request()
    if own is not None and own.state in WRITABLE and text is not None:
        accept_terms(own, text.revision)
    db.session.commit()
    return redirect(url_for(PAGES[Step.CONTACT]))


@blueprint.route("/request-access/contact", methods=["GET", "POST"])
@limiter.limit(PER_IP, methods=["POST"])
@limiter.limit(
    CODES_PER_ADDRESS,
    key_func=per_written("email", "access"),
    methods=["POST"],
    exempt_when=is_verified,
)
@open_to_everybody
def contact() -> ResponseReturnValue:
    """Who asks; whose address is verified already only changes the rest."""
    own = own_request()
    known = {"name": own.name, "phone": own.phone} if own else {}
    form = ContactForm(data={**draft(), **known})
    if own is not None:
        del form.email
    if not form.validate_on_submit():
        return request_page(Step.CONTACT, form, own=own)
    keep(name=form.name.data, phone=form.phone.data)
    if own is None:
        return _begun(form, lambda: request_page(Step.CONTACT, form))
    try:
        write_contact(own, form.name.data, form.phone.data)
    except Conflict:
        db.session.rollback()  # it was sent already: the last page says so
    db.session.commit()
    return onward(own)


@blueprint.post("/request-access/resume")
@limiter.limit(PER_IP)
@limiter.limit(CODES_PER_ADDRESS, key_func=per_written("email", "access"))
@open_to_everybody
def resume() -> ResponseReturnValue:
    """Go on with a request that was begun before: a code goes to every address alike."""
    form = ResumeForm()
    if not form.validate_on_submit():
        return _resume_page(form)
    return _begun(form, lambda: _resume_page(form))


@blueprint.route("/request-access/code", methods=["GET", "POST"])
@limiter.limit(PER_IP, methods=["POST"], deduct_when=was_refused)
@open_to_everybody
def code() -> ResponseReturnValue:
    """The code of the e-mail; from here on this browser may go on with the request."""
    begun, form = draft().get("begun"), RequestCodeForm()
    if not begun:
        return redirect(url_for(PAGES[Step.CONTACT]))
    if not form.validate_on_submit():
        return request_page(Step.CONTACT, form, template="code", email=draft().get("email"))
    own = verify(int(begun), form.code.data)
    if own is None:
        db.session.commit()  # the failure counts
        form.code.errors = [_("The code does not fit or is too old. Ask for another.")]
        return request_page(Step.CONTACT, form, template="code", email=draft().get("email"))
    if own.state in WRITABLE:
        _take_over(own)
    db.session.commit()
    keep(request=own.id, begun=None)
    return onward(own)


@blueprint.route("/request-access/status", methods=["GET", "POST"])
@limiter.limit("60 per minute")
@open_to_everybody
def status() -> ResponseReturnValue:
    """All that was written, to be sent; afterwards, how far it has got."""
    own, problem = own_request(), None
    if own is None:
        return redirect(url_for(PAGES[Step.CONTACT]))
    form = RequestCodeForm(formdata=None)
    if request.method == "POST":
        try:
            submit(own)
            db.session.commit()
            receive_access_requests.enqueue()
            return redirect(url_for(PAGES[Step.STATUS]))
        except AppError as refused:
            db.session.rollback()
            problem, own = refused.message, own_request()
    assert own is not None
    missing, kind_of_id = next_step(own), own.company.get("tax_id_type")
    kind = (
        PortalTextKind.SUMMARY_COMPLETE
        if missing is Step.STATUS
        else PortalTextKind.SUMMARY_INCOMPLETE
    )
    return request_page(
        Step.STATUS,
        form,
        own=own,
        problem=problem,
        tax_id=shown_tax_id(own.tax_id, kind_of_id),
        tax_id_name=plain_name(kind_of_id) if kind_of_id else _("Tax id"),
        missing_url=url_for(PAGES[missing]) if missing is not Step.STATUS else None,
        said=said_html(kind, own.customer_group, lang_here()),
        asked=open_enquiry(own),
    )


@blueprint.route("/request-access/answer", methods=["GET", "POST"])
@limiter.limit("60 per minute")
@open_to_everybody
def answer() -> ResponseReturnValue:
    """What staff asked besides; a browser that does not know the request shows first whose it is."""
    if request.args.get("group"):
        keep(group=request.args["group"][:60])
    own, form = own_request(), AnswerForm()
    if own is None:
        return request_page(Step.STATUS, ResumeForm(formdata=None), template="whose")
    asked = open_enquiry(own)
    if asked is None:
        return redirect(url_for(PAGES[Step.STATUS]))
    if not form.validate_on_submit():
        return request_page(Step.STATUS, form, template="answer", own=own, asked=asked)
    answer_enquiry(own, form.answer.data)
    db.session.commit()
    deliver_due.enqueue()
    flash(_("We have your answer."))
    return redirect(url_for(PAGES[Step.STATUS]))


@blueprint.post("/request-access/forget")
@limiter.limit("60 per minute")
@open_to_everybody
def another() -> ResponseReturnValue:
    """Begin anew in this browser, with another address; what was sent stays."""
    forget()
    flash(_("This browser has forgotten the request. The one that was sent stays."))
    return redirect(url_for(PAGES[Step.TERMS]))


def _terms_here() -> PortalText | None:
    return said_text(PortalTextKind.TERMS, group_here(), lang_here())


def _terms_page(
    form: TermsForm, text: PortalText | None, resume: ResumeForm | None = None
) -> ResponseReturnValue:
    return request_page(
        Step.TERMS,
        form,
        resume=resume or ResumeForm(formdata=None),
        text=text,
        shown=shown_html(text) if text else None,
    )


def _resume_page(resume: ResumeForm) -> ResponseReturnValue:
    """The first page, with what is wrong in the address of who has begun before."""
    return _terms_page(TermsForm(formdata=None), _terms_here(), resume)


def _begun(
    form: ContactForm | ResumeForm, again: Callable[[], ResponseReturnValue]
) -> ResponseReturnValue:
    """A code is on its way to the address; `again` is the page for an address that is none."""
    try:
        begun = begin(
            form.email.data,
            group_here(),
            lang=lang_here(),
            ip=request.remote_addr,
            user_agent=request.user_agent.string,
        )
    except Invalid as problem:
        db.session.rollback()
        form.email.errors = [problem.message]
        return again()
    keep(email=begun.email, begun=begun.id, request=None)
    db.session.commit()
    deliver_due.enqueue()
    return redirect(url_for("portal-request_access.code"))


def _take_over(own: AccessRequest) -> None:
    """What was written before the address was verified."""
    kept = draft()
    if kept.get("name"):
        write_contact(own, kept["name"], kept.get("phone"))
    if kept.get("terms"):
        accept_terms(own, int(kept["terms"]))
