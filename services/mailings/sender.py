"""A line of an account: message after message, each fenced before it may have left."""

import logging
import threading

import psycopg

from errors import AppError
from files.errors import StoreUnavailable
from mail.errors import LineLost, MailError, OverSize, RecipientRefused
from mail.smtp_line import EnvelopeReplies, SmtpLine
from mail.verdict import Outcome, Stage, classify
from models.mailings.reason import ReasonCode
from services.mailings.account_run import AccountRun
from services.mailings.feed import Due
from services.mailings.ledger import Fence
from services.mailings.offer import Offer, load, record_of_reply, record_without_reply

logger = logging.getLogger(__name__)
MESSAGES_PER_CONNECTION = 100
LONGEST_WAIT_SECONDS = 60.0  # for a place in the windows; then the account rests
IDLE_SECONDS = 5.0  # a longer wait hangs up first


class Sender(threading.Thread):
    """One connection's worth of sending; ends when nothing is due or the run is over."""

    def __init__(self, run: AccountRun, number: int) -> None:
        super().__init__(name=f"sender-{run.plan.id}-{number}", daemon=True)
        self._run = run
        self._fence = Fence()
        self._line: SmtpLine | None = None
        self._on_this_line = 0

    def run(self) -> None:
        try:
            offer = self._next_offer()
            while offer is not None:
                offer = self._deliver(offer) or self._next_offer()
        except psycopg.Error as problem:
            logger.warning("a line lost the database: %s", type(problem).__name__)
            self._drop_line()  # an envelope may be open on it
            self._run.end()
        except Exception:
            logger.exception("a line of mail account %s broke", self._run.plan.id)
            self._drop_line()
            self._run.pause(ReasonCode.CONNECT_FAILED, "internal error")
        finally:
            self._hang_up()

    def _next_offer(self, *, may_wait: bool = True) -> Offer | None:
        """The next message with a place in the windows; what cannot be sent is recorded on the way."""
        while not self._run.is_over:
            due = self._run.feed.next()
            if due is None:
                return None
            if due.objection is not None:
                is_mistake = due.objection == ReasonCode.DOCUMENT_EXCLUDED
                self._refuse(due, "failed" if is_mistake else "skipped", due.objection, "")
                continue
            if not due.recipients:
                self._refuse(due, "skipped", ReasonCode.SUPPRESSED, ", ".join(due.held))
                continue
            try:
                offer = load(due, self._run.store)
            except StoreUnavailable as problem:
                self._refuse(due, "queued", ReasonCode.RENDER_ERROR, problem.message)
                continue
            except AppError as problem:
                self._refuse(due, "failed", ReasonCode.RENDER_ERROR, problem.message)
                continue
            if self._has_place(may_wait=may_wait):
                return offer
            self._run.feed.put_back(due)
            return None
        return None

    def _has_place(self, *, may_wait: bool) -> bool:
        while not self._run.is_over:
            seconds = self._run.limits.take_place()
            if seconds <= 0:
                return True
            if not may_wait:
                return False
            if seconds > LONGEST_WAIT_SECONDS:
                self._run.rest(seconds)
                return False
            if seconds > IDLE_SECONDS:
                self._hang_up()
            self._run.wait(min(seconds, 1.0))
        return False

    def _deliver(self, offer: Offer) -> Offer | None:
        """Send one message; returns the one that was offered or made ready along with it."""
        line = self._line_for(offer)
        if line is None:
            self._take_back(offer)
            return None
        was_fresh = self._on_this_line == 0
        ahead: Offer | None = None
        try:
            if not offer.is_offered:
                line.send_envelope(offer.envelope, offer.size)
            if self._run.wants_burst and self._on_this_line + 1 < MESSAGES_PER_CONNECTION:
                ahead = self._next_offer(may_wait=False)
            replies = line.envelope_replies()
        except (OverSize, RecipientRefused) as problem:
            if line.is_open:
                self._impossible(offer, problem)
                return ahead
            self._broke_early(offer, problem, was_fresh=was_fresh)
            return ahead
        except MailError as problem:
            if not was_fresh:
                return self._again_on_a_new_line(offer, ahead)
            self._broke_early(offer, problem, was_fresh=was_fresh)
            return ahead
        if not replies.is_ready or offer.refusal(replies) is not None:
            return self._refused(offer, replies, ahead)
        if not self._run.ledger.fence(self._fence, offer.due.delivery_id):
            self._cut(offer, ahead)
            return None
        return self._send_body(line, offer, replies, ahead)

    def _send_body(
        self, line: SmtpLine, offer: Offer, replies: EnvelopeReplies, ahead: Offer | None
    ) -> Offer | None:
        """From here on the message may have left: whatever happens is recorded."""
        self._on_this_line += 1
        try:
            then, size = (ahead.envelope, ahead.size) if ahead else (None, 0)
            went_along = line.send_body(offer.pieces, then=then, then_size=size)
            ahead = ahead or self._ready_meanwhile()
            reply = line.final_reply()
            verdict = classify(Stage.BODY, reply)
        except (MailError, ValueError) as problem:
            error = problem if isinstance(problem, MailError) else LineLost(str(problem))
            self._run.ledger.record(
                record_without_reply(
                    offer.due,
                    state="unconfirmed",
                    reason=ReasonCode.CONNECT_FAILED,
                    detail=error.message,
                    phase="data",
                    fenced=True,
                )
            )
            self._run.limits.answered()
            self._drop_line()
            self._run.broke(error)
            return ahead
        self._run.ledger.record(
            record_of_reply(offer, Stage.BODY, reply, verdict, offer.heard(replies))
        )
        self._run.limits.answered()
        self._run.heard(reply)
        if verdict.outcome is Outcome.SENT:
            self._run.worked()
        elif verdict.outcome is Outcome.PAUSE_ACCOUNT:
            self._run.pause(verdict.reason_code or ReasonCode.THROTTLED, str(reply))
        if ahead is not None:
            ahead.is_offered = went_along and line.is_open
        if not line.is_open:
            self._drop_line()
        elif self._on_this_line >= MESSAGES_PER_CONNECTION:
            self._hang_up()
        return ahead

    def _ready_meanwhile(self) -> Offer | None:
        """The next message, put together while the server thinks about this one."""
        try:
            return self._next_offer(may_wait=False)
        except psycopg.Error:
            self._run.end()  # the answer to this one is still recorded
            return None

    def _refused(self, offer: Offer, replies: EnvelopeReplies, ahead: Offer | None) -> Offer | None:
        if replies.is_ready:
            self._drop_line()  # it waits for a body that only copies would get
        refusal = offer.refusal(replies)
        if refusal is None:
            self._drop_line()
            self._broke_early(offer, LineLost("The mail server broke off."), was_fresh=True)
            return ahead
        stage, reply = refusal
        verdict = classify(stage, reply)
        if offer.is_offered and stage is Stage.MAIL and reply.code in range(500, 505):
            self._run.turn_burst_off()
            return self._again_on_a_new_line(offer, ahead)
        self._run.ledger.record(record_of_reply(offer, stage, reply, verdict, offer.heard(replies)))
        self._run.limits.answered()
        self._run.heard(reply)
        if verdict.outcome is Outcome.PAUSE_ACCOUNT:
            self._run.pause(verdict.reason_code or ReasonCode.THROTTLED, str(reply))
        if self._line is not None and not self._line.is_open:
            self._drop_line()
        return ahead

    def _cut(self, offer: Offer, ahead: Offer | None) -> None:
        """Not granted. After 354 there is no RSET: the line is cut without the final dot."""
        self._drop_line()
        self._run.limits.give_back()
        if not self._run.ledger.is_lost:
            self._run.feed.forget(offer.due.mailing_id)
        if ahead is not None:
            self._take_back(ahead)

    def _again_on_a_new_line(self, offer: Offer, ahead: Offer | None) -> Offer:
        """A line that had been used before was closed meanwhile: that is nobody's fault."""
        if offer.is_offered:
            self._run.turn_burst_off()
        self._drop_line()
        offer.is_offered = False
        if ahead is not None:
            self._take_back(ahead)
        return offer

    def _broke_early(self, offer: Offer, problem: MailError, *, was_fresh: bool) -> None:
        """Before the fence nothing has left: the message waits for another try."""
        self._drop_line()
        self._refuse(offer.due, "queued", problem.reason_code, problem.message, phase="mail_from")
        self._run.limits.answered()
        if was_fresh:
            self._run.broke(problem)

    def _impossible(self, offer: Offer, problem: MailError) -> None:
        """The server has said beforehand that it does not take such a message."""
        self._refuse(offer.due, "failed", problem.reason_code, problem.message, phase="mail_from")
        self._run.limits.give_back()

    def _refuse(
        self, due: Due, state: str, reason: str, detail: str, *, phase: str | None = None
    ) -> None:
        self._run.ledger.record(
            record_without_reply(due, state=state, reason=reason, detail=detail, phase=phase)
        )

    def _take_back(self, offer: Offer) -> None:
        """Offered or not, it has not left; an open offer is taken back by cutting the line."""
        if offer.is_offered:
            self._drop_line()
        self._run.limits.give_back()
        self._run.feed.put_back(offer.due)

    def _line_for(self, offer: Offer) -> SmtpLine | None:
        if self._run.is_over:
            return None
        if self._line is None:
            offer.is_offered = False
            self._line = self._run.dial()
            self._on_this_line = 0
        return self._line

    def _drop_line(self) -> None:
        if self._line is not None:
            self._line.abort()
        self._line = None

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.quit()
        self._line = None
