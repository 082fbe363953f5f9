"""The test of an outgoing server: the sender's own call, step by step, and an envelope that is taken back."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from mail.advice import Advice, advice_for_reply
from mail.diagnosis import Called, Protocol, explain
from mail.envelope import Envelope
from mail.errors import MailError
from mail.gateway import MailGateway
from mail.mime import WireBytes
from mail.probing import PROBE_SECONDS
from mail.reply import Reply
from mail.smtp import Security, SmtpServer
from mail.smtp_line import SmtpLine
from mail.smtp_wire import SmtpWire
from mail.step_log import STEP_SECONDS, Deadline, Result, Side, StepLog, StepReport
from mail.steps import Step
from mail.verdict import Stage, classify

SOON = timedelta(days=14)
# Sending works; it is the address itself, or this very moment, that raises a doubt.
DOUBTS = {Advice.GREYLISTED, Advice.LATER, Advice.OWN_ADDRESS, Advice.MAILBOX_FULL}


@dataclass(frozen=True, kw_only=True)
class SmtpCheck:
    """What to try: an address to send as, perhaps a message to it, and how large messages will be."""

    server: SmtpServer
    envelope: Envelope
    message: Sequence[WireBytes] = ()
    largest_message: int = 0


def check_smtp(check: SmtpCheck, gateway: MailGateway, deadline: Deadline) -> list[StepReport]:
    """Try the steps one after the other; what follows one that failed is untried. Never raises MailError."""
    server = replace(
        check.server, timeout_seconds=STEP_SECONDS, total_deadline_seconds=STEP_SECONDS
    )
    log = StepLog(Side.SMTP, _planned(check), deadline)
    try:
        line = gateway.dial(server, log)
        try:
            _judge_line(log, check)
            _try_envelope(line, check, log)
        finally:
            line.abort() if deadline.left < 1 else line.quit()
    except MailError as problem:
        protocol = Protocol("SMTP", _greet_until_starttls)
        explain(log, problem, Called(server.host, server.port, server.security, protocol))
    return list(log.reports.values())


def _planned(check: SmtpCheck) -> list[Step]:
    """In the order of the conversation: with STARTTLS it begins in the clear."""
    steps = {
        Security.NONE: [Step.HELLO],
        Security.STARTTLS: [Step.HELLO, Step.TLS],
        Security.TLS: [Step.TLS, Step.HELLO],
    }[check.server.security]
    sign_in = [Step.SIGN_IN] if check.server.login is not None else []
    message = [Step.MESSAGE] if check.message else []
    return [Step.NAME, Step.TCP, *steps, *sign_in, Step.SENDER, *message]


def _judge_line(log: StepLog, check: SmtpCheck) -> None:
    """What was agreed on, but deserves a word."""
    limit = log.reports[Step.HELLO].facts.get("longest_message")
    if isinstance(limit, int) and limit < check.largest_message:
        log.judge(Step.HELLO, Result.GOOD, Advice.SMALL_LIMIT)
    judge_certificate(log)


def judge_certificate(log: StepLog) -> None:
    """One that is accepted today may not be in a fortnight."""
    until = log.reports[Step.TLS].facts.get("until") if Step.TLS in log.reports else None
    if isinstance(until, str) and datetime.fromisoformat(until) < datetime.now(UTC) + SOON:
        log.judge(Step.TLS, Result.DOUBTFUL, Advice.EXPIRES_SOON)


def _try_envelope(line: SmtpLine, check: SmtpCheck, log: StepLog) -> None:
    replies = line.rehearse(check.envelope, log)
    if replies.refusal is not None:
        _judge_refusal(log, Step.SENDER, *replies.refusal)
    elif check.message:
        _hand_over(line, check, log)


def _hand_over(line: SmtpLine, check: SmtpCheck, log: StepLog) -> None:
    reply = line.hand_over(check.envelope, check.message, log)
    if not reply.is_positive:
        _judge_refusal(log, Step.MESSAGE, Stage.BODY, reply)
    elif reply.queue_id:
        log.reports[Step.MESSAGE].facts["queue_id"] = reply.queue_id


def _judge_refusal(log: StepLog, step: Step, stage: Stage, reply: Reply) -> None:
    advice = advice_for_reply(stage, reply)
    result = Result.DOUBTFUL if advice in DOUBTS else Result.BAD
    log.judge(step, result, advice, classify(stage, reply).reason_code or "")


def _greet_until_starttls(sock: socket.socket) -> None:
    wire = SmtpWire(sock, timeout_seconds=PROBE_SECONDS, budget_seconds=PROBE_SECONDS)
    wire.read_reply()
    for command in (b"EHLO [127.0.0.1]\r\n", b"STARTTLS\r\n"):
        wire.write(command)
        wire.read_reply()
