"""Messages that were sent and did not reach everybody, with the reason why: some of several (decision 0012), or none (0038)."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, select, text, update

from models.base import db
from models.mailings.delivery import DeliveryState, DeliveryStatus
from models.mailings.delivery_copy import CopyRole, CopyState, DeliveryCopy
from models.mailings.reason import ReasonCode

MISSED = (CopyState.REFUSED, CopyState.LEFT_OUT)

# Who has got it keeps it, whatever becomes of the next try for the others.
GIVE_UP = text("""
WITH reached AS (
  SELECT s.delivery_id FROM delivery_state s
   WHERE s.mailing_id = :mailing AND s.state IN ('prepared', 'queued') AND s.sent_at IS NOT NULL
     AND EXISTS (SELECT FROM delivery_copy a WHERE a.delivery_id = s.delivery_id AND a.role = 'to' AND a.state = 'accepted')
), left_out AS (
  UPDATE delivery_copy c SET state = 'left_out' FROM reached r
   WHERE c.delivery_id = r.delivery_id AND c.state = 'waiting'
)
UPDATE delivery_state s SET state = 'sent', reason_code = 'cancelled' FROM reached r
 WHERE s.delivery_id = r.delivery_id
""")


def is_partly_sent(state: DeliveryStatus, reason: ReasonCode | None) -> bool:
    """What a person decided (*manual*) is whole."""
    return state is DeliveryStatus.SENT and reason not in {None, ReasonCode.MANUAL}


def partly_sent() -> ColumnElement[bool]:
    """The same as a condition for queries."""
    return and_(
        DeliveryState.state == DeliveryStatus.SENT,
        DeliveryState.reason_code.is_not(None),
        DeliveryState.reason_code != ReasonCode.MANUAL,
    )


def came_back() -> ColumnElement[bool]:
    """Nobody has got it: it was accepted and bounced later, and no person has settled that since (decision 0038)."""
    return and_(partly_sent(), DeliveryState.bounced_at.is_not(None))


def missed_recipients(delivery_id: int) -> Sequence[DeliveryCopy]:
    """The recipients of a message to several who did not get what the others got; those with copies do not count."""
    found = db.session.scalars(
        select(DeliveryCopy)
        .where(
            DeliveryCopy.delivery_id == delivery_id,
            DeliveryCopy.role == CopyRole.TO,
            DeliveryCopy.state.in_(MISSED),
        )
        .order_by(DeliveryCopy.n)
        .execution_options(populate_existing=True)
    )
    return found.all()


def reached_recipients(delivery_id: int) -> Sequence[str]:
    """The addresses of those who got it."""
    return db.session.scalars(
        select(DeliveryCopy.address)
        .where(
            DeliveryCopy.delivery_id == delivery_id,
            DeliveryCopy.role == CopyRole.TO,
            DeliveryCopy.state == CopyState.ACCEPTED,
        )
        .order_by(DeliveryCopy.n)
    ).all()


def note_replaced(missed: DeliveryCopy) -> None:
    """It was sent to somebody else, or elsewhere, instead; a message that nobody misses any more is whole."""
    missed.state = CopyState.REPLACED
    db.session.flush()
    if not missed_recipients(missed.delivery_id):
        db.session.execute(
            update(DeliveryState)
            .where(DeliveryState.delivery_id == missed.delivery_id, partly_sent())
            .values(reason_code=ReasonCode.MANUAL)
            .execution_options(synchronize_session=False)
        )


def give_up_retries(mailing_id: int) -> None:
    """What was to be tried again for some recipients stays *sent* for the others."""
    db.session.execute(GIVE_UP, {"mailing": mailing_id})
