"""Runs as people look at them: which there were, what was refused and why; and how one is stopped."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import Select, func, select, update

from errors import Conflict
from models.audit_trail import record_event
from models.base import db, utc_now
from models.system.bulk_run import BulkDeed, BulkOutcome, BulkRun, BulkRunRow, BulkRunState


def past_runs(screens: Collection[str]) -> Select[Any]:
    """The runs over these screens, the newest first; single cells are not told of."""
    return (
        select(BulkRun)
        .where(BulkRun.screen.in_(screens), BulkRun.deed != BulkDeed.CELL)
        .order_by(BulkRun.id.desc())
    )


def run_with_public_id(public_id: UUID) -> Select[Any]:
    """The run that an address names."""
    return select(BulkRun).where(BulkRun.public_id == public_id)


def reasons_of(run: BulkRun, most: int = 20) -> list[tuple[str, int]]:
    """Why records were refused, and how many for each reason, the most frequent first."""
    number = func.count()
    rows = db.session.execute(
        select(BulkRunRow.reason, number)
        .where(BulkRunRow.bulk_run_id == run.id, BulkRunRow.outcome == BulkOutcome.REFUSED)
        .group_by(BulkRunRow.reason)
        .order_by(number.desc(), BulkRunRow.reason)
        .limit(most)
    )
    return [(reason or "", found) for reason, found in rows]


def refused_rows(run: BulkRun) -> Select[Any]:
    """The records that were refused, with the reason."""
    return BulkRunRow.of(run.id, BulkOutcome.REFUSED)


def stop(run: BulkRun) -> None:
    """Have the worker leave it at what is done; raises Conflict if it is not under way."""
    if not end(run.id, BulkRunState.STOPPED):
        raise Conflict(_("This is not under way any more."))
    after = {"state": BulkRunState.STOPPED.value}
    record_event(db.session(), entity="bulk_run", entity_id=run.id, action="stop", after=after)


def end(run_id: int, state: BulkRunState, problem: str | None = None) -> bool:
    """Take a run from under way to one of its ends; False if it has ended. One UPDATE decides who was first."""
    ended = (
        update(BulkRun)
        .where(BulkRun.id == run_id, BulkRun.state == BulkRunState.RUNNING)
        .values(state=state, problem=problem, ended_at=utc_now(), version=BulkRun.version + 1)
        .execution_options(synchronize_session=False)
    )
    is_first = bool(db.session.execute(ended).rowcount)  # type: ignore[attr-defined]  # an update
    run = db.session.get(BulkRun, run_id)
    if run is not None:
        db.session.refresh(run)
    return is_first
