"""When imports happen: at once when somebody starts one, and again if a worker was lost over it."""

from flask import current_app

from files.store import FileStore
from jobs.queue import job
from services.system.imports.carrying_out import abandoned, carry_out


@job(queue="imports", timeout_seconds=3600)
def carry_out_import(run_id: int) -> None:
    """Check or import a sheet, as its state says."""
    carry_out(run_id, store=FileStore(current_app.extensions["settings"].files_url))


@job(queue="system", timeout_seconds=60)
def ring_for_imports() -> None:
    """Have imports go on whose worker is gone; one that still works is left alone by its lock."""
    for run_id in abandoned():
        carry_out_import.enqueue(run_id)
