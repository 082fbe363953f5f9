"""One supervised child: started, started again when it ends by itself, stopped in good order."""

import logging
import subprocess
import time
from collections.abc import Callable, Sequence
from signal import Signals

from embedded.process import kill_group

logger = logging.getLogger(__name__)

Stops = tuple[tuple[Signals, float], ...]

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
# A child that lived this long was well; its earlier ends are forgotten.
_WELL_AFTER_SECONDS = 60.0


class Child:
    """A process that shall run as long as we do."""

    def __init__(
        self,
        name: str,
        spawn: Callable[[], subprocess.Popen[bytes]],
        *,
        stops: Stops,
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.name = name
        self.stops = stops
        self.ends_in_a_row = 0
        self._spawn = spawn
        self._tell = tell
        self._running: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._next_start = 0.0

    @property
    def pid(self) -> int | None:
        return self._running.pid if self._running else None

    def tend(self) -> None:
        """Start it if it does not run; wait longer before each start that follows a quick end."""
        now = time.monotonic()
        if self._running is None:
            if now >= self._next_start:
                self._start(now)
        elif (code := self._running.poll()) is not None:
            # Whoever it leaves behind would hold its port, its jobs, its files.
            kill_group(self._running)
            self._running = None
            if now - self._started_at > _WELL_AFTER_SECONDS:
                self.ends_in_a_row = 0
            self._pause(now, _reason(code))

    def _start(self, now: float) -> None:
        try:
            self._running, self._started_at = self._spawn(), now
        except OSError as error:  # no memory, no process number left: it may pass
            self._pause(now, error.strerror or "no reason given")
        else:
            logger.info("started", extra={"child": self.name, "pid": self._running.pid})

    def _pause(self, now: float, reason: str) -> None:
        pause = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** min(self.ends_in_a_row, 10))
        self.ends_in_a_row += 1
        self._next_start = now + pause
        facts = {"child": self.name, "reason": reason, "pause_seconds": pause}
        logger.warning("ended by itself", extra=facts)
        self._tell(f"{self.name} ended ({reason}); starting it again in {pause:g} s.")

    def send(self, signal_number: Signals) -> None:
        """Send a signal, if it runs."""
        if self.is_running:
            assert self._running is not None
            self._running.send_signal(signal_number)

    @property
    def is_running(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def kill(self) -> None:
        """End it and its own children at once."""
        if self._running is not None:
            kill_group(self._running)


def stop_all(children: Sequence[Child], *, at_once: Callable[[], bool] = lambda: False) -> None:
    """Ask all of them to stop, each in its own steps, and kill who is still there at the end."""
    begun = time.monotonic()
    waiting = [(child, 0.0, list(child.stops)) for child in children if child.is_running]
    while waiting:
        passed = time.monotonic() - begun
        still = []
        for child, next_step, steps in waiting:
            if not child.is_running:
                logger.info("stopped", extra={"child": child.name})
            elif at_once() or (passed >= next_step and not steps):
                child.kill()
                logger.warning("killed", extra={"child": child.name})
            elif passed >= next_step:
                signal_number, patience = steps[0]
                child.send(signal_number)
                still.append((child, passed + patience, steps[1:]))
            else:
                still.append((child, next_step, steps))
        waiting = still
        time.sleep(0.02)
    for child in children:
        child.kill()


def _reason(code: int) -> str:
    return f"signal {Signals(-code).name}" if code < 0 else f"exit {code}"
