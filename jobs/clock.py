"""The clock: enqueues what is due and what its worker has left. One of them is active, by an advisory lock; others wait."""

import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from jobs.queue import Job, bell
from jobs.timetable import TIMETABLE
from jobs.watch import Watch
from services.system.health import tell_clock_ticks

CLOCK_LOCK = 700_002
logger = logging.getLogger(__name__)


@dataclass
class Entry:
    """A line of the timetable with the moment when it is due next (monotonic seconds)."""

    every: timedelta
    job: Job[[], Any]
    due: float = 0.0


def tick(entries: list[Entry], now: float) -> int:
    """Ring for everything that is due at `now`; returns how many. Missed times are not made up for."""
    rung = 0
    for entry in entries:
        if entry.due <= now and entry.job.enqueue():
            entry.due = now + entry.every.total_seconds()
            rung += 1
    return rung


def run_clock(database_url: str, stopping: threading.Event) -> None:
    """Tick and look twice a second while this process holds the lock; wait for it otherwise."""
    entries = [Entry(every, job) for every, job in TIMETABLE]
    watch = Watch()
    while not stopping.is_set():
        try:
            with psycopg.connect(database_url, autocommit=True) as connection:
                while not stopping.is_set() and not _holds_lock(connection):
                    stopping.wait(2)
                while not stopping.is_set():
                    connection.execute("SELECT 1")  # the lock is gone with the connection
                    tick(entries, time.monotonic())
                    watch.look()
                    _tell()
                    stopping.wait(0.5)
        except (psycopg.OperationalError, DBAPIError) as problem:
            logger.warning("the clock waits for the database: %s", type(problem).__name__)
            stopping.wait(1)


def _tell() -> None:
    """The health page asks when the clock ticked last."""
    with suppress(RedisError):  # the clock goes on; the health page says that Valkey is away
        tell_clock_ticks(bell())


def _holds_lock(connection: "psycopg.Connection[Any]") -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (CLOCK_LOCK,)).fetchone()
    return bool(row and row[0])
