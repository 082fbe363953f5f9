"""One chunk of a run: all of its records at once if nobody objects, else each on its own."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from errors import AppError
from models.base import db, utc_now
from models.system.bulk_run import BulkOutcome, BulkRun, BulkRunRow
from services.system.bulk.rules import Result, Row, Rules

Turn = tuple[Row, Any]  # a row with its record
KEEP = text(
    "UPDATE bulk_run_row AS r SET outcome = given.outcome, before = given.before, after = given.after,"
    " reason = given.reason, updated_at = now()"
    " FROM jsonb_to_recordset(CAST(:results AS jsonb))"
    " AS given(row_id bigint, outcome text, before jsonb, after jsonb, reason text)"
    " WHERE r.id = given.row_id AND r.bulk_run_id = :run_id"
)


def do_chunk(run_id: int, rules: Rules, *, size: int) -> int:
    """Give the next `size` records their turn and note what became of them; returns how many there were."""
    waiting = BulkRunRow.of(run_id, BulkOutcome.WAITING).limit(size)
    columns = (BulkRunRow.id, BulkRunRow.target_id, BulkRunRow.before, BulkRunRow.after)
    found = db.session.execute(waiting.with_only_columns(*columns))
    rows = [Row(id=i, target_id=t, before=b, after=a) for i, t, b, a in found]
    if not rows:
        return 0
    records = rules.records([row.target_id for row in rows])
    results, turns = [], []
    for row in rows:
        record = records.get(row.target_id)
        reason = rules.refusal(record, row)
        if reason is None:
            turns.append((row, record))
        else:
            results.append(_refused(row, reason))
    results += (rules.may_join and _all_at_once(turns, rules)) or [
        _alone(turn, rules) for turn in turns
    ]
    _note(run_id, results)
    return len(rows)


def _all_at_once(turns: Sequence[Turn], rules: Rules) -> list[Result] | None:
    """None if one of them was refused: then nothing of it happened."""
    try:
        with db.session.begin_nested():
            with db.session.no_autoflush:
                results = [rules.do(record, row) for row, record in turns]
            db.session.flush()
            _check_now()
    except (AppError, StaleDataError):
        return None
    except DBAPIError as problem:
        if problem.connection_invalidated:
            raise
        return None
    return results


def _alone(turn: Turn, rules: Rules) -> Result:
    """One record in a savepoint of its own."""
    row, record = turn
    try:
        with db.session.begin_nested():
            result = rules.do(record, row)
            db.session.flush()
            _check_now()
    except AppError as problem:
        return _refused(row, problem.message)
    except StaleDataError:
        return _refused(row, _("Somebody else changed it at the same moment."))
    except DBAPIError as problem:
        if problem.connection_invalidated:
            raise
        return _refused(row, rules.sentence(problem))
    return result


def _check_now() -> None:
    """What is checked at the end of a transaction would otherwise take the whole chunk with it."""
    db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    db.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))


def _refused(row: Row, reason: str) -> Result:
    """What a run that takes something back was told beforehand stays with its row."""
    return Result(
        row_id=row.id,
        outcome=BulkOutcome.REFUSED,
        before=row.before,
        after=row.after,
        reason=reason,
    )


def _note(run_id: int, results: Sequence[Result]) -> None:
    """Results and progress, in the transaction of the changes; no change that the audit tells of."""
    told = json.dumps([asdict(result) for result in results], ensure_ascii=False)
    db.session.execute(KEEP, {"results": told, "run_id": run_id})
    counted = dict.fromkeys(BulkOutcome, 0)
    for result in results:
        counted[result.outcome] += 1
    db.session.execute(
        update(BulkRun)
        .where(BulkRun.id == run_id)
        .values(
            rows_changed=BulkRun.rows_changed + counted[BulkOutcome.CHANGED],
            rows_unchanged=BulkRun.rows_unchanged + counted[BulkOutcome.UNCHANGED],
            rows_refused=BulkRun.rows_refused + counted[BulkOutcome.REFUSED],
            starts=0,
            updated_at=utc_now(),
        )
        .execution_options(synchronize_session=False)
    )
