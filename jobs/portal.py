"""What is done for customers in the background."""

from flask import current_app

from jobs.mailings import deliver_due, workshop
from jobs.queue import job
from services.portal.access_decisions import receive_requests
from services.portal.activity import tell_everybody
from services.portal.domain_watch import check_served_domains
from services.portal.forward_sending import send_forwards
from services.portal.payment_instructions import tell_everybody as tell_customers_how_to_pay
from services.portal.portal_requests import answer_requests
from services.portal.representatives import write_to_all_who_have_not_begun


@job(queue="system", timeout_seconds=300)
def answer_portal_requests() -> None:
    """Write to everybody who asked for a link or their names at the door since; twice does no harm."""
    if answer_requests():
        deliver_due.enqueue()


@job(queue="system", timeout_seconds=300)
def receive_access_requests() -> None:
    """Look for the customers of requests that came in, and tell staff; twice does no harm."""
    if receive_requests():
        deliver_due.enqueue()


@job(queue="mailings", timeout_seconds=600)
def forward_documents() -> None:
    """Make the messages of what customers passed on; twice does no harm."""
    if send_forwards(workshop()):
        deliver_due.enqueue()


@job(queue="system", timeout_seconds=300)
def tell_staff_of_activity() -> None:
    """Write to staff about what customers did, at once or a day's together; twice does no harm."""
    if tell_everybody():
        deliver_due.enqueue()


@job(queue="system", timeout_seconds=300)
def write_to_representatives() -> None:
    """The access e-mail to whom it was never sent, and reminders that are due; twice does no harm."""
    if write_to_all_who_have_not_begun():
        deliver_due.enqueue()


@job(queue="mailings", timeout_seconds=600)
def tell_how_to_pay() -> None:
    """Write to customers whose company is paid in another way now; twice does no harm."""
    if tell_customers_how_to_pay():
        deliver_due.enqueue()


@job(queue="system", timeout_seconds=600)
def check_portal_domains() -> None:
    """Ask the DNS about own domains that were not checked for a day; twice does no harm."""
    check_served_domains(current_app.extensions["name_lookup"])
