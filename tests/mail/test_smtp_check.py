"""The test of an outgoing server (X4-03): each step, its answer and its cause."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from mail.advice import Advice
from mail.envelope import Envelope
from mail.errors import ConsentLost
from mail.gateway import NetworkGateway
from mail.headers import Mailbox, MessageHeaders
from mail.mime import Head, assemble
from mail.reach import Reach
from mail.smtp import Security, SmtpServer
from mail.smtp_check import SmtpCheck, check_smtp
from mail.step_log import Deadline, Result, StepReport
from mail.steps import Step
from tests.mail.conftest import at
from tests.servers.rude_smtp import Connection
from tests.servers.smtp_server import Rule

OWN = "ventas@penalba.example"
SECRET = {"login": "ventas", "password": "contraseña secreta"}


def check(server: SmtpServer, *, seconds: float = 30, **fields: Any) -> dict[Step, StepReport]:
    wanted = SmtpCheck(server=server, envelope=Envelope(OWN, (OWN,)), **fields)
    reports = check_smtp(wanted, NetworkGateway(), Deadline(seconds))
    return {report.step: report for report in reports}


def results(reports: dict[Step, StepReport]) -> dict[str, str]:
    return {str(step): str(report.result) for step, report in reports.items()}


def failed(reports: dict[Step, StepReport]) -> tuple[Step, Advice | None]:
    """The one step that went wrong; all before it are good, all after it untried."""
    order = list(reports.values())
    at_fault = next(report for report in order if report.result is Result.BAD)
    place = order.index(at_fault)
    assert all(report.result is Result.GOOD for report in order[:place])
    assert all(report.result is Result.UNTRIED for report in order[place + 1 :])
    return at_fault.step, at_fault.advice


def a_message() -> list[Any]:
    headers = MessageHeaders(
        sender=Mailbox(OWN), to=(Mailbox(OWN),), subject="Prueba", message_id="<p@penalba.example>"
    )
    return assemble(Head.of(headers, text="Prueba\n"), [])


def test_every_step_is_told_with_what_was_found(serve, certificates) -> None:
    """X4-03: name, TCP, TLS, EHLO with limits, AUTH, MAIL FROM; nothing leaves."""
    server = serve(
        certificate=certificates.valid, has_starttls=True, longest_message=26_214_400, **SECRET
    )

    reports = check(at(server, security="starttls", ca_file=certificates.ca_file, **SECRET))

    assert list(results(reports).values()) == ["good"] * 6
    assert list(reports) == ["name", "tcp", "hello", "tls", "sign_in", "sender"]
    assert reports[Step.NAME].facts == {"addresses": ["127.0.0.1"]}
    assert reports[Step.TLS].facts["version"] == "TLSv1.3"
    assert "localhost" in reports[Step.TLS].facts["names"]
    assert reports[Step.HELLO].facts["longest_message"] == 26_214_400
    assert "SIZE 26214400" in reports[Step.HELLO].answer
    assert reports[Step.SIGN_IN].answer.startswith("235")
    assert not server.accepted
    assert server.commands[-2:] == ["RSET", "QUIT"]
    assert not any(SECRET["password"] in report.answer for report in reports.values())


def test_a_message_goes_to_the_address_itself(serve) -> None:
    """X4-03: optionally a mail to itself, handed over as a mailing's are."""
    server = serve()

    reports = check(at(server), message=a_message())

    assert reports[Step.MESSAGE].result is Result.GOOD
    assert [accepted.recipients for accepted in server.accepted] == [[OWN]]


def test_without_a_login_and_with_a_plain_line_there_are_fewer_steps(serve) -> None:
    assert list(check(at(serve()))) == ["name", "tcp", "hello", "sender"]


@pytest.mark.parametrize(
    ("certificate", "advice"),
    [
        ("expired", Advice.EXPIRED),
        ("wrong_host", Advice.OTHER_NAME),
        ("self_signed", Advice.SELF_SIGNED),
        ("valid", Advice.UNKNOWN_AUTHORITY),
    ],
)
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_certificates_are_told_apart(serve, certificates, security, certificate, advice) -> None:
    """E-5: self-signed, for another name, expired, of an unknown authority: each says so, with its names."""
    server = serve(
        certificate=getattr(certificates, certificate),
        has_starttls=security == "starttls",
        has_implicit_tls=security == "tls",
        **SECRET,
    )
    ca_file = None if certificate == "valid" else certificates.ca_file

    reports = check(at(server, security=security, ca_file=ca_file, **SECRET))

    assert failed(reports) == (Step.TLS, advice)
    assert reports[Step.TLS].facts["names"]
    assert not any("AUTH" in command for command in server.commands)


