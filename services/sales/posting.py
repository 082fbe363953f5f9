"""Posting and voiding: a draft takes its number and stops changing; what is void stays visible."""

from flask_babel import gettext as _
from sqlalchemy import select

from errors import Conflict, Invalid
from models.audit_trail import record_event
from models.base import db, utc_now
from models.sales.document import Document
from models.sales.document_state import DocumentState
from models.sales.number_series import NumberSeries
from services.sales.bill_to import bill_to


def post_document(document: Document) -> None:
    """Give the draft its number and freeze it, with the customer's data as they are now.

    Raises Conflict if it is no draft or its series is missing, Invalid if there is nothing to charge.
    """
    if document.state is not DocumentState.DRAFT:
        raise Conflict(_("Only a draft can be posted."))
    if not document.lines:
        raise Invalid(_("A document without lines cannot be posted."))
    if document.due_date < document.issue_date:
        raise Invalid(_("The due date is before the issue date."), field="due_date")
    series = _series_of(document)
    document.add_up()
    db.session.flush()  # the sums of its lines first: the lines of a posted document stay as they are
    document.series = series.series
    document.number, document.number_int = series.take()
    document.bill_to = bill_to(document.customer)
    document.balance_due = document.total
    document.posted_at = utc_now()
    document.change_state(DocumentState.POSTED)
    db.session.flush()
    _note(document, "post")


def void_document(document: Document) -> None:
    """Take a posted document out of force; raises Conflict if something was paid on it."""
    if document.state is DocumentState.PARTIALLY_PAID or document.state is DocumentState.PAID:
        raise Conflict(_("Something was paid on it. Take the payment back first."))
    document.change_state(DocumentState.VOID)
    document.void_at = utc_now()
    document.balance_due = document.total * 0
    db.session.flush()
    _note(document, "void")


def _series_of(document: Document) -> NumberSeries:
    """The series that the draft names, or the default one of its kind; locked until the end of the transaction."""
    wanted = NumberSeries.of(document.kind, document.series)
    if not document.series:
        wanted = (
            select(NumberSeries)
            .where(NumberSeries.kind == document.kind, NumberSeries.is_default)
            .order_by(NumberSeries.id)
            .limit(1)
            .with_for_update()
        )
    series: NumberSeries | None = db.session.scalar(
        wanted.execution_options(populate_existing=True)
    )
    if series is None:
        if document.series:
            raise Conflict(
                _("There is no number series %(series)s for this kind.", series=document.series)
            )
        raise Conflict(_("There is no number series for this kind of document yet."))
    return series


def _note(document: Document, action: str) -> None:
    record_event(
        db.session(),
        entity=document.__tablename__,
        entity_id=document.id,
        action=action,
        after={"label": document.label, "state": document.state.value},
    )
