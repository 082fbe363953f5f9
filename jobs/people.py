"""What is done for staff in the background."""

from flask import current_app

from jobs.mailings import deliver_due
from jobs.queue import job
from services.people.password_requests import answer_requests
from settings import Settings


@job(queue="system", timeout_seconds=300)
def answer_password_requests() -> None:
    """Send a link to everybody who wrote their address at the door since; twice does no harm."""
    settings: Settings = current_app.extensions["settings"]
    if answer_requests(base_url=settings.public_base_url):
        deliver_due.enqueue()
