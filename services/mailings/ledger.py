"""The ledger: nothing leaves without its fence, no answer goes unrecorded.

One thread and one connection for all accounts and lines of a process. A fence triggers the commit and waiting
records ride along, so a line has one fenced, unrecorded message at most: what one crash can leave in doubt.
"""

import json
import logging
import os
import queue
import socket
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from services.mailings.ledger_connection import LEDGER_OPTIONS, Statement, connect
from services.mailings.ledger_record import Record, RetryPlan, unsent
from services.mailings.ledger_sql import REAP, RELEASE, SETTLE, TAKE

logger = logging.getLogger(__name__)
RECORDS_WAIT_SECONDS = 0.02
MOST_RECORDS = 100  # that wait together for a fence


class Fence:
    """A line's request to let one message leave; the line waits for the answer."""

    def __init__(self) -> None:
        self.delivery_id = 0
        self.is_granted = False
        self._go = threading.Lock()
        self._go.acquire()

    def wait(self) -> None:
        self._go.acquire()

    def release(self) -> None:
        self._go.release()


class _Asked:
    """A question to the connection that holds the locks."""

    def __init__(self, question: Callable[["psycopg.Connection[Any]"], bool]) -> None:
        self.question = question
        self.answer = False
        self.done = threading.Event()


class Ledger(threading.Thread):
    """Start it, `take` accounts, let lines `fence` and `record`, `close` it.

    When the database is lost it is `is_lost` for good: no fence is granted any more; what was answered meanwhile waits
    in memory until `close` settles it on a new connection. Then make a new ledger.
    """

    def __init__(
        self, dsn: str, *, plan: RetryPlan | None = None, patience_seconds: float = 300
    ) -> None:
        super().__init__(name="ledger", daemon=True)
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self.is_lost = False
        self.commits = 0
        self._dsn = dsn
        plan = plan or RetryPlan()
        self._patience = patience_seconds
        self._queue: queue.SimpleQueue[Fence | Record | _Asked | None] = queue.SimpleQueue()
        self._plan_values = (str(plan.most_attempts), f"{{{','.join(map(str, plan.waits))}}}")
        self._connection = connect(dsn, options=LEDGER_OPTIONS)
        self._statement = Statement(self._connection, SETTLE)

    def take(self, account_ids: Sequence[int]) -> list[int]:
        """Those of the accounts that are ours now; what their dead senders left behind is *unconfirmed* then."""
        taken: list[int] = []

        def question(connection: "psycopg.Connection[Any]") -> bool:
            for account_id in account_ids:
                row = connection.execute(TAKE, (account_id,)).fetchone()
                if row and row[0]:
                    taken.append(account_id)
            connection.execute(REAP, (taken,))
            return True

        return taken if account_ids and self._ask(question) else []

    def release(self, account_ids: Sequence[int]) -> None:
        """Let others have the accounts; all their lines have ended."""

        def question(connection: "psycopg.Connection[Any]") -> bool:
            for account_id in account_ids:
                connection.execute(RELEASE, (account_id,))
            return True

        if account_ids:
            self._ask(question)

    def barrier(self) -> bool:
        """Return when every fence and record handed in before is committed; False if the database is lost."""
        return self._ask(lambda _connection: True)

    def fence(self, request: Fence, delivery_id: int) -> bool:
        """Whether the message may leave: from now on it may have left."""
        request.delivery_id, request.is_granted = delivery_id, False
        self._queue.put(request)
        request.wait()
        return request.is_granted

    def record(self, record: Record) -> None:
        """Write down what became of a message; returns at once."""
        self._queue.put(record)

    def close(self) -> None:
        """Settle what waits, give all locks back. All lines have ended."""
        self._queue.put(None)
        self.join()

    def run(self) -> None:
        records: list[Record] = []
        is_closing = False
        while not is_closing:
            fences: list[Fence] = []
            asked: list[_Asked] = []
            for each in self._collect(has_records=bool(records)):
                if each is None:
                    is_closing = True
                elif isinstance(each, Record):
                    records.append(each)
                elif isinstance(each, Fence):
                    fences.append(each)
                else:
                    asked.append(each)
            if records or fences:
                records = self._commit(records, fences)
            for question in asked:
                self._answer(question)
        if records:
            self._settle_late(records)
        self._connection.close()

    def _collect(self, *, has_records: bool) -> list[Fence | Record | _Asked | None]:
        """What waits: at least one thing, unless records have waited long enough."""
        found: list[Fence | Record | _Asked | None] = []
        try:
            while True:
                timeout = RECORDS_WAIT_SECONDS if has_records else None
                first = self._queue.get(timeout=timeout)
                found.append(first)
                if not isinstance(first, Record) or len(found) >= MOST_RECORDS:
                    break
                has_records = True
        except queue.Empty:
            pass
        try:
            while True:
                found.append(self._queue.get_nowait())
        except queue.Empty:
            return found

    def _commit(self, records: list[Record], fences: list[Fence]) -> list[Record]:
        """One transaction; returns the records that have still to be settled."""
        granted: set[int] = set()
        try:
            if not self.is_lost:
                granted = self._settle(records, [fence.delivery_id for fence in fences])
                records = []
        except (psycopg.OperationalError, psycopg.InterfaceError) as problem:
            self._lose(problem)
        except psycopg.Error:
            logger.exception("a settlement was refused; its records are tried one by one")
            records = self._settle_singly(records)
        for fence in fences:
            fence.is_granted = fence.delivery_id in granted
            if self.is_lost:
                # It may have been fenced before the connection broke, but its line is cut: it has not left.
                records.append(unsent(fence.delivery_id))
            fence.release()
        return records

    def _settle(self, records: Sequence[Record], fences: Sequence[int]) -> set[int]:
        told = json.dumps([record.as_object() for record in records])
        ids = f"{{{','.join(map(str, fences))}}}"
        self.commits += 1
        return self._statement.run(told, ids, self.owner, *self._plan_values)

    def _settle_singly(self, records: Sequence[Record]) -> list[Record]:
        """Leave out what the database does not take; returns what has still to be settled."""
        for at, record in enumerate(records):
            try:
                self._settle([record], [])
            except (psycopg.OperationalError, psycopg.InterfaceError) as problem:
                self._lose(problem)
                return list(records[at:])
            except psycopg.Error:
                logger.exception("delivery %s cannot be recorded", record.delivery_id)
        return []

    def _settle_late(self, records: Sequence[Record]) -> None:
        """The database is back, or was never away: write down what we know."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                if self.is_lost:
                    self._connection = connect(self._dsn, options=LEDGER_OPTIONS)
                    self._statement = Statement(self._connection, SETTLE)
                self._settle(records, [])
                self.is_lost = False
                return
            except psycopg.Error as problem:
                if time.monotonic() > deadline:
                    logger.error(
                        "%d answers could not be recorded: %s", len(records), type(problem).__name__
                    )
                    return
                self.is_lost = True
                time.sleep(0.5)

    def _ask(self, question: Callable[["psycopg.Connection[Any]"], bool]) -> bool:
        asked = _Asked(question)
        self._queue.put(asked)
        asked.done.wait()
        return asked.answer

    def _answer(self, asked: _Asked) -> None:
        try:
            asked.answer = not self.is_lost and asked.question(self._connection)
        except psycopg.Error as problem:
            self._lose(problem)
        asked.done.set()

    def _lose(self, problem: psycopg.Error) -> None:
        logger.warning("the ledger lost its database: %s", type(problem).__name__)
        self.is_lost = True
