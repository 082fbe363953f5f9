"""What an account has to send next; reading only, since the fence is the only claim."""

import threading
from dataclasses import dataclass
from typing import Any

from services.mailings.ledger_connection import connect
from services.mailings.ledger_sql import FEED, RECENT_ATTEMPTS
from services.mailings.limits import DAY

BATCH = 100


@dataclass(frozen=True, slots=True)
class Due:
    """A message that is due, with its frozen head; `parts` are hashes of stored parts.

    `objection` is the reason that keeps it here, whoever it is for. `own` is None for a message to `recipient` alone;
    else whether that address waits for it. `copies` are the further addresses that do; the first `beside` of them are
    recipients like `recipient` itself. `held` are recipients who wait, but are on the suppression list by now.
    """

    delivery_id: int
    mailing_id: int | None
    envelope_from: str
    recipient: str
    size_bytes: int
    head: bytes
    parts: list[str]
    attempt_count: int  # since a person last had it sent
    is_suppressed: bool
    objection: str | None
    own: bool | None
    copies: list[str]
    beside: int
    held: list[str]

    @property
    def is_own_wanted(self) -> bool:
        return self.own is not False and not self.is_suppressed

    @property
    def addresses(self) -> tuple[str, ...]:
        """Who gets it now, the recipients before those who get copies."""
        return (self.recipient, *self.copies) if self.is_own_wanted else tuple(self.copies)

    @property
    def recipients(self) -> int:
        """How many of the addresses are recipients: copies alone reach nobody."""
        return self.is_own_wanted + self.beside


class FeedConnection:
    """One reading connection for all accounts of a process."""

    def __init__(self, dsn: str) -> None:
        self._connection = connect(dsn)
        self._lock = threading.Lock()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Raises psycopg.Error when the database is away."""
        with self._lock:
            return self._connection.execute(query.encode(), values, binary=True).fetchall()

    def ages_of_attempts(self, account_id: int) -> list[float]:
        """How many seconds ago each attempt of the last day ended."""
        return [row[0] for row in self.rows(RECENT_ATTEMPTS, account_id, DAY)]

    def close(self) -> None:
        self._connection.close()


class Feed:
    """The messages of one account, most urgent first; for all its lines."""

    def __init__(self, connection: FeedConnection, account_id: int, *, batch: int = BATCH) -> None:
        self._connection = connection
        self._account_id = account_id
        self._batch = batch
        self._lock = threading.Lock()
        self._waiting: list[Due] = []
        self._handed_out: list[int] = []
        self._is_over = False
        self.has_plenty = False

    def look(self) -> int:
        """How many messages are due, up to one batch. Raises psycopg.Error."""
        with self._lock:
            if not self._waiting:
                self._waiting = self._read()
            return len(self._waiting)

    def next(self) -> Due | None:
        """The next message; None when there is none for now. Raises psycopg.Error."""
        with self._lock:
            if not self._waiting and not self._is_over:
                self._waiting = self._read()
                self._is_over = not self._waiting
            return self._waiting.pop() if self._waiting else None

    def forget(self, mailing_id: int | None) -> None:
        """The messages of this mailing may not leave any more."""
        with self._lock:
            self._waiting = [due for due in self._waiting if due.mailing_id != mailing_id]

    def put_back(self, due: Due) -> None:
        """It was not sent after all, and is the next."""
        with self._lock:
            self._waiting.append(due)

    def end(self) -> None:
        """Hand out nothing more."""
        with self._lock:
            self._waiting, self._is_over = [], True

    def _read(self) -> list[Due]:
        """Without those on their way: their rows still say *queued*."""
        on_their_way = self._handed_out[-4 * self._batch :]
        rows = self._connection.rows(FEED, self._account_id, on_their_way, self._batch)
        due = [Due(*row) for row in reversed(rows)]
        self.has_plenty = len(due) == self._batch
        self._handed_out = on_their_way + [each.delivery_id for each in due]
        return due
