"""When records are changed many at a time: at once when somebody asks, and again if a worker was lost over it."""

from flask import current_app

from jobs.queue import job
from services.system.bulk.carrying_out import abandoned, carry_out


@job(queue="bulk", timeout_seconds=4 * 3600)
def carry_out_bulk_run(run_id: int) -> None:
    """Give the records of a run their turn, by the rules of the screen it came from."""
    carry_out(run_id, desk=current_app.extensions["bulk_desk"])


@job(queue="system", timeout_seconds=60)
def ring_for_bulk_runs() -> None:
    """Have runs go on whose worker is gone; one that still works is left alone by its lock."""
    for run_id in abandoned():
        carry_out_bulk_run.enqueue(run_id)
