"""The rules of a screen for a run over its records: the same as in its form, asked for each record."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from flask import current_app
from flask_admin.form import BaseForm
from flask_babel import gettext as _
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import selectinload

from admin_views.bulk_fields import bulk_fields
from admin_views.bulk_values import all_held, held, write
from admin_views.columns import Described, lines_of, visible
from admin_views.database_sentences import sentence_of
from admin_views.identity import acting_as, current_staff
from errors import Forbidden
from models.base import db
from models.people.user import User
from models.system.bulk_run import BulkDeed, BulkOutcome, BulkRun
from services.people.sign_in import staff_without_browser
from services.sales.issuing_statements import Issuing
from services.sales.statements import Period
from services.system.bulk.rules import Result, Row, Rules


@contextmanager
def bulk_desk(run: BulkRun) -> Iterator[Rules]:
    """Work as whoever began the run, with the rights they have now, by the rules of its screen."""
    user = db.session.get(User, run.created_by_id) if run.created_by_id else None
    staff = user and staff_without_browser(user, run.organization_id, run.branch_id)
    if not staff:
        raise Forbidden(_("Who began this may not work here any more."))
    with acting_as(staff, reason=reason_of(run)):
        yield rules_of(run)


def rules_of(run: BulkRun) -> Rules:
    """The rules for this run; raises Forbidden if the present staff may not do it."""
    screen = screen_named(run.screen)
    if screen is None:
        raise Forbidden(_("Your role does not allow this."))
    match run.deed:
        case BulkDeed.VERB:
            return VerbRules(screen, run)
        case BulkDeed.STATEMENT:
            return StatementRules(screen, run)
        case _:
            return EditRules(screen, run)


def screen_named(endpoint: str) -> Any:
    """The screen with this endpoint; None if there is none any more."""
    views = current_app.extensions["admin"][0].views
    return next((view for view in views if view.endpoint == endpoint), None)


def reason_of(run: BulkRun) -> str:
    """What the audit says about each of its changes."""
    if run.undoes_id is not None:
        return str(_("Undo of bulk change %(number)s", number=run.undoes_id))
    return str(_("Bulk change %(number)s", number=run.id))


class _ScreenRules:
    """What holds whatever is done."""

    def __init__(self, screen: Any, run: BulkRun) -> None:
        self.screen = screen
        self.undoes = run.undoes_id is not None

    def records(self, keys: Sequence[int]) -> Mapping[int, Any]:
        """In the scope of the screen; with their lines, which rules often look at."""
        model = self.screen.model
        parts = [selectinload(getattr(model, name)) for name in lines_of(model)]
        query = self.screen.scoped().where(model.id.in_(keys))
        found = db.session.scalars(query.options(*self.screen.loading(), *parts)).unique()
        return {record.id: record for record in found}

    def sentence(self, problem: DBAPIError) -> str:
        return sentence_of(problem, self.screen.model)


class EditRules(_ScreenRules):
    """New values for some fields, or the old ones again."""

    may_join = True

    def __init__(self, screen: Any, run: BulkRun) -> None:
        super().__init__(screen, run)
        self.changes = dict(run.changes)
        allowed = bulk_fields(screen)
        if run.deed is BulkDeed.CELL:
            cells = visible(screen.model).items()
            allowed |= {name: column for name, column in cells if screen.is_cell_editable(column)}
        if not self.changes or not self.changes.keys() <= allowed.keys():
            raise Forbidden(_("Your role does not allow this."))
        self.columns: dict[str, Described] = {name: allowed[name] for name in self.changes}

    def refusal(self, record: Any | None, row: Row) -> str | None:
        if record is None:
            return str(_("It does not exist, or you have no access to it."))
        if self.screen.is_frozen(record):
            return str(_("This record does not change any more."))
        if self.undoes and self._held(record) != row.before:
            return str(_("It was changed since."))
        return None

    def do(self, record: Any, row: Row) -> Result:
        before = self._held(record)
        wanted = (row.after or {}) if self.undoes else self.changes
        if before == wanted:
            return Result(row_id=row.id, outcome=BulkOutcome.UNCHANGED, before=before, after=before)
        for name, column in self.columns.items():
            write(record, column, wanted.get(name))
        self.screen.before_save(record, BaseForm(), is_new=False)
        return Result(
            row_id=row.id, outcome=BulkOutcome.CHANGED, before=before, after=self._written(record)
        )

    def _held(self, record: Any) -> dict[str, Any]:
        return {name: held(record, column) for name, column in self.columns.items()}

    def _written(self, record: Any) -> dict[str, Any]:
        """A relation's key follows its record only with the flush."""
        return {
            name: getattr(getattr(record, name), "id", None)
            if column.relation is not None
            else held(record, column)
            for name, column in self.columns.items()
        }


class VerbRules(_ScreenRules):
    """A verb of the screen; one that takes another back only where that one's work still stands."""

    may_join = False  # a verb may write at once

    def __init__(self, screen: Any, run: BulkRun) -> None:
        super().__init__(screen, run)
        self.verb = screen.verb_named(run.verb or "")

    def refusal(self, record: Any | None, row: Row) -> str | None:
        if record is None:
            return str(_("It does not exist, or you have no access to it."))
        if self.undoes and row.before is not None:
            now = all_held(record)
            if any(now.get(name) != value for name, value in row.before.items()):
                return str(_("It was changed since."))
        return None

    def do(self, record: Any, row: Row) -> Result:
        before = all_held(record)
        self.verb.run(record)
        db.session.flush()
        if not self.verb.opposite:
            return Result(row_id=row.id, outcome=BulkOutcome.CHANGED)
        after = {} if inspect(record).deleted else all_held(record)
        told = [name for name, value in before.items() if after.get(name) != value]
        return Result(
            row_id=row.id,
            outcome=BulkOutcome.CHANGED if told else BulkOutcome.UNCHANGED,
            before={name: before[name] for name in told},
            after={name: after.get(name) for name in told},
        )


class StatementRules(_ScreenRules):
    """Statements of account for customers, for the period of the run; who has one already keeps it."""

    may_join = True

    def __init__(self, screen: Any, run: BulkRun) -> None:
        super().__init__(screen, run)
        current_staff().rights.require("document", "post")
        first, last = (date.fromisoformat(run.changes[name]) for name in ("first", "last"))
        self.period = Period(first, last)

    def records(self, keys: Sequence[int]) -> Mapping[int, Any]:
        """With what all of them have to be told of."""
        self.issuing = Issuing(keys, self.period)
        return super().records(keys)

    def refusal(self, record: Any | None, row: Row) -> str | None:
        return None if record else str(_("It does not exist, or you have no access to it."))

    def do(self, record: Any, row: Row) -> Result:
        made = self.issuing.issue(record)
        outcome = BulkOutcome.CHANGED if made else BulkOutcome.UNCHANGED
        return Result(row_id=row.id, outcome=outcome)
