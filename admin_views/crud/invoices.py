"""Invoices: the list that one works with all day."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, and_, func, not_

from admin_views import reader_formats as reader
from admin_views.columns import Described
from admin_views.crud.mailed_documents import MailedDocumentScreen
from admin_views.filters import Filter
from admin_views.formatters import money_cell
from admin_views.list_page import Tab
from admin_views.registry import screen_for
from models.sales.document import Invoice
from models.sales.document_state import DocumentState

OPEN_STATES = f"{DocumentState.POSTED},{DocumentState.PARTIALLY_PAID}"


class Overdue(Filter):
    """Owed after the due date."""

    control = "boolean"

    def is_valid(self, value: str) -> bool:
        return value in ("0", "1")

    def apply(self, query: Select[Any], model: type[Any], value: str) -> Select[Any]:
        late = and_(
            model.state.in_([DocumentState.POSTED, DocumentState.PARTIALLY_PAID]),
            model.due_date < func.current_date(),
            model.balance_due > 0,
        )
        return query.where(late if value == "1" else not_(late))

    def words(self, value: str) -> str:
        return _("yes") if value == "1" else _("no")


@screen_for(Invoice)
class InvoiceScreen(MailedDocumentScreen):
    """With what is late, and what was not sent."""

    import_subject = "invoices"
    list_columns = (
        "label",
        "customer",
        "issue_date",
        "due_date",
        "state",
        "delivery",
        "total",
        "balance_due",
    )
    list_template_name = "admin/sales/invoices.html"

    def filters(self) -> dict[str, Filter]:
        return {**super().filters(), "overdue": Overdue("overdue", _l("Overdue"))}

    def tabs(self) -> tuple[Tab, ...]:
        return (
            Tab(_("Issued, not sent"), {"flt_state": OPEN_STATES, "flt_delivery": "none"}),
            Tab(_("Overdue invoices"), {"flt_overdue": "1", "sort": "due_date"}),
            Tab(_("Not delivered"), {"flt_delivery": "failed,unconfirmed"}, tone="bad"),
            Tab(_("Drafts"), {"flt_state": DocumentState.DRAFT.value}),
        )

    def cell_of(self, column: Described) -> Any:
        if column.name == "balance_due":
            lang = reader.language()
            return lambda invoice: money_cell(
                invoice.balance_due, invoice.currency, code=False, lang=lang
            )
        return super().cell_of(column)
