"""The lists of a customer's documents: one for each kind, with the same filters."""

from flask import render_template, request, url_for
from flask_babel import lazy_gettext as _l

from models.sales.document_state import DocumentKind
from portal.document_rows import rows_of
from portal.frame import page
from portal.guard import only_with, portal_blueprint
from portal.listing import neighbours, wanted
from portal.own_documents import current_sight, require, today
from portal.state_tabs import state_tabs
from services.portal.document_list import STATES, documents_page, numbers_of
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
blueprint = portal_blueprint("documents", __name__)


@blueprint.get("/invoices")
def invoices() -> str:
    return _list(Subject.INVOICES)


@blueprint.get("/quotes")
def quotes() -> str:
    return _list(Subject.QUOTES)


@blueprint.get("/sales-orders")
@only_with("show_sales_orders")
def sales_orders() -> str:
    return _list(Subject.SALES_ORDERS)


@blueprint.get("/credit-notes")
def credit_notes() -> str:
    return _list(Subject.CREDIT_NOTES)


@blueprint.get("/statements")
def statements() -> str:
    return _list(Subject.STATEMENTS)


def list_endpoint(kind: DocumentKind) -> str:
    """Where the documents of this kind are listed."""
    subject = next(each for each, listed in KIND_OF.items() if listed is kind)
    return f"portal-documents.{subject}"


def list_title(kind: DocumentKind) -> str:
    return str(TITLES[next(each for each, listed in KIND_OF.items() if listed is kind)])


def _list(subject: Subject) -> str:
    require(subject)
    kind, sight, asked, day = KIND_OF[subject], current_sight(), wanted(), today()
    found = documents_page(sight, kind, asked, today=day)
    numbers, (newer, older) = numbers_of(sight, kind, today=day), neighbours(found)
    return render_template(
        "portal/documents.html",
        page=page(subject),
        title=str(TITLES[subject]),
        empty=str(EMPTY[subject]),
        rows=rows_of(found.rows, day),
        tabs=state_tabs(STATES[kind], numbers.counts, asked),
        years=numbers.years,
        asked=asked,
        is_filtered=bool(asked.state or asked.year or asked.number),
        all_url=url_for(request.endpoint or ""),
        newer_url=newer,
        older_url=older,
    )
