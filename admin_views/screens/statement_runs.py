"""Runs that issue statements of account: their period, and the list of what they issued (S1-09)."""

from datetime import date
from typing import Any

from flask import url_for

from models.system.bulk_run import BulkRun
from services.sales.statements import Period

ISSUED_WITH = "run"  # the filter of the list of statements


def period_of(run: BulkRun) -> Period:
    """The period that a run issues for."""
    return Period(*(date.fromisoformat(run.changes[name]) for name in ("first", "last")))


def issued_url(run: BulkRun) -> str:
    """The list of statements, with those of this run only."""
    narrowed: dict[str, Any] = {f"flt_{ISSUED_WITH}": run.public_id}
    return url_for("statement.index_view", **narrowed)
