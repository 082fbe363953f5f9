"""What is done for customers in the background."""

from jobs.mailings import deliver_due
from jobs.queue import job
from services.portal.portal_requests import answer_requests


@job(queue="system", timeout_seconds=300)
def answer_portal_requests() -> None:
    """Write to everybody who asked for a link or their names at the door since; twice does no harm."""
    if answer_requests():
        deliver_due.enqueue()
