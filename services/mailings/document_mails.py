"""What became of a document: every message with it, and every mailing that it was to be in, the newest first (X1-13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from models.base import db
from models.mailings.delivery import (
    FOR_CUSTOMERS,
    OURS_ALONE,
    Delivery,
    DeliveryDocument,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.mailing import Mailing
from models.mailings.mailing_exclusion import MailingExclusion
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.sales.document import Document

MOST = 20


@dataclass(frozen=True)
class DocumentMail:
    """A message with the document, or an exclusion (without `row`) that names it."""

    mailing: Mailing | None
    key: str
    row: int | None  # its place in the list of the mailing
    recipient: str | None
    state: DeliveryStatus
    reason: ReasonCode | None
    sent_at: datetime | None
    bounced_at: datetime | None


def mails_of(document: Document) -> Sequence[DocumentMail]:
    """Messages first, then the mailings that it was left out of."""
    other = aliased(Delivery)
    place = (
        select(func.count())
        .where(
            other.mailing_id == Delivery.mailing_id,
            other.kind.in_(FOR_CUSTOMERS),
            other.id <= Delivery.id,
        )
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Delivery, DeliveryState, Mailing, place)
        .join(DeliveryDocument, DeliveryDocument.delivery_id == Delivery.id)
        .join(DeliveryState, DeliveryState.delivery_id == Delivery.id)
        .outerjoin(Mailing, Mailing.id == Delivery.mailing_id)
        .where(
            DeliveryDocument.document_id == document.id,
            Delivery.kind.not_in(OURS_ALONE),
            or_(Mailing.id.is_(None), Mailing.state != MailingState.DRAFT),
        )
        .order_by(Delivery.id.desc())
        .limit(MOST)
    )
    found = [
        DocumentMail(
            mailing=mailing,
            key=f"m{delivery.id}",
            row=row if mailing is not None else None,
            recipient=delivery.recipient,
            state=state.state,
            reason=state.reason_code,
            sent_at=state.sent_at,
            bounced_at=state.bounced_at,
        )
        for delivery, state, mailing, row in rows
    ]
    under_way = {mail.mailing.id for mail in found if mail.mailing is not None}
    return [*found, *_left_out(document, besides=under_way)]


def _left_out(document: Document, besides: set[int]) -> list[DocumentMail]:
    """Mailings that it is in none of whose messages; that one of several contacts is left out says the mailing."""
    rows = db.session.execute(
        select(MailingExclusion, Mailing)
        .join(Mailing, Mailing.id == MailingExclusion.mailing_id)
        .where(
            MailingExclusion.customer_id == document.customer_id,
            or_(
                MailingExclusion.document_id == document.id,
                MailingExclusion.document_ids.contains([document.id]),
            ),
            MailingExclusion.delivery_id.is_(None),
            MailingExclusion.mailing_id.not_in(besides),
            Mailing.state != MailingState.DRAFT,
        )
        .order_by(MailingExclusion.id.desc())
        .limit(MOST)
    )
    return [
        DocumentMail(
            mailing=mailing,
            key=f"x{exclusion.id}",
            row=None,
            recipient=exclusion.address,
            state=DeliveryStatus.SKIPPED,
            reason=exclusion.reason_code,
            sent_at=None,
            bounced_at=None,
        )
        for exclusion, mailing in rows
    ]


def newest_mailings_for(most: int = 8) -> Sequence[Mailing]:
    """The mailings that one may ask about."""
    return db.session.scalars(
        select(Mailing)
        .where(Mailing.state != MailingState.DRAFT)
        .order_by(Mailing.number.desc())
        .limit(most)
    ).all()
