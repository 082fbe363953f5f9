"""What comes back of messages becomes a fact of their deliveries (X1-08); the same message twice does no harm.

A report counts only if it names the delivery (its Message-ID, or our own field of the message that it returns) and an address
of that delivery: both together are known to nobody but its recipients. Whatever else says that a message did not arrive is
shown with the delivery and changes nothing: else anybody could take any address off our mailings.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from mail.bounces import Bounce, Failure
from mail.envelope import comparable
from models.base import db
from models.mailings.delivery import Delivery, DeliveryKind, DeliveryState
from models.mailings.delivery_copy import DeliveryCopy
from models.mailings.delivery_report import DeliveryReport, ReportGrade
from models.tenancy import current_scope
from services.mailings.came_back import came_back

# A report that does not name its message is about one of these days; servers give up after five.
WINDOW = timedelta(days=7)


@dataclass(frozen=True)
class _Found:
    """A delivery, the address of it that is meant, and whether the report names both."""

    delivery: Delivery
    address_norm: str
    is_certain: bool


def note_bounce(bounce: Bounce, *, message_id: int, at: datetime) -> list[DeliveryReport]:
    """Write down what a received message reports; what was not known before is returned, and has its consequences."""
    named = _named(bounce)
    noted = []
    for failure in bounce.failures:
        for found in _found(failure, named, bounce, at):
            report = _noted(found, failure, message_id, at)
            if report is None:
                continue
            noted.append(report)
            if report.is_certain and report.grade is not ReportGrade.DELAYED:
                came_back(found.delivery, report)
    return noted


def _named(bounce: Bounce) -> Sequence[Delivery]:
    if not bounce.deliveries:
        return ()
    return db.session.scalars(
        select(Delivery)
        .where(Delivery.public_id.in_(bounce.deliveries), Delivery.kind != DeliveryKind.REHEARSAL)
        .order_by(Delivery.id)
    ).all()


def _found(
    failure: Failure, named: Sequence[Delivery], bounce: Bounce, at: datetime
) -> Iterator[_Found]:
    wanted = {comparable(each) for each in failure.addresses}
    matching = [
        _Found(delivery, each, True)
        for delivery in named
        for each in sorted(_addresses_of(delivery) & wanted)
    ]
    if matching:
        yield from matching
    elif len(named) == 1 and len(bounce.failures) == 1:
        # To an address that we do not know: its reader has mail sent on, and that does not work.
        yield _Found(named[0], named[0].recipient_norm, False)
    elif not bounce.deliveries:
        latest = _latest_to(wanted, at)
        if latest is not None:
            own = _addresses_of(latest) & wanted
            yield _Found(latest, min(own), False)


def _addresses_of(delivery: Delivery) -> set[str]:
    copies = db.session.scalars(
        select(DeliveryCopy.address_norm).where(DeliveryCopy.delivery_id == delivery.id)
    )
    return {delivery.recipient_norm, *copies}


def _latest_to(addresses: set[str], at: datetime) -> Delivery | None:
    copied = select(DeliveryCopy.delivery_id).where(DeliveryCopy.address_norm.in_(addresses))
    is_to_them: ColumnElement[bool] = or_(
        Delivery.recipient_norm.in_(addresses), Delivery.id.in_(copied)
    )
    return db.session.scalars(
        select(Delivery)
        .join(DeliveryState, DeliveryState.delivery_id == Delivery.id)
        .where(
            is_to_them,
            Delivery.kind != DeliveryKind.REHEARSAL,
            DeliveryState.sent_at.between(at - WINDOW, at),
        )
        .order_by(DeliveryState.sent_at.desc(), Delivery.id.desc())
        .limit(1)
    ).one_or_none()


def _noted(found: _Found, failure: Failure, message_id: int, at: datetime) -> DeliveryReport | None:
    """None if it is known already."""
    now = func.now()
    key = db.session.scalar(
        insert(DeliveryReport)
        .values(
            organization_id=current_scope().organization_id,
            delivery_id=found.delivery.id,
            message_id=message_id,
            address_norm=found.address_norm,
            grade=ReportGrade(failure.grade.value),
            is_certain=found.is_certain,
            status=failure.status,
            smtp_code=failure.smtp_code,
            diagnostic=failure.diagnostic,
            reported_at=at,
            created_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing()
        .returning(DeliveryReport.id)
    )
    return db.session.get_one(DeliveryReport, key) if key is not None else None
