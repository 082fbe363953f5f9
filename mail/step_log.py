"""A watch that writes down each step: its time, the server's answer and how it ended."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from mail.advice import Advice
from mail.errors import BadReply, MailError, TooSlow
from mail.steps import Step, Watch
from mail.wire import Wire

STEP_SECONDS = 10.0
CHECK_SECONDS = 30.0  # all steps of both sides together
LONGEST_ANSWER = 4_000  # characters that are kept
MOST_ANSWERS = 1_000  # of one step


class Side(StrEnum):
    """Sending or receiving."""

    SMTP = "smtp"
    IMAP = "imap"


class Result(StrEnum):
    """How a step ended."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"
    UNTRIED = "untried"


@dataclass
class StepReport:
    """One step; `answer` is what the server said, `facts` are plain values for the screen.

    `reason_code` is the reason that a mailing would be told, for a step that is bad.
    """

    side: Side
    step: Step
    result: Result = Result.UNTRIED
    ms: int = 0
    answer: str = ""
    advice: Advice | None = None
    facts: dict[str, object] = field(default_factory=dict)
    reason_code: str | None = None


class Deadline:
    """The moment by which a whole test is over."""

    def __init__(self, seconds: float = CHECK_SECONDS) -> None:
        self._ends = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds, not below zero."""
        return max(self._ends - time.monotonic(), 0.0)


class StepLog(Watch):
    """The planned steps of one side in the order in which they are to be shown; untried until they begin."""

    def __init__(self, side: Side, steps: Sequence[Step], deadline: Deadline) -> None:
        self.side = side
        self.deadline = deadline
        self.reports = {step: StepReport(side, step) for step in steps}
        self.failed: StepReport | None = None
        self.problem: MailError | None = None
        self._current: StepReport | None = None
        self._heard: list[str] = []

    @contextmanager
    def step(self, step: Step, wire: Wire | None = None) -> Iterator[None]:
        report = self._current = self.reports.setdefault(step, StepReport(self.side, step))
        started = time.monotonic()
        self._heard.clear()
        if wire is not None:
            wire.listener = self.heard
        try:
            seconds = self.allowance(STEP_SECONDS)
            if wire is not None:
                wire.allow(seconds)
            yield
            report.result = Result.GOOD
        except MailError as problem:
            report.result, self.failed, self.problem = Result.BAD, report, problem
            raise
        finally:
            report.ms += round((time.monotonic() - started) * 1000)
            report.answer = "\n".join(self._heard)[:LONGEST_ANSWER]
            if wire is not None:
                wire.listener = None

    def heard(self, answer: str) -> None:
        """One answer of the server, as it came; raises BadReply when there are too many of them."""
        self._heard.append(answer[:LONGEST_ANSWER])
        if len(self._heard) > MOST_ANSWERS:
            raise BadReply("The mail server's answer does not end.")

    def found(self, facts: Mapping[str, object]) -> None:
        if self._current is not None:
            self._current.facts.update(facts)

    def allowance(self, seconds: float) -> float:
        """Not longer than a step and not beyond the end of the test; raises TooSlow after it."""
        left = self.deadline.left
        if not left:
            raise TooSlow("The test took too long as a whole.")
        return min(seconds, STEP_SECONDS, left)

    def judge(self, step: Step, result: Result, advice: Advice, reason_code: str = "") -> None:
        """Say of a step that has ended what it was like."""
        report = self.reports[step]
        report.result, report.advice = result, advice
        report.reason_code = reason_code or None
