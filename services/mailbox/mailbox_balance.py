"""Whether every message that a server has is here or named as a dead letter (X3-16): accepted = placed + dead letters."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import MailFolder
from models.mailbox.mail_sync import MailSync
from models.mailbox.message_placement import MessagePlacement
from models.tenancy import Actor, across_organizations, acting_in
from services.mailbox.mailbox_sync import SYNC_LOCK
from services.mailbox.open_operations import held_in
from services.mailbox.quarantine import dead_uids
from services.mailbox.servers import imap_server_of
from services.mailbox.sync_run import SyncRun, SyncTools
from services.mailbox.words_writing import repair_words
from services.system.alone import alone

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FolderBalance:
    """A folder: what the server has of what is wanted, and where it is."""

    account_id: int
    path: str
    accepted: int
    placed: int
    dead: int
    missing: int
    too_many: int

    @property
    def is_even(self) -> bool:
        return not self.missing and not self.too_many


def mailboxes_to_verify() -> list[tuple[int, int]]:
    """All whose reading has begun: organization and account."""
    with across_organizations():
        rows = db.session.execute(
            select(MailAccount.organization_id, MailAccount.id)
            .join(MailSync, MailSync.account_id == MailAccount.id)
            .where(MailAccount.is_active, MailAccount.imap_host.is_not(None))
            .order_by(MailAccount.id)
        ).all()
    db.session.rollback()
    return [(organization_id, account_id) for organization_id, account_id in rows]


def verify_mailbox(
    organization_id: int, account_id: int, tools: SyncTools
) -> list[FolderBalance] | None:
    """Count a mailbox against its server, and have what is missing fetched. Commits.

    None while somebody reads it, and where nobody can, as long as it has no password. Raises MailError.
    """
    with (
        acting_in(organization_id, actor=Actor(source="job")),
        alone(SYNC_LOCK, account_id) as is_alone,
    ):
        if not is_alone:
            return None
        account = db.session.get_one(MailAccount, account_id)
        if imap_server_of(account, tools.network) is None:
            return None
        run = SyncRun(account, tools)
        try:
            found = [
                _balance(run, folder) for folder in run.folders() if folder.uidvalidity is not None
            ]
        finally:
            run.drop_line()
        row = run.sync_row()
        _note(row, found)
        if any(not each.is_even for each in found):
            row.poll_token = None  # the next reading does not skip it
            logger.error("mail account %s is not even: %s", account_id, found)
        while repair_words():
            pass
        db.session.commit()
        return found


def _note(row: MailSync, found: Sequence[FolderBalance]) -> None:
    """For whoever looks at the page of what was set aside."""
    row.counted_at = utc_now()
    row.counted_accepted = sum(each.accepted for each in found)
    row.counted_placed = sum(each.placed for each in found)
    row.counted_dead = sum(each.dead for each in found)
    row.counted_missing = sum(each.missing for each in found)


def _balance(run: SyncRun, folder: MailFolder) -> FolderBalance:
    seen = run.mailbox.select(folder.path)
    day = run.wanted_since.date() if run.wanted_since else None
    every = set(run.mailbox.uids())
    wanted = set(run.mailbox.uids(since=day)) if day else every
    # What has come since, or is still to come in a first run, is not late.
    below, last = folder.first_run_below or 0, folder.uidnext or 1
    accepted = (
        {uid for uid in wanted if below <= uid < last}
        if below
        else {uid for uid in wanted if uid < last}
    )
    placed = set(
        db.session.scalars(
            select(MessagePlacement.uid).where(
                MessagePlacement.folder_id == folder.id, MessagePlacement.uid.is_not(None)
            )
        )
    )
    dead, leaving = dead_uids(folder), held_in(run.account_id, folder.id).leaving
    if seen.uidvalidity != folder.uidvalidity:
        return FolderBalance(run.account_id, folder.path, len(accepted), len(placed), 0, 0, 0)
    missing = accepted - placed - dead - leaving
    too_many = placed - every
    if missing:
        folder.first_run_below = max(folder.first_run_below or 0, last)
    if too_many:
        folder.highestmodseq = None  # all of it is looked at again
    if missing or too_many:
        folder.server_messages = -1
    return FolderBalance(
        account_id=run.account_id,
        path=folder.path,
        accepted=len(accepted),
        placed=len(accepted & (placed | leaving)),
        dead=len(accepted & dead - placed),
        missing=len(missing),
        too_many=len(too_many),
    )
