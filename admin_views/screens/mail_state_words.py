"""How the reading of the mailboxes stands, in words (S3-03)."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.reader_formats import ago, number
from jobs.queue import bell
from models.mailbox.mailbox_operation import OperationKind, OperationState
from models.people.user import User
from services.mailbox.mail_place import Mailboxes
from services.mailbox.reading_state import (
    AccountReading,
    Failure,
    Reading,
    failures_of,
    readings_of,
)
from services.system.health import workers_alive

WORST_FIRST = (
    Reading.FAILING,
    Reading.FIRST_RUN,
    Reading.WAITING,
    Reading.GOOD,
    Reading.NO_SERVER,
)
ICONS = {
    Reading.FAILING: ("alert-triangle", "warn"),
    Reading.FIRST_RUN: ("loader-2", "live"),
    Reading.WAITING: ("hourglass", ""),
    Reading.NO_SERVER: ("plug-off", ""),
    Reading.GOOD: ("circle-check", "ok"),
}


@dataclass(frozen=True, kw_only=True)
class StateLine:
    """One mailbox, or all of them together."""

    icon: str
    tone: str
    text: str
    address: str = ""
    detail: str = ""
    percent: int | None = None
    facts: Sequence[str] = ()


@dataclass(frozen=True)
class MailState:
    """In a word for the bar, and each mailbox for whoever wants to know."""

    short: StateLine
    lines: Sequence[StateLine]
    failures: Sequence[str]


def mail_state(boxes: Mailboxes, person: User) -> MailState | None:
    """Of the mailboxes that are shown; the worst of them speaks for all, and that nobody works for more (pains D-13)."""
    readings = readings_of(boxes.shown)
    if not readings:
        return None
    worst = min(readings, key=lambda each: WORST_FIRST.index(each.state))
    lines = [_line(each) for each in readings]
    short = _line(worst)
    if workers_alive(bell()).alive == 0:
        short = StateLine(
            icon="server-off",
            tone="bad",
            text=_(
                "No worker is running: nothing is read or sent until one does. Nothing is lost."
            ),
        )
        lines.insert(0, short)
    return MailState(
        short,
        lines,
        [failure_words(each) for each in failures_of(person)],
    )


def failure_words(failure: Failure) -> str:
    """What could not be done on the server, and why."""
    operation = failure.operation
    done = {
        OperationKind.READ: _("Marking as read"),
        OperationKind.UNREAD: _("Marking as unread"),
        OperationKind.STAR: _("Starring"),
        OperationKind.UNSTAR: _("Removing the star"),
        OperationKind.ANSWERED: _("Marking as answered"),
        OperationKind.MOVE: _("Moving"),
        OperationKind.PURGE: _("Deleting for good"),
        OperationKind.APPEND: _("Filing"),
    }[operation.kind]
    subject = failure.subject or _("(without subject)")
    if operation.state is OperationState.GONE:
        return _(
            "%(done)s of “%(subject)s”: somebody else had moved or deleted it on the server.",
            done=done,
            subject=subject,
        )
    return _(
        "%(done)s of “%(subject)s”: the server refused. %(answer)s",
        done=done,
        subject=subject,
        answer=operation.note or "",
    ).strip()


def _line(reading: AccountReading) -> StateLine:
    symbol, tone = ICONS[reading.state]
    facts = []
    if reading.good_at:
        facts.append(_("Last read: %(when)s", when=ago(reading.good_at)))
    if reading.bad_at:
        facts.append(_("Last failure: %(when)s", when=ago(reading.bad_at)))
    if reading.waiting:
        facts.append(
            ngettext(
                "%(count)s change waits for the server",
                "%(count)s changes wait for the server",
                reading.waiting,
                count=number(reading.waiting),
            )
        )
    return StateLine(
        icon=symbol,
        tone=tone,
        text=_words(reading),
        address=reading.account.address,
        detail=(reading.detail or reading.problem or "")
        if reading.state is Reading.FAILING
        else "",
        percent=_percent(reading),
        facts=facts,
    )


def _percent(reading: AccountReading) -> int | None:
    if reading.state is not Reading.FIRST_RUN or not reading.wanted:
        return None
    return min(100, 100 * reading.done // reading.wanted)


def _words(reading: AccountReading) -> str:
    if reading.state is Reading.GOOD:
        return _("Up to date %(when)s", when=ago(reading.good_at)) if reading.good_at else ""
    if reading.state is Reading.FIRST_RUN:
        return _(
            "First reading: %(done)s of %(wanted)s, the newest first",
            done=number(reading.done),
            wanted=number(reading.wanted),
        )
    if reading.state is Reading.FAILING:
        if reading.good_at:
            return _("The server does not answer; read %(when)s", when=ago(reading.good_at))
        return _("The mailbox cannot be read")
    if reading.state is Reading.NO_SERVER:
        return _("This account has no incoming server")
    return _("The first sync has not started yet")
