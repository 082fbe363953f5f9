"""The odd things of a mailing as people go through them: how many are left, which, and what was found in order."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select, update

from errors import NotFound
from models.audit_trail import record_event
from models.base import db, utc_now
from models.mailings.anomaly import MailingAnomaly
from models.mailings.delivery import Delivery
from models.mailings.mailing import Mailing
from models.people.user import User
from models.sales.document import Document
from models.tenancy import current_scope


@dataclass(frozen=True)
class AnomalyInReview:
    """Something odd, and who found it in order."""

    anomaly: MailingAnomaly
    dismissed_by: str | None
    document_key: uuid.UUID | None  # its public name


def count_to_review(mailing: Mailing) -> int:
    """How many messages and customers have something odd that nobody found in order; the whole mailing is one."""
    place = func.coalesce(MailingAnomaly.delivery_id, -MailingAnomaly.customer_id, 0)
    open_ones = select(func.count(place.distinct())).where(
        MailingAnomaly.mailing_id == mailing.id, MailingAnomaly.dismissed_at.is_(None)
    )
    return db.session.scalar(open_ones) or 0


def anomalies_of_message(delivery: Delivery) -> list[AnomalyInReview]:
    return _anomalies(
        MailingAnomaly.mailing_id == delivery.mailing_id,
        MailingAnomaly.delivery_id == delivery.id,
    )


def anomalies_of_customer(mailing: Mailing, customer_id: int) -> list[AnomalyInReview]:
    """Of a customer who gets no message."""
    return _anomalies(
        MailingAnomaly.mailing_id == mailing.id,
        MailingAnomaly.delivery_id.is_(None),
        MailingAnomaly.customer_id == customer_id,
    )


def anomalies_of_mailing(mailing: Mailing) -> list[AnomalyInReview]:
    """What is odd in all messages alike."""
    return _anomalies(
        MailingAnomaly.mailing_id == mailing.id,
        MailingAnomaly.delivery_id.is_(None),
        MailingAnomaly.customer_id.is_(None),
    )


def open_counts(mailing: Mailing, deliveries: Sequence[int]) -> dict[int, int]:
    """How many odd things each of these messages has left."""
    rows = db.session.execute(
        select(MailingAnomaly.delivery_id, func.count())
        .where(
            MailingAnomaly.mailing_id == mailing.id,
            MailingAnomaly.delivery_id.in_(deliveries),
            MailingAnomaly.dismissed_at.is_(None),
        )
        .group_by(MailingAnomaly.delivery_id)
    )
    return {key: count for key, count in rows if key is not None}


def dismiss(mailing: Mailing, anomaly_id: int) -> MailingAnomaly:
    """A person looked and found it in order; who came first is kept. Raises NotFound."""
    user = current_scope().actor
    return _set(
        mailing,
        anomaly_id,
        "dismiss_anomaly",
        MailingAnomaly.dismissed_at.is_(None),
        dismissed_at=utc_now(),
        dismissed_by_id=user.id if user.kind == "user" else None,
    )


def reopen(mailing: Mailing, anomaly_id: int) -> MailingAnomaly:
    """It is not in order after all. Raises NotFound."""
    return _set(
        mailing,
        anomaly_id,
        "reopen_anomaly",
        MailingAnomaly.dismissed_at.is_not(None),
        dismissed_at=None,
        dismissed_by_id=None,
    )


def _set(
    mailing: Mailing, anomaly_id: int, action: str, is_before: ColumnElement[bool], **values: object
) -> MailingAnomaly:
    this = (MailingAnomaly.mailing_id == mailing.id, MailingAnomaly.id == anomaly_id)
    found = db.session.scalars(select(MailingAnomaly).where(*this)).one_or_none()
    if found is None:
        raise NotFound(_("There is no such anomaly."))
    changed = db.session.execute(
        update(MailingAnomaly)
        .where(*this, is_before)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount:  # type: ignore[attr-defined]  # an UPDATE has it
        record_event(
            db.session(),
            entity="mailing",
            entity_id=mailing.id,
            action=action,
            after={"kind": found.kind.value, "delivery": found.delivery_id, **found.detail},
        )
    db.session.refresh(found)
    return found


def _anomalies(*limits: ColumnElement[bool]) -> list[AnomalyInReview]:
    rows = db.session.execute(
        select(MailingAnomaly, User.name, Document.public_id)
        .outerjoin(User, User.id == MailingAnomaly.dismissed_by_id)
        .outerjoin(Document, Document.id == MailingAnomaly.document_id)
        .where(*limits)
        .order_by(MailingAnomaly.dismissed_at.is_not(None), MailingAnomaly.id)
    )
    return [AnomalyInReview(*row) for row in rows.all()]
