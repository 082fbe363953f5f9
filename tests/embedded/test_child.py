"""A child is started again, more and more slowly, and stopped step by step."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from embedded.child import Child, stop_all
from embedded.process import spawn
from embedded.supervisor import shorten_logs
from tests.embedded.conftest import wait_until

STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: None)
print("deaf", flush=True)
time.sleep(600)
"""


def python(*arguments: str, output: int = subprocess.DEVNULL):
    return lambda: spawn([sys.executable, *arguments], cwd=Path("/"), env={}, output=output)


def test_child_that_ends_at_once_is_started_again_after_longer_and_longer_pauses():
    told: list[str] = []
    child = Child("web", python("-c", "raise SystemExit(3)"), stops=(), tell=told.append)
    begun = time.monotonic()

    wait_until(lambda: child.tend() or child.ends_in_a_row == 3)

    assert told == [
        f"web ended (exit 3); starting it again in {pause} s." for pause in ("0.5", "1", "2")
    ]
    assert time.monotonic() - begun >= 1.5


def test_deaf_child_is_killed_when_its_patience_is_over():
    child = Child(
        "worker",
        python("-c", STUBBORN, output=subprocess.PIPE),
        stops=((signal.SIGTERM, 0.2), (signal.SIGTERM, 0.2)),
    )
    child.tend()
    assert child._running is not None
    assert child._running.stdout is not None
    child._running.stdout.readline()
    begun = time.monotonic()

    stop_all([child])

    assert 0.4 <= time.monotonic() - begun < 5
    assert child._running.returncode == -signal.SIGKILL


def test_second_request_kills_at_once():
    child = Child("worker", python("-c", STUBBORN), stops=((signal.SIGTERM, 60.0),))
    child.tend()
    begun = time.monotonic()

    stop_all([child], at_once=lambda: True)

    assert time.monotonic() - begun < 5
    assert not child.is_running


def test_long_log_is_moved_aside_while_its_writer_goes_on(tmp_path):
    log = tmp_path / "web.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"x" * 100)
        shorten_logs(tmp_path, longest_bytes=50)
        writer.write(b"next\n")

    assert log.read_bytes() == b"next\n"
    assert (tmp_path / "web.log.1").read_bytes() == b"x" * 100
