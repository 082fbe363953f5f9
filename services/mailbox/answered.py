"""What a received message answers: the delivery that it names, and what that was about."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from mail.delivery_marks import marks_in_ids
from models.base import db
from models.mailings.delivery import Delivery, DeliveryDocument, DeliveryKind
from models.sales.document import Document
from models.work.project import Project
from services.portal.comment_emails import comment_told_by

# A test shows a customer's document to our own people; a rehearsal reaches nobody.
ANSWERED = (DeliveryKind.BULK, DeliveryKind.SINGLE, DeliveryKind.NOTICE, DeliveryKind.REPLY)


@dataclass(frozen=True)
class Answered:
    """Whose customer it is about, and which documents, or which project.

    Not `is_nearest`: something else of ours stands in between, so that the conversation is about more than this.
    """

    customer_id: int
    contact_id: int | None
    documents: Sequence[Document]
    project: Project | None
    is_nearest: bool


def answered_by(references: Sequence[str]) -> Answered | None:
    """By the ids that a message names, the nearest last; None if none of them is of a message to a customer."""
    marks = marks_in_ids(reversed(references))
    if not marks:
        return None
    found = db.session.scalars(
        select(Delivery).where(Delivery.public_id.in_(marks), Delivery.kind.in_(ANSWERED))
    ).all()
    nearest = sorted(found, key=lambda delivery: marks.index(delivery.public_id))
    about = [_about(delivery, is_nearest=delivery is nearest[0]) for delivery in nearest]
    known = [each for each in about if each is not None]
    of_something = (each for each in known if each.documents or each.project is not None)
    return next(of_something, known[0] if known else None)


def _about(delivery: Delivery, *, is_nearest: bool) -> Answered | None:
    documents = db.session.scalars(
        select(Document)
        .join(DeliveryDocument, DeliveryDocument.document_id == Document.id)
        .where(DeliveryDocument.delivery_id == delivery.id)
        .order_by(Document.series, Document.number_int, Document.id)
    ).all()
    customer_id, project = delivery.customer_id, None
    comment = comment_told_by(delivery) if not documents else None
    if comment is not None:
        customer_id, project = comment.customer_id, comment.project
        documents = [comment.document] if comment.document is not None else []
    if customer_id is None:
        return None
    return Answered(customer_id, delivery.contact_id, documents, project, is_nearest)
