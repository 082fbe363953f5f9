"""Invoices, credit notes, quotes and sales orders."""

from datetime import date, timedelta
from functools import partial
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import inspect
from sqlalchemy.orm import joinedload, load_only

from admin_views import reader_formats as reader
from admin_views.base import ModelScreen
from admin_views.columns import Described
from admin_views.comments import CommentRoutes
from admin_views.crud.document_deliveries import DeliveryColumn
from admin_views.crud.document_files import DocumentFileRoutes
from admin_views.crud.document_lines import lines_to_read
from admin_views.document_mails import mails_card
from admin_views.formatters import money_cell
from admin_views.list_page import Tab
from admin_views.registry import screen_for
from admin_views.state_badges import Look, badge, document_badge, overdue_badge
from admin_views.verbs import Verb
from models.people.customer import Customer
from models.sales.document import CreditNote, Document, Quote, SalesOrder
from models.sales.document_state import DocumentState
from services.sales.posting import post_document, void_document

USUAL_TERMS = 30
VIEWED = Look("ok", "eye-check")
# Beside the columns of the list: what says the name, the state and the order of a row.
IN_EVERY_ROW = {
    "label",
    "number",
    "state",
    "currency",
    "issue_date",
    "due_date",
    "total",
    "balance_due",
    "first_viewed_at",
    "version",
}


def is_draft(document: Document) -> bool:
    return document.state is DocumentState.DRAFT


def can_be_void(document: Document) -> bool:
    return document.state is DocumentState.POSTED


POST = Verb(
    name="post",
    label=_l("Post"),
    icon="file-check",
    run=post_document,
    right="post",
    fits=is_draft,
    question=_l("Post “%(name)s”?"),
    explanation=_l("It takes the next number of its series and does not change any more."),
    done=_l("“%(name)s” was posted."),
)
VOID = Verb(
    name="void",
    label=_l("Make void"),
    icon="ban",
    run=void_document,
    right="void",
    fits=can_be_void,
    question=_l("Void “%(name)s”?"),
    explanation=_l("It keeps its number and stays visible as void. This cannot be undone."),
    done=_l("“%(name)s” is void."),
    is_danger=True,
)


@screen_for(CreditNote, Quote, SalesOrder)
class DocumentScreen(DeliveryColumn, CommentRoutes, DocumentFileRoutes, ModelScreen):
    """What all kinds of documents have in common."""

    list_columns: tuple[str, ...] | None = (
        "label",
        "customer",
        "issue_date",
        "due_date",
        "state",
        "delivery",
        "total",
    )
    search_words = _l("Number, customer or tax id")
    verbs: tuple[Verb, ...] = (POST, VOID)
    form_groups: tuple[tuple[Any, Any, tuple[str, ...]], ...] = (
        (_l("Customer"), "", ("customer", "branch", "lang")),
        (
            _l("Document"),
            _l("The number comes from the series when it is posted."),
            ("series", "currency", "issue_date", "due_date"),
        ),
        (_l("Notes"), _l("Printed below the lines."), ("notes",)),
    )

    # The head, the label and the foot of the lines say these.
    said_elsewhere: tuple[str, ...] = (
        "series",
        "number",
        "label",
        "state",
        "subtotal",
        "tax_total",
        "total",
    )

    def list_loading(self, columns: list[Described]) -> list[Any]:
        """Only what the cells show: half a document's columns are for its own page."""
        stored = inspect(self.model).column_attrs
        shown = {c.name for c in columns if c.name in stored} | IN_EVERY_ROW
        wanted = [load_only(*(getattr(self.model, name) for name in sorted(shown)))]
        for column in columns:
            if column.name == "customer":
                wanted.append(joinedload(self.model.customer).load_only(Customer.name))
            elif column.relation is not None:
                wanted.append(joinedload(getattr(self.model, column.name)))
        return wanted

    def prefill(self, form: Any) -> None:
        super().prefill(form)
        form.issue_date.data = reader.today()
        form.due_date.data = reader.today() + timedelta(days=USUAL_TERMS)

    def is_frozen(self, record: Any) -> bool:
        return bool(record.state is not DocumentState.DRAFT)

    def before_save(self, record: Any, form: Any, is_new: bool) -> None:
        record.add_up()

    def tabs(self) -> tuple[Tab, ...]:
        """What needs somebody to look at it."""
        return (Tab(_("Not delivered"), {"flt_delivery": "failed,unconfirmed"}, tone="bad"),)

    def cell_of(self, column: Described) -> Any:
        if column.name == "state":
            return partial(state_cell, lang=reader.language(), today=reader.today())
        if column.name == "label":
            return label_cell
        return super().cell_of(column)

    def record_context(self, record: Any) -> dict[str, Any]:
        return {**super().record_context(record), "mails": mails_card(record)}

    def subtitle_of(self, record: Any) -> Any:
        return Markup("{} <span>{}</span>").format(state_cell(record), record.customer)

    def amount_of(self, record: Any) -> tuple[str, str] | None:
        return f"{record.total:.4f}", record.currency

    def main_action(self, record: Any) -> dict[str, Any] | None:
        """What one does most with a posted document: read it as its customer does."""
        if is_draft(record):
            return None
        return {"label": _("View PDF"), "icon": "file-type-pdf", "url": self.pdf_url(record.id)}

    def lines_table(self, record: Any, name: str) -> dict[str, Any]:
        return super().lines_table(record, name) | lines_to_read(record)

    def totals_of(self, record: Any) -> list[tuple[Any, Any]]:
        currency = record.currency
        return [
            (_("Subtotal"), money_cell(record.subtotal, currency)),
            (_("Taxes"), money_cell(record.tax_total, currency)),
            (_("Total"), money_cell(record.total, currency)),
        ]


def state_cell(document: Any, lang: str | None = None, today: date | None = None) -> Markup:
    """The state, or since when it is late; `lang` and `today` save asking for every row."""
    days = document.days_overdue(today or reader.today())
    state = (
        overdue_badge(days, lang) if days else document_badge(document.kind, document.state, lang)
    )
    return state + Markup(" ") + viewed_badge(document) if document.first_viewed_at else state


def viewed_badge(document: Any) -> Markup:
    """That the customer had it before them, and since when (P-24)."""
    seen = document.first_viewed_at.astimezone(reader.zone()).date()
    return badge(_("Viewed %(day)s", day=reader.day(seen)), VIEWED)


def label_cell(document: Any) -> str:
    """The number; a draft has none yet."""
    return (
        document.label
        if document.number
        else _("Draft of %(day)s", day=reader.day(document.issue_date))
    )
