"""The toolbar of the console: what can be done with the chosen mailing now, and why not (S1-12)."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from admin_views.screens.mailing_door import allows
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.states import state_word

_S = MailingState
PREPARED = frozenset(_S) - {_S.DRAFT}
STARTABLE = frozenset({_S.REGISTERED, _S.SCHEDULED, _S.STOPPED})
TESTABLE = frozenset(_S) - {_S.DRAFT, _S.CANCELLED}
SCHEDULABLE = frozenset({_S.REGISTERED, _S.SCHEDULED})
CANCELLABLE = frozenset({_S.DRAFT, _S.REGISTERED, _S.SCHEDULED, _S.STOPPED})


@dataclass(frozen=True)
class Action:
    """A button: a link to a page or a question, or (`posts`) a form."""

    name: str
    label: str
    icon: str
    url: str | None  # None: not now
    posts: bool = False
    asks: bool = False
    is_danger: bool = False


@dataclass(frozen=True)
class Toolbar:
    """The buttons, and one sentence that says what is not possible now."""

    label: str
    why: str
    first: Sequence[Action]
    second: Sequence[Action]
    cancel_url: str | None
    edit_url: str | None
    rehearsal_url: str | None
    edit_label: str
    schedule_url: str | None
    schedule_label: str


def toolbar_of(mailing: Mailing | None) -> Toolbar:
    """Exactly those buttons work that are valid in the mailing's state and allowed by the role."""
    can_start = _may(mailing, STARTABLE, "start")
    goes_on = mailing is not None and mailing.state is _S.STOPPED
    return Toolbar(
        label=_("Actions of mailing no. %(number)s", number=mailing.number)
        if mailing
        else _("Actions of the chosen mailing"),
        why=_why(mailing),
        first=(
            Action(
                "documents",
                _("View invoices"),
                "files",
                _url(mailing, "gallery", _may(mailing, PREPARED, "view")),
            ),
            Action(
                "test",
                _("Send test e-mail"),
                "mail-code",
                _url(mailing, "test", _may(mailing, TESTABLE, "test")),
                asks=True,
            ),
            Action(
                "recipients",
                _("View recipients"),
                "users",
                _url(mailing, "recipients", _may(mailing, PREPARED, "view")),
            ),
        ),
        second=(
            Action(
                "start",
                _("Resume sending") if goes_on else _("Start sending"),
                "player-play",
                _url(mailing, "start", can_start),
                asks=True,
            ),
            Action(
                "stop",
                _("Stop sending"),
                "player-stop",
                _url(mailing, "stop", _may(mailing, {_S.SENDING}, "stop")),
                posts=True,
                is_danger=True,
            ),
        ),
        rehearsal_url=_url(mailing, "rehearsal", _may(mailing, STARTABLE, "test")),
        cancel_url=_url(mailing, "cancel", _may(mailing, CANCELLABLE, "cancel")),
        edit_url=_url(mailing, "edit", _waits(mailing) and _may(mailing, {_S.DRAFT}, "create")),
        edit_label=_("Correct") if mailing and mailing.register_error else _("Keep editing"),
        schedule_url=_url(mailing, "schedule", _may(mailing, SCHEDULABLE, "start")),
        schedule_label=_("Reschedule")
        if mailing and mailing.state is _S.SCHEDULED
        else _("Schedule"),
    )


def _waits(mailing: Mailing | None) -> bool:
    """Whether no worker is at it: registering was not asked for yet, or has failed."""
    return mailing is not None and not mailing.is_being_registered


def _may(
    mailing: Mailing | None, states: frozenset[MailingState] | set[MailingState], action: str
) -> bool:
    return mailing is not None and mailing.state in states and allows(action)


def _url(mailing: Mailing | None, page: str, is_possible: bool) -> str | None:
    if mailing is None or not is_possible:
        return None
    return url_for(f"mailing_console.{page}", public_id=mailing.public_id)


def _why(mailing: Mailing | None) -> str:
    """One sentence for all buttons that do not work."""
    if mailing is None:
        return _("Choose a mailing in the list first.")
    if not allows("start"):
        return _("No. %(number)s: your role can only look", number=mailing.number)
    said = {
        _S.DRAFT: _("still being prepared")
        if mailing.is_being_registered
        else _("a draft, not registered yet"),
        _S.REGISTERED: _("registered"),
        _S.SENDING: _("sending"),
        _S.STOPPING: _("stopping"),
        _S.STOPPED: _("stopped"),
        _S.FINISHED: _("finished"),
        _S.FINISHED_WITH_ERRORS: _("finished with errors"),
        _S.CANCELLED: _("cancelled"),
    }
    words = said.get(mailing.state) or str(state_word(mailing.state))
    return _("No. %(number)s: %(state)s", number=mailing.number, state=words)
