"""A connection of the pool is looked at before it is used, without asking the server each time.

A server that went away has closed its end, which the operating system knows: then there is something to read. Only a
connection that was not used for a while is asked, since a network may have forgotten it without a word.
"""

import select
import time
from typing import Any

import psycopg
from sqlalchemy.exc import InvalidatePoolError

QUIET_SECONDS = 15.0
USED_AT = "used_at"


def look(connection: Any, record: Any, proxy: Any) -> None:
    """At checkout: raise InvalidatePoolError, for another try with a new one, if this connection is dead."""
    quiet = time.monotonic() - record.info[USED_AT]
    if quiet < QUIET_SECONDS and not _has_news(connection):
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as problem:
        raise InvalidatePoolError from problem


def note(connection: Any, record: Any) -> None:
    """At checkin, and when it was opened."""
    record.info[USED_AT] = time.monotonic()


def _has_news(connection: Any) -> bool:
    """Whether the server has said something unasked, such as farewell."""
    if connection.closed:
        return True
    watched = select.poll()
    watched.register(connection.fileno(), select.POLLIN)
    return bool(watched.poll(0))
