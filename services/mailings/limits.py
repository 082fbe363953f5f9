"""How much an account may send: sliding windows that no restart forgets (X1-03).

A message holds its place in a window from before it leaves until the window's length after the
answer came, so that the server, too, never sees more than the limit in any window.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

SECOND, MINUTE, HOUR, DAY = 1.0, 60.0, 3600.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` messages in any `seconds`."""

    seconds: float
    most: int


class SendingLimits:
    """The windows of one account; for several threads. Without limits nobody waits."""

    def __init__(
        self,
        limits: Iterable[Limit],
        *,
        ages: Iterable[float] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`ages`: how many seconds ago each earlier attempt ended."""
        self._limits = sorted(limits, key=lambda limit: limit.seconds)
        self._clock = clock
        self._lock = threading.Lock()
        self._on_their_way = 0
        now = clock()
        self._answered = deque(now - age for age in sorted(ages, reverse=True))

    def take_place(self) -> float:
        """0.0 if a message may leave now; it has its place then. Else the seconds to wait."""
        if not self._limits:
            return 0.0
        with self._lock:
            now = self._clock()
            self._forget(now)
            wait = max(self._wait_for(limit, now) for limit in self._limits)
            if wait <= 0:
                self._on_their_way += 1
                return 0.0
            return wait

    def answered(self) -> None:
        """The answer for a place came, whatever it was."""
        if self._limits:
            with self._lock:
                self._on_their_way -= 1
                self._answered.append(self._clock())

    def give_back(self) -> None:
        """The message did not leave after all."""
        if self._limits:
            with self._lock:
                self._on_their_way -= 1

    def _wait_for(self, limit: Limit, now: float) -> float:
        free = limit.most - self._on_their_way
        if free <= 0:
            return 0.05  # an answer frees nothing by itself, but says from when on to count
        if len(self._answered) < free:
            return 0.0
        # The youngest `free` answers: when the oldest of them leaves the window, one may go.
        return self._answered[-free] + limit.seconds - now

    def _forget(self, now: float) -> None:
        longest = self._limits[-1].seconds
        while self._answered and self._answered[0] + longest <= now:
            self._answered.popleft()
