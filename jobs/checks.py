"""When accounts are tested: at once when somebody asks, and by the clock."""

from flask import current_app

from jobs.mailings import mail_network
from jobs.queue import job
from services.mailbox.checking import CheckTools, carry_out_checks, has_open_checks
from services.mailbox.healing import ask_due_checks
from settings import Settings


@job(queue="checks", timeout_seconds=3600)
def check_accounts() -> None:
    """Test the accounts that wait for it; twice does no harm."""
    settings: Settings = current_app.extensions["settings"]
    carry_out_checks(
        CheckTools(
            gateway=current_app.extensions["mail_gateway"],
            network=mail_network(),
            base_url=settings.public_base_url,
        )
    )


@job(queue="system", timeout_seconds=60)
def ring_for_checks() -> None:
    """Have accounts tested that rest, and tests go on whose bell or worker was lost."""
    ask_due_checks()
    if has_open_checks():
        check_accounts.enqueue()
