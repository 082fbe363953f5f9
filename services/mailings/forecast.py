"""When a mailing would have ended, by what its account may send; plain arithmetic, no clock and no database."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from services.mailings.limits import DAY, MINUTE, Limit

LONG_WAIT = 600.0  # seconds without a message that people should hear of
MOST_SIMULATED = 50_000  # beyond it the pace of the last day goes on


@dataclass(frozen=True, slots=True)
class AccountLoad:
    """What an account may do, and what it has done or has still to do.

    `ages` are the seconds since each attempt of the last day, `seconds_each` is how long a message takes on one of its
    `connections`, `waiting` how many messages of others stand before ours.
    """

    limits: Sequence[Limit] = ()
    ages: Sequence[float] = ()
    connections: int = 1
    seconds_each: float = 0.5
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Forecast:
    """How it would go, in seconds from now on."""

    count: int
    begins_in: float
    ends_in: float
    allowed_today: int | None = None  # None: no limit a day
    before_pause: int | None = (
        None  # how many leave before the quota makes them wait; None: all of them
    )
    goes_on_in: float | None = None
    most_per_minute: int | None = None  # what the account may do

    @property
    def lasts(self) -> float:
        return self.ends_in - self.begins_in

    @property
    def per_minute(self) -> int:
        """The pace on the whole, while nothing has to wait for a quota; what leaves at once does not make it faster."""
        pace = round(self.count * 60 / self.lasts) if self.lasts > 0 else self.count
        return min(pace, self.most_per_minute or pace)


def forecast(count: int, load: AccountLoad, *, begins_in: float = 0.0) -> Forecast:
    """Let every message leave as early as the limits allow, one after the other."""
    leaves = departures(min(count, MOST_SIMULATED), load, begins_in=begins_in)
    if not leaves:
        return Forecast(count, begins_in, begins_in, _allowed_today(load, begins_in))
    ends_in = leaves[-1] + load.seconds_each
    if count > len(leaves):
        ends_in = begins_in + (ends_in - begins_in) * count / len(leaves)
    pause = _first_long_wait(leaves)
    return Forecast(
        count=count,
        begins_in=begins_in,
        ends_in=ends_in,
        allowed_today=_allowed_today(load, begins_in),
        before_pause=pause,
        goes_on_in=leaves[pause] if pause is not None else None,
        most_per_minute=min(
            (each.most for each in load.limits if each.seconds == MINUTE), default=None
        ),
    )


def departures(count: int, load: AccountLoad, *, begins_in: float = 0.0) -> list[float]:
    """When each of our messages leaves, in seconds from now on."""
    times = sorted(-age for age in load.ages)
    earlier = len(times)
    step = load.seconds_each / max(load.connections, 1)
    at, waiting = 0.0, load.waiting
    for number in range(load.waiting + count):
        if number == waiting:
            at = max(at, begins_in)
        for limit in load.limits:
            place = len(times) - limit.most
            if place >= 0:
                at = max(at, times[place] + limit.seconds)
        times.append(at)
        at += step
    return times[earlier + load.waiting :]


def _allowed_today(load: AccountLoad, begins_in: float) -> int | None:
    """What the limit of a day leaves over when it begins."""
    daily = [limit.most for limit in load.limits if limit.seconds == DAY]
    if not daily:
        return None
    ages = sorted(load.ages)
    used = bisect_left(ages, DAY - begins_in) + load.waiting
    return max(min(daily) - used, 0)


def _first_long_wait(leaves: Sequence[float]) -> int | None:
    for place in range(1, len(leaves)):
        if leaves[place] - leaves[place - 1] > LONG_WAIT:
            return place
    return None
