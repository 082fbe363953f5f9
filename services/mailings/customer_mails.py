"""Everything that a customer, or one contact, was ever sent, the newest first, page by page."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from models.base import db
from models.mailings.delivery import (
    OURS_ALONE,
    Delivery,
    DeliveryKind,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.mailing import Mailing
from models.mailings.reason import ReasonCode
from models.people.contact import Contact
from models.people.customer import Customer
from services.mailings.recipient_lines import documents_of

PAGE = 50


@dataclass(frozen=True)
class CustomerMail:
    """One message to the customer."""

    id: int
    kind: DeliveryKind
    subject: str
    recipient: str
    documents: tuple[str, ...]
    mailing_number: int | None
    mailing_public_id: uuid.UUID | None
    state: DeliveryStatus
    reason: ReasonCode | None
    created_at: datetime
    sent_at: datetime | None
    bounced_at: datetime | None


@dataclass(frozen=True)
class MailPage:
    """Some messages and where it goes on; keys are None where nothing follows."""

    rows: Sequence[CustomerMail]
    before: int | None
    after: int | None


def mails_to(
    customer: Customer, *, after: int | None = None, before: int | None = None
) -> MailPage:
    """A page by keyset: older than `after`, or newer than `before`."""
    return _page(
        Delivery.customer_id == customer.id,
        customer.organization_id,
        after=after,
        before=before,
    )


def mails_to_contact(
    contact: Contact, *, after: int | None = None, before: int | None = None
) -> MailPage:
    """The same for a person (X0-13): what was sent to them, and what went to their addresses, notices of the portal too."""
    addresses = [email.address_norm for email in contact.emails]
    theirs = or_(
        Delivery.contact_id == contact.id,
        and_(Delivery.contact_id.is_(None), Delivery.recipient_norm.in_(addresses)),
    )
    return _page(theirs, contact.organization_id, after=after, before=before)


def _page(
    theirs: ColumnElement[bool], organization_id: int, *, after: int | None, before: int | None
) -> MailPage:
    backwards = before is not None
    query = (
        select(
            Delivery.id,
            Delivery.kind,
            Delivery.subject,
            Delivery.recipient,
            Delivery.created_at,
            Mailing.number,
            Mailing.public_id,
            DeliveryState.state,
            DeliveryState.reason_code,
            DeliveryState.sent_at,
            DeliveryState.bounced_at,
        )
        .join(DeliveryState, DeliveryState.delivery_id == Delivery.id)
        .outerjoin(Mailing, Mailing.id == Delivery.mailing_id)
        .where(
            Delivery.organization_id == organization_id,
            theirs,
            Delivery.kind.not_in(OURS_ALONE),
        )
        .order_by(Delivery.id if backwards else Delivery.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(Delivery.id > before)
    elif after is not None:
        query = query.where(Delivery.id < after)
    found = list(db.session.execute(query))
    more = len(found) > PAGE
    found = found[:PAGE][::-1] if backwards else found[:PAGE]
    documents = documents_of([row.id for row in found])
    rows = [
        CustomerMail(
            id=row.id,
            kind=row.kind,
            subject=row.subject,
            recipient=row.recipient,
            documents=tuple(documents[row.id]),
            mailing_number=row.number,
            mailing_public_id=row.public_id,
            state=row.state,
            reason=row.reason_code,
            created_at=row.created_at,
            sent_at=row.sent_at,
            bounced_at=row.bounced_at,
        )
        for row in found
    ]
    has_before = more if backwards else after is not None
    return MailPage(
        rows,
        before=rows[0].id if rows and has_before else None,
        after=rows[-1].id if rows and (more or backwards) else None,
    )
