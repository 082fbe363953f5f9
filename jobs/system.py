"""When the housekeeping happens."""

from jobs.queue import job
from models.base import db
from services.system.audit_chain import seal_new_events


@job(queue="system", timeout_seconds=300)
def seal_audit() -> None:
    """Take the newest audit events into the hash chain."""
    seal_new_events()
    db.session.commit()
