"""Trying again: all that time or a setting can cure at once, anything else one by one, by a person and with a reason.

The attempts of both are children of the same delivery: same message, same Message-ID, so that receivers can tell a copy.
"""

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select, update

from errors import Conflict, Invalid
from models.audit_trail import record_event
from models.base import db
from models.mailings.delivery import (
    Delivery,
    DeliveryDocument,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.mailing import Mailing
from models.mailings.reason import ReasonCode
from models.people.customer import Customer
from models.sales.document import Document
from models.sales.document_state import DocumentState
from services.mailings.address_book import suppressed_among
from services.mailings.copy_rows import put_copies_back
from services.mailings.partly_sent import missed_recipients, reached_recipients
from services.mailings.progress import WAITING
from services.mailings.reopening import make_room

# A mailbox is emptied, a server comes back, an account is put right; an address that does not exist stays so.
HELPED_BY_TRYING = frozenset(
    {
        ReasonCode.QUOTA,
        ReasonCode.THROTTLED,
        ReasonCode.CONNECT_FAILED,
        ReasonCode.TLS_FAILED,
        ReasonCode.AUTH_FAILED,
        ReasonCode.CONSENT_LOST,
        ReasonCode.FROM_NOT_ALLOWED,
        ReasonCode.ACCOUNT_DISABLED,
        ReasonCode.RENDER_ERROR,
    }
)
# What a person may send once more: *unconfirmed* is settled (`resolve.py`), what waits is on its way.
RESENDABLE = frozenset({DeliveryStatus.SENT, DeliveryStatus.FAILED, DeliveryStatus.SKIPPED})


def retriable(mailing_id: int) -> dict[ReasonCode, int]:
    """How many failed messages trying again may help, by reason."""
    rows = db.session.execute(
        select(DeliveryState.reason_code, func.count())
        .where(*_retriable(mailing_id))
        .group_by(DeliveryState.reason_code)
    )
    return {reason: count for reason, count in rows if reason is not None}


def retry_failed(mailing: Mailing) -> int:
    """Try all of these again; returns how many messages. Raises Conflict if there is none (any more)."""
    mailing_id = mailing.id
    state = make_room(mailing_id)
    moved: Sequence[int] = db.session.scalars(
        update(DeliveryState)
        .where(*_retriable(mailing_id))
        .values(
            state=state,
            owner=None,
            not_before=func.now(),
            reason_code=None,
            bounced_at=None,
            attempts_before=DeliveryState.attempt_count,
        )
        .returning(DeliveryState.delivery_id)
        .execution_options(synchronize_session=False)
    ).all()
    if not moved:
        raise Conflict(_("There is nothing left that a retry could help."))
    put_copies_back(moved)
    record_event(
        db.session(),
        entity="mailing",
        entity_id=mailing_id,
        action="retry",
        after={"messages": len(moved)},
    )
    return len(moved)


def resend(delivery: Delivery, *, seen: DeliveryStatus, why: str) -> None:
    """Send this very message once more, also if it was sent before; of several recipients to whom has not got it.

    `seen` is the state that the person saw: whoever comes second finds another one, and raises Conflict.
    Raises Invalid without a reason.
    """
    if not why.strip():
        raise Invalid(_("Say why: it is kept with the decision."), field="why")
    if delivery.mailing_id is None or seen not in RESENDABLE:
        raise Conflict(_("This message cannot be sent again."))
    _refuse_held(delivery)
    state = make_room(delivery.mailing_id)
    taken_over(delivery.id, seen, state=state, reason_code=None)
    put_copies_back([delivery.id])
    record_event(
        db.session(),
        entity="delivery",
        entity_id=delivery.id,
        action="resend",
        before={"state": seen.value},
        after={"as": "resend"},
    )


def taken_over(
    delivery_id: int,
    seen: DeliveryStatus,
    *,
    state: DeliveryStatus,
    reason_code: ReasonCode | None,
    detail: str | None = None,
) -> None:
    """Move a row that is still as it was seen; raises Conflict for whoever comes second."""
    moved = db.session.execute(
        update(DeliveryState)
        .where(DeliveryState.delivery_id == delivery_id, DeliveryState.state == seen)
        .values(
            state=state,
            owner=None,
            not_before=func.now(),
            reason_code=reason_code,
            reason_detail=detail,
            bounced_at=None if state in WAITING else DeliveryState.bounced_at,
            attempts_before=DeliveryState.attempt_count,
        )
        .execution_options(synchronize_session=False)
    )
    if not moved.rowcount:  # type: ignore[attr-defined]
        raise Conflict(_("Somebody else was faster: look at it again."))


def _refuse_held(delivery: Delivery) -> None:
    """What the sender would skip is said at once."""
    missed = missed_recipients(delivery.id) if reached_recipients(delivery.id) else ()
    wanted = {copy.address_norm: copy.address for copy in missed}
    wanted = wanted or {delivery.recipient_norm: delivery.recipient}
    held = suppressed_among(wanted)
    if held >= wanted.keys():
        address = next(iter(wanted.values()))
        raise Conflict(
            _("%(address)s is on the suppression list. Take it off first.", address=address)
        )
    void = db.session.scalars(
        select(Document.label)
        .join(DeliveryDocument, DeliveryDocument.document_id == Document.id)
        .where(DeliveryDocument.delivery_id == delivery.id, Document.state == DocumentState.VOID)
    ).first()
    if void is not None:
        raise Conflict(_("%(document)s is void: this message does not leave.", document=void))
    if db.session.scalar(select(Customer.on_hold).where(Customer.id == delivery.customer_id)):
        raise Conflict(_("The customer is on hold: nothing is sent."))


def _retriable(mailing_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        DeliveryState.mailing_id == mailing_id,
        # *sent* with such a reason: to some of several recipients, and it is tried for the others.
        DeliveryState.state.in_([DeliveryStatus.FAILED, DeliveryStatus.SENT]),
        DeliveryState.reason_code.in_(HELPED_BY_TRYING),
    )
