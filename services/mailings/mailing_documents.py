"""The documents of a mailing, page by page, each with those who get it (S1-13)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, tuple_

from models.base import db
from models.mailings.delivery import (
    FOR_CUSTOMERS,
    Delivery,
    DeliveryDocument,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.mailing import Mailing
from models.people.customer import Customer
from models.sales.document import Document
from models.sales.document_state import DocumentKind

PAGE = 50
# What a person should see first, when a document goes to several recipients.
WORST_FIRST = (
    DeliveryStatus.UNCONFIRMED,
    DeliveryStatus.FAILED,
    DeliveryStatus.SENDING,
    DeliveryStatus.QUEUED,
    DeliveryStatus.PREPARED,
    DeliveryStatus.SKIPPED,
    DeliveryStatus.CANCELLED,
    DeliveryStatus.SENT,
)


@dataclass(frozen=True)
class MailingDocument:
    """A document that goes with the mailing."""

    id: int
    label: str
    issue_date: date
    customer: str
    currency: str
    total: Decimal
    file_sha256: str
    recipients: tuple[str, ...]
    state: DeliveryStatus


@dataclass(frozen=True)
class DocumentPage:
    """Some documents and where it goes on; marks are None where nothing follows."""

    rows: Sequence[MailingDocument]
    before: str | None
    after: str | None


@dataclass(frozen=True)
class DocumentSum:
    """How many documents of a kind and currency go, and their total."""

    kind: DocumentKind
    currency: str
    count: int
    total: Decimal


def documents_of(
    mailing: Mailing, *, after: str | None = None, before: str | None = None
) -> DocumentPage:
    """A page by series and number."""
    backwards = before is not None
    place = _place(mailing, before if backwards else after)
    order = (Document.series, Document.number_int, Document.id)
    query = (
        select(
            Document.id,
            Document.label,
            Document.issue_date,
            Document.currency,
            Document.total,
            Customer.name.label("customer"),
        )
        .join(Customer, Customer.id == Document.customer_id)
        .where(Document.id.in_(_documents(mailing)))
        .limit(PAGE + 1)
    )
    if place is not None:
        here = tuple_(*order)
        query = query.where(here < place if backwards else here > place)
    found = list(
        db.session.execute(query.order_by(*((c.desc() for c in order) if backwards else order)))
    )
    more = len(found) > PAGE
    found = found[:PAGE][::-1] if backwards else found[:PAGE]
    journeys = _journeys(mailing, [row.id for row in found])
    rows = [
        MailingDocument(
            id=row.id,
            label=row.label,
            issue_date=row.issue_date,
            customer=row.customer,
            currency=row.currency,
            total=row.total,
            file_sha256=journeys[row.id][0][2],
            recipients=tuple(address for address, _state, _file in journeys[row.id]),
            state=min((state for _a, state, _f in journeys[row.id]), key=WORST_FIRST.index),
        )
        for row in found
    ]
    has_before = more if backwards else place is not None
    return DocumentPage(
        rows,
        before=str(rows[0].id) if rows and has_before else None,
        after=str(rows[-1].id) if rows and (more or backwards) else None,
    )


def sums_of(mailing: Mailing) -> list[DocumentSum]:
    """What the documents come to, by kind and currency: neither is added up with others."""
    rows = db.session.execute(
        select(Document.kind, Document.currency, func.count(), func.sum(Document.total))
        .where(Document.id.in_(_documents(mailing)))
        .group_by(Document.kind, Document.currency)
        .order_by(Document.kind != DocumentKind.INVOICE, Document.kind, Document.currency)
    )
    return [DocumentSum(*row) for row in rows]


def file_of(mailing: Mailing, document_id: int) -> tuple[str, str] | None:
    """The hash and the name of the very PDF that is attached, or None if it is not in this mailing."""
    row = db.session.execute(
        select(DeliveryDocument.file_sha256, Document.label)
        .join(Delivery, Delivery.id == DeliveryDocument.delivery_id)
        .join(Document, Document.id == DeliveryDocument.document_id)
        .where(Delivery.mailing_id == mailing.id, DeliveryDocument.document_id == document_id)
        .limit(1)
    ).one_or_none()
    return (row.file_sha256, f"{row.label}.pdf") if row else None


def _documents(mailing: Mailing) -> Any:
    return (
        select(DeliveryDocument.document_id)
        .join(Delivery, Delivery.id == DeliveryDocument.delivery_id)
        .where(Delivery.mailing_id == mailing.id, Delivery.kind.in_(FOR_CUSTOMERS))
    )


def _place(mailing: Mailing, mark: str | None) -> tuple[str, int, int] | None:
    if not mark or not mark.isdecimal() or len(mark) > 18:
        return None
    row = db.session.execute(
        select(Document.series, Document.number_int, Document.id).where(Document.id == int(mark))
    ).one_or_none()
    return (row.series, row.number_int, row.id) if row else None


def _journeys(
    mailing: Mailing, keys: Sequence[int]
) -> dict[int, list[tuple[str, DeliveryStatus, str]]]:
    """Who gets each document, and what became of it."""
    journeys: dict[int, list[tuple[str, DeliveryStatus, str]]] = defaultdict(list)
    rows = db.session.execute(
        select(
            DeliveryDocument.document_id,
            Delivery.recipient,
            DeliveryState.state,
            DeliveryDocument.file_sha256,
        )
        .join(Delivery, Delivery.id == DeliveryDocument.delivery_id)
        .join(DeliveryState, DeliveryState.delivery_id == Delivery.id)
        .where(
            Delivery.mailing_id == mailing.id,
            Delivery.kind.in_(FOR_CUSTOMERS),
            DeliveryDocument.document_id.in_(keys),
        )
        .order_by(Delivery.id)
    )
    for document_id, *journey in rows:
        journeys[document_id].append(tuple(journey))  # type: ignore[arg-type]
    return journeys
