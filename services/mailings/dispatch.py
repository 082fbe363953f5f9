"""Sending for many accounts in one process, with one ledger; commits as it goes.

Takes the accounts that are due, K lines each, and gives each back when nothing of it is due any more.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import psycopg
from sqlalchemy.exc import DBAPIError

from files.store import FileStore
from mail.gateway import MailGateway
from models.base import db
from models.mailings.mailing_state import MailingState
from models.tenancy import acting_in
from services.mailbox.servers import MailNetwork
from services.mailings.account_outcome import note_run
from services.mailings.account_pause import PAUSES
from services.mailings.account_run import AccountRun
from services.mailings.due_accounts import (
    DueAccount,
    accounts_left_behind,
    due_account_ids,
    due_accounts,
    mailings_under_way,
)
from services.mailings.error_rate import stop_refused
from services.mailings.feed import Feed, FeedConnection
from services.mailings.ledger import Ledger
from services.mailings.ledger_record import RetryPlan
from services.mailings.limits import SendingLimits
from services.mailings.outcomes import note_outcomes
from services.mailings.sender import Sender
from services.mailings.settling import settle_mailings

logger = logging.getLogger(__name__)
TICK_SECONDS = 0.1
MESSAGES_WORTH_A_LINE = 25
LEFT_BEHIND_SECONDS = 5.0
LOOK_SECONDS = 1.0  # how often the database is asked for what is due and what has ended


@dataclass(frozen=True, kw_only=True)
class DispatchPlan:
    """How to send: where the ledger is, what the network is like, how long to wait after refusals."""

    dsn: str
    network: MailNetwork = field(default_factory=MailNetwork)
    retries: RetryPlan = field(default_factory=RetryPlan)
    pauses: Sequence[float] = PAUSES
    most_accounts: int = 24
    base_url: str = "http://localhost"  # for links in e-mails to staff


@dataclass
class _Held:
    """An account that is ours, with its lines."""

    run: AccountRun
    senders: list[Sender]

    def open_lines(self, count: int) -> None:
        """Until there are so many."""
        while len(self.senders) < count:
            self.senders.append(Sender(self.run, len(self.senders)))
            self.senders[-1].start()

    @property
    def has_ended(self) -> bool:
        return not any(sender.is_alive() for sender in self.senders)


class Dispatch:
    """`work` until nothing is due; `stop` lets what is on the wire end."""

    def __init__(self, plan: DispatchPlan, *, gateway: MailGateway, store: FileStore) -> None:
        self._plan = plan
        self._gateway = gateway
        self._store = store
        self._held: dict[int, _Held] = {}
        self._rests_until: dict[int, float] = {}
        self._left_behind_at = 0.0
        self._stopping = threading.Event()
        self._ledger: Ledger | None = None
        self._feed: FeedConnection | None = None
        self.has_more = False

    def stop(self) -> None:
        """Begin no further message; `work` returns soon. From any thread or signal handler."""
        self._stopping.set()

    def work(
        self, *, seconds: float | None = None, stays: Callable[[], bool] | None = None
    ) -> None:
        """Send what is due. Without `stays` return when nothing is; else when it says so.

        `has_more` tells afterwards whether accounts were due that this process could not hold.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        look_at = 0.0
        try:
            while not self._stopping.is_set():
                if deadline is not None and time.monotonic() > deadline:
                    self.has_more = True
                    break
                if time.monotonic() >= look_at or any(h.has_ended for h in self._held.values()):
                    look_at = time.monotonic() + LOOK_SECONDS
                    if not self._look() and not (stays and stays()):
                        break
                self._stopping.wait(TICK_SECONDS)
        finally:
            self._end()

    def end_left_behind(self) -> None:
        """Only take up what dead senders left and end what was stopped; send nothing."""
        try:
            self._take_up_left_behind()
        finally:
            self._close_ledger()

    def _take_up_left_behind(self) -> None:
        left = accounts_left_behind(besides=list(self._held))
        if left:
            taken = self._ledger_now().take(left)
            self._settle(taken)
            self._ledger_now().release(taken)

    def _look(self) -> bool:
        """Give back, take, end mailings; whether there is anything left to wait for."""
        try:
            if self._ledger is not None and self._ledger.is_lost:
                self._replace_ledger()
            self._give_back_ended()
            self._end_mailings()
            self._take_due()
        except (DBAPIError, psycopg.Error) as problem:
            logger.warning("sending waits for the database: %s", type(problem).__name__)
            db.session.rollback()
            return True
        return bool(self._held)

    def _take_due(self) -> None:
        now = time.monotonic()
        due = [key for key in due_account_ids() if self._rests_until.get(key, 0.0) <= now]
        wanted = [key for key in due if key not in self._held]
        self.has_more = False
        room = self._plan.most_accounts - len(self._held)
        self.has_more = len(wanted) > room
        if wanted and room > 0:
            self._take(wanted[:room])
        if time.monotonic() >= self._left_behind_at:
            self._left_behind_at = time.monotonic() + LEFT_BEHIND_SECONDS
            self._take_up_left_behind()
        db.session.rollback()  # nothing to keep; a connection that idles in a transaction harms

    def _take(self, account_ids: list[int]) -> None:
        ledger = self._ledger_now()
        taken = ledger.take(account_ids)
        # Looked at after taking: what somebody has changed meanwhile counts.
        due_now = due_accounts(taken, self._plan.network)
        ledger.release([key for key in taken if key not in due_now])
        for account_id, due in due_now.items():
            self._begin(account_id, due, ledger)

    def _begin(self, account_id: int, due: DueAccount, ledger: Ledger) -> None:
        feed = self._feed_now()
        ages = feed.ages_of_attempts(account_id) if due.limits else []
        run = AccountRun(
            due.plan,
            ledger=ledger,
            feed=Feed(feed, account_id),
            limits=SendingLimits(due.limits, ages=ages),
            gateway=self._gateway,
            store=self._store,
        )
        # A connection costs more than some messages on one that is open.
        lines = min(due.plan.connections, 1 + run.feed.look() // MESSAGES_WORTH_A_LINE)
        self._held[account_id] = _Held(run, [])
        self._held[account_id].open_lines(due.plan.connections if run.feed.has_plenty else lines)

    def _give_back_ended(self) -> None:
        ended = [key for key, held in self._held.items() if held.has_ended]
        if not ended or not self._ledger_now().barrier():
            return
        for account_id in ended:
            note_run(
                self._held[account_id].run,
                network=self._plan.network,
                pauses=self._plan.pauses,
                base_url=self._plan.base_url,
            )
        self._settle(ended)
        self._ledger_now().release(ended)
        for account_id in ended:
            run = self._held.pop(account_id).run
            if run.rest_seconds:
                self._rests_until[account_id] = time.monotonic() + run.rest_seconds

    def _end_mailings(self) -> None:
        """While accounts are being sent for: mailings that were stopped or have come to their end."""
        if not self._held:
            return
        accounts = due_accounts(list(self._held), self._plan.network)
        for account_id, held in self._held.items():
            if account_id not in accounts:
                held.run.end()
                continue
            held.run.server = accounts[account_id].plan.server  # for the next connection
            if held.run.feed.has_plenty and not held.run.is_over:
                held.open_lines(held.run.plan.connections)  # another mailing has begun meanwhile
        stop_refused(list(self._held), self._plan.base_url)
        under_way = mailings_under_way(list(self._held))
        ended = [m for m in under_way if m.state is MailingState.STOPPING or not m.has_open_rows]
        if ended and self._ledger_now().barrier():
            self._settle(list({mailing.account_id for mailing in ended}))

    def _settle(self, account_ids: list[int]) -> None:
        """End the mailings of accounts that are ours: no fence is under way that we do not know of."""
        by_organization = groupby(
            mailings_under_way(account_ids), key=lambda mailing: mailing.organization_id
        )
        for organization_id, mailings in by_organization:
            keys = [mailing.id for mailing in mailings]
            with acting_in(organization_id):
                note_outcomes(keys, organization_id)
                settle_mailings(keys)
                db.session.commit()

    def _ledger_now(self) -> Ledger:
        if self._ledger is None:
            self._ledger = Ledger(self._plan.dsn, plan=self._plan.retries)
            self._ledger.start()
        return self._ledger

    def _feed_now(self) -> FeedConnection:
        if self._feed is None:
            self._feed = FeedConnection(self._plan.dsn)
        return self._feed

    def _replace_ledger(self) -> None:
        """The locks went with the connection: let all lines end, settle, begin anew."""
        self._end_lines()
        self._close_ledger()
        self._held.clear()

    def _end_lines(self) -> None:
        for held in self._held.values():
            held.run.end()
        for held in self._held.values():
            for sender in held.senders:
                sender.join()

    def _close_ledger(self) -> None:
        if self._ledger is not None:
            self._ledger.close()
        if self._feed is not None:
            self._feed.close()
        self._ledger = self._feed = None

    def _end(self) -> None:
        self._end_lines()
        try:
            if self._ledger is not None and not self._ledger.is_lost:
                self._give_back_ended()
        except (DBAPIError, psycopg.Error) as problem:
            logger.warning("could not end in order: %s", type(problem).__name__)
        db.session.rollback()
        self._close_ledger()
        self._held.clear()
