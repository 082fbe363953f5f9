"""The figures of a card: speed, what is left, start and end of a mailing or of its registering."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _

from admin_views.reader_formats import number, zone
from admin_views.screens.mailing_words import duration_words
from models.base import utc_now
from models.mailings.mailing import Mailing
from services.mailings.mailing_list import name_of_person
from services.mailings.progress import Progress
from services.mailings.registering import Registering

SHORTEST_AVERAGE = timedelta(minutes=1)  # of less, a number of messages a minute says nothing


@dataclass(frozen=True)
class Fact:
    """A figure with its name above and a remark below."""

    label: str
    value: str
    note: str = ""


def registering_facts(registering: Registering) -> list[Fact]:
    """How fast, and how long still."""
    rate, seconds = registering.rate_per_minute, registering.seconds_left
    ends = utc_now() + timedelta(seconds=seconds) if seconds else None
    return [
        Fact(_("Speed"), _("%(n)s / min", n=number(rate)) if rate else "—"),
        Fact(
            _("Left"),
            duration_words(seconds) if seconds else "—",
            _("ends at %(time)s", time=f"{ends.astimezone(zone()):%H:%M}") if ends else "",
        ),
    ]


def facts(mailing: Mailing, progress: Progress) -> list[Fact]:
    """Three figures that keep their place, whether known or not."""
    rate, seconds = progress.rate_per_minute, progress.seconds_left
    lasted = _lasted(mailing)
    if lasted is not None and lasted < SHORTEST_AVERAGE:
        speed = Fact(_("Duration"), duration_words(_seconds(lasted)))
    else:
        speed = Fact(
            _("Speed"),
            _("%(n)s / min", n=number(rate)) if rate else "—",
            _speed_note(mailing),
        )
    if mailing.finished_at is not None:
        end = Fact(_("End"), _clock(mailing.finished_at), _took(lasted))
    else:
        end = Fact(
            _("Left"),
            duration_words(seconds) if seconds else "—",
            _("ends at %(time)s", time=f"{progress.ends_at.astimezone(zone()):%H:%M}")
            if progress.ends_at
            else "",
        )
    begin = Fact(
        _("Start"),
        _clock(mailing.started_at) if mailing.started_at else "—",
        name_of_person(mailing.started_by_id) or "",
    )
    return [speed, end, begin]


def _speed_note(mailing: Mailing) -> str:
    if mailing.finished_at is not None:
        return _("on average")
    limit = mailing.account.per_minute
    return _("limit %(n)s", n=number(limit)) if limit else ""


def _clock(at: datetime) -> str:
    return f"{at.astimezone(zone()):%H:%M:%S}"


def _lasted(mailing: Mailing) -> timedelta | None:
    """How long a mailing that has ended was on its way."""
    if mailing.started_at is None or mailing.finished_at is None:
        return None
    return mailing.finished_at - mailing.started_at


def _took(lasted: timedelta | None) -> str:
    """Beside the end; not where the duration has a figure of its own."""
    if lasted is None or lasted < SHORTEST_AVERAGE:
        return ""
    return _("after %(duration)s", duration=duration_words(_seconds(lasted)))


def _seconds(lasted: timedelta) -> int:
    return max(round(lasted.total_seconds()), 1)
