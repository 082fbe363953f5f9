"""What an account has done and has still to do, for the forecast."""

from datetime import timedelta

from sqlalchemy import func, select

from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import AttemptOutcome, DeliveryAttempt, DeliveryState
from services.mailings.forecast import AccountLoad
from services.mailings.limits import DAY, HOUR, MINUTE, SECOND, Limit

USUAL_SECONDS = 0.5  # a message on a line, as long as the account has not shown better
LATEST = 200


def load_of(account: MailAccount) -> AccountLoad:
    """Its limits, its windows, its pace, and what others have queued in it."""
    limits = limits_of(account)
    return AccountLoad(
        limits=limits,
        ages=_ages(account) if limits else (),
        connections=account.connections,
        seconds_each=_seconds_each(account),
        waiting=waiting_of(account),
    )


def limits_of(account: MailAccount) -> tuple[Limit, ...]:
    """The limits that the account has."""
    windows = (
        (SECOND, account.per_second),
        (MINUTE, account.per_minute),
        (HOUR, account.per_hour),
        (DAY, account.per_day),
    )
    return tuple(Limit(seconds, most) for seconds, most in windows if most)


def _ages(account: MailAccount) -> tuple[float, ...]:
    now = utc_now()
    ended = db.session.scalars(
        select(DeliveryAttempt.ended_at).where(
            DeliveryAttempt.account_id == account.id,
            DeliveryAttempt.organization_id == account.organization_id,
            DeliveryAttempt.started_at > func.now() - func.make_interval(0, 0, 0, 1),
        )
    )
    return tuple(max((now - at).total_seconds(), 0.0) for at in ended)


def _seconds_each(account: MailAccount) -> float:
    """How long the latest messages took; a slow answer counts, a broken line does not."""
    latest = (
        select((DeliveryAttempt.ended_at - DeliveryAttempt.started_at).label("took"))
        .where(
            DeliveryAttempt.account_id == account.id,
            DeliveryAttempt.organization_id == account.organization_id,
            DeliveryAttempt.phase == "done",
            DeliveryAttempt.started_at.is_not(None),
        )
        .order_by(DeliveryAttempt.started_at.desc())
        .limit(LATEST)
        .subquery()
    )
    took = db.session.scalar(select(func.avg(latest.c.took)))
    return max(took.total_seconds(), 0.001) if took is not None else USUAL_SECONDS


def waiting_of(account: MailAccount) -> int:
    """How many messages wait for the account."""
    waiting = select(func.count()).where(
        DeliveryState.account_id == account.id, DeliveryState.is_open
    )
    return db.session.scalar(waiting) or 0


def sent_today(account: MailAccount) -> int:
    """How many messages the account has sent in the last 24 hours."""
    sent = select(func.count()).where(
        DeliveryAttempt.account_id == account.id,
        DeliveryAttempt.organization_id == account.organization_id,
        DeliveryAttempt.outcome == AttemptOutcome.OK,
        DeliveryAttempt.started_at > utc_now() - timedelta(days=1),
    )
    return db.session.scalar(sent) or 0
