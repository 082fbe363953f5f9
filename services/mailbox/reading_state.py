"""How the reading of mailboxes stands, and what the server has still to be told (S3-03)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select, update

from models.any_of import is_any_of
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sync import MailSync
from models.mailbox.mailbox_operation import MailboxOperation, OperationState
from models.mailbox.message import Message
from models.people.user import User
from services.mailbox.readers import readable_by

OPEN = (OperationState.PENDING, OperationState.STARTED)
WRONG = (OperationState.FAILED, OperationState.GONE)
MOST_FAILURES = 50


class Reading(StrEnum):
    """What one can say of a mailbox."""

    NO_SERVER = "no_server"  # nobody has said where its mail comes in
    WAITING = "waiting"  # it was never read yet
    FIRST_RUN = "first_run"
    GOOD = "good"
    FAILING = "failing"


@dataclass(frozen=True, kw_only=True)
class AccountReading:
    """One mailbox: when it was last read, what went wrong last, and how much waits for its server."""

    account: MailAccount
    state: Reading
    good_at: datetime | None = None
    bad_at: datetime | None = None
    problem: str | None = None
    detail: str | None = None
    done: int = 0
    wanted: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class Failure:
    """What could not be done on the server."""

    operation: MailboxOperation
    subject: str


def readings_of(accounts: Sequence[MailAccount]) -> list[AccountReading]:
    """In the order of the accounts."""
    keys = [account.id for account in accounts]
    found = db.session.scalars(select(MailSync).where(is_any_of(MailSync.account_id, keys)))
    syncs = {sync.account_id: sync for sync in found}
    waiting = _waiting_of(keys)
    return [
        _reading(account, syncs.get(account.id), waiting.get(account.id, 0)) for account in accounts
    ]


def failures_of(person: User) -> list[Failure]:
    """What this person did and the server did not do, until they have read of it; no words of a mailbox that is closed to them since."""
    rows = db.session.execute(
        select(MailboxOperation, Message.subject)
        .join(Message, Message.id == MailboxOperation.message_id)
        .join(MailAccount, MailAccount.id == MailboxOperation.account_id)
        .where(*_unnoticed(person), readable_by(person))
        .order_by(MailboxOperation.id.desc())
        .limit(MOST_FAILURES)
    )
    return [Failure(operation, subject) for operation, subject in rows]


def notice_failures(person: User) -> None:
    """They have been read of."""
    db.session.execute(
        update(MailboxOperation).where(*_unnoticed(person)).values(noticed_at=utc_now())
    )


def _unnoticed(person: User) -> tuple[ColumnElement[bool], ...]:
    return (
        MailboxOperation.user_id == person.id,
        MailboxOperation.state.in_(WRONG),
        MailboxOperation.noticed_at.is_(None),
    )


def _waiting_of(account_ids: Collection[int]) -> Mapping[int, int]:
    rows = db.session.execute(
        select(MailboxOperation.account_id, func.count())
        .where(
            is_any_of(MailboxOperation.account_id, account_ids), MailboxOperation.state.in_(OPEN)
        )
        .group_by(MailboxOperation.account_id)
    )
    return dict(rows.all())


def _reading(account: MailAccount, sync: MailSync | None, waiting: int) -> AccountReading:
    if sync is None:
        state = Reading.WAITING if account.imap_host else Reading.NO_SERVER
        return AccountReading(account=account, state=state, waiting=waiting)
    if sync.failures_in_a_row:
        state = Reading.FAILING
    elif sync.first_run_ended_at is None:
        state = Reading.FIRST_RUN if sync.began_at else Reading.WAITING
    else:
        state = Reading.GOOD
    return AccountReading(
        account=account,
        state=state,
        good_at=sync.last_good_at,
        bad_at=sync.last_bad_at,
        problem=sync.problem,
        detail=sync.problem_detail,
        done=sync.done,
        wanted=sync.wanted,
        waiting=waiting,
    )
