"""Day, time of day and time zone as a moment; clocks that are put forward or back have their traps (S1-06)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask_babel import gettext as _

from errors import Invalid

FARTHEST = timedelta(days=366)
# On the days outside, the same moment has no date in another zone.
EARLIEST, LATEST = date.min + timedelta(days=2), date.max - timedelta(days=2)


@dataclass(frozen=True)
class LocalMoment:
    """A moment as the clock on a wall shows it; `comes_twice` when that clock is put back over it."""

    at: datetime  # in UTC
    comes_twice: bool = False


def local_moment(day: date, clock: time, zone_name: str) -> LocalMoment:
    """The moment; the first of two when the clock is put back.

    Raises Invalid, with the field, for an unknown zone, for an hour that the change of the clock skips, and for a day at
    either end of the calendar.
    """
    zone = zone_called(zone_name)
    if day < EARLIEST:
        raise Invalid(_("This moment has passed."), field="time")
    if day > LATEST:
        raise Invalid(_("This is more than a year away."), field="day")
    wall = datetime.combine(day, clock)
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    at = first.astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) != wall:
        gap = first.utcoffset(), second.utcoffset()
        raise Invalid(
            _skipped(day, wall, gap[0] or timedelta(), gap[1] or timedelta()), field="time"
        )
    return LocalMoment(at, comes_twice=first.utcoffset() != second.utcoffset())


def moment_typed(text: str, zone_name: str) -> datetime:
    """What a field for day and time holds, in UTC. Raises Invalid for what is none, or has passed."""
    try:
        wall = datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise Invalid(_("Choose the day and the time."), field="time") from None
    at = local_moment(wall.date(), wall.time(), zone_name).at
    check_future(at, datetime.now(UTC))
    return at


def check_future(at: datetime, now: datetime) -> None:
    """Raise Invalid for what has passed, and for what is so far away that it must be a slip."""
    if at <= now:
        raise Invalid(_("This moment has passed."), field="time")
    if at > now + FARTHEST:
        raise Invalid(_("This is more than a year away."), field="day")


def zone_called(name: str) -> ZoneInfo:
    """The time zone; raises Invalid for a name that is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(_("There is no time zone “%(name)s”.", name=name), field="zone") from None


def _skipped(day: date, wall: datetime, before: timedelta, after: timedelta) -> str:
    """Which hour is missing, and that it is not a mistake of ours."""
    jump = after - before if after > before else before - after
    return str(
        _(
            "On %(day)s the clock jumps forward by %(minutes)d minutes: there is no %(time)s. Choose another time.",
            day=f"{day:%d/%m/%Y}",
            minutes=jump.total_seconds() // 60,
            time=f"{wall:%H:%M}",
        )
    )
