"""Statements of account: issued for a period, read, sent; never written by hand (S1-09)."""

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin_views.columns import Described
from admin_views.crud.documents import VOID
from admin_views.crud.mailed_documents import MailedDocumentScreen
from admin_views.crud.statement_tables import ages_to_read, movements_to_read
from admin_views.filters import Filter
from admin_views.list_page import Tab
from admin_views.registry import screen_for
from admin_views.screens.statements import IssueRoutes
from models.sales.document_state import DocumentState
from models.sales.statement import Statement

# Columns of all documents that say nothing of a statement: it is not owed, and charges nothing.
NOT_OF_STATEMENTS = {"due_date", "subtotal", "tax_total", "balance_due", "branch", "notes"}


@screen_for(Statement)
class StatementScreen(IssueRoutes, MailedDocumentScreen):
    """With the period in the place of days to pay, and movements in the place of lines."""

    list_columns = (
        "label",
        "customer",
        "period_start",
        "issue_date",
        "state",
        "delivery",
        "total",
    )
    verbs = (VOID,)
    form_groups = (
        (_l("Customer"), "", ("customer", "lang")),
        (
            _l("Account"),
            "",
            ("period_start", "issue_date", "currency", "opening_balance", "total"),
        ),
    )
    said_elsewhere = ("series", "number", "label", "state")
    list_template_name = "admin/sales/statements.html"

    def shown_columns(self) -> dict[str, Described]:
        """What it shares with other documents goes by other words here."""
        words = {"issue_date": _l("Period to"), "total": _l("Balance at its end")}
        return {
            name: replace(column, label=words.get(name, column.label))
            for name, column in super().shown_columns().items()
            if name not in NOT_OF_STATEMENTS
        }

    def filters(self) -> dict[str, Filter]:
        own = {n: each for n, each in super().filters().items() if n not in NOT_OF_STATEMENTS}
        own["issue_date"].label = _l("Period to")
        return own

    def tabs(self) -> tuple[Tab, ...]:
        not_sent = {"flt_state": DocumentState.POSTED.value, "flt_delivery": "none"}
        return (
            Tab(_("Statements not sent"), not_sent),
            Tab(_("Statements not delivered"), {"flt_delivery": "failed,unconfirmed"}, tone="bad"),
        )

    def details_of(self, record: Any, **more: Any) -> str:
        tables = [movements_to_read(record), ages_to_read(record)]
        return super().details_of(record, **{"lines": tables, **more})

    def _empty(self) -> dict[str, Any]:
        url = self.issue_url()
        label = _("Issue statements of account")
        return {
            "title": _("No statement has been issued yet"),
            "text": _("Choose a period and for whom; each customer gets one, with what moved."),
            "actions": [{"label": label, "url": url, "icon": "plus"}] if url else [],
        }

    def render(self, template: str, **kwargs: Any) -> str:
        kwargs.setdefault("issue_url", self.issue_url())
        return super().render(template, **kwargs)
