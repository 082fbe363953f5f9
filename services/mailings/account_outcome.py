"""What a run of an account has shown of it: that it works, that it has to rest, that it bears no burst; commits."""

from collections.abc import Sequence

from models.base import db
from models.tenancy import acting_in
from services.mailbox.health_emails import notify_suspended
from services.mailbox.server_limits import note_server_limit
from services.mailbox.servers import MailNetwork
from services.mailings.account_pause import (
    ONLY_A_PERSON_CURES,
    account_sent,
    account_works,
    pause_account,
    turn_burst_off,
)
from services.mailings.account_run import AccountRun
from services.mailings.due_accounts import is_put_right
from services.mailings.trouble_emails import notify_paused


def note_run(
    run: AccountRun, *, network: MailNetwork, pauses: Sequence[float], base_url: str
) -> None:
    """Write it down at the account, once for a run, and tell who should know."""
    account_id = run.plan.id
    has_recovered = run.sent > 0 and run.plan.has_failed_before
    lost_burst = run.plan.wants_burst and not run.wants_burst
    if run.pause_reason is None and not run.sent and not lost_burst:
        return
    with acting_in(run.plan.organization_id):
        if run.features is not None:
            note_server_limit(account_id, run.features.longest_message)
        if has_recovered:
            account_works(account_id)
        elif run.sent:
            account_sent(account_id)
        reason, run.pause_reason = run.pause_reason, None
        if reason is not None and not is_put_right(account_id, run.tried, reason, network):
            pause_account(account_id, reason, run.pause_detail, pauses=pauses)
            told = notify_paused(account_id, reason, base_url)
            if reason in ONLY_A_PERSON_CURES:
                notify_suspended(account_id, base_url, besides=told)
        if lost_burst:
            turn_burst_off(account_id)
        db.session.commit()
