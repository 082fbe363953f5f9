"""Whom messages did not reach, each with the reason: for the page where what was sent is read again (pains D-5)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from models.base import db
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.mailings.delivery_copy import CopyState, DeliveryCopy
from models.mailings.reason import ReasonCode
from services.mailings.partly_sent import MISSED

NOT_SENT = (DeliveryStatus.FAILED, DeliveryStatus.SKIPPED)


@dataclass(frozen=True, slots=True)
class NotReached:
    """An address, why, and what a server said to it."""

    address: str
    reason: ReasonCode | None
    answer: str = ""


def not_reached(states: Iterable[DeliveryState]) -> Mapping[int, Sequence[NotReached]]:
    """By delivery; those that reached everybody, or wait, are not there."""
    by_key = {state.delivery_id: state for state in states}
    found: dict[int, list[NotReached]] = defaultdict(list)
    if not by_key:
        return found
    told = set()
    for copy in db.session.scalars(
        select(DeliveryCopy)
        .where(DeliveryCopy.delivery_id.in_(by_key), DeliveryCopy.state.in_(MISSED))
        .order_by(DeliveryCopy.delivery_id, DeliveryCopy.n)
    ):
        if copy.n == 0:  # the first recipient's own
            told.add(copy.delivery_id)
        found[copy.delivery_id].append(_of_copy(copy))
    whole = {
        key: state
        for key, state in by_key.items()
        if key not in told and (state.state in NOT_SENT or state.bounced_at is not None)
    }
    for delivery in db.session.scalars(select(Delivery).where(Delivery.id.in_(whole))):
        state = whole[delivery.id]
        first = NotReached(delivery.recipient, state.reason_code, state.reason_detail or "")
        found[delivery.id].insert(0, first)
    _add_the_others(found, whole)
    return found


def _add_the_others(found: dict[int, list[NotReached]], whole: Mapping[int, DeliveryState]) -> None:
    """What was refused as a whole reached none of its recipients, for one and the same reason."""
    refused = [key for key, state in whole.items() if state.state in NOT_SENT]
    for copy in db.session.scalars(
        select(DeliveryCopy)
        .where(
            DeliveryCopy.delivery_id.in_(refused),
            DeliveryCopy.n > 0,
            DeliveryCopy.state == CopyState.WAITING,
        )
        .order_by(DeliveryCopy.delivery_id, DeliveryCopy.n)
    ):
        state = whole[copy.delivery_id]
        also = NotReached(copy.address, state.reason_code, state.reason_detail or "")
        found[copy.delivery_id].append(also)


def _of_copy(copy: DeliveryCopy) -> NotReached:
    if copy.state is CopyState.LEFT_OUT:
        return NotReached(copy.address, ReasonCode.SUPPRESSED)
    answer = f"{copy.smtp_code or ''} {copy.smtp_text or ''}".strip()
    return NotReached(copy.address, ReasonCode.RECIPIENT_REJECTED, answer)
