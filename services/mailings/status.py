"""How far a mailing is: counted from its rows each time, never stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import AttemptOutcome, DeliveryAttempt, DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing, MailingExclusion
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode

RATE_SECONDS = 30
OPEN = (DeliveryStatus.PREPARED, DeliveryStatus.QUEUED, DeliveryStatus.SENDING)

Counts = dict[str, int]


@dataclass(frozen=True)
class Progress:
    """What the console shows while a mailing is sent; `per_second` over the last half minute.

    `paused_reason`: the account rests, until `paused_until` or until a person cures it (None).
    """

    state: MailingState
    counts: Counts
    total: int
    done: int
    per_second: float
    seconds_left: float | None
    paused_reason: ReasonCode | None
    paused_until: datetime | None


def counts_of(mailing_id: int) -> Counts:
    """Messages by state. *skipped* has those in the range that were left out, too."""
    return counts_of_all([mailing_id])[mailing_id]


def counts_of_all(mailing_ids: Sequence[int]) -> dict[int, Counts]:
    """The same for several mailings, in two queries."""
    counts = {key: {state.value: 0 for state in DeliveryStatus} for key in mailing_ids}
    rows = db.session.execute(
        select(DeliveryState.mailing_id, DeliveryState.state, func.count())
        .where(DeliveryState.mailing_id.in_(mailing_ids))
        .group_by(DeliveryState.mailing_id, DeliveryState.state)
    )
    for mailing_id, state, count in rows:
        if mailing_id is not None:
            counts[mailing_id][state.value] += count
    excluded = db.session.execute(
        select(MailingExclusion.mailing_id, func.count())
        .where(MailingExclusion.mailing_id.in_(mailing_ids))
        .group_by(MailingExclusion.mailing_id)
    )
    for mailing_id, count in excluded:
        counts[mailing_id][DeliveryStatus.SKIPPED.value] += count
    return counts


def skipped_of(mailing_id: int) -> dict[str, int]:
    """How many were left out, by reason; the most frequent first."""
    sums: dict[str, int] = {}
    at_register = select(MailingExclusion.reason_code, func.count()).where(
        MailingExclusion.mailing_id == mailing_id
    )
    later = select(DeliveryState.reason_code, func.count()).where(
        DeliveryState.mailing_id == mailing_id, DeliveryState.state == DeliveryStatus.SKIPPED
    )
    for query in (
        at_register.group_by(MailingExclusion.reason_code),
        later.group_by(DeliveryState.reason_code),
    ):
        for reason, count in db.session.execute(query):
            if reason is None:
                continue
            sums[reason.value] = sums.get(reason.value, 0) + count
    return dict(sorted(sums.items(), key=lambda pair: (-pair[1], pair[0])))


def progress_of(mailing: Mailing) -> Progress:
    """Counts, rate and time left."""
    counts = counts_of(mailing.id)
    total = sum(counts.values()) - counts[DeliveryStatus.SKIPPED.value]
    left = sum(counts[state.value] for state in OPEN)
    rate = messages_per_second(mailing.account_id)
    account = mailing.account
    paused = account.paused_reason if account.is_paused else None
    return Progress(
        state=mailing.state,
        counts=counts,
        total=total,
        done=total - left,
        per_second=rate,
        seconds_left=left / rate if rate and left else None,
        paused_reason=ReasonCode(paused) if paused else None,
        paused_until=account.paused_until if paused else None,
    )


def messages_per_second(account_id: int, *, seconds: int = RATE_SECONDS) -> float:
    """What the account has sent in the last seconds, on average while it was sending."""
    since = func.clock_timestamp() - timedelta(seconds=seconds)
    row = db.session.execute(
        select(
            func.count(),
            func.extract("epoch", func.clock_timestamp() - func.min(DeliveryAttempt.started_at)),
        ).where(
            DeliveryAttempt.account_id == account_id,
            DeliveryAttempt.started_at > since,
            DeliveryAttempt.outcome == AttemptOutcome.OK,
        )
    ).one()
    count, age = row
    return float(count) / max(float(age or 0), 1.0) if count else 0.0


def rates_of_accounts(account_ids: Sequence[int]) -> dict[int, float]:
    """Messages a second of each account, over the last half minute."""
    return {
        key: messages_per_second(key)
        for key in db.session.scalars(select(MailAccount.id).where(MailAccount.id.in_(account_ids)))
    }
