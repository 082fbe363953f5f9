"""Gunicorn, the real one, with our settings."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from embedded.process import spawn
from embedded.serve import listening_socket
from tests.embedded.conftest import ROOT, get, wait_until


@pytest.fixture
def gunicorn(tmp_path):
    """A master with its workers on a port that we hold; its address and its log."""
    with listening_socket(0) as listener, (tmp_path / "web.log").open("wb") as log:
        options = ["-c", "python:embedded.gunicorn_settings", "--bind", f"fd://{listener.fileno()}"]
        master = spawn(
            [sys.executable, "-P", "-m", "gunicorn", *options, "tests.embedded.stand_ins:hello"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            output=log,
            pass_fds=[listener.fileno()],
        )
        yield master, f"http://127.0.0.1:{listener.getsockname()[1]}", tmp_path / "web.log"
        if master.poll() is None:
            master.terminate()
        master.wait(timeout=10)


def workers_of(master: subprocess.Popen[bytes]) -> list[int]:
    done = subprocess.run(
        ["ps", "--ppid", str(master.pid), "-o", "pid="], capture_output=True, text=True, check=False
    )
    return [int(number) for number in done.stdout.split()]


def is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_killed_master_takes_its_workers_along(gunicorn):
    master, address, _ = gunicorn
    assert get(address) == "hello"
    workers = wait_until(lambda: len(found := workers_of(master)) == 2 and found)

    master.kill()
    master.wait()

    wait_until(lambda: not any(map(is_alive, workers)), seconds=2)


def test_master_stops_quickly_and_its_log_is_json(gunicorn):
    master, address, log = gunicorn
    assert get(address) == "hello"
    begun = time.monotonic()

    master.send_signal(signal.SIGTERM)

    assert master.wait(timeout=10) == 0
    assert time.monotonic() - begun < 6
    events = [json.loads(line) for line in log.read_text().splitlines()]
    assert {event["from"] for event in events} == {"gunicorn.error"}
