"""The lists of a customer's documents: one for each kind, with the same filters, and what is chosen of them as a ZIP."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from errors import AppError, Invalid, Unavailable
from extensions import limiter
from models.base import db
from models.sales.document_state import DocumentKind
from portal.document_rows import rows_of
from portal.document_zip import SELDOM, zip_answer, zip_form
from portal.frame import page
from portal.guard import only_with, portal_blueprint
from portal.limits import per_visitor
from portal.listing import neighbours, wanted
from portal.own_documents import current_sight, require, today
from portal.state_tabs import state_tabs
from services.portal.document_list import documents_page, numbers_of
from services.portal.visible_documents import KIND_OF, Subject

TITLES = {
    Subject.INVOICES: _l("Invoices"),
    Subject.QUOTES: _l("Quotes"),
    Subject.SALES_ORDERS: _l("Sales orders"),
    Subject.CREDIT_NOTES: _l("Credit notes"),
    Subject.STATEMENTS: _l("Statements of account"),
}
EMPTY = {
    Subject.INVOICES: _l("There is no invoice yet."),
    Subject.QUOTES: _l("There is no quote yet."),
    Subject.SALES_ORDERS: _l("There is no sales order yet."),
    Subject.CREDIT_NOTES: _l("There is no credit note yet."),
    Subject.STATEMENTS: _l("There is no statement of account yet."),
}
LOOK_OR_TAKE = ("GET", "POST")
blueprint = portal_blueprint("documents", __name__)


@blueprint.route("/invoices", methods=LOOK_OR_TAKE)
@limiter.limit(SELDOM, key_func=per_visitor, methods=["POST"])
def invoices() -> ResponseReturnValue:
    return _list(Subject.INVOICES)


@blueprint.route("/quotes", methods=LOOK_OR_TAKE)
@limiter.limit(SELDOM, key_func=per_visitor, methods=["POST"])
def quotes() -> ResponseReturnValue:
    return _list(Subject.QUOTES)


@blueprint.route("/sales-orders", methods=LOOK_OR_TAKE)
@limiter.limit(SELDOM, key_func=per_visitor, methods=["POST"])
@only_with("show_sales_orders")
def sales_orders() -> ResponseReturnValue:
    return _list(Subject.SALES_ORDERS)


@blueprint.route("/credit-notes", methods=LOOK_OR_TAKE)
@limiter.limit(SELDOM, key_func=per_visitor, methods=["POST"])
def credit_notes() -> ResponseReturnValue:
    return _list(Subject.CREDIT_NOTES)


@blueprint.route("/statements", methods=LOOK_OR_TAKE)
@limiter.limit(SELDOM, key_func=per_visitor, methods=["POST"])
def statements() -> ResponseReturnValue:
    return _list(Subject.STATEMENTS)


def list_endpoint(kind: DocumentKind) -> str:
    """Where the documents of this kind are listed."""
    subject = next(each for each, listed in KIND_OF.items() if listed is kind)
    return f"portal-documents.{subject}"


def list_title(kind: DocumentKind) -> str:
    return str(TITLES[next(each for each, listed in KIND_OF.items() if listed is kind)])


def _list(subject: Subject) -> ResponseReturnValue:
    """The list, or what was chosen of it as a ZIP."""
    require(subject)
    if request.method != "POST":
        return _page(subject)
    try:
        return zip_answer(KIND_OF[subject], str(TITLES[subject]))
    except (Invalid, Unavailable) as problem:
        db.session.rollback()
        return _page(subject, problem), problem.status


def _page(subject: Subject, problem: AppError | None = None) -> str:
    kind, sight, asked, day = KIND_OF[subject], current_sight(), wanted(), today()
    found = documents_page(sight, kind, asked, today=day)
    numbers, (newer, older) = numbers_of(sight, kind, today=day), neighbours(found)
    return render_template(
        "portal/documents.html",
        page=page(subject),
        title=str(TITLES[subject]),
        empty=str(EMPTY[subject]),
        rows=rows_of(found.rows, day),
        tabs=state_tabs(kind, numbers.counts, asked),
        years=numbers.years,
        zip=zip_form(problem),
        asked=asked,
        is_filtered=bool(asked.state or asked.year or asked.number),
        all_url=url_for(request.endpoint or ""),
        newer_url=newer,
        older_url=older,
    )
