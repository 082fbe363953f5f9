"""Commands that send: with a running server they ring, without one they do its work."""

import time
from typing import Any

import click
from flask_babel import gettext as _
from sqlalchemy import Select, select

from errors import Unavailable
from jobs.mailings import deliver_due, make_dispatch, stopped_by_signals
from jobs.worker import somebody_works
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from services.mailings.reasons import sentence_for
from services.mailings.status import counts_of

UNDER_WAY = {MailingState.SENDING, MailingState.STOPPING}
ON_THE_WAY = {DeliveryStatus.QUEUED, DeliveryStatus.SENDING}
PATIENCE_SECONDS = 60.0
TELL_SECONDS = 2.0


def see_to_delivery(mailing_id: int, *, wait: bool) -> None:
    """Ring; without a worker send here, until the mailing has ended or its account waits for a person."""
    told = Telling(mailing_id)
    if not _ring():
        dispatch = make_dispatch()
        with stopped_by_signals(dispatch):
            dispatch.work(stays=told.goes_on)
        told.say()
    elif wait:
        while told.goes_on():
            time.sleep(0.5)
        told.say()


def finish_stopping(mailing_id: int) -> str:
    """The state after a stop; if nobody sends for the mailing, this process ends it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        make_dispatch().end_left_behind()
        state = _fresh(select(Mailing.state).where(Mailing.id == mailing_id))
        if state is not MailingState.STOPPING:
            return str(state.value)
        time.sleep(0.3)
    return MailingState.STOPPING.value


def deliver_test(delivery_id: int) -> None:
    """Send a message that a person waits for; raises Unavailable with the reason if it did not leave."""
    query = select(DeliveryState).where(DeliveryState.delivery_id == delivery_id)
    deadline = time.monotonic() + PATIENCE_SECONDS

    def goes_on() -> bool:
        row = _fresh(query)
        waits = row.state in ON_THE_WAY and row.reason_code is None
        return waits and not _pause_of(row.account_id) and time.monotonic() < deadline

    if _ring():
        while goes_on():
            time.sleep(0.2)
    else:
        dispatch = make_dispatch()
        with stopped_by_signals(dispatch):
            dispatch.work(stays=goes_on)
    row = _fresh(query)
    if row.state is not DeliveryStatus.SENT:
        paused = _pause_of(row.account_id)
        why = " ".join(filter(None, [sentence_for(row.reason_code or paused), row.reason_detail]))
        raise Unavailable(
            why or _("The test did not leave in time; it is sent as soon as possible.")
        )


class Telling:
    """Progress on standard error, every two seconds."""

    def __init__(self, mailing_id: int) -> None:
        self._mailing_id = mailing_id
        self._next = time.monotonic() + TELL_SECONDS

    def goes_on(self) -> bool:
        """Whether there is anything to wait for."""
        if time.monotonic() > self._next:
            self._next = time.monotonic() + TELL_SECONDS
            self.say()
        found = _fresh(select(Mailing).where(Mailing.id == self._mailing_id))
        if found.state not in UNDER_WAY:
            return False
        paused = _pause_of(found.account_id)
        if paused:
            click.echo(f"The mail account pauses: {sentence_for(paused)}", err=True)
        return paused is None

    def say(self) -> None:
        state = _fresh(select(Mailing.state).where(Mailing.id == self._mailing_id))
        counts = {name: n for name, n in counts_of(self._mailing_id).items() if n}
        told = ", ".join(f"{count} {name}" for name, count in counts.items())
        click.echo(f"Mailing {self._mailing_id} is {state.value}: {told}.", err=True)


def _ring() -> bool:
    """Whether somebody hears the bell."""
    return somebody_works("mailings") and deliver_due.enqueue()


def _pause_of(account_id: int) -> str | None:
    """The reason, if only a person ends the pause."""
    account = _fresh(select(MailAccount).where(MailAccount.id == account_id))
    return account.paused_reason if account.is_paused and account.paused_until is None else None


def _fresh(query: Select[Any]) -> Any:
    db.session.rollback()
    return db.session.scalars(query).one()
