"""The messages of a mailing one by one, with those to review first asked for: pages and neighbours by keyset (S1-14)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select

from models.base import db
from models.mailings.delivery import FOR_CUSTOMERS, Delivery, DeliveryDocument
from models.mailings.mailing import Mailing
from models.people.contact import Contact
from models.people.customer import Customer
from models.sales.document import Document
from services.mailings.document_sums import totals_of
from services.mailings.gallery_marks import (
    CUSTOMER,
    MESSAGE,
    Asked,
    Mark,
    count_until,
    marks_from,
)
from services.mailings.progress import Extent, extent_of

PAGE = 40
LEAD = 8  # rows above the one that is shown, when a page has to be found for it


@dataclass(frozen=True)
class GalleryRow:
    """A line of the list."""

    mark: Mark
    customer: str
    public_id: Any = None
    person: str = ""  # to whom, where several people of the customer get one
    labels: tuple[str, ...] = ()
    sums: tuple[tuple[str, Any], ...] = ()  # currency, total


@dataclass(frozen=True)
class GalleryPage:
    """Some rows; `before` and `after` are where the neighbouring pages begin."""

    rows: Sequence[GalleryRow]
    before: Mark | None
    after: Mark | None


@dataclass(frozen=True)
class Place:
    """Where one stands: the how-manyth of how many, and the neighbours."""

    position: int | None
    total: int
    previous: Mark | None
    next: Mark | None


def gallery_page(
    mailing: Mailing, asked: Asked, *, at: Mark | None = None, shown: Mark | None = None
) -> GalleryPage:
    """The page that begins at a mark; one that has the shown row in it if that page has not."""
    page = _page_at(mailing, asked, at)
    if shown is None or not page.rows or _holds(page, shown):
        return page
    lead = marks_from(mailing, asked, shown, LEAD, backwards=True)
    return _page_at(mailing, asked, lead[-1] if lead else shown)


def place_of(mailing: Mailing, asked: Asked, shown: Mark, total: int) -> Place:
    """`total` is how many rows there are."""
    here = marks_from(mailing, asked, shown, 1, is_inclusive=True)
    before = marks_from(mailing, asked, shown, 1, backwards=True)
    after = marks_from(mailing, asked, shown, 1)
    is_listed = bool(here) and here[0] == shown
    return Place(
        position=count_until(mailing, asked, shown) if is_listed else None,
        total=total,
        previous=before[0] if before else None,
        next=after[0] if after else None,
    )


def extent_when_frozen(mailing: Mailing) -> Extent:
    """How much the mailing sends; counted once for the messages it has, since each stays as it is."""
    newest = db.session.scalar(
        select(func.max(Delivery.id)).where(Delivery.mailing_id == mailing.id)
    )
    return _extent(mailing.id, mailing.content_hash, newest)


@lru_cache(maxsize=256)
def _extent(mailing_id: int, _content_hash: str | None, _newest: int | None) -> Extent:
    return extent_of(db.session.get_one(Mailing, mailing_id))


def delivery_at(mailing: Mailing, mark: Mark) -> Delivery | None:
    """The message at a mark, if it is one of this mailing."""
    return db.session.scalars(
        select(Delivery).where(
            Delivery.id == mark.key,
            Delivery.mailing_id == mailing.id,
            Delivery.kind.in_(FOR_CUSTOMERS),
        )
    ).one_or_none()


def message_with(mailing: Mailing, document_id: int) -> Mark | None:
    """The first message that a document goes with."""
    key = db.session.scalar(
        select(func.min(Delivery.id))
        .join(DeliveryDocument, DeliveryDocument.delivery_id == Delivery.id)
        .where(
            Delivery.mailing_id == mailing.id,
            Delivery.kind.in_(FOR_CUSTOMERS),
            DeliveryDocument.document_id == document_id,
        )
    )
    return Mark.of(MESSAGE, key) if key else None


def _holds(page: GalleryPage, shown: Mark) -> bool:
    return page.rows[0].mark <= shown <= page.rows[-1].mark


def _page_at(mailing: Mailing, asked: Asked, at: Mark | None) -> GalleryPage:
    marks = marks_from(mailing, asked, at, PAGE + 1, is_inclusive=True)
    before = marks_from(mailing, asked, at, PAGE, backwards=True) if at else []
    return GalleryPage(
        _completed(marks[:PAGE]),
        before=before[-1] if before else None,
        after=marks[PAGE] if len(marks) > PAGE else None,
    )


def _messages(keys: Sequence[int]) -> dict[int, GalleryRow]:
    """The rows of these messages, without documents; two people of one customer are told apart."""
    found = db.session.execute(
        select(
            Delivery.id,
            Delivery.public_id,
            Delivery.mailing_id,
            Delivery.customer_id,
            Delivery.recipient,
            Customer.name,
            Contact.name.label("contact"),
        )
        .outerjoin(Customer, Customer.id == Delivery.customer_id)
        .outerjoin(Contact, Contact.id == Delivery.contact_id)
        .where(Delivery.id.in_(keys))
    ).all()
    several = _customers_of_several(
        {row.mailing_id for row in found}, {row.customer_id for row in found}
    )
    return {
        row.id: GalleryRow(
            Mark.of(MESSAGE, row.id),
            row.name or row.recipient,
            row.public_id,
            person=" · ".join(filter(None, [row.contact, row.recipient]))
            if row.customer_id in several
            else "",
        )
        for row in found
    }


def _customers_of_several(mailings: set[int | None], customers: set[int | None]) -> set[int]:
    """Those of these customers with messages to several addresses."""
    found = db.session.scalars(
        select(Delivery.customer_id)
        .where(
            Delivery.customer_id.in_(customers),
            Delivery.mailing_id.in_(mailings),
            Delivery.kind.in_(FOR_CUSTOMERS),
        )
        .group_by(Delivery.customer_id)
        .having(func.count(Delivery.recipient_norm.distinct()) > 1)
    )
    return {key for key in found if key is not None}


def _completed(marks: Sequence[Mark]) -> list[GalleryRow]:
    """The rows of the marks, with names and documents."""
    messages = [mark.key for mark in marks if mark.kind == MESSAGE]
    customers = [mark.key for mark in marks if mark.kind == CUSTOMER]
    names = dict(
        db.session.execute(
            select(Customer.id, Customer.name).where(Customer.id.in_(customers))
        ).all()
    )
    rows = _messages(messages)
    carried: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(
        select(
            DeliveryDocument.delivery_id,
            Document.kind,
            Document.label,
            Document.currency,
            Document.total,
        )
        .join(Document, Document.id == DeliveryDocument.document_id)
        .where(DeliveryDocument.delivery_id.in_(messages))
        .order_by(Document.series, Document.number_int)
    ):
        carried[row.delivery_id].append(row)
    for key, documents in carried.items():
        rows[key] = replace(
            rows[key],
            labels=tuple(document.label for document in documents),
            sums=tuple(totals_of(documents).items()),
        )
    return [
        rows[mark.key] if mark.kind == MESSAGE else GalleryRow(mark, names.get(mark.key, ""))
        for mark in marks
    ]
