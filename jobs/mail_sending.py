"""Messages that people have written leave, and come to where sent messages are kept."""

import logging

from errors import AppError
from jobs.mailbox import read_mailbox
from jobs.mailings import deliver_due, workshop
from jobs.queue import job
from models.base import db
from models.tenancy import Actor, across_organizations, acting_in
from services.mailbox.draft_copies import copy_draft, drafts_to_copy, leave_uncopied
from services.mailbox.mail_sending import due_drafts, give_back, send
from services.mailbox.sent_copies import file_sent, unfiled_drafts

logger = logging.getLogger(__name__)


@job(queue="system", timeout_seconds=600)
def send_written() -> None:
    """Whatever is to leave now, and the copies of what has left; twice does no harm."""
    with across_organizations():
        due = due_drafts()
    db.session.rollback()
    has_left = False
    for organization_id, draft_id, user_id in due:
        actor = Actor(kind="user", id=user_id, source="job")
        with acting_in(organization_id, actor=actor):
            has_left |= _send(draft_id)
    if has_left:
        deliver_due.enqueue()
    file_written()


@job(queue="system", timeout_seconds=600)
def copy_drafts() -> None:
    """What people write, in the drafts of their mailboxes, too; commits each."""
    with across_organizations():
        due = drafts_to_copy()
    db.session.rollback()
    accounts: set[int] = set()
    for organization_id, draft_id, user_id in due:
        with acting_in(organization_id, actor=Actor(kind="user", id=user_id, source="job")):
            try:
                accounts |= copy_draft(draft_id, workshop())
            except AppError as problem:
                db.session.rollback()
                leave_uncopied(draft_id)
                logger.warning("draft %s has no copy: %s", draft_id, problem.message)
            db.session.commit()
    for account_id in accounts:
        read_mailbox.enqueue(account_id)


def file_written() -> None:
    """The copies of what has left; commits each."""
    with across_organizations():
        unfiled = unfiled_drafts()
    db.session.rollback()
    accounts = set()
    for organization_id, draft_id in unfiled:
        with acting_in(organization_id, actor=Actor(source="job")):
            try:
                accounts.add(file_sent(draft_id, workshop().store))
                db.session.commit()
            except AppError as problem:
                db.session.rollback()
                logger.warning("draft %s cannot be filed yet: %s", draft_id, problem.message)
    for account_id in accounts - {None}:
        if account_id is not None:
            read_mailbox.enqueue(account_id)


def _send(draft_id: int) -> bool:
    try:
        is_sent = send(draft_id, workshop())
        db.session.commit()
    except AppError as problem:
        db.session.rollback()
        give_back(draft_id, problem.message)
        db.session.commit()
        return False
    return is_sent
