"""Messages that a person adds to a registered mailing: to somebody who got none, or to another contact or address.

What is frozen never changes, so they are messages of their own; the key of each makes a double impossible. They
stand in the ledger of the mailing as *single*, beside those whose hash was taken when it was registered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext as _
from sqlalchemy import and_, literal, or_, select, update

from errors import Conflict
from models.any_of import is_any_of
from models.audit_trail import record_event
from models.base import db
from models.mailings.delivery import (
    Delivery,
    DeliveryDocument,
    DeliveryKind,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.delivery_copy import DeliveryCopy
from models.mailings.mailing import AudienceMode, Mailing, MailingAudience, MailingRange
from models.mailings.mailing_exclusion import MailingExclusion
from models.mailings.reason import ReasonCode
from models.sales.document import Document
from services.mailings.anomalies import find_late_anomalies
from services.mailings.audience import Choice, PlannedMessage, Resolved, resolve
from services.mailings.frozen_rows import WAITED_FOR
from services.mailings.partly_sent import note_replaced
from services.mailings.preparing import destiny_of, prepare
from services.mailings.reasons import sentence_for
from services.mailings.reopening import make_room
from services.mailings.retry import taken_over
from services.sales.pdf import Workshop

REPLACEABLE = frozenset({DeliveryStatus.FAILED, DeliveryStatus.SKIPPED})


@dataclass(frozen=True)
class Late:
    """What is to be sent: some documents of one customer, to one contact or to whom the mailing chooses."""

    documents: Sequence[int]
    contact_id: int | None = None
    any_language: bool = False


def plan_of(mailing: Mailing, late: Late) -> Resolved:
    """The messages that this comes to now, and what stands in the way; writes nothing."""
    ours = Choice.of(mailing)
    choice = replace(
        ours,
        ranges=ranges_of(late.documents),
        languages=None if late.any_language else ours.languages,
    )
    if late.contact_id is not None:
        chosen = MailingAudience(mode=AudienceMode.CONTACTS, ref_ids=[late.contact_id])
        choice = Choice(
            choice.ranges, [chosen], one_mail_per=choice.one_mail_per, languages=choice.languages
        )
    return resolve(choice)


def ranges_of(documents: Sequence[int]) -> list[MailingRange]:
    """Ranges that find exactly these documents, whatever their kind."""
    kinds = db.session.scalars(
        select(Document.kind).where(is_any_of(Document.id, documents)).distinct()
    )
    return [MailingRange(kind=kind, document_ids=list(documents)) for kind in kinds]


def send_excluded(
    mailing: Mailing,
    exclusion: MailingExclusion,
    documents: Sequence[int],
    workshop: Workshop,
    *,
    any_language: bool = False,
) -> list[int]:
    """Send to somebody who was left out, now that nothing stands in the way; raises Conflict if something does."""
    state = make_room(mailing.id)
    late = Late(documents, exclusion.contact_id, any_language)
    made = _write(mailing, f"x:{exclusion.id}", late, state, workshop)
    cured = db.session.execute(
        update(MailingExclusion)
        .where(
            MailingExclusion.mailing_id == mailing.id,
            MailingExclusion.delivery_id.is_(None),
            MailingExclusion.customer_id == exclusion.customer_id,
            MailingExclusion.contact_id.is_not_distinct_from(exclusion.contact_id),
            or_(
                MailingExclusion.id == exclusion.id,
                # Several for one message: all that was missing goes with it.
                and_(
                    MailingExclusion.reason_code == ReasonCode.RENDER_ERROR,
                    literal(exclusion.reason_code is ReasonCode.RENDER_ERROR),
                ),
            ),
        )
        .values(delivery_id=made[0])
        .execution_options(synchronize_session=False)
    )
    if not cured.rowcount:  # type: ignore[attr-defined]
        raise Conflict(_("Somebody else was faster: look at it again."))
    return made


def send_document(mailing: Mailing, document: Document, workshop: Workshop) -> list[int]:
    """Send a document that was not in the range, with the text of this mailing."""
    state = make_room(mailing.id)
    return _write(mailing, f"o:{mailing.id}:{document.id}", Late([document.id]), state, workshop)


def send_to_contact(
    mailing: Mailing,
    delivery: Delivery,
    contact_id: int | None,
    workshop: Workshop,
    *,
    seen: DeliveryStatus,
    missed: DeliveryCopy | None = None,
) -> int:
    """Send the documents of a message to this contact's present address; None: to whom the mailing chooses.

    A message that failed is replaced by it and counts no more; one that was sent stays as it is. `missed` is the one of
    several recipients who did not get it, and gets it now.
    """
    state = make_room(mailing.id)
    late = Late(documents_of(delivery), contact_id)
    made = _write(mailing, f"r:{delivery.id}", late, state, workshop, follows_id=delivery.id)[0]
    if missed is not None:
        note_replaced(missed)
    elif seen in REPLACEABLE:
        taken_over(
            delivery.id,
            seen,
            state=DeliveryStatus.CANCELLED,
            reason_code=ReasonCode.MANUAL,
            detail=db.session.get_one(Delivery, made).recipient,
        )
    return made


def documents_of(delivery: Delivery) -> Sequence[int]:
    """The keys of the documents in a message."""
    return db.session.scalars(
        select(DeliveryDocument.document_id)
        .where(DeliveryDocument.delivery_id == delivery.id)
        .order_by(DeliveryDocument.document_id)
    ).all()


def successor_of(delivery: Delivery) -> Delivery | None:
    """The newest message that was sent after this one, if there is any."""
    return db.session.scalars(
        select(Delivery)
        .where(Delivery.follows_id == delivery.id)
        .order_by(Delivery.id.desc())
        .limit(1)
    ).first()


def _write(
    mailing: Mailing,
    key: str,
    late: Late,
    state: DeliveryStatus,
    workshop: Workshop,
    *,
    follows_id: int | None = None,
) -> list[int]:
    """Freeze and write the messages; their keys. The lock of the mailing is held: nobody writes the same beside us."""
    resolved = plan_of(mailing, late)
    if not resolved.messages:
        raise Conflict(_obstacle(resolved))
    chunk = _keyed(key, resolved.messages)
    keys = [each for each, _message in chunk]
    _refuse_doubles(keys)
    destiny = destiny_of(
        mailing, kind=DeliveryKind.SINGLE, state=state, priority=WAITED_FOR, follows_id=follows_id
    )
    for problem in prepare(mailing, chunk, workshop, destiny=destiny):
        raise Conflict(" ".join(filter(None, [sentence_for(problem.reason), problem.detail])))
    made = db.session.scalars(
        select(Delivery.id).where(Delivery.idempotency_key.in_(keys)).order_by(Delivery.id)
    ).all()
    find_late_anomalies(mailing, made)
    for delivery_id in made:
        record_event(
            db.session(),
            entity="delivery",
            entity_id=delivery_id,
            action="send",
            after={"mailing": mailing.id, "follows": follows_id},
        )
    return list(made)


def _keyed(key: str, messages: Sequence[PlannedMessage]) -> list[tuple[str, PlannedMessage]]:
    """`r:7:a@b.example`; with one mail per document the documents are part of it."""
    per_address = [message.address_norm for message in messages]
    return [
        (
            f"{key}:{message.address_norm}"
            if per_address.count(message.address_norm) == 1
            else f"{key}:{message.address_norm}:{message.documents[0].id}",
            message,
        )
        for message in messages
    ]


def _refuse_doubles(keys: Sequence[str]) -> None:
    found = db.session.execute(
        select(Delivery.recipient, DeliveryState.state)
        .join(DeliveryState, DeliveryState.delivery_id == Delivery.id)
        .where(Delivery.idempotency_key.in_(keys))
    ).first()
    if found is not None:
        raise Conflict(
            _(
                "This was sent to %(address)s already: look at that message.",
                address=found.recipient,
            )
        )


def _obstacle(resolved: Resolved) -> str:
    if resolved.exclusions:
        return sentence_for(resolved.exclusions[0].reason)
    return str(_("This customer gets nothing from this mailing."))
