"""When mailboxes are read: when somebody has done something in one, and by the clock."""

import logging
import time

from flask import current_app

from jobs.mailings import mail_network
from jobs.queue import job
from mail.errors import MailError
from models.base import db
from services.mailbox.examining import are_messages_to_examine, examine_messages
from services.mailbox.mailbox_balance import mailboxes_to_verify, verify_mailbox
from services.mailbox.mailbox_sync import sync_mailbox
from services.mailbox.message_packs import tidy_packs
from services.mailbox.polling import poll_mailboxes
from services.mailbox.snoozing import come_back
from services.mailbox.sync_run import SyncTools
from services.mailbox.sync_state import accounts_with_operations, is_resting
from services.mailbox.unplaced_messages import delete_unplaced, organizations_with_messages

logger = logging.getLogger(__name__)


def sync_tools() -> SyncTools:
    """With this installation's settings."""
    return SyncTools(gateway=current_app.extensions["mail_gateway"], network=mail_network())


TURN_SECONDS = 45.0  # of one mailbox: then the others get theirs
RUNG_EVERY_SECONDS = 15.0


@job(queue="mailbox", timeout_seconds=1800)
def read_mailbox(account_id: int, has_answered: bool = False) -> None:
    """Bring one mailbox up to date, both ways; in turns, so that a large one does not keep the others waiting.

    One whose server has failed is left alone until it has answered whoever polls: it would hold up the others.
    """
    if not has_answered and is_resting(account_id):
        return
    if sync_mailbox(account_id, sync_tools(), seconds=TURN_SECONDS):
        read_mailbox.enqueue(account_id)
    if are_messages_to_examine():
        examine.enqueue()


@job(queue="mailbox", timeout_seconds=300)
def poll(rung_at: float) -> None:
    """Ask the servers whose turn it is; what has waited so long that the next stands behind it is left to that one."""
    if time.time() - rung_at < RUNG_EVERY_SECONDS:
        poll_mailboxes(sync_tools(), lambda account_id: read_mailbox.enqueue(account_id, True))


@job(queue="mailbox", timeout_seconds=600)
def examine() -> None:
    """Look at what was taken in: what came back of what we have sent (X1-08)."""
    examine_messages()


@job(queue="system", timeout_seconds=60)
def ring_for_mailboxes() -> None:
    """Have servers asked, and told what waits for them; bring back the conversations whose time has come (X3-06)."""
    come_back()
    poll.enqueue(time.time())
    for account_id in accounts_with_operations():
        read_mailbox.enqueue(account_id)
    if are_messages_to_examine():
        examine.enqueue()


@job(queue="mailbox", timeout_seconds=7200)
def verify_mailboxes() -> None:
    """Count each mailbox against its server (X3-16)."""
    for organization_id, account_id in mailboxes_to_verify():
        try:
            verify_mailbox(organization_id, account_id, sync_tools())
        except MailError as problem:
            db.session.rollback()
            logger.warning("mail account %s cannot be counted: %s", account_id, problem.message)


@job(queue="mailbox", timeout_seconds=3600)
def delete_unplaced_messages() -> None:
    """What has lain in no folder for long goes, with its bytes (`docs/decisions/0046-what-lies-in-no-folder.md`)."""
    for organization_id in organizations_with_messages():
        if delete_unplaced(organization_id):
            logger.info("messages without a folder were deleted")
        tidy_packs(organization_id)
