"""Places in the gallery of a mailing, and the queries that walk from one to the next."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, or_, select

from models.base import db
from models.mailings.anomaly import MailingAnomaly
from models.mailings.delivery import FOR_CUSTOMERS, Delivery, DeliveryDocument
from models.mailings.mailing import Mailing
from models.people.customer import Customer
from models.sales.document import Document

WHOLE = "w"
CUSTOMER = "c"
MESSAGE = "m"


@dataclass(frozen=True)
class Asked:
    """Which part of the gallery: those to review, or all messages; and a word to find."""

    is_review: bool = False
    search: str = ""


@dataclass(frozen=True, order=True)
class Mark:
    """A place in the gallery: the whole mailing, a customer without a message, or a message."""

    part: int  # index in PARTS
    key: int

    PARTS = (WHOLE, CUSTOMER, MESSAGE)

    @classmethod
    def of(cls, part: str, key: int) -> "Mark":
        return cls(cls.PARTS.index(part), key)

    @classmethod
    def read(cls, text: str | None) -> "Mark | None":
        """`m12` is message 12, `c3` customer 3, `w7` mailing 7 itself; None for what is none of them."""
        if not text or text[0] not in cls.PARTS or not text[1:].isdecimal() or len(text) > 19:
            return None
        return cls.of(text[0], int(text[1:]))

    @property
    def kind(self) -> str:
        return self.PARTS[self.part]

    def __str__(self) -> str:
        return f"{self.kind}{self.key}"


def marks_from(
    mailing: Mailing,
    asked: Asked,
    mark: Mark | None,
    size: int,
    *,
    backwards: bool = False,
    is_inclusive: bool = False,
) -> list[Mark]:
    """The marks from a place on, or (`backwards`) before it, the nearest first."""
    found: list[Mark] = []
    parts = _parts(mailing, asked)
    for part in sorted(parts, key=Mark.PARTS.index, reverse=backwards):
        query, key = parts[part]
        side = Mark.PARTS.index(part)
        if mark is not None:
            if side > mark.part if backwards else side < mark.part:
                continue
            if side == mark.part:
                ahead = key >= mark.key if is_inclusive else key > mark.key
                query = query.where(key < mark.key if backwards else ahead)
        query = query.order_by(key.desc() if backwards else key).limit(size - len(found))
        found += [Mark.of(part, value) for value in db.session.scalars(query)]
        if len(found) >= size:
            break
    return found


def first_mark(mailing: Mailing, asked: Asked) -> Mark | None:
    found = marks_from(mailing, asked, None, 1)
    return found[0] if found else None


def count_rows(mailing: Mailing, asked: Asked) -> int:
    """How many rows this part of the gallery has."""
    return sum(_counted(query) for query, _key in _parts(mailing, asked).values())


def count_until(mailing: Mailing, asked: Asked, shown: Mark) -> int:
    count = 0
    for part, (query, key) in _parts(mailing, asked).items():
        side = Mark.PARTS.index(part)
        if side < shown.part:
            count += _counted(query)
        elif side == shown.part:
            count += _counted(query.where(key <= shown.key))
    return count


def _parts(mailing: Mailing, asked: Asked) -> dict[str, tuple[Any, Any]]:
    """A query of keys for each part, and its key."""
    messages: Any = select(Delivery.id).where(
        Delivery.mailing_id == mailing.id, Delivery.kind.in_(FOR_CUSTOMERS)
    )
    if asked.search:
        messages = messages.where(_is_found(asked.search))
    parts: dict[str, tuple[Any, Any]] = {MESSAGE: (messages, Delivery.id)}
    if not asked.is_review:
        return parts
    is_open = (MailingAnomaly.mailing_id == mailing.id, MailingAnomaly.dismissed_at.is_(None))
    messages = messages.where(exists().where(*is_open, MailingAnomaly.delivery_id == Delivery.id))
    without = select(MailingAnomaly.customer_id).where(
        *is_open, MailingAnomaly.delivery_id.is_(None), MailingAnomaly.customer_id.is_not(None)
    )
    if asked.search:
        without = without.where(MailingAnomaly.customer_id.in_(_customers(asked.search)))
    parts = {
        CUSTOMER: (without.distinct(), MailingAnomaly.customer_id),
        MESSAGE: (messages, Delivery.id),
    }
    if not asked.search:
        about_all = exists().where(
            *is_open, MailingAnomaly.delivery_id.is_(None), MailingAnomaly.customer_id.is_(None)
        )
        whole = select(Mailing.id).where(Mailing.id == mailing.id, about_all)
        parts = {WHOLE: (whole, Mailing.id), **parts}
    return parts


def _counted(query: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _is_found(search: str) -> Any:
    documents = (
        select(DeliveryDocument.delivery_id)
        .join(Document, Document.id == DeliveryDocument.document_id)
        .where(Document.search_text.like(func.fold(_like(search))))
    )
    return or_(Delivery.customer_id.in_(_customers(search)), Delivery.id.in_(documents))


def _customers(search: str) -> Any:
    return select(Customer.id).where(Customer.search_text.like(func.fold(_like(search))))


def _like(search: str) -> str:
    escaped = search.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"
