"""How many lines each view of a mailing's list has, and why those are missing who are; counted in one pass."""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import func, select

from models.base import db
from models.mailings.mailing import Mailing
from models.mailings.mailing_exclusion import MailingExclusion
from models.mailings.reason import ReasonCode
from services.mailings.progress import step_of
from services.mailings.recipient_views import TROUBLE, Outcome
from services.mailings.row_sums import sums_of


@dataclass(frozen=True)
class RecipientCounts:
    """Lines by view, and by reason those who have not received it."""

    views: Counter[Outcome] = field(default_factory=Counter)
    reasons: Counter[ReasonCode] = field(default_factory=Counter)


def count_recipients(mailing: Mailing) -> RecipientCounts:
    """From the same sums as the console, so that both say the same."""
    counts = RecipientCounts()
    rows = sums_of(mailing, step_of(mailing)).rows
    for (state, reason, _step, came_back), number in rows.items():
        views = [each for each in Outcome if each.has(state, reason, came_back=came_back)]
        _add(counts, views, reason, number)
    left_out = db.session.execute(
        select(MailingExclusion.reason_code, func.count())
        .where(*MailingExclusion.in_force(mailing.id))
        .group_by(MailingExclusion.reason_code)
    )
    for reason, number in left_out:
        _add(counts, [outcome for outcome in Outcome if outcome.has_exclusions], reason, number)
    return counts


def left_out_of(mailing: Mailing) -> int:
    """How many were left out when it was registered and have got nothing since."""
    counted = select(func.count()).where(*MailingExclusion.in_force(mailing.id))
    return db.session.scalar(counted) or 0


def _add(
    counts: RecipientCounts, views: list[Outcome], reason: ReasonCode | None, number: int
) -> None:
    for view in views:
        counts.views[view] += number
    if reason is not None and not TROUBLE.isdisjoint(views):
        counts.reasons[reason] += number
