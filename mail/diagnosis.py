"""Why a step has failed: from its error, and from another look at the server where that tells more."""

import socket
from collections.abc import Callable
from dataclasses import dataclass

from mail.advice import Advice, advice_for, protocol_of
from mail.errors import CertificateRefused, LineLost, MailError
from mail.probing import PROBE_SECONDS, first_line, shown_certificate, speaks_tls
from mail.reach import Place
from mail.smtp import Security
from mail.step_log import StepLog, StepReport
from mail.steps import Step


@dataclass(frozen=True)
class Protocol:
    """What was spoken, and how one comes to the point where encryption begins."""

    name: str
    until_starttls: Callable[[socket.socket], None]


@dataclass(frozen=True)
class Called:
    """The server that was called."""

    host: str
    port: int
    security: Security
    protocol: Protocol


def explain(log: StepLog, problem: MailError, called: Called) -> None:
    """Write the cause at the step that failed."""
    report = log.failed
    if report is None:
        return
    said = problem.said if isinstance(problem, LineLost) else ""
    report.answer = report.answer or said
    report.reason_code = problem.reason_code
    report.advice = advice_for(report.step, problem, called.host, report.answer)
    if report.advice is Advice.OTHER_PROTOCOL:
        report.facts["protocol"] = protocol_of(said)
    addresses = log.reports[Step.NAME].facts.get("addresses")
    if isinstance(addresses, list) and log.deadline.left > PROBE_SECONDS:
        place = Place(called.host, called.port, tuple(addresses))
        _look_again(report, problem, called, place)


def _look_again(report: StepReport, problem: MailError, called: Called, place: Place) -> None:
    if isinstance(problem, CertificateRefused):
        begins_open = called.security is Security.STARTTLS
        way = called.protocol.until_starttls if begins_open else None
        report.facts |= shown_certificate(place, until_encrypted=way)
    elif report.step is Step.TLS and called.security is Security.TLS:
        _hear(report, called, place)
    elif report.step is Step.HELLO and isinstance(problem, LineLost) and not report.answer:
        if called.security is not Security.TLS and speaks_tls(place):
            report.advice = Advice.WANTS_TLS
        elif report.advice is Advice.TOO_SLOW:
            report.advice = Advice.SILENT


def _hear(report: StepReport, called: Called, place: Place) -> None:
    """Whether it greets in the clear, and how."""
    report.answer = first_line(place)
    protocol = protocol_of(report.answer)
    if protocol == called.protocol.name:
        report.advice = Advice.WANTS_STARTTLS
    elif protocol:
        report.advice, report.facts["protocol"] = Advice.OTHER_PROTOCOL, protocol
