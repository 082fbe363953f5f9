"""How far a mailing is: counted from its rows each time, never stored."""

from sqlalchemy import func, select

from models.base import db
from models.mailings.delivery import FOR_CUSTOMERS, Delivery, DeliveryState, DeliveryStatus
from models.mailings.delivery_copy import CopyState, DeliveryCopy
from models.mailings.mailing_exclusion import MailingExclusion

Counts = dict[str, int]


def counts_of(mailing_id: int) -> Counts:
    """Messages by state. *skipped* has those in the range that were left out, too."""
    counts = {state.value: 0 for state in DeliveryStatus}
    rows = db.session.execute(
        select(DeliveryState.state, func.count())
        .where(DeliveryState.mailing_id == mailing_id)
        .group_by(DeliveryState.state)
    )
    for state, count in rows:
        counts[state.value] += count
    excluded = select(func.count()).where(*MailingExclusion.in_force(mailing_id))
    counts[DeliveryStatus.SKIPPED.value] += db.session.scalar(excluded) or 0
    return counts


def copies_of(mailing_id: int) -> Counts:
    """Further addresses of its messages (others they go to, copies and blind copies) by what became of them."""
    counts = {state.value: 0 for state in CopyState}
    rows = db.session.execute(
        select(DeliveryCopy.state, func.count())
        .join(Delivery, Delivery.id == DeliveryCopy.delivery_id)
        .where(
            Delivery.mailing_id == mailing_id,
            Delivery.kind.in_(FOR_CUSTOMERS),
            DeliveryCopy.n > 0,
        )
        .group_by(DeliveryCopy.state)
    )
    return counts | {state.value: count for state, count in rows}


def skipped_of(mailing_id: int) -> dict[str, int]:
    """How many were left out, by reason; the most frequent first."""
    sums: dict[str, int] = {}
    at_register = select(MailingExclusion.reason_code, func.count()).where(
        *MailingExclusion.in_force(mailing_id)
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
