"""Accounts that rest until somebody has cured them are tested by the clock, and go on when a test is good (X4-07).

After 1, 4 and 12 hours, then daily. A password or a permission that was refused is shown to the server once a day at
most: providers lock accounts that keep trying, and a lock-out ends by itself only for who waits.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select

from models.base import db, utc_now
from models.mailbox.account_check import AccountCheck
from models.mailbox.mail_account import MailAccount
from models.mailings.reason import ReasonCode
from models.tenancy import Actor, across_organizations, acting_in
from services.mailbox.checks import ask_check

WAITS = (timedelta(hours=1), timedelta(hours=4), timedelta(hours=12))
DAILY = timedelta(days=1)
# Signing in is not what is refused there, so another try does no harm.
OFTENER = {ReasonCode.FROM_NOT_ALLOWED.value, ReasonCode.ACCOUNT_DISABLED.value}


def ask_due_checks() -> int:
    """Have the accounts tested whose time has come; returns how many. Commits."""
    with across_organizations():
        resting = db.session.execute(
            select(MailAccount.organization_id, MailAccount.id).where(_rests())
        ).all()
    db.session.rollback()
    asked = 0
    for organization_id in {row.organization_id for row in resting}:
        keys = [row.id for row in resting if row.organization_id == organization_id]
        with acting_in(organization_id, actor=Actor(source="job")):
            moments, now = next_checks(keys), utc_now()
            due = [key for key, moment in moments.items() if moment <= now]
            accounts = db.session.scalars(select(MailAccount).where(MailAccount.id.in_(due))).all()
            asked += len(ask_check(accounts))
            db.session.commit()
    return asked


def next_checks(account_ids: Collection[int]) -> dict[int, datetime]:
    """When each of these accounts that rests is tested by itself."""
    told = (
        select(
            AccountCheck.account_id,
            func.max(func.coalesce(AccountCheck.ended_at, AccountCheck.created_at)).label("last"),
            func.count()
            .filter(
                AccountCheck.asked_by_id.is_(None), AccountCheck.created_at >= MailAccount.paused_at
            )
            .label("by_clock"),
        )
        .join(MailAccount, MailAccount.id == AccountCheck.account_id)
        .where(AccountCheck.account_id.in_(account_ids))
        .group_by(AccountCheck.account_id)
        .subquery()
    )
    rows = db.session.execute(
        select(
            MailAccount.id,
            MailAccount.paused_reason,
            func.greatest(
                MailAccount.paused_at, MailAccount.last_bad_at, told.c.last, MailAccount.created_at
            ).label("since"),
            func.coalesce(told.c.by_clock, 0).label("by_clock"),
        )
        .outerjoin(told, told.c.account_id == MailAccount.id)
        .where(MailAccount.id.in_(account_ids), _rests())
    )
    return {row.id: row.since + _wait(row.paused_reason, row.by_clock) for row in rows}


def _wait(reason: str, tests: int) -> timedelta:
    if reason not in OFTENER or tests >= len(WAITS):
        return DAILY
    return WAITS[tests]


def _rests() -> ColumnElement[bool]:
    """Waits for a person; a pause that has an end ends by itself."""
    return and_(
        MailAccount.is_active,
        MailAccount.paused_reason.is_not(None),
        MailAccount.paused_until.is_(None),
    )
