"""The lines of a mailing's list: a message, or somebody who gets none, with all that a line shows."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from models.base import db
from models.mailings.delivery import Delivery, DeliveryDocument, DeliveryState, DeliveryStatus
from models.mailings.delivery_copy import CopyRole, CopyState, DeliveryCopy
from models.mailings.mailing import AttachMode, Mailing
from models.mailings.mailing_exclusion import MailingExclusion
from models.mailings.reason import ReasonCode
from models.people.contact import Contact
from models.people.customer import Customer
from models.sales.document import Document
from services.mailings.link_views import Views, views_of
from services.mailings.recipient_views import Wanted, of_exclusions, of_messages


class Channel(StrEnum):
    """How the documents reach the reader."""

    ATTACHED = "attached"
    LINK = "link"
    BOTH = "both"

    @classmethod
    def labels(cls) -> dict["Channel", Any]:
        return {
            cls.ATTACHED: _l("Attached"),
            cls.LINK: _l("Link"),
            cls.BOTH: _l("Attached and link"),
        }


@dataclass(frozen=True)
class FurtherAddress:
    """One more address of a message, and what the server said to it."""

    address: str
    role: CopyRole
    state: CopyState
    smtp_code: int | None

    @property
    def is_missed(self) -> bool:
        return self.state is CopyState.REFUSED or (
            self.state is CopyState.LEFT_OUT and self.role is CopyRole.TO
        )


@dataclass(frozen=True)
class Recipient:
    """A line of the list: a message, or (without `public_id`) somebody who gets none."""

    mark: str  # its place in the list
    public_id: uuid.UUID | None
    customer: str
    customer_number: str
    contact: str | None
    role: str | None
    address: str | None
    own: FurtherAddress | None  # what was said to `address`, if the message goes to several
    copies: tuple[FurtherAddress, ...]
    documents: tuple[str, ...]
    channel: Channel | None
    state: DeliveryStatus
    reason: ReasonCode | None
    detail: str | None
    sent_at: datetime | None
    bounced_at: datetime | None
    attempts: int
    smtp_code: int | None
    message_id: str | None
    views: Views | None  # looks through the links of the message

    @property
    def missed(self) -> tuple[str, ...]:
        """The addresses that did not get what others got."""
        told = (*([self.own] if self.own else []), *self.copies)
        return tuple(each.address for each in told if each.is_missed)


def messages(mailing: Mailing, wanted: Wanted) -> Any:
    """The wanted messages, with what a line shows of them."""
    query: Any = (
        select(
            Delivery.id,
            Delivery.public_id,
            Delivery.recipient.label("address"),
            Delivery.contact_role.label("role"),
            Delivery.message_id_header.label("message_id"),
            Delivery.attach_mode,
            Customer.name.label("customer"),
            Customer.number.label("customer_number"),
            Contact.name.label("contact"),
            DeliveryState.state,
            DeliveryState.reason_code,
            DeliveryState.reason_detail.label("detail"),
            DeliveryState.sent_at,
            DeliveryState.bounced_at,
            DeliveryState.attempt_count,
            DeliveryState.smtp_code,
        )
        .join(DeliveryState, DeliveryState.delivery_id == Delivery.id)
        .outerjoin(Customer, Customer.id == Delivery.customer_id)
        .outerjoin(Contact, Contact.id == Delivery.contact_id)
        .where(of_messages(mailing, wanted))
    )
    return query


def exclusions(mailing: Mailing, wanted: Wanted) -> Any:
    """Those who get none, if they are asked for."""
    query: Any = (
        select(
            MailingExclusion.id,
            MailingExclusion.address,
            MailingExclusion.reason_code,
            MailingExclusion.detail,
            Customer.name.label("customer"),
            Customer.number.label("customer_number"),
            Contact.name.label("contact"),
            Document.label.label("document"),
            MailingExclusion.document_ids,
        )
        .join(Customer, Customer.id == MailingExclusion.customer_id)
        .outerjoin(Contact, Contact.id == MailingExclusion.contact_id)
        .outerjoin(Document, Document.id == MailingExclusion.document_id)
        .where(of_exclusions(mailing, wanted))
    )
    return query


def completed(lines: Sequence[tuple[str, Any]]) -> list[Recipient]:
    """Rows of messages (`m`) and of exclusions (`x`) as lines, with documents, copies and channel."""
    keys = [row.id for part, row in lines if part == "m"]
    documents, copies = documents_of(keys), _addresses_of(keys)
    views = views_of(keys)
    missed = _labels({key for part, row in lines if part == "x" for key in row.document_ids})
    return [
        _message(
            row,
            documents=tuple(documents[row.id]),
            addresses=copies[row.id],
            views=views.get(row.id),
        )
        if part == "m"
        else _exclusion(row, missed)
        for part, row in lines
    ]


def _labels(keys: set[int]) -> dict[int, str]:
    """The labels of these documents, in the order of their keys."""
    if not keys:
        return {}
    rows = db.session.execute(
        select(Document.id, Document.label).where(Document.id.in_(keys)).order_by(Document.id)
    )
    return {row.id: row.label for row in rows}


def documents_of(deliveries: Sequence[int]) -> dict[int, list[str]]:
    """The labels of what each of these messages brings."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = db.session.execute(
        select(DeliveryDocument.delivery_id, Document.label)
        .join(Document, Document.id == DeliveryDocument.document_id)
        .where(DeliveryDocument.delivery_id.in_(deliveries))
        .order_by(Document.id)
    )
    for delivery_id, label in rows:
        found[delivery_id].append(label)
    return found


