"""The test of an incoming server: as mail is read, step by step, without changing anything."""

import socket
from dataclasses import replace

from mail.diagnosis import Called, Protocol, explain
from mail.errors import MailError
from mail.gateway import MailGateway
from mail.imap import ImapServer, select_inbox
from mail.probing import PROBE_SECONDS
from mail.smtp import Security
from mail.smtp_check import judge_certificate
from mail.step_log import STEP_SECONDS, Deadline, Side, StepLog, StepReport
from mail.steps import Step
from mail.wire import Wire


def check_imap(server: ImapServer, gateway: MailGateway, deadline: Deadline) -> list[StepReport]:
    """Try the steps one after the other; what follows one that failed is untried. Never raises MailError."""
    patient = replace(server, timeout_seconds=STEP_SECONDS, total_deadline_seconds=STEP_SECONDS)
    log = StepLog(Side.IMAP, _planned(server), deadline)
    try:
        client = gateway.open_mailbox(patient, log)
        try:
            judge_certificate(log)
            select_inbox(client, log)
        finally:
            client.quit()
    except MailError as problem:
        protocol = Protocol("IMAP", _greet_until_starttls)
        explain(log, problem, Called(server.host, server.port, server.security, protocol))
    return list(log.reports.values())


def _planned(server: ImapServer) -> list[Step]:
    steps = {
        Security.NONE: [Step.HELLO],
        Security.STARTTLS: [Step.HELLO, Step.TLS],
        Security.TLS: [Step.TLS, Step.HELLO],
    }[server.security]
    return [Step.NAME, Step.TCP, *steps, Step.SIGN_IN, Step.INBOX]


def _greet_until_starttls(sock: socket.socket) -> None:
    wire = Wire(sock, timeout_seconds=PROBE_SECONDS, budget_seconds=PROBE_SECONDS)
    wire.read_line()
    wire.write(b"a STARTTLS\r\n")
    while not wire.read_line().startswith(b"a "):
        pass
