"""Start, stop, go on, cancel: one UPDATE decides who was first; the door commits, then rings."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select, update

from errors import Conflict, Invalid, NotFound
from models.audit_trail import record_event
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.people.user import User
from models.states import state_word
from models.tenancy import current_scope
from services.mailbox.senders import person_in_scope, require_sender
from services.mailings.error_rate import GOING_ON
from services.mailings.partly_sent import give_up_retries

STARTABLE = (MailingState.REGISTERED, MailingState.SCHEDULED, MailingState.STOPPED)
CANCELLABLE = (
    MailingState.DRAFT,
    MailingState.REGISTERED,
    MailingState.SCHEDULED,
    MailingState.STOPPED,
)


def start(mailing_id: int, *, on_behalf_of: User | None = None) -> None:
    """Begin, or go on after a stop; raises Conflict for everybody but the first.

    A pause of the account that waits for a person ends: here is one. Raises NotTheirAccount if whoever starts it, or
    `on_behalf_of` whom time does, may not send as its account (any more).
    """
    require_sender(account_of(mailing_id), on_behalf_of or person_in_scope())
    before = _state_of(mailing_id)
    moved = _move(
        mailing_id,
        STARTABLE,
        state=MailingState.SENDING,
        started_at=func.coalesce(Mailing.started_at, func.now()),
        started_by_id=func.coalesce(Mailing.started_by_id, _person()),
        stop_requested_at=None,
        finished_at=None,
        **GOING_ON,
    )
    if not moved:
        raise Conflict(_not_now(mailing_id))
    queued = queue_prepared(mailing_id)
    resume_account(account_of(mailing_id))
    action = "go_on" if before is MailingState.STOPPED else "start"
    _audit(mailing_id, action, before, MailingState.SENDING, messages=queued)


def stop(mailing_id: int) -> None:
    """Let nothing more leave; what is on the wire ends. Raises Conflict unless it is sending.

    The mailing is *stopped* as soon as its sender says so (`settling.py`).
    """
    moved = _move(
        mailing_id,
        (MailingState.SENDING,),
        state=MailingState.STOPPING,
        stop_requested_at=func.clock_timestamp(),
    )
    if not moved:
        raise Conflict(_not_now(mailing_id))
    _audit(mailing_id, "stop", MailingState.SENDING, MailingState.STOPPING)


def schedule(mailing_id: int, at: datetime, *, zone: str | None = None) -> None:
    """Start by itself at a moment, or at another one than before; raises Invalid for one that has passed.

    `zone` is where the person who says so reads the clock. Raises NotTheirAccount for whoever may not send as its account.
    """
    if at <= utc_now():
        raise Invalid(_("This moment has passed."), field="time")
    require_sender(account_of(mailing_id), person_in_scope())
    before = _state_of(mailing_id)
    if not _move(
        mailing_id,
        (MailingState.REGISTERED, MailingState.SCHEDULED),
        state=MailingState.SCHEDULED,
        scheduled_at=at,
        scheduled_zone=zone,
    ):
        raise Conflict(_not_now(mailing_id))
    _audit(mailing_id, "schedule", before, MailingState.SCHEDULED)


def unschedule(mailing_id: int) -> None:
    """Wait for a person again; raises Conflict once it has begun."""
    if not _move(
        mailing_id,
        (MailingState.SCHEDULED,),
        state=MailingState.REGISTERED,
        scheduled_at=None,
        scheduled_zone=None,
    ):
        raise Conflict(_not_now(mailing_id))
    _audit(mailing_id, "unschedule", MailingState.SCHEDULED, MailingState.REGISTERED)


def cancel(mailing_id: int) -> None:
    """Give up what has not left; raises Conflict while it is sending: stop it first."""
    before = _state_of(mailing_id)
    if not _move(mailing_id, CANCELLABLE, state=MailingState.CANCELLED, finished_at=func.now()):
        raise Conflict(_not_now(mailing_id))
    give_up_retries(mailing_id)
    db.session.execute(
        update(DeliveryState)
        .where(
            DeliveryState.mailing_id == mailing_id,
            DeliveryState.state.in_([DeliveryStatus.PREPARED, DeliveryStatus.QUEUED]),
        )
        .values(state=DeliveryStatus.CANCELLED, reason_code=ReasonCode.CANCELLED)
        .execution_options(synchronize_session=False)
    )
    _audit(mailing_id, "cancel", before, MailingState.CANCELLED)


def account_of(mailing_id: int) -> int:
    """The account through which it leaves; raises NotFound."""
    account_id = db.session.scalar(select(Mailing.account_id).where(Mailing.id == mailing_id))
    if account_id is None:
        raise NotFound(_("There is no such mailing."))
    return int(account_id)


def locked_state(mailing_id: int) -> MailingState:
    """The state, kept as it is until this transaction ends."""
    state = db.session.scalar(
        select(Mailing.state).where(Mailing.id == mailing_id).with_for_update()
    )
    if state is None:
        raise NotFound(_("There is no such mailing."))
    return state


def queue_prepared(mailing_id: int) -> int:
    """Hand what is prepared to the senders; returns how many messages."""
    moved = db.session.execute(
        update(DeliveryState)
        .where(
            DeliveryState.mailing_id == mailing_id,
            DeliveryState.state == DeliveryStatus.PREPARED,
        )
        .values(state=DeliveryStatus.QUEUED)
        .execution_options(synchronize_session=False)
    )
    return int(moved.rowcount)  # type: ignore[attr-defined]


def _move(mailing_id: int, before: tuple[MailingState, ...], **values: Any) -> bool:
    """Whether this call took the mailing out of one of the states: at most one caller hears True."""
    moved = db.session.execute(
        update(Mailing)
        .where(Mailing.id == mailing_id, Mailing.state.in_(before))
        .values(version=Mailing.version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    return bool(moved.rowcount)  # type: ignore[attr-defined]


def resume_account(account_id: int) -> None:
    """End a pause that waits for a person; what the server asked to wait for goes on by itself."""
    db.session.execute(
        update(MailAccount)
        .where(
            MailAccount.id == account_id,
            MailAccount.paused_reason.is_not(None),
            MailAccount.paused_reason != ReasonCode.THROTTLED.value,
        )
        .values(paused_until=None, paused_reason=None, paused_detail=None, consecutive_failures=0)
        .execution_options(synchronize_session=False)
    )


def _state_of(mailing_id: int) -> MailingState:
    state = db.session.scalar(select(Mailing.state).where(Mailing.id == mailing_id))
    if state is None:
        raise NotFound(_("There is no such mailing."))
    return state


def _not_now(mailing_id: int) -> str:
    return str(
        _(
            "This is not possible now: the mailing is “%(state)s”.",
            state=str(state_word(_state_of(mailing_id))),
        )
    )


def _audit(
    mailing_id: int, action: str, before: MailingState, after: MailingState, **more: int
) -> None:
    record_event(
        db.session(),
        entity="mailing",
        entity_id=mailing_id,
        action=action,
        before={"state": before.value},
        after={"state": after.value, **more},
    )


def _person() -> int | None:
    actor = current_scope().actor
    return actor.id if actor.kind == "user" else None