def _addresses_of(deliveries: Sequence[int]) -> dict[int, list[FurtherAddress]]:
    """All addresses of messages to several, the recipient's own first."""
    found: dict[int, list[FurtherAddress]] = defaultdict(list)
    rows = db.session.execute(
        select(
            DeliveryCopy.delivery_id,
            DeliveryCopy.address,
            DeliveryCopy.role,
            DeliveryCopy.state,
            DeliveryCopy.smtp_code,
        )
        .where(DeliveryCopy.delivery_id.in_(deliveries))
        .order_by(DeliveryCopy.delivery_id, DeliveryCopy.n)
    )
    for row in rows:
        told = FurtherAddress(row.address, row.role, row.state, row.smtp_code)
        found[row.delivery_id].append(told)
    return found


def _channel(mode: AttachMode | None) -> Channel | None:
    """What is too large to be attached goes as a link, whatever was wanted; the message says how it went."""
    if mode is None:
        return None
    return {
        AttachMode.ATTACH: Channel.ATTACHED,
        AttachMode.LINK: Channel.LINK,
        AttachMode.BOTH: Channel.BOTH,
    }[mode]


def _message(
    row: Any,
    *,
    documents: tuple[str, ...],
    addresses: Sequence[FurtherAddress],
    views: Views | None,
) -> Recipient:
    return Recipient(
        mark=f"m{row.id}",
        public_id=row.public_id,
        customer=row.customer or "",
        customer_number=row.customer_number or "",
        contact=row.contact,
        role=row.role,
        address=row.address,
        own=addresses[0] if addresses else None,
        copies=tuple(addresses[1:]),
        documents=documents,
        channel=_channel(row.attach_mode),
        state=row.state,
        reason=row.reason_code,
        detail=row.detail,
        sent_at=row.sent_at,
        bounced_at=row.bounced_at,
        attempts=row.attempt_count,
        smtp_code=row.smtp_code,
        message_id=row.message_id,
        views=views,
    )


def _exclusion(row: Any, labels: dict[int, str]) -> Recipient:
    """Somebody who gets none: with the document that is left out, or all that they would have got."""
    missed = tuple(label for key, label in labels.items() if key in set(row.document_ids))
    return Recipient(
        mark=f"x{row.id}",
        public_id=None,
        customer=row.customer,
        customer_number=row.customer_number,
        contact=row.contact,
        role=None,
        address=row.address,
        own=None,
        copies=(),
        documents=(row.document,) if row.document else missed,
        channel=None,
        state=DeliveryStatus.SKIPPED,
        reason=row.reason_code,
        detail=row.detail,
        sent_at=None,
        bounced_at=None,
        attempts=0,
        smtp_code=None,
        message_id=None,
        views=None,
    )
