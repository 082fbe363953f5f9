"""Reading one mailbox, both ways: what was done here goes there, what has changed there comes here."""

import logging
import time

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from errors import AppError
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sync import MailSync
from models.tenancy import Actor, across_organizations, acting_in
from services.mailbox.first_run import read_on
from services.mailbox.folder_list import keep_folders, poll_token
from services.mailbox.open_operations import open_operations
from services.mailbox.pulling import pull_folder
from services.mailbox.pushing import push
from services.mailbox.sync_run import SyncRun, SyncTools
from services.mailbox.sync_state import know_mailboxes, note_failed, note_good
from services.mailbox.table_sizes import tell_sizes
from services.mailbox.words_writing import WordsWriter, repair_words, tidy_index
from services.system.alone import alone

logger = logging.getLogger(__name__)
SYNC_LOCK = 8_005  # first key of the advisory lock; the second is the account
SLICE_SECONDS = 20.0  # of a first run, before what is new is looked for again


def sync_mailbox(account_id: int, tools: SyncTools, *, seconds: float = 120) -> bool:
    """Bring a mailbox up to date, for so long; whether there is more to do. Somebody else at it is left alone.

    Never raises for what the server does: that is written down at the mailbox.
    """
    organization_id = _organization_of(account_id)
    if organization_id is None:
        return False
    with (
        acting_in(organization_id, actor=Actor(source="job")),
        alone(SYNC_LOCK, account_id) as is_alone,
    ):
        if not is_alone:
            return False
        try:
            return _sync(account_id, tools, time.monotonic() + seconds)
        except AppError as problem:
            db.session.rollback()
            note_failed(account_id, problem)
        except OperationalError:
            raise  # the database is away
        except Exception as problem:
            logger.exception("reading mail account %s broke", account_id)
            db.session.rollback()
            note_failed(account_id, problem)
        db.session.commit()
        return False


def _organization_of(account_id: int) -> int | None:
    with across_organizations():
        query = select(MailAccount.organization_id).where(
            MailAccount.id == account_id, MailAccount.is_active, MailAccount.imap_host.is_not(None)
        )
        found = db.session.scalar(query)
    db.session.rollback()
    return found


def _sync(account_id: int, tools: SyncTools, ends: float) -> bool:
    know_mailboxes()
    account = db.session.get_one(MailAccount, account_id)
    row = db.session.scalars(select(MailSync).where(MailSync.account_id == account_id)).one()
    # Whoever began and did not say how it ended is dead: by a message, perhaps.
    is_careful = row.began_at is not None
    row.began_at = utc_now()
    run = SyncRun(account, tools, is_careful=is_careful)
    db.session.commit()
    if is_careful:
        logger.warning("mail account %s: the last reading died, so this one is careful", account_id)
        repair_words()
    try:
        return _rounds(run, ends)
    finally:
        run.drop_line()


def _rounds(run: SyncRun, ends: float) -> bool:
    with WordsWriter(run.organization_id) as words:
        while True:
            token = _round(run, words)
            unread = [folder for folder in run.folders() if folder.first_run_below is not None]
            for folder in unread:
                if folder.synced_at is not None and time.monotonic() < ends:
                    read_on(run, folder, words, until=min(ends, time.monotonic() + SLICE_SECONDS))
            is_finished = not any(folder.first_run_below is not None for folder in unread)
            if not unread or time.monotonic() >= ends:
                break
    has_more = not is_finished
    waiting = open_operations(run.account_id)
    waits = bool(waiting)
    # Whoever did something meanwhile has rung in vain, as this mailbox was being read.
    has_come_meanwhile = any(each.id > run.pushed_to for each in waiting)
    row = run.sync_row()
    was_first = row.first_run_ended_at is None
    note_good(row, None if has_more or waits or run.has_left_something else token)
    is_first_over = was_first and row.first_run_ended_at is not None
    db.session.commit()
    if is_first_over:
        tidy_index()
    return has_more or has_come_meanwhile


def _round(run: SyncRun, words: WordsWriter) -> bytes:
    """Once around all folders; those that are new here get their first messages."""
    listed = run.mailbox.folders(run.known_roles)
    statuses = keep_folders(run, listed)
    db.session.commit()
    if waiting := open_operations(run.account_id):
        run.pushed_to = waiting[-1].id
        push(run)
        listed = run.mailbox.folders(run.known_roles)
        statuses = keep_folders(run, listed)
        db.session.commit()
    for folder in run.folders():
        is_new = folder.synced_at is None
        if folder.id in statuses:
            pull_folder(run, folder, statuses[folder.id], words)
            if is_new:
                read_on(run, folder, words, until=None)
                tell_sizes()
    return poll_token(listed)
