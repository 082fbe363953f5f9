"""Begin a change of many records: what was chosen becomes rows in one statement, and stays what it was then."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, insert, literal, select, update

from errors import Conflict
from models.base import db, utc_now
from models.system.bulk_run import BulkDeed, BulkOutcome, BulkRun, BulkRunRow, BulkRunState
from models.tenancy import current_scope

IN_THE_REQUEST = 200  # more than these are left to a worker
MOST_AT_ONCE = 1_000_000
ROWS = BulkRunRow.__table__
COLUMNS = (
    "organization_id",
    "bulk_run_id",
    "outcome",
    "created_at",
    "updated_at",
    "target_id",
    "before",
    "after",
)


def begin(
    chosen: Select[Any],
    *,
    screen: str,
    deed: BulkDeed,
    verb: str | None = None,
    changes: dict[str, Any] | None = None,
    lang: str,
) -> BulkRun:
    """A run over the chosen records; `chosen` selects their keys and says itself whose they are.

    Raises Conflict if nothing was chosen, or too much. The door commits, and has it carried out.
    """
    run = _run(screen=screen, deed=deed, verb=verb, changes=changes or {}, lang=lang)
    (key,) = chosen.selected_columns
    return _with_rows(run, chosen.with_only_columns(*_given(run), key))


def begin_undo(run: BulkRun, *, opposite: str | None, lang: str) -> BulkRun:
    """A run that puts back what another one wrote, where it still stands; `opposite` is the verb that does it.

    Raises Conflict if the other one is under way, was taken back already, or changed nothing that could be.
    """
    db.session.execute(select(BulkRun.id).where(BulkRun.id == run.id).with_for_update())
    db.session.refresh(run)
    if run.is_under_way:
        raise Conflict(_("It is still under way. Stop it first."))
    if db.session.scalar(BulkRun.undone_by(run).limit(1)) is not None:
        raise Conflict(_("This was undone already."))
    if run.deed in {BulkDeed.VERB, BulkDeed.STATEMENT} and opposite is None:
        raise Conflict(_("This cannot be undone."))
    undo = _run(
        screen=run.screen,
        deed=run.deed,
        verb=opposite if run.deed is BulkDeed.VERB else None,
        changes=dict.fromkeys(run.changes),
        lang=lang,
        undoes_id=run.id,
    )
    changed = BulkRunRow.of(run.id, BulkOutcome.CHANGED)
    back = (BulkRunRow.target_id, BulkRunRow.after, BulkRunRow.before)
    return _with_rows(undo, changed.with_only_columns(*_given(undo), *back))


def keep_cell(
    *, screen: str, target_id: int, before: dict[str, Any], after: dict[str, Any], lang: str
) -> BulkRun:
    """A change that was made already, in one cell of a list, so that it can be taken back."""
    run = _run(screen=screen, deed=BulkDeed.CELL, verb=None, changes=after, lang=lang)
    run.state, run.ended_at = BulkRunState.DONE, run.started_at
    run.rows_total = run.rows_changed = 1
    outcome = BulkOutcome.CHANGED
    db.session.add(
        BulkRunRow(
            bulk_run_id=run.id, target_id=target_id, outcome=outcome, before=before, after=after
        )
    )
    db.session.flush()
    return run


def _run(**fields: Any) -> BulkRun:
    run = BulkRun(**fields, started_at=utc_now())
    db.session.add(run)
    db.session.flush()
    return run


def _given(run: BulkRun) -> list[Any]:
    """What every row of a run says, in the order of `COLUMNS`."""
    return [
        literal(current_scope().organization_id, ROWS.c.organization_id.type),
        literal(run.id, ROWS.c.bulk_run_id.type),
        literal(BulkOutcome.WAITING, ROWS.c.outcome.type),
        func.now(),
        func.now(),
    ]


def _with_rows(run: BulkRun, rows: Select[Any]) -> BulkRun:
    names = COLUMNS[: len(rows.selected_columns)]
    limited = rows.limit(MOST_AT_ONCE + 1)
    statement = insert(ROWS).from_select(names, limited, include_defaults=False)
    written = db.session.execute(statement.execution_options(preserve_rowcount=True))
    number: int = written.rowcount  # type: ignore[attr-defined]  # an insert's result has one
    if number > MOST_AT_ONCE:
        raise Conflict(_("At most %(most)d at once. Set a filter.", most=MOST_AT_ONCE))
    if not number:
        raise Conflict(_("Nothing was chosen."))
    db.session.execute(
        update(BulkRun)
        .where(BulkRun.id == run.id)
        .values(rows_total=number)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(run)
    return run
