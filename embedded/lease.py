"""A user's hold on an embedded service: the first one starts it, the last one to go ends it."""

import contextlib
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

from embedded.data_folder import CHECKOUT, DataFolder, python_path
from embedded.file_lock import is_held
from embedded.postgres import Postgres
from embedded.valkey import Valkey
from errors import Unavailable

_START_SECONDS = 75.0
# Between two keepers that we start, should the first end at once.
_PAUSE_SECONDS = 1.0
_STOP_SECONDS = 12.0


class Lease:
    """One user's hold. Locks of a user that was killed are given back by the kernel."""

    def __init__(
        self,
        service: Postgres | Valkey,
        folder: DataFolder,
        *,
        env: Mapping[str, str],
        settings: Mapping[str, str] | None = None,
        tell: Callable[[str], None] = lambda line: print(line, file=sys.stderr),
    ) -> None:
        self._service = service
        self._folder = folder
        self._env = env
        self._settings = dict(settings or {})
        self._tell = tell
        self._users = folder.lock(f"{service.name}.users")
        self._keeper: subprocess.Popen[bytes] | None = None
        self._heard = b""
        self._is_last = False
        self._tried_at = -_PAUSE_SECONDS

    def begin(self) -> None:
        """Register as a user, and start the service if nobody has; `wait` then waits for it."""
        # Somebody who stops the service right now holds this lock alone for as long as that takes.
        if not self._users.wait_for(self._users.try_shared, _STOP_SECONDS):
            raise Unavailable(f"{self._service.title} does not stop; see {self._folder.logs}.")
        self.tend()

    def wait(self, is_cancelled: Callable[[], bool] = lambda: False) -> None:
        """Wait until the service answers.

        Raises Unavailable with the keeper's own sentence when it cannot start.
        """
        deadline = time.monotonic() + _START_SECONDS
        while not is_cancelled():
            self._listen()
            if self._service.is_ready():
                self._stop_listening()
                return
            has_ended = self._keeper is not None and self._keeper.poll() is not None
            if has_ended or time.monotonic() > deadline:
                self._listen()
                raise Unavailable(
                    f"{self._service.title} did not start; "
                    f"see {self._folder.logs / self._service.name}-keeper.log."
                )
            self.tend()
            time.sleep(0.02)

    def tend(self) -> None:
        """Start a keeper if there is none: at the beginning, and after somebody killed it."""
        if self._keeper is not None and self._keeper.poll() is None:
            return
        if time.monotonic() - self._tried_at < _PAUSE_SECONDS:
            return
        with self._folder.lock(f"{self._service.name}.keeper") as life:
            if not life.try_alone():
                return
            self._tried_at = time.monotonic()
            # The keeper inherits this very lock, so no moment passes without a holder.
            with self._folder.open_log(f"{self._service.name}-keeper") as log:
                self._keeper = subprocess.Popen(
                    [sys.executable, "-P", "-m", "embedded.keeper", self._service.name]
                    + [str(self._folder.path)]
                    + [f"{name}={setting}" for name, setting in self._settings.items()],
                    cwd=CHECKOUT,
                    env={**self._env, "PYTHONPATH": python_path(self._env)},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    start_new_session=True,
                    pass_fds=(life.descriptor,),
                )

    def leave(self) -> None:
        """Stop being a user; `wait_until_stopped` then waits for the service to stop if we were the last."""
        self._is_last = self._users.try_alone()
        self._users.release()
        self._stop_listening()

    def wait_until_stopped(self, seconds: float) -> None:
        """Return once the service has stopped, or at once where others still use it."""
        deadline = time.monotonic() + seconds
        life = self._folder.locks / f"{self._service.name}.keeper"
        while self._is_last and is_held(life) and time.monotonic() < deadline:
            time.sleep(0.02)
        if self._is_last and self._keeper is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._keeper.wait(timeout=1)

    def _listen(self) -> None:
        """Pass on what the keeper reports about its start."""
        if self._keeper is None or self._keeper.stdout is None or self._keeper.stdout.closed:
            return
        with selectors.DefaultSelector() as selector:
            selector.register(self._keeper.stdout, selectors.EVENT_READ)
            if not selector.select(timeout=0):
                return
        self._heard += os.read(self._keeper.stdout.fileno(), 4096)
        *lines, self._heard = self._heard.split(b"\n")
        for line in lines:
            kind, _, sentence = line.decode().partition(" ")
            if kind == "error":
                raise Unavailable(sentence)
            if kind == "note":
                self._tell(sentence)

    def _stop_listening(self) -> None:
        if self._keeper is not None and self._keeper.stdout is not None:
            self._keeper.stdout.close()
