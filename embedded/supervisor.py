"""The root of the process tree: signals, steps that run once, children that run for good."""

import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from embedded.child import Child, stop_all
from embedded.data_folder import CHECKOUT, DataFolder
from embedded.json_lines import JsonLines
from embedded.lease import Lease
from embedded.plan import Program
from embedded.process import kill_group, spawn

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.1
_LOG_LOOK_SECONDS = 60.0
_LONGEST_LOG_BYTES = 20_000_000
_STEP_GRACE_SECONDS = 5.0


class StopRequested(Exception):
    """Somebody asked us to stop while we were still starting."""


class Supervisor:
    """Starts, watches and stops what runs on this machine. Make it first: it catches the signals."""

    def __init__(self) -> None:
        self._requests = 0
        self._children: list[Child] = []
        self._leases: tuple[Lease, ...] = ()
        self._logs: Path | None = None
        self._logs_seen_at = time.monotonic()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._request_stop)
        # Started by `nohup`, it shall outlive its terminal.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._request_stop)

    def log_to(self, folder: DataFolder) -> None:
        """Write our own events, one JSON line each, beside the logs of the children."""
        self._logs = folder.logs
        folder.open_log("server").close()
        handler = logging.FileHandler(folder.logs / "server.log", encoding="utf-8")
        handler.setFormatter(JsonLines())
        logging.basicConfig(level=logging.INFO, handlers=[handler])

    @property
    def is_stopping(self) -> bool:
        return self._requests > 0

    def say(self, line: str) -> None:
        """A line for the person at the terminal; there may be none any more."""
        try:
            print(line, flush=True)
        except BrokenPipeError:
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # stays open until the end

    def run_step(self, argv: Sequence[str], env: Mapping[str, str]) -> int:
        """Run a command to its end, with our terminal as its output; answer its exit code.

        Raises StopRequested, after stopping the command, when we are asked to stop.
        """
        step = spawn(
            argv, cwd=CHECKOUT, env=env, output=sys.stdout.fileno(), errors=sys.stderr.fileno()
        )
        while step.poll() is None and not self.is_stopping:
            self.tend()
        if step.poll() is None:
            step.terminate()
            try:
                step.wait(_STEP_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                kill_group(step)
        if self.is_stopping:
            raise StopRequested
        return step.returncode

    def watch(self, leases: Sequence[Lease]) -> None:
        """Keep these embedded services alive too."""
        self._leases = tuple(leases)

    def start(
        self, program: Program, folder: DataFolder, env: Mapping[str, str], socket: int
    ) -> Child:
        """Start a program and keep it running."""
        argv = [part.replace("{socket}", str(socket)) for part in program.argv]
        passed = [socket] if argv != list(program.argv) else []

        def spawn_it() -> subprocess.Popen[bytes]:
            with folder.open_log(program.name) as log:
                return spawn(argv, cwd=CHECKOUT, env=env, output=log, pass_fds=passed)

        child = Child(program.name, spawn_it, stops=program.stops, tell=self.say)
        child.tend()
        self._children.append(child)
        return child

    def tend(self) -> None:
        """Look after everything once, then rest for a moment."""
        for child in self._children:
            child.tend()
        for lease in self._leases:
            lease.tend()
        if self._logs and time.monotonic() - self._logs_seen_at > _LOG_LOOK_SECONDS:
            self._logs_seen_at = time.monotonic()
            shorten_logs(self._logs, longest_bytes=_LONGEST_LOG_BYTES)
        time.sleep(_LOOK_SECONDS)

    def stop(self) -> None:
        """Stop the children in good order; a second request to stop kills them at once."""
        requests = self._requests
        stop_all(self._children, at_once=lambda: self._requests > max(requests, 1))

    def _request_stop(self, number: int, frame: object) -> None:
        self._requests += 1


def shorten_logs(logs: Path, *, longest_bytes: int) -> None:
    """Move what a log holds to `<name>.log.1` when it is too long; its writer needs no signal."""
    for log in logs.glob("*.log"):
        if log.stat().st_size > longest_bytes:
            shutil.copy(log, log.with_name(f"{log.name}.1"))
            # Writers append, so they go on at the new end.
            os.truncate(log, 0)
            logger.info("shortened a log", extra={"log": log.name})