def test_a_certificate_that_ends_soon_is_a_doubt(serve, certificates) -> None:
    server = serve(certificate=certificates.ending, has_implicit_tls=True)

    report = check(at(server, security="tls", ca_file=certificates.ca_file))[Step.TLS]

    assert (report.result, report.advice) == ("doubtful", Advice.EXPIRES_SOON)


@pytest.mark.usefixtures("short_steps")
def test_465_with_starttls(serve, certificates) -> None:
    """E-5, E-12: the server encrypts at once, the account waits for a greeting."""
    server = serve(certificate=certificates.valid, has_implicit_tls=True)

    reports = check(at(server, security="starttls"))

    assert failed(reports) == (Step.HELLO, Advice.WANTS_TLS)


def test_587_with_ssl(serve, certificates) -> None:
    """E-5, E-12: the server greets in the clear, the account begins with encryption."""
    server = serve(certificate=certificates.valid, has_starttls=True)

    assert failed(check(at(server, security="tls"))) == (Step.TLS, Advice.WANTS_STARTTLS)


def test_a_server_without_encryption(serve) -> None:
    assert failed(check(at(serve(), security="starttls"))) == (Step.TLS, Advice.NO_STARTTLS)


def test_a_closed_port() -> None:
    server = SmtpServer(host="127.0.0.1", port=1, security=Security.NONE)

    assert failed(check(server)) == (Step.TCP, Advice.PORT_CLOSED)


def test_a_name_that_nobody_knows() -> None:
    server = SmtpServer(host="smtp.penalba.invalid", port=25, security=Security.NONE)

    assert failed(check(server)) == (Step.NAME, Advice.NO_SUCH_NAME)


@pytest.mark.parametrize(
    ("reply", "host", "advice"),
    [
        ("535 5.7.8 Authentication failed", "localhost", Advice.PASSWORD),
        (
            "534-5.7.9 Application-specific password required. For more information, go to\r\n"
            "534 5.7.9 https://support.google.com/mail/?p=InvalidSecondFactor - gsmtp",
            "localhost",
            Advice.APP_PASSWORD,
        ),
        (
            "535-5.7.8 Username and Password not accepted. For more information, go to\r\n"
            "535 5.7.8 https://support.google.com/mail/?p=BadCredentials - gsmtp",
            "localhost",
            Advice.APP_PASSWORD,
        ),
        (
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the "
            "Tenant. Visit https://aka.ms/smtp_auth_disabled",
            "localhost",
            Advice.MODERN_SIGN_IN,
        ),
        ("454 4.7.0 Too many login attempts, try again later", "localhost", Advice.LATER),
    ],
)
def test_refused_sign_ins_are_told_apart(serve, certificates, reply, host, advice) -> None:
    """E-5: no "check your credentials" for every failure; app passwords and closed ways by the providers' words."""
    server = serve(
        certificate=certificates.valid,
        has_starttls=True,
        rules=[Rule(point="auth", reply=reply)],
        **SECRET,
    )

    reports = check(
        at(server, host=host, security="starttls", ca_file=certificates.ca_file, **SECRET)
    )

    assert failed(reports) == (Step.SIGN_IN, advice)
    assert reports[Step.SIGN_IN].answer == reply.replace("\r\n", "\n")


def test_a_permission_that_has_ended(serve) -> None:
    """X4-02: the provider gives no token any more; a password would not help."""

    def lost(refused: str | None) -> str:
        raise ConsentLost("The permission for this account has ended.")

    server = serve(sign_in_methods="XOAUTH2")

    assert failed(check(at(server, login="ana", bearer=lost))) == (
        Step.SIGN_IN,
        Advice.CONSENT_LOST,
    )


def test_a_server_that_offers_no_way_to_sign_in(serve) -> None:
    server = serve(sign_in_methods="CRAM-MD5", **SECRET)

    assert failed(check(at(server, **SECRET))) == (Step.SIGN_IN, Advice.NO_WAY_TO_SIGN_IN)


