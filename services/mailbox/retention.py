"""Messages that may not be deleted for good, because they belong to a document that has to be kept (S3-21)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, union

from models.base import db, utc_now
from models.mailbox.message import Message
from models.mailbox.message_link import MessageLink
from models.mailings.delivery import DeliveryDocument
from models.sales.document import Document


@dataclass(frozen=True)
class Kept:
    """A message that stays, the document that it belongs to, and until when that has to be kept."""

    message_id: int
    subject: str
    document: str
    until: date


def kept_of(message_ids: Collection[int], *, retention_years: int) -> Sequence[Kept]:
    """Which of these messages have to stay: linked to a document that was issued, or the one that it went out with."""
    linked = select(MessageLink.message_id, MessageLink.document_id).where(
        MessageLink.message_id.in_(message_ids), MessageLink.document_id.is_not(None)
    )
    sent = (
        select(Message.id, DeliveryDocument.document_id)
        .join(DeliveryDocument, DeliveryDocument.delivery_id == Message.delivery_id)
        .where(Message.id.in_(message_ids))
    )
    of = union(linked, sent).subquery()
    rows = db.session.execute(
        select(Message.id, Message.subject, Document)
        .join(of, of.c[0] == Message.id)
        .join(Document, Document.id == of.c[1])
        .where(Document.posted_at.is_not(None))
        .order_by(Message.id, Document.issue_date.desc())
    )
    today = utc_now().date()
    kept: dict[int, Kept] = {}
    for message_id, subject, document in rows:
        until = _years_later(document.issue_date, retention_years)
        if until > today:
            kept.setdefault(message_id, Kept(message_id, subject, str(document), until))
    return list(kept.values())


def _years_later(day: date, years: int) -> date:
    """The same day of that year; for the 29th of February the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
