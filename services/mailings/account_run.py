"""One account while it is being sent for: what its lines have in common."""

import logging
import threading
from dataclasses import dataclass

from files.store import FileStore
from mail.errors import MailError
from mail.gateway import MailGateway
from mail.reply import Reply
from mail.smtp import SmtpServer
from mail.smtp_features import Features
from mail.smtp_line import SmtpLine
from mail.verdict import Outcome
from models.mailings.reason import ReasonCode
from services.mailings.feed import Feed
from services.mailings.ledger import Ledger
from services.mailings.limits import SendingLimits

logger = logging.getLogger(__name__)
DIAL_AGAIN_AFTER = (0.0, 1.0, 3.0)  # seconds; then the account rests
POSTPONED = 454  # the server is not able to do its work now, whoever the message is for
POSTPONED_UNTIL_PAUSE = 5  # in a row
BREAKS_UNTIL_PAUSE = 3  # in a row, on lines that had just been opened


@dataclass(frozen=True, kw_only=True)
class AccountPlan:
    """An account as plain values."""

    id: int
    organization_id: int
    server: SmtpServer
    connections: int
    wants_burst: bool
    has_failed_before: bool = False


class AccountRun:
    """Shared by the lines of one account; `end` it, or it ends when nothing is due."""

    def __init__(
        self,
        plan: AccountPlan,
        *,
        ledger: Ledger,
        feed: Feed,
        limits: SendingLimits,
        gateway: MailGateway,
        store: FileStore,
    ) -> None:
        self.plan = plan
        self.server = plan.server  # a person may change it meanwhile
        self.tried = plan.server  # by the newest connection
        self.ledger = ledger
        self.feed = feed
        self.limits = limits
        self.store = store
        self.wants_burst = plan.wants_burst
        self.pause_reason: ReasonCode | None = None
        self.pause_detail = ""
        self.rest_seconds = 0.0
        self.sent = 0
        self.features: Features | None = None  # as the server names them
        self._gateway = gateway
        self._ending = threading.Event()
        self._dialling = threading.Lock()
        self._breaks = 0
        self._postponed = 0
        self._lock = threading.Lock()

    @property
    def is_over(self) -> bool:
        """Whether no further message may be begun."""
        return self._ending.is_set() or self.ledger.is_lost

    def end(self) -> None:
        """Begin no further message; what is on the wire ends."""
        self._ending.set()
        self.feed.end()

    def wait(self, seconds: float) -> None:
        """Sleep, but not longer than the run."""
        self._ending.wait(seconds)

    def pause(self, reason: str, detail: str) -> None:
        """The whole account rests, for the reason that came first."""
        with self._lock:
            if self.pause_reason is None:
                self.pause_reason, self.pause_detail = ReasonCode(reason), detail[:500]
                logger.warning("mail account %s pauses: %s", self.plan.id, reason)
        self.end()

    def rest(self, seconds: float) -> None:
        """The account's limits leave it nothing to do for so long."""
        self.rest_seconds = max(self.rest_seconds, seconds)
        self.end()

    def turn_burst_off(self) -> None:
        """The server does not bear an envelope that comes together with a body."""
        self.wants_burst = False

    def heard(self, reply: Reply) -> None:
        """The answer to a message; some are about the server rather than about the message."""
        self._postponed = self._postponed + 1 if reply.code == POSTPONED else 0
        if self._postponed >= POSTPONED_UNTIL_PAUSE:
            self.pause(ReasonCode.THROTTLED, str(reply))

    def worked(self) -> None:
        """A message was taken."""
        self._breaks = 0
        self.sent += 1

    def broke(self, problem: MailError) -> None:
        """A line ended in mid-conversation."""
        self._breaks += 1
        if self._breaks >= BREAKS_UNTIL_PAUSE:
            self.pause(problem.reason_code, problem.message)

    def dial(self) -> SmtpLine | None:
        """A ready line, or None if the account pauses or ends.

        One line after the other: a wrong password is tried once, not once a line.
        """
        with self._dialling:
            problem: MailError | None = None
            for seconds in DIAL_AGAIN_AFTER:
                self.wait(seconds)
                if self.is_over:
                    return None
                self.tried = self.server
                try:
                    line = self._gateway.dial(self.tried)
                    self.features = line.features
                    return line
                except MailError as error:
                    problem = error
                    if error.verdict.outcome is Outcome.PAUSE_ACCOUNT:
                        break
            if problem is not None:
                self.pause(problem.reason_code, problem.message)
            return None
