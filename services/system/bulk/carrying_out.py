"""Carry out a change of many records, some hundred at a time, with progress that others see."""

import logging

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select, text, update

from errors import AppError
from models.base import db, utc_now
from models.system.bulk_run import BulkRun, BulkRunState
from models.tenancy import Actor, across_organizations, acting_in
from services.system.alone import alone
from services.system.bulk.chunk import do_chunk
from services.system.bulk.rules import Desk, Rules
from services.system.bulk.runs import end

logger = logging.getLogger(__name__)
BULK_LOCKS = 700_011
MOST_STARTS = 3
QUIET_SECONDS = 30
ROWS_A_CHUNK = 200


def carry_out(run_id: int, *, desk: Desk, rows_a_chunk: int = ROWS_A_CHUNK) -> None:
    """Give every record that still waits its turn; commits as it goes, a chunk at a time.

    May be called again at any time: a second worker finds the run locked, a later one goes on where it was cut off.
    """
    with across_organizations():
        run = db.session.get(BulkRun, run_id)
        if run is None or not run.is_under_way:
            return
        organization_id, lang = run.organization_id, run.lang
    with alone(BULK_LOCKS, run_id) as is_alone, force_locale(lang):
        if not is_alone:
            return
        try:
            with desk(run) as rules:
                _carry_out(run_id, rules, rows_a_chunk)
        except AppError as problem:
            db.session.rollback()
            _fail(organization_id, run_id, problem.message)
        except Exception:
            db.session.rollback()
            problem_here = _("Something went wrong on our side. What was changed so far stays.")
            _fail(organization_id, run_id, problem_here)
            raise


def abandoned() -> list[int]:
    """Runs that are under way, but of which nothing was heard for a while: their worker may be gone."""
    with across_organizations():
        quiet = text(f"updated_at < now() - interval '{QUIET_SECONDS} seconds'")
        wanted = select(BulkRun.id).where(BulkRun.state == BulkRunState.RUNNING, quiet)
        return list(db.session.scalars(wanted.order_by(BulkRun.id)))


def _carry_out(run_id: int, rules: Rules, rows_a_chunk: int) -> None:
    if not _begin_turn(run_id):
        problem = _("The run was cut off %(times)d times at the same place.", times=MOST_STARTS)
        end(run_id, BulkRunState.FAILED, problem)
        db.session.commit()
        return
    while _is_under_way(run_id):
        if not do_chunk(run_id, rules, size=rows_a_chunk):
            end(run_id, BulkRunState.DONE)
            logger.info("bulk run %d is done", run_id)
        db.session.commit()


def _begin_turn(run_id: int) -> bool:
    """Count this start; False if the last ones have all died over the same chunk."""
    starts = db.session.scalar(
        update(BulkRun)
        .where(BulkRun.id == run_id)
        .values(starts=BulkRun.starts + 1, updated_at=utc_now())
        .returning(BulkRun.starts)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return (starts or 0) <= MOST_STARTS


def _is_under_way(run_id: int) -> bool:
    """Somebody may have stopped it since the last chunk."""
    state = db.session.scalar(select(BulkRun.state).where(BulkRun.id == run_id))
    return state is BulkRunState.RUNNING


def _fail(organization_id: int, run_id: int, problem: str) -> None:
    with acting_in(organization_id, actor=Actor(source="job")):
        end(run_id, BulkRunState.FAILED, problem)
        db.session.commit()
    logger.info("bulk run %d failed", run_id)
