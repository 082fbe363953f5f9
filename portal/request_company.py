"""Ask for access: for which company, and what its group wants to know (X0-03, X0-04)."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from errors import Invalid
from extensions import limiter
from models.base import db
from models.portal.access_request import AccessRequest
from portal.guard import current_portal, open_to_everybody, portal_blueprint
from portal.request_draft import own_request
from portal.request_forms import NO_TYPE, CompanyForm, answers_of, questions_form
from portal.request_page import PAGES, onward, request_page
from services.portal.access_requests import (
    WRITABLE,
    Company,
    Step,
    questions_for,
    write_answers,
    write_company,
)

blueprint = portal_blueprint("request_company", __name__)


@blueprint.route("/request-access/company", methods=["GET", "POST"])
@limiter.limit("60 per minute")
@open_to_everybody
def company() -> ResponseReturnValue:
    own = own_request()
    if own is None or own.state not in WRITABLE:
        return onward(own)
    form = CompanyForm(obj=own, data={**own.company, "tax_id_type": _kind_of(own)})
    if not form.validate_on_submit():
        return request_page(Step.COMPANY, form, own=own)
    try:
        write_company(own, _company(form))
    except Invalid as problem:
        db.session.rollback()
        field = problem.field if problem.field in form else "tax_id"
        form[field].errors = [problem.message]
        return request_page(Step.COMPANY, form, own=own_request())
    db.session.commit()
    asks = bool(questions_for(own.customer_group))
    return redirect(url_for(PAGES[Step.QUESTIONS if asks else Step.STATUS]))


@blueprint.route("/request-access/questions", methods=["GET", "POST"])
@limiter.limit("60 per minute")
@open_to_everybody
def questions() -> ResponseReturnValue:
    own = own_request()
    if own is None or own.state not in WRITABLE:
        return onward(own)
    asked = questions_for(own.customer_group)
    if not asked:
        return redirect(url_for(PAGES[Step.STATUS]))
    form = questions_form(own, asked)
    if not form.validate_on_submit():
        return request_page(Step.QUESTIONS, form, own=own)
    write_answers(own, answers_of(form, asked))
    db.session.commit()
    return redirect(url_for(PAGES[Step.STATUS]))


def _company(form: CompanyForm) -> Company:
    kind = form.tax_id_type.data
    return Company(
        name=form.company_name.data,
        tax_id_type=kind if kind != NO_TYPE else None,
        tax_id=form.tax_id.data,
        city=form.city.data or "",
        job_title=form.job_title.data or "",
    )


def _kind_of(own: AccessRequest) -> str:
    """What was chosen, else what the tax ids of this company's country usually are."""
    if own.company:
        return str(own.company.get("tax_id_type") or NO_TYPE)
    return current_portal().organization.tax_id_type or NO_TYPE
