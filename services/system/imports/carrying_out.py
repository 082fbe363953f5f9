"""What a worker does with an import that was started: check or import, with progress that others see."""

import logging
from dataclasses import asdict
from io import BytesIO

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select, text

from errors import AppError
from files.store import FileStore
from models.base import db, utc_now
from models.people.user import User
from models.system.import_run import ImportRun, ImportState
from models.tenancy import Actor, across_organizations, acting_in
from services.system.alone import alone
from services.system.imports.outcome import Counts, Outcome
from services.system.imports.run import Progress, run_import
from services.system.imports.runs import XLSX, keep_file, note, sheet_of, wrong_file_name
from services.system.imports.wrong_rows import write_wrong_rows

logger = logging.getLogger(__name__)
IMPORT_LOCKS = 700_010
MOST_STARTS = 3
WRONG_KEPT = 500
QUIET_SECONDS = 30
UNDER_WAY = (ImportState.CHECKING, ImportState.IMPORTING)


def carry_out(run_id: int, *, store: FileStore) -> None:
    """Do what the state of the import asks for, once; commits as it goes.

    May be called again at any time: a second worker finds the import locked, a later one goes on where it was cut off.
    """
    with across_organizations():
        run = db.session.get(ImportRun, run_id)
        if run is None or run.state not in UNDER_WAY:
            return
        user = db.session.get(User, run.created_by_id) if run.created_by_id else None
        organization_id, lang = run.organization_id, run.options.get("lang", "es")
        db.session.commit()
    actor = (
        Actor(kind="user", id=user.id, name=user.name, source="import")
        if user
        else Actor(source="import")
    )
    with (
        alone(IMPORT_LOCKS, run_id) as is_alone,
        acting_in(organization_id, actor=actor),
        force_locale(lang),
    ):
        if is_alone:
            _carry_out(run_id, store)


def abandoned() -> list[int]:
    """Imports that are under way, but of which nothing was heard for a while: their worker may be gone."""
    with across_organizations():
        quiet = text(f"updated_at < now() - interval '{QUIET_SECONDS} seconds'")
        wanted = select(ImportRun.id).where(ImportRun.state.in_(UNDER_WAY), quiet)
        return list(db.session.scalars(wanted.order_by(ImportRun.id)))


def fail(run_id: int, problem: str) -> None:
    """Say why an import ended; commits."""
    run = db.session.get_one(ImportRun, run_id)
    run.change_state(ImportState.FAILED)
    run.problem = problem
    run.ended_at = utc_now()
    db.session.commit()
    logger.info("import %d failed", run_id)


def _carry_out(run_id: int, store: FileStore) -> None:
    run = db.session.get_one(ImportRun, run_id)
    if run.state not in UNDER_WAY:
        return
    starts = int(run.outcome.get("starts", 0)) + 1
    if starts > MOST_STARTS:
        fail(run_id, _("The import was cut off %(times)d times.", times=MOST_STARTS))
        return
    is_check = run.state is ImportState.CHECKING
    create_groups = bool(run.options.get("create_groups"))
    done = None if is_check else _done(run)
    note(run_id, outcome=run.outcome | {"starts": starts})
    db.session.commit()

    def report(progress: Progress) -> None:
        noted = {"starts": starts, "chunks": progress.chunks, "counts": progress.counts.noted()}
        note(
            run_id,
            rows_total=progress.rows_total,
            rows_done=progress.counts.rows,
            outcome=noted,
        )

    try:
        sheet = sheet_of(run, store)
        outcome = run_import(
            sheet, dry_run=is_check, create_groups=create_groups, report=report, done=done
        )
        wrong = BytesIO()
        if outcome.wrong:
            write_wrong_rows(sheet, outcome, wrong, as_csv=False)
        _finish(run_id, outcome, wrong.getvalue(), store, is_check=is_check)
    except AppError as problem:
        db.session.rollback()
        fail(run_id, problem.message)
    except Exception:
        db.session.rollback()
        fail(run_id, _("Something went wrong on our side. What was imported so far stays."))
        raise


def _done(run: ImportRun) -> Progress | None:
    """What an earlier worker reported of the same import."""
    if "chunks" not in run.outcome:
        return None
    return Progress(run.rows_total or 0, run.outcome["chunks"], Counts.of(run.outcome["counts"]))


def _finish(
    run_id: int, outcome: Outcome, wrong: bytes, store: FileStore, *, is_check: bool
) -> None:
    run = db.session.get_one(ImportRun, run_id)
    if wrong:
        run.wrong_file_id = keep_file(wrong, wrong_file_name(run), media_type=XLSX, store=store).id
    run.change_state(ImportState.CHECKED if is_check else ImportState.IMPORTED)
    run.ended_at = utc_now()
    db.session.flush()
    note(
        run_id,
        rows_total=outcome.counts.rows,
        rows_done=outcome.counts.rows,
        outcome={
            "counts": outcome.counts.noted(),
            "wrong_rows": outcome.wrong_rows,
            "wrong": [asdict(cell) for cell in outcome.wrong[:WRONG_KEPT]],
            "wrong_cells": len(outcome.wrong),
        },
    )
    db.session.commit()
