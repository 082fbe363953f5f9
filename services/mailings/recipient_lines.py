"""The lines of a mailing's list: what is asked for, and the queries behind it."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, exists, false, func, or_, select

from models.base import db
from models.mailings.delivery import (
    Delivery,
    DeliveryDocument,
    DeliveryKind,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.mailing import Mailing, MailingExclusion
from models.mailings.reason import ReasonCode
from models.people.contact import Contact
from models.people.customer import Customer
from models.sales.document import Document
from services.mailings.progress import WAITING


class Outcome(StrEnum):
    """The views of the list; each recipient is in one of them, beside *all*."""

    ALL = "all"
    SENT = "sent"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    WAITING = "waiting"
    EXCLUDED = "excluded"

    @property
    def states(self) -> frozenset[DeliveryStatus]:
        return STATES_OF[self]


STATES_OF: dict[Outcome, frozenset[DeliveryStatus]] = {
    Outcome.ALL: frozenset(DeliveryStatus),
    Outcome.SENT: frozenset({DeliveryStatus.SENT}),
    Outcome.FAILED: frozenset({DeliveryStatus.FAILED}),
    Outcome.UNCONFIRMED: frozenset({DeliveryStatus.UNCONFIRMED}),
    Outcome.WAITING: frozenset(WAITING),
    Outcome.EXCLUDED: frozenset({DeliveryStatus.SKIPPED, DeliveryStatus.CANCELLED}),
}


@dataclass(frozen=True)
class Wanted:
    """Which part of the list is asked for."""

    outcome: Outcome = Outcome.ALL
    reason: ReasonCode | None = None
    search: str = ""


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
    documents: tuple[str, ...]
    state: DeliveryStatus
    reason: ReasonCode | None
    detail: str | None
    sent_at: datetime | None
    attempts: int
    smtp_code: int | None


def messages_of(mailing: Mailing) -> Any:
    """Every message, with what a line shows of it."""
    query: Any = (
        select(
            Delivery.id,
            Delivery.public_id,
            Delivery.recipient.label("address"),
            Delivery.contact_role.label("role"),
            Customer.name.label("customer"),
            Customer.number.label("customer_number"),
            Contact.name.label("contact"),
            DeliveryState.state,
            DeliveryState.reason_code,
            DeliveryState.reason_detail.label("detail"),
            DeliveryState.sent_at,
            DeliveryState.attempt_count,
            DeliveryState.smtp_code,
        )
        .join(DeliveryState, DeliveryState.delivery_id == Delivery.id)
        .outerjoin(Customer, Customer.id == Delivery.customer_id)
        .outerjoin(Contact, Contact.id == Delivery.contact_id)
        .where(Delivery.mailing_id == mailing.id, Delivery.kind == DeliveryKind.BULK)
    )
    return query


def wanted_messages(mailing: Mailing, wanted: Wanted) -> Any:
    """The messages that are asked for."""
    query = messages_of(mailing)
    if wanted.outcome is not Outcome.ALL:
        query = query.where(DeliveryState.state.in_(wanted.outcome.states))
    if wanted.reason is not None:
        query = query.where(DeliveryState.reason_code == wanted.reason)
    if wanted.search:
        has_document = exists().where(
            DeliveryDocument.delivery_id == Delivery.id,
            Document.id == DeliveryDocument.document_id,
            Document.label.ilike(_like(wanted.search)),
        )
        query = query.where(
            or_(
                _names(wanted.search),
                Delivery.recipient_norm.ilike(_like(wanted.search)),
                has_document,
            )
        )
    return query


def wanted_exclusions(mailing: Mailing, wanted: Wanted) -> Any:
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
        )
        .join(Customer, Customer.id == MailingExclusion.customer_id)
        .outerjoin(Contact, Contact.id == MailingExclusion.contact_id)
        .outerjoin(Document, Document.id == MailingExclusion.document_id)
        .where(MailingExclusion.mailing_id == mailing.id)
    )
    if wanted.outcome not in {Outcome.ALL, Outcome.EXCLUDED}:
        query = query.where(false())
    if wanted.reason is not None:
        query = query.where(MailingExclusion.reason_code == wanted.reason)
    if wanted.search:
        query = query.where(
            or_(
                _names(wanted.search),
                MailingExclusion.address.ilike(_like(wanted.search)),
                Document.label.ilike(_like(wanted.search)),
            )
        )
    return query


def _names(search: str) -> ColumnElement[bool]:
    return Customer.search_text.like(func.fold(_like(search)))


def _like(search: str) -> str:
    escaped = search.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


def completed(lines: Sequence[tuple[str, Any]]) -> list[Recipient]:
    """Rows of messages (`m`) and of exclusions (`x`) as lines, with their documents."""
    documents = _documents_of([row.id for part, row in lines if part == "m"])
    return [
        _message(row, documents[row.id]) if part == "m" else _exclusion(row) for part, row in lines
    ]


def _documents_of(deliveries: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = db.session.execute(
        select(DeliveryDocument.delivery_id, Document.label)
        .join(Document, Document.id == DeliveryDocument.document_id)
        .where(DeliveryDocument.delivery_id.in_(deliveries))
        .order_by(Document.series, Document.number_int)
    )
    for delivery_id, label in rows:
        found[delivery_id].append(label)
    return found


def _message(row: Any, documents: Sequence[str]) -> Recipient:
    return Recipient(
        mark=f"m{row.id}",
        public_id=row.public_id,
        customer=row.customer or "",
        customer_number=row.customer_number or "",
        contact=row.contact,
        role=row.role,
        address=row.address,
        documents=tuple(documents),
        state=row.state,
        reason=row.reason_code,
        detail=row.detail,
        sent_at=row.sent_at,
        attempts=row.attempt_count,
        smtp_code=row.smtp_code,
    )


def _exclusion(row: Any) -> Recipient:
    return Recipient(
        mark=f"x{row.id}",
        public_id=None,
        customer=row.customer,
        customer_number=row.customer_number,
        contact=row.contact,
        role=None,
        address=row.address,
        documents=(row.document,) if row.document else (),
        state=DeliveryStatus.SKIPPED,
        reason=row.reason_code,
        detail=row.detail,
        sent_at=None,
        attempts=0,
        smtp_code=None,
    )
