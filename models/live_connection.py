"""Connections of the pool: looked at before they are used, and never made to forget how they are asked.

A server that went away has closed its end, which the operating system knows: then there is something to read. Only a
connection that was not used for a while is asked, since a network may have forgotten it without a word.
"""

import select
import time
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy.exc import InvalidatePoolError

QUIET_SECONDS = 15.0
USED_AT = "used_at"
NOTHING = "''"


class LastingConnection(psycopg.Connection[Any]):
    """Keeps its prepared statements when a transaction that only read is taken back.

    psycopg forgets all of them at every rollback, in case one of them failed. A page that changes nothing ends so, and
    PostgreSQL would plan each of its statements anew for each page, which is most of its work.
    """

    def rollback(self) -> None:
        """As psycopg does, unless nothing went wrong: then the server takes back what there is, and that is all.

        The pool asks for it once more when it gets the connection back, and then there is nothing to take back.
        """
        with self.lock:
            status = self.pgconn.transaction_status
            if status == TransactionStatus.IDLE:
                return
            is_sound = status == TransactionStatus.INTRANS
            if is_sound and self.pgconn.exec_(b"ROLLBACK").status == ExecStatus.COMMAND_OK:
                return
        super().rollback()

    def ask_alone(self, question: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The one row that answers, or None. The statement is a transaction of its own: what it writes stays."""
        self.autocommit = True
        try:
            answer: tuple[Any, ...] | None = self.execute(question, values).fetchone()
        finally:
            if not self.closed:
                self.autocommit = False
        return answer

    def begin_with(self, told: Mapping[str, int | None]) -> bool:
        """Begin a transaction in which these settings of the server hold, in one round trip; None is an empty one.

        False if a transaction is under way, or the server will not: whoever asks next learns why.
        """
        settings = "".join(
            f"; SET LOCAL {name} = {NOTHING if value is None else int(value)}"
            for name, value in told.items()
        )
        with self.lock:
            if self.pgconn.transaction_status != TransactionStatus.IDLE:
                return False
            try:
                answer = self.pgconn.exec_(f"BEGIN{settings}".encode())
            except psycopg.Error:
                return False
            return answer.status == ExecStatus.COMMAND_OK


def connect(dialect: Any, record: Any, arguments: Any, options: Any) -> Any:
    """In the place of `psycopg.connect`."""
    return LastingConnection.connect(*arguments, **options)


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
