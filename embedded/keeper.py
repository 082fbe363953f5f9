"""The process that keeps one embedded service running for as long as somebody uses it.

Whoever needs the service holds a shared lock on its `users` file (`embedded/lease.py`). The keeper tries
that lock for itself ten times a second: when it gets it, the last user has gone, in whatever way, and the
service stops. The keeper's own life is a lock too, so that there is never a second one.
"""

import logging
import os
import signal
import sys
import time
from pathlib import Path

from embedded.child import Child, stop_all
from embedded.data_folder import DataFolder
from embedded.json_lines import JsonLines
from embedded.postgres import Postgres
from embedded.valkey import Valkey
from errors import AppError

_START_SECONDS = 60.0
_LOOK_SECONDS = 0.1


def keep(service: Postgres | Valkey, folder: DataFolder) -> int:
    """Run the service until nobody uses it; report on stdout how the start went, then be silent."""
    try:
        for note in service.prepare():
            _report(f"note {note}")
    except AppError as error:
        _report(f"error {error.message}")
        return 1
    users = folder.lock(f"{service.name}.users")
    with folder.open_log(service.name) as log:
        child = Child(service.name, lambda: service.spawn(log), stops=service.stops)
        deadline = time.monotonic() + _START_SECONDS
        is_reported = False
        while not users.try_alone():
            child.tend()
            if not is_reported and (service.is_ready() or time.monotonic() > deadline):
                late = f"error {service.title} did not start; see {folder.logs / service.name}.log."
                _report("ready" if service.is_ready() else late)
                is_reported = True
            time.sleep(_LOOK_SECONDS if is_reported else 0.02)
        stop_all([child])
    return 0


def _report(line: str) -> None:
    """Tell who started us, if it still listens."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        sys.stdout = None


def _main(name: str, data: str, *settings: str) -> int:
    # Only the locks decide when a service ends: a Ctrl-C or a system going down reaches its users too.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, lambda number, frame: None)
    folder = DataFolder(Path(data))
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    if name == Valkey.name:
        return keep(Valkey(folder, os.environ), folder)
    pairs = dict(setting.split("=", 1) for setting in settings)
    return keep(Postgres(folder, os.environ, pairs), folder)


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
