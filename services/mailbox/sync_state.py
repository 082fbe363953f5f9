"""How the reading of each mailbox stands, and when it is its turn (S3-03)."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from errors import AppError
from mail.errors import MailError, SignInRefused, Throttled
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import MailFolder
from models.mailbox.mail_sync import MailSync
from models.mailbox.mailbox_operation import MailboxOperation
from models.tenancy import across_organizations
from services.mailbox.open_operations import OPEN

logger = logging.getLogger(__name__)
POLL_SECONDS = 30
CLAIMED_SECONDS = 120  # whoever polls has so long
# By failures in a row. A refused password is not tried again and again: providers lock accounts.
WAITS = (60, 120, 300, 900, 1800, 3600)
REFUSED_SECONDS = 3600
THROTTLED_SECONDS = 600
INTERNAL = "internal"
LONGEST_DETAIL = 500


@dataclass(frozen=True, slots=True)
class DueMailbox:
    """A mailbox whose turn it is."""

    account_id: int
    poll_token: bytes | None


def know_mailboxes() -> None:
    """Every active account whose mail can be read has a row, in this organization. The caller commits."""
    now = utc_now()
    readable = (
        select(MailAccount.organization_id, MailAccount.id)
        .outerjoin(MailSync, MailSync.account_id == MailAccount.id)
        .where(MailAccount.is_active, MailAccount.imap_host.is_not(None), MailSync.id.is_(None))
    )
    rows = [
        {
            "organization_id": organization_id,
            "account_id": account_id,
            "next_poll_at": now,
            "created_at": now,
            "updated_at": now,
            "failures_in_a_row": 0,
            "done": 0,
            "wanted": 0,
            "counted_accepted": 0,
            "counted_placed": 0,
            "counted_dead": 0,
            "counted_missing": 0,
        }
        for organization_id, account_id in db.session.execute(readable)
    ]
    if rows:
        db.session.execute(insert(MailSync).values(rows).on_conflict_do_nothing())


def organizations_with_mailboxes() -> Sequence[int]:
    """Those that have an account whose mail is read; who has waited longest comes first."""
    with across_organizations():
        return db.session.scalars(
            select(MailAccount.organization_id)
            .outerjoin(MailSync, MailSync.account_id == MailAccount.id)
            .where(MailAccount.is_active, MailAccount.imap_host.is_not(None))
            .group_by(MailAccount.organization_id)
            .order_by(func.min(MailSync.next_poll_at).asc().nulls_first())
        ).all()


def claim_due(most: int, *, failing: bool) -> list[DueMailbox]:
    """Mailboxes of this organization whose turn it is, of those that answered last or of those that did not.

    Nobody else gets them for a while. The caller commits.
    """
    now = utc_now()
    due = (
        select(MailSync.id)
        .join(MailAccount, MailAccount.id == MailSync.account_id)
        .where(
            MailAccount.is_active,
            MailAccount.imap_host.is_not(None),
            MailSync.failures_in_a_row > 0 if failing else MailSync.failures_in_a_row == 0,
            or_(
                MailSync.next_poll_at <= now,
                # Somebody has written a new password: no reason to wait any longer.
                and_(
                    MailAccount.password_set_at > MailSync.last_bad_at,
                    MailSync.next_poll_at > now + timedelta(seconds=CLAIMED_SECONDS),
                ),
            ),
        )
        .order_by(MailSync.next_poll_at)
        .limit(most)
        .with_for_update(skip_locked=True, of=MailSync)
    )
    claimed = db.session.execute(
        update(MailSync)
        .where(MailSync.id.in_(due))
        .values(next_poll_at=now + timedelta(seconds=CLAIMED_SECONDS))
        .returning(MailSync.account_id, MailSync.poll_token)
        .execution_options(synchronize_session=False)
    )
    return [DueMailbox(account_id, token) for account_id, token in claimed]


def give_back(account_ids: Sequence[int]) -> None:
    """Claimed, and not asked: it is their turn still. The caller commits."""
    db.session.execute(
        update(MailSync)
        .where(MailSync.account_id.in_(account_ids))
        .values(next_poll_at=utc_now())
        .execution_options(synchronize_session=False)
    )


def is_resting(account_id: int) -> bool:
    """Whether its server has failed and is left alone: whoever polls asks again when it is time."""
    with across_organizations():
        row = db.session.execute(
            select(MailSync.failures_in_a_row, MailSync.next_poll_at).where(
                MailSync.account_id == account_id
            )
        ).one_or_none()
    db.session.rollback()
    return (
        row is not None
        and row.failures_in_a_row > 0
        and row.next_poll_at is not None
        and row.next_poll_at > utc_now()
    )


def note_unchanged(account_ids: Sequence[int]) -> None:
    """Nothing new in all of these: one statement. The caller commits."""
    now = utc_now()
    db.session.execute(
        update(MailSync)
        .where(MailSync.account_id.in_(account_ids))
        .values(
            last_good_at=now,
            next_poll_at=now + timedelta(seconds=POLL_SECONDS),
            failures_in_a_row=0,
            problem=None,
            problem_detail=None,
        )
        .execution_options(synchronize_session=False)
    )


def note_good(row: MailSync, token: bytes | None) -> None:
    """All is here that the server has; `token` None if something is left to do. The caller commits."""
    now = utc_now()
    row.last_good_at, row.began_at = now, None
    row.failures_in_a_row, row.problem, row.problem_detail = 0, None, None
    row.poll_token = token
    row.next_poll_at = now + timedelta(seconds=POLL_SECONDS)
    unread = select(MailFolder.id).where(
        MailFolder.account_id == row.account_id, MailFolder.first_run_below.is_not(None)
    )
    if row.first_run_ended_at is None and db.session.scalar(unread.limit(1)) is None:
        row.first_run_ended_at = now


def note_failed(account_id: int, problem: Exception) -> None:
    """It did not work: the next try waits longer each time. The caller commits."""
    row = db.session.scalars(select(MailSync).where(MailSync.account_id == account_id)).one()
    now = utc_now()
    row.failures_in_a_row += 1
    row.last_bad_at, row.began_at = now, None
    row.problem = problem.reason_code if isinstance(problem, MailError) else INTERNAL
    message = problem.message if isinstance(problem, AppError) else type(problem).__name__
    row.problem_detail = message[:LONGEST_DETAIL]
    if isinstance(problem, SignInRefused):
        seconds = REFUSED_SECONDS
    elif isinstance(problem, Throttled):
        seconds = THROTTLED_SECONDS * min(row.failures_in_a_row, 6)
    else:
        seconds = WAITS[min(row.failures_in_a_row, len(WAITS)) - 1]
    row.next_poll_at = now + timedelta(seconds=seconds)
    logger.warning("mail account %s cannot be read: %s", account_id, row.problem)


def accounts_with_operations() -> Sequence[int]:
    """Accounts of all organizations where something waits for a server now, and the server answered last."""
    with across_organizations():
        return db.session.scalars(
            select(MailboxOperation.account_id)
            .outerjoin(MailSync, MailSync.account_id == MailboxOperation.account_id)
            .where(
                func.coalesce(MailSync.failures_in_a_row, 0) == 0,
                MailboxOperation.state.in_(OPEN),
                or_(
                    MailboxOperation.not_before.is_(None),
                    MailboxOperation.not_before <= utc_now(),
                ),
            )
            .distinct()
        ).all()
