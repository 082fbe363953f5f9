"""Everything that happened with a customer, in one order: documents, payments, mails, messages, portal, comments, changes.

Each source gives its newest entries below a mark; merged by time they are a page. The last page costs what the first does.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    TIMESTAMP,
    ColumnElement,
    Select,
    and_,
    cast,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import joinedload, selectinload

from models.base import db
from models.mailbox.message import Message
from models.mailings.delivery import OURS_ALONE, Delivery
from models.people.contact import CustomerContact
from models.people.customer import Address, Customer
from models.people.user import User
from models.portal.portal_event import PortalEvent, PortalEventKind
from models.sales.document import Document
from models.sales.document_state import DocumentState
from models.sales.payment import Payment
from models.system.audit_event import AuditEvent
from models.work.comment import Comment
from services.mailbox.customer_messages import messages_beside_deliveries

PAGE = 30


class TimelineKind(StrEnum):
    """What a timeline is narrowed to."""

    DOCUMENTS = "documents"
    DELIVERIES = "deliveries"
    MESSAGES = "messages"
    PORTAL = "portal"
    COMMENTS = "comments"
    CHANGES = "changes"

    @classmethod
    def labels(cls) -> dict["TimelineKind", Any]:
        return {
            cls.DOCUMENTS: _l("Documents and payments"),
            cls.DELIVERIES: _l("Sent e-mails"),
            cls.MESSAGES: _l("Correspondence"),
            cls.PORTAL: _l("Portal"),
            cls.COMMENTS: _l("Comments"),
            cls.CHANGES: _l("Changes"),
        }


@dataclass(frozen=True, slots=True)
class TimelineMark:
    """A place in the timeline: below it are older entries, and those of later sources at the same moment."""

    at: datetime
    rank: int
    id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.rank}~{self.id}"

    @classmethod
    def parse(cls, text: str) -> "TimelineMark | None":
        """The mark that was written so; None for anything else."""
        at, _sep, rest = text.partition("~")
        rank, _sep, key = rest.partition("~")
        if not (rank.isdecimal() and key.isdecimal() and len(rank) < 3 and len(key) < 19):
            return None
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            return None
        return cls(moment, int(rank), int(key)) if moment.tzinfo is not None else None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A record and when it happened; `has_time` is false where only the day is known."""

    mark: TimelineMark
    record: Any
    has_time: bool


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Some entries, the newest first, and where it goes on."""

    entries: Sequence[TimelineEntry]
    older: TimelineMark | None


@dataclass(frozen=True)
class _Asked:
    customer: Customer
    zone: str
    reader: User


@dataclass(frozen=True)
class _Source:
    kind: TimelineKind
    has_time: bool
    query: Callable[[_Asked], tuple[Select[Any], ColumnElement[Any], Any]]


def timeline_of(
    customer: Customer,
    kinds: Collection[TimelineKind],
    *,
    zone: str,
    reader: User,
    before: TimelineMark | None = None,
) -> TimelinePage:
    """A page of these kinds; days of documents begin at midnight in `zone`, messages are those that `reader` may read."""
    asked = _Asked(customer, zone, reader)
    found: list[TimelineEntry] = []
    for rank, source in enumerate(SOURCES):
        if source.kind in kinds:
            found += _entries(source, rank, asked, before)
    found.sort(key=lambda one: (-one.mark.at.timestamp(), one.mark.rank, -one.mark.id))
    shown = found[:PAGE]
    return TimelinePage(shown, shown[-1].mark if len(found) > PAGE else None)


def _entries(
    source: _Source, rank: int, asked: _Asked, before: TimelineMark | None
) -> list[TimelineEntry]:
    query, at, key = source.query(asked)
    query = query.add_columns(at.label("at"), key.label("key"))
    if before is not None:
        query = query.where(_below(at, key, rank, before))
    rows = db.session.execute(query.order_by(at.desc(), key.desc()).limit(PAGE + 1))
    return [
        TimelineEntry(TimelineMark(row.at, rank, row.key), row[0], source.has_time) for row in rows
    ]


def _below(at: ColumnElement[Any], key: Any, rank: int, mark: TimelineMark) -> ColumnElement[bool]:
    if rank > mark.rank:
        return at <= mark.at
    if rank < mark.rank:
        return at < mark.at
    return or_(at < mark.at, and_(at == mark.at, key < mark.id))


def _comments(asked: _Asked) -> tuple[Select[Any], ColumnElement[Any], Any]:
    query = (
        select(Comment)
        .where(Comment.customer_id == asked.customer.id)
        .options(
            selectinload(Comment.files), joinedload(Comment.document), joinedload(Comment.project)
        )
    )
    return query, Comment.__table__.c.at, Comment.id


def _events(asked: _Asked) -> tuple[Select[Any], ColumnElement[Any], Any]:
    """Comments stand there themselves."""
    query = (
        select(PortalEvent)
        .where(
            PortalEvent.customer_id == asked.customer.id,
            PortalEvent.kind != PortalEventKind.COMMENTED,
        )
        .options(joinedload(PortalEvent.document))
    )
    return query, PortalEvent.__table__.c.at, PortalEvent.id


def _deliveries(asked: _Asked) -> tuple[Select[Any], ColumnElement[Any], Any]:
    query = (
        select(Delivery)
        .where(Delivery.customer_id == asked.customer.id, Delivery.kind.not_in(OURS_ALONE))
        .options(joinedload(Delivery.state_row))
    )
    return query, Delivery.__table__.c.created_at, Delivery.id


def _messages(asked: _Asked) -> tuple[Select[Any], ColumnElement[Any], Any]:
    """Those that are comments, too, stand there as such."""
    comments = select(Comment.message_id).where(
        Comment.customer_id == asked.customer.id, Comment.message_id.is_not(None)
    )
    query = messages_beside_deliveries(asked.customer, asked.reader).where(
        Message.id.not_in(comments)
    )
    return query, Message.__table__.c.sent_at, Message.id


def _documents(asked: _Asked) -> tuple[Select[Any], ColumnElement[Any], Any]:
    query = select(Document).where(
        Document.customer_id == asked.customer.id, Document.state != DocumentState.DRAFT
    )
    return query, _midnight(Document.__table__.c.issue_date, asked.zone), Document.id


def _payments(asked: _Asked) -> tuple[Select[Any], ColumnElement[Any], Any]:
    query = select(Payment).where(Payment.customer_id == asked.customer.id)
    return query, _midnight(Payment.__table__.c.paid_on, asked.zone), Payment.id


def _changes(asked: _Asked) -> tuple[Select[Any], ColumnElement[Any], Any]:
    """Of the customer, its addresses, its contacts and the persons that they are."""
    links = db.session.execute(
        select(CustomerContact.id, CustomerContact.contact_id).where(
            CustomerContact.customer_id == asked.customer.id
        )
    ).all()
    addresses = db.session.scalars(
        select(Address.id).where(Address.customer_id == asked.customer.id)
    )
    about = [
        (Customer.__tablename__, asked.customer.id),
        *(("address", key) for key in addresses),
        *(("customer_contact", link) for link, _contact in links),
        *(("contact", contact) for _link, contact in links),
    ]
    query = select(AuditEvent).where(
        AuditEvent.organization_id == asked.customer.organization_id,
        tuple_(AuditEvent.entity, AuditEvent.entity_id).in_(about),
    )
    return query, AuditEvent.__table__.c.at, AuditEvent.id


def _midnight(day: ColumnElement[Any], zone: str) -> ColumnElement[Any]:
    return func.timezone(zone, cast(day, TIMESTAMP))


# In the order in which entries of the same moment stand.
SOURCES = (
    _Source(TimelineKind.COMMENTS, True, _comments),
    _Source(TimelineKind.PORTAL, True, _events),
    _Source(TimelineKind.DELIVERIES, True, _deliveries),
    _Source(TimelineKind.MESSAGES, True, _messages),
    _Source(TimelineKind.CHANGES, True, _changes),
    _Source(TimelineKind.DOCUMENTS, False, _documents),
    _Source(TimelineKind.DOCUMENTS, False, _payments),
)
