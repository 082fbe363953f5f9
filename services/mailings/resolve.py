"""Messages of which nobody knows whether they arrived: a person decides, never the machine."""

import uuid
from contextlib import suppress
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, or_, select, update

from errors import Conflict, NotFound
from models.audit_trail import record_event
from models.base import db
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from services.mailbox.senders import person_in_scope, require_sender
from services.mailings.copy_rows import note_taken, put_copies_back
from services.mailings.flow import locked_state
from services.mailings.partly_sent import partly_sent
from services.mailings.reopening import ENDED_BY_ITSELF, change_state

AT_REST = {MailingState.STOPPING, MailingState.STOPPED}


class Resolution(StrEnum):
    """What a person knows or wants."""

    SENT = "sent"
    RESEND = "resend"


def find_delivery(mailing_id: int, name: str) -> Delivery:
    """A message of the mailing by its key, public id or Message-ID; raises NotFound."""
    wanted = [Delivery.message_id_header == name]
    if name.isdecimal():
        wanted.append(Delivery.id == int(name))
    with suppress(ValueError):  # it is another kind of name
        wanted.append(Delivery.public_id == uuid.UUID(name))
    found: Delivery | None = db.session.scalar(
        select(Delivery).where(Delivery.mailing_id == mailing_id, or_(*wanted))
    )
    if found is None:
        raise NotFound(_("This mailing has no such message."))
    return found


def resolve_doubt(delivery: Delivery, resolution: Resolution) -> None:
    """Say that an unconfirmed message was sent, or send it again with the same Message-ID.

    A finished mailing is opened again for that. Raises Conflict if there is no doubt (any more), NotTheirAccount for
    whoever may not send as its account.
    """
    mailing_id = delivery.mailing_id
    state = locked_state(mailing_id) if mailing_id is not None else None
    values: dict[str, Any]
    if resolution is Resolution.RESEND and state is MailingState.CANCELLED:
        raise Conflict(_("This mailing is cancelled."))
    if resolution is Resolution.RESEND:
        require_sender(delivery.account_id, person_in_scope())
    if resolution is Resolution.SENT:
        values = {
            "state": DeliveryStatus.SENT,
            "sent_at": func.coalesce(DeliveryState.data_at, func.now()),
        }
    else:
        rests = state in AT_REST
        values = {
            "state": DeliveryStatus.PREPARED if rests else DeliveryStatus.QUEUED,
            "owner": None,
            "not_before": func.now(),
            "attempts_before": DeliveryState.attempt_count,
        }
    moved = db.session.execute(
        update(DeliveryState)
        .where(
            DeliveryState.delivery_id == delivery.id,
            DeliveryState.state == DeliveryStatus.UNCONFIRMED,
        )
        .values(reason_code=ReasonCode.MANUAL, **values)
        .execution_options(synchronize_session=False)
    )
    if not moved.rowcount:  # type: ignore[attr-defined]
        raise Conflict(_("There is no doubt about this message."))
    record_event(
        db.session(),
        entity="delivery",
        entity_id=delivery.id,
        action="resolve",
        before={"state": DeliveryStatus.UNCONFIRMED.value},
        after={"as": resolution.value},
    )
    if resolution is Resolution.RESEND:
        put_copies_back([delivery.id])
    else:
        note_taken(delivery.id)
    if mailing_id is not None and state is not None:
        _follow(mailing_id, state, resolution)


def _follow(mailing_id: int, state: MailingState, resolution: Resolution) -> None:
    """The mailing's own state follows from its rows."""
    if resolution is Resolution.RESEND and state in ENDED_BY_ITSELF:
        change_state(mailing_id, state, MailingState.SENDING, action="reopen", finished_at=None)
    elif resolution is Resolution.SENT and state is MailingState.FINISHED_WITH_ERRORS:
        wrong = select(DeliveryState.delivery_id).where(
            DeliveryState.mailing_id == mailing_id,
            or_(
                DeliveryState.state.in_([DeliveryStatus.FAILED, DeliveryStatus.UNCONFIRMED]),
                partly_sent(),
            ),
        )
        if db.session.scalar(wrong.limit(1)) is None:
            change_state(mailing_id, state, MailingState.FINISHED, action="clear")