@pytest.mark.parametrize(
    ("point", "reply", "result", "advice"),
    [
        ("mail", "550 5.7.60 Client does not have permissions", "bad", Advice.SENDER_REFUSED),
        ("rcpt", "553 5.7.1 Sender address rejected: not owned", "bad", Advice.SENDER_REFUSED),
        ("mail", "530 5.7.0 Authentication required", "bad", Advice.NEEDS_SIGN_IN),
        ("rcpt", "450 4.2.0 Greylisted, see you later", "doubtful", Advice.GREYLISTED),
        ("mail", "451 4.3.0 Try again later", "doubtful", Advice.LATER),
        ("rcpt", "550 5.1.1 No such user", "doubtful", Advice.OWN_ADDRESS),
        ("rcpt", "552 5.2.2 Mailbox full", "doubtful", Advice.MAILBOX_FULL),
    ],
)
def test_refused_envelopes_are_told_apart(serve, point, reply, result, advice) -> None:
    """X4-03: whether it may send as this address; what is only for now is a doubt, not a failure."""
    server = serve(rules=[Rule(point=point, reply=reply)])

    report = check(at(server))[Step.SENDER]

    assert (report.result, report.advice) == (result, advice)
    assert reply in report.answer


def test_a_message_that_is_refused(serve) -> None:
    server = serve(rules=[Rule(point="dot", reply="554 5.7.1 Looks like spam")])

    report = check(at(server), message=a_message())[Step.MESSAGE]

    assert (report.result, report.advice) == ("bad", Advice.MESSAGE_REFUSED)


def test_a_small_limit_is_a_hint(serve) -> None:
    server = serve(longest_message=1_000_000)

    report = check(at(server), largest_message=25_000_000)[Step.HELLO]

    assert (report.result, report.advice) == ("good", Advice.SMALL_LIMIT)


def test_an_address_with_enye_wants_smtputf8(serve) -> None:
    server = at(serve(has_smtputf8=False))
    wanted = SmtpCheck(server=server, envelope=Envelope("peñalba@x.example", ("a@x.example",)))

    report = check_smtp(wanted, NetworkGateway(), Deadline())[-1]

    assert (report.result, report.advice) == ("bad", Advice.NO_SMTPUTF8)


@pytest.mark.parametrize(
    ("greeting", "advice", "protocol"),
    [
        (b"* OK Dovecot ready.\r\n", Advice.OTHER_PROTOCOL, "IMAP"),
        (b"+OK POP3 ready\r\n", Advice.OTHER_PROTOCOL, "POP3"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Advice.OTHER_PROTOCOL, "SSH"),
        (b"HTTP/1.1 400 Bad Request\r\n", Advice.OTHER_PROTOCOL, "HTTP"),
        (b"\x00\xff\x13garbage\r\n", Advice.GARBAGE, None),
        (b"2" * 100_000, Advice.GARBAGE, None),
    ],
)
def test_servers_that_speak_otherwise(serve_rudely, greeting, advice, protocol) -> None:
    """X4-03: another protocol is named; garbage and endless lines end the test."""

    def say(connection: Connection) -> None:
        connection.say(greeting)
        connection.wait_for(b"never")

    reports = check(at(serve_rudely(say)))

    assert failed(reports) == (Step.HELLO, advice)
    assert reports[Step.HELLO].facts.get("protocol") == protocol
    assert "\x00" not in reports[Step.HELLO].answer


def drip(connection: Connection) -> None:
    for byte in b"220 " + b"x" * 1_000:
        connection.say(bytes([byte]))
        time.sleep(0.2)


def keep_silent(connection: Connection) -> None:
    connection.wait_for(b"never")


def never_end(connection: Connection) -> None:
    while True:
        connection.say(b"220-more\r\n")


@pytest.mark.parametrize("script", [drip, keep_silent, never_end])
def test_no_server_holds_a_test(serve_rudely, script: Callable[[Connection], None]) -> None:
    """E-6: a byte at a time, silence or an endless answer: the test ends, and says why."""
    started = time.monotonic()

    reports = check(at(serve_rudely(script)), seconds=2)

    assert time.monotonic() - started < 5
    assert failed(reports)[0] is Step.HELLO


def test_a_step_has_ten_seconds(serve_rudely) -> None:
    """X4-03: each step by itself is bounded, even at a server that keeps on dripping."""
    started = time.monotonic()

    reports = check(at(serve_rudely(drip)))

    assert 9 < time.monotonic() - started < 20
    assert failed(reports) == (Step.HELLO, Advice.TOO_SLOW)


def test_a_refused_place_gets_one_answer_whatever_is_there(serve) -> None:
    """T19: an open and a closed port of a network that may not be called look the same."""
    here = Reach(has_private=False)

    answers = [
        check(SmtpServer(host=host, port=port, reach=here))
        for host, port in (("127.0.0.1", serve().port), ("127.0.0.1", 1), ("10.255.0.1", 25))
    ]

    told = {
        (report.step, report.result, report.advice, report.answer, str(report.facts))
        for answer in answers
        for report in answer.values()
        if report.step is Step.NAME
    }
    assert told == {(Step.NAME, Result.BAD, Advice.NOT_ALLOWED, "", "{}")}
