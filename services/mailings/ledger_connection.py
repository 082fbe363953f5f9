"""Connections of the senders, and the one statement that must be fast."""

from typing import Any

import psycopg
from psycopg.pq import ConnStatus, ExecStatus

TIMEOUT = "-c statement_timeout=60000 -c tcp_user_timeout=30000"
# The statement finds its rows by their keys, however small the tables look to the planner when it is prepared.
LEDGER_OPTIONS = (
    f"{TIMEOUT} -c plan_cache_mode=force_generic_plan -c jit=off"
    " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
)


def connect(dsn: str, *, options: str = TIMEOUT) -> "psycopg.Connection[Any]":
    """A connection that commits each statement and does not wait for ever."""
    connection = psycopg.connect(dsn, autocommit=True, connect_timeout=5, options=options)
    connection.prepare_threshold = 0
    return connection


class Statement:
    """A prepared statement with text parameters whose result is keys.

    Past psycopg's cursors: adapting thirteen arrays took longer than the commit itself.
    """

    NAME = b"settle"

    def __init__(self, connection: "psycopg.Connection[Any]", query: str) -> None:
        self._raw = connection.pgconn
        self._check(self._raw.prepare(self.NAME, query.encode()))

    def run(self, *values: str) -> set[int]:
        """The first column of what comes back. Raises psycopg.Error."""
        result = self._raw.exec_prepared(self.NAME, [value.encode() for value in values])
        self._check(result)
        rows = range(result.ntuples)
        return {int(result.get_value(row, 0) or b"0") for row in rows}

    def _check(self, result: Any) -> None:
        if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            return
        message = result.error_message.decode(errors="replace")
        if self._raw.status != ConnStatus.OK:
            raise psycopg.OperationalError(message)
        state = result.error_field(psycopg.pq.DiagnosticField.SQLSTATE)
        kind = psycopg.errors.lookup(state.decode()) if state else psycopg.DatabaseError
        raise kind(message)
