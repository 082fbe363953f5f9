"""Statements of account: issued for a period, read, sent; never written by hand (S1-09)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from sqlalchemy import ColumnElement, Select, and_, or_, select

from admin_views.columns import Described
from admin_views.crud.documents import VOID
from admin_views.crud.mailed_documents import MailedDocumentScreen
from admin_views.crud.statement_tables import ages_to_read, movements_to_read
from admin_views.filters import EnumIs, Filter
from admin_views.list_page import Tab
from admin_views.registry import screen_for
from admin_views.screens.mailing_words import period_words
from admin_views.screens.statement_runs import ISSUED_WITH, period_of
from admin_views.screens.statements import IssueRoutes
from models.base import db, utc_now
from models.sales.document_state import WORDS_OF_KINDS, DocumentKind, DocumentState
from models.sales.statement import Statement
from models.system.bulk_run import BulkDeed, BulkOutcome, BulkRun, BulkRunRow

# Columns of all documents that say nothing of a statement: it is not owed, and charges nothing.
NOT_OF_STATEMENTS = {"due_date", "subtotal", "tax_total", "balance_due", "branch", "notes"}
LATEST_RUNS = 20


VOID_STATEMENT = replace(
    VOID,
    explanation=lazy_pgettext(
        "statement of account",
        "It keeps its number and stays visible as void. This cannot be undone.",
    ),
    done=lazy_pgettext("statement of account", "“%(name)s” is void."),
)


class StateOfStatement(EnumIs):
    """In the words that are said of statements, which know two states only."""

    def __init__(self) -> None:
        super().__init__("state", _l("State"), tuple(WORDS_OF_KINDS[DocumentKind.STATEMENT]))

    def word_of(self, member: Any) -> Any:
        return WORDS_OF_KINDS[DocumentKind.STATEMENT][member]


class IssuedWith(Filter):
    """What one press of *Issue* has made, or several."""

    control = "select"

    def value_of(self, values: list[str]) -> str:
        return ",".join(value for value in values if value)

    def is_valid(self, value: str) -> bool:
        return bool(value) and len(self._runs(value)) == len(value.split(","))

    def apply(self, query: Select[Any], model: type[Any], value: str) -> Select[Any]:
        return query.where(or_(*(_issued_with(run, model) for run in self._runs(value))))

    def words(self, value: str) -> str:
        return "; ".join(map(_run_words, self._runs(value)))

    def options(self) -> list[tuple[str, str]]:
        runs = db.session.scalars(
            select(BulkRun)
            .where(BulkRun.deed == BulkDeed.STATEMENT, BulkRun.rows_changed > 0)
            .order_by(BulkRun.id.desc())
            .limit(LATEST_RUNS)
        )
        return [(str(run.public_id), _run_words(run)) for run in runs]

    @staticmethod
    def _runs(value: str) -> Sequence[BulkRun]:
        try:
            keys = {UUID(part) for part in value.split(",")}
        except ValueError:
            return []
        is_one = (BulkRun.public_id.in_(keys), BulkRun.deed == BulkDeed.STATEMENT)
        return db.session.scalars(select(BulkRun).where(*is_one).order_by(BulkRun.id)).all()


def _issued_with(run: BulkRun, model: type[Any]) -> ColumnElement[bool]:
    """Of these customers, for this period, while it ran: one made void before or issued again since is of another run."""
    period = period_of(run)
    customers = BulkRunRow.of(run.id, BulkOutcome.CHANGED).order_by(None)
    return and_(
        model.period_start == period.first,
        model.issue_date == period.last,
        model.customer_id.in_(customers.with_only_columns(BulkRunRow.target_id)),
        model.posted_at.between(run.created_at, run.ended_at or utc_now()),
    )


def _run_words(run: BulkRun) -> str:
    period = period_of(run)
    words = period_words(period.first, period.last)
    return _("no. %(number)d, %(period)s", number=run.id, period=words)


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
    all_words = _l("All statements")
    verbs = (VOID_STATEMENT,)
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
        own["state"] = StateOfStatement()
        return {**own, ISSUED_WITH: IssuedWith(ISSUED_WITH, _l("Issued with"))}

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
