"""Tests of mail accounts: asked for here, carried out by a worker, kept for a while (X4-03)."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from errors import TooMany
from models.audit_trail import record_events
from models.base import db, utc_now
from models.mailbox.account_check import AccountCheck, CheckState
from models.mailbox.mail_account import MailAccount
from models.system.audit_event import AuditEvent

KEPT = 10
MOST_AN_HOUR = 5_000  # for each user: a test calls a server that somebody has named (T19)


def ask_check(
    accounts: Sequence[MailAccount], *, wants_message: bool = False, asked_by: int | None = None
) -> list[AccountCheck]:
    """Have a worker test these accounts; returns the test of each. The door commits and rings.

    An account that waits for a test, or is being tested, is not tested twice. `asked_by` is the key of a user, None
    for the clock; `wants_message` has each write to itself. Raises TooMany.
    """
    if not accounts:
        return []
    if asked_by is not None:
        _refuse_too_many(asked_by, len(accounts))
    now = utc_now()
    rows: list[dict[str, object]] = [
        {
            "organization_id": account.organization_id,
            "account_id": account.id,
            "asked_by_id": asked_by,
            "wants_message": wants_message,
            "state": CheckState.WAITING,
            "steps": [],
            "created_at": now,
            "updated_at": now,
        }
        for account in accounts
    ]
    made = db.session.execute(
        insert(AccountCheck)
        .values(rows)
        .on_conflict_do_nothing()
        .returning(AccountCheck.account_id)
    )
    asked = [(account_id, {"message": wants_message}) for account_id in made.scalars()]
    record_events(db.session(), entity="mail_account", action="check", after=asked)
    keys = [account.id for account in accounts]
    open_now = select(AccountCheck).where(
        AccountCheck.account_id.in_(keys), AccountCheck.ended_at.is_(None)
    )
    return list(db.session.scalars(open_now.order_by(AccountCheck.id)))


def newest_checks(account_ids: Collection[int]) -> dict[int, AccountCheck]:
    """The newest test of each account that has one."""
    found = db.session.scalars(AccountCheck.newest_of(account_ids)) if account_ids else ()
    return {check.account_id: check for check in found}


def checks_of(account: MailAccount) -> Sequence[AccountCheck]:
    """The tests that the account still has, newest first."""
    query = select(AccountCheck).where(AccountCheck.account_id == account.id)
    return db.session.scalars(query.order_by(AccountCheck.id.desc()).limit(KEPT)).all()


def accounts_to_test(*, only_failed: bool = False) -> Sequence[MailAccount]:
    """All active accounts; or those of them whose newest test has failed."""
    query = select(MailAccount).where(MailAccount.is_active).order_by(MailAccount.id)
    if only_failed:
        newest = (
            select(AccountCheck.state)
            .where(AccountCheck.account_id == MailAccount.id)
            .order_by(AccountCheck.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = query.where(newest == CheckState.BAD)
    return db.session.scalars(query).all()


def forget_old_checks(account_ids: Collection[int]) -> None:
    """An account keeps its last ten."""
    rank = func.row_number().over(
        partition_by=AccountCheck.account_id, order_by=AccountCheck.id.desc()
    )
    ranked = (
        select(AccountCheck.id, rank.label("rank"))
        .where(AccountCheck.account_id.in_(account_ids))
        .subquery()
    )
    old = select(ranked.c.id).where(ranked.c.rank > KEPT)
    db.session.execute(
        delete(AccountCheck)
        .where(AccountCheck.id.in_(old))
        .execution_options(synchronize_session=False)
    )


def _refuse_too_many(user_id: int, count: int) -> None:
    """Told by the audit, which nobody empties."""
    asked = select(func.count()).where(
        AuditEvent.entity == "mail_account",
        AuditEvent.action == "check",
        AuditEvent.actor_id == user_id,
        AuditEvent.at > utc_now() - timedelta(hours=1),
    )
    if (db.session.scalar(asked) or 0) + count > MOST_AN_HOUR:
        raise TooMany(_("That is too many tests in an hour. Wait a little."))
