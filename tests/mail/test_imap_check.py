"""The test of an incoming server (X4-01, X4-03): each step at Dovecot, and at servers that misbehave."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mail.advice import Advice
from mail.gateway import LocalGateway, NetworkGateway
from mail.imap import ImapServer
from mail.imap_check import check_imap
from mail.reach import Reach
from mail.smtp import Security
from mail.step_log import Deadline, Result, StepReport
from mail.steps import Step
from tests.servers import dovecot
from tests.servers.certificates import Certificates
from tests.servers.dovecot import Dovecot
from tests.servers.rude_smtp import Connection, RudeServer

PEOPLE = {"ventas": "contraseña secreta", "caja": 'a"b\\c'}
needs_dovecot = pytest.mark.skipif(not dovecot.is_installed(), reason="Dovecot is not installed")


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> Iterator[Dovecot]:
    folder = tmp_path_factory.mktemp("dovecot")
    with Dovecot(folder, certificate=certificates.valid, people=PEOPLE) as running:
        yield running


@pytest.fixture(scope="module")
def self_signed(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> Iterator[Dovecot]:
    folder = tmp_path_factory.mktemp("dovecot")
    with Dovecot(folder, certificate=certificates.self_signed, people=PEOPLE) as running:
        yield running


def check(port: int, *, seconds: float = 30, **fields: Any) -> dict[Step, StepReport]:
    wanted = ImapServer(
        **{
            "host": "127.0.0.1",
            "port": port,
            "security": Security.NONE,
            "login": "ventas",
            "password": PEOPLE["ventas"],
            **fields,
        }
    )
    reports = check_imap(wanted, NetworkGateway(), Deadline(seconds))
    return {report.step: report for report in reports}


def failed(reports: dict[Step, StepReport]) -> tuple[Step, Advice | None]:
    """The one step that went wrong; all before it are good, all after it untried."""
    order = list(reports.values())
    at_fault = next(report for report in order if report.result is Result.BAD)
    place = order.index(at_fault)
    assert all(report.result is Result.GOOD for report in order[:place])
    assert all(report.result is Result.UNTRIED for report in order[place + 1 :])
    return at_fault.step, at_fault.advice


@needs_dovecot
@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_signed_in_and_the_inbox_looked_at(server, certificates, security) -> None:
    """X4-03: TLS from the first byte, by STARTTLS and in the clear on this machine; a password with ñ."""
    port = server.tls_port if security == "tls" else server.port

    reports = check(port, security=security, ca_file=certificates.ca_file)

    assert {report.result for report in reports.values()} == {Result.GOOD}
    assert reports[Step.INBOX].facts == {"messages": 0}
    assert "OK" in reports[Step.SIGN_IN].answer
    assert not any(PEOPLE["ventas"] in str(report) for report in reports.values())
    if security != "none":
        assert reports[Step.TLS].facts["version"] == "TLSv1.3"


@needs_dovecot
def test_a_password_with_quotes(server) -> None:
    reports = check(server.port, login="caja", password=PEOPLE["caja"])

    assert reports[Step.INBOX].result is Result.GOOD


@needs_dovecot
def test_a_wrong_password(server, certificates) -> None:
    """E-5: the step is SIGN IN, the cause the password, and the server's words are kept."""
    reports = check(
        server.tls_port, security="tls", ca_file=certificates.ca_file, password="another"
    )

    assert failed(reports) == (Step.SIGN_IN, Advice.PASSWORD)
    assert "AUTHENTICATIONFAILED" in reports[Step.SIGN_IN].answer


@needs_dovecot
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_self_signed_certificate(self_signed, certificates, security) -> None:
    """X4-03: told apart from others, with its names; no password was sent."""
    port = self_signed.tls_port if security == "tls" else self_signed.port

    reports = check(port, security=security)

    assert failed(reports) == (Step.TLS, Advice.SELF_SIGNED)
    assert "localhost" in reports[Step.TLS].facts["names"]


@needs_dovecot
@pytest.mark.usefixtures("short_steps")
def test_a_port_with_the_wrong_security(server) -> None:
    """E-12: 993 with STARTTLS, and 143 with SSL."""
    assert failed(check(server.tls_port, security="starttls")) == (Step.HELLO, Advice.WANTS_TLS)
    assert failed(check(server.port, security="tls")) == (Step.TLS, Advice.WANTS_STARTTLS)


@needs_dovecot
def test_a_control_character_reaches_no_server(server) -> None:
    """T21: a line end in a password would be a command of its own."""
    reports = check(server.port, password="x\r\na1 DELETE INBOX")

    assert failed(reports)[0] is Step.SIGN_IN
    assert reports[Step.SIGN_IN].answer == ""


GREETING = b"* OK [CAPABILITY IMAP4rev1] ready\r\n"


def talk(*answers: tuple[bytes, bytes]) -> Callable[[Connection], None]:
    """Greets, tells what it can do, and answers each further command as told (`TAG` is replaced)."""

    def script(connection: Connection) -> None:
        connection.say(GREETING)
        for after, answer in (
            (b"CAPABILITY", b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n"),
            *answers,
        ):
            line = connection.wait_for(b"\r\n")
            assert after in line, line
            connection.say(answer.replace(b"TAG", line.split()[0]))
        connection.wait_for(b"never")

    return script


def test_no_inbox(serve_rudely) -> None:
    script = talk(
        (b"LOGIN", b"TAG OK done\r\n"),
        (b"EXAMINE", b"TAG NO no such mailbox\r\n"),
        (b"LOGOUT", b"* BYE\r\nTAG OK done\r\n"),
    )

    assert failed(check(serve_rudely(script).port, password="x")) == (Step.INBOX, Advice.NO_INBOX)


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (b"TAG NO [ALERT] Application-specific password required\r\n", Advice.APP_PASSWORD),
        (b"TAG NO [UNAVAILABLE] Temporary authentication failure\r\n", Advice.LATER),
        (b"TAG NO LOGIN failed.\r\n", Advice.PASSWORD),
    ],
)
def test_refused_sign_ins_are_told_apart(serve_rudely, answer, advice) -> None:
    """E-5: as Google, Dovecot and Exchange answer."""
    server = serve_rudely(talk((b"LOGIN", answer)))

    assert failed(check(server.port, password="x")) == (Step.SIGN_IN, advice)


def test_a_password_with_enye_wants_a_way_for_it(serve_rudely) -> None:
    """LOGIN takes ASCII only; what cannot be sent is not sent."""
    assert failed(check(serve_rudely(talk()).port)) == (Step.SIGN_IN, Advice.NO_WAY_TO_SIGN_IN)


def drip(connection: Connection) -> None:
    for byte in b"* OK " + b"x" * 1_000:
        connection.say(bytes([byte]))
        time.sleep(0.2)


def keep_silent(connection: Connection) -> None:
    connection.wait_for(b"never")


def never_end(connection: Connection) -> None:
    connection.say(GREETING)
    while True:
        connection.say(b"* CAPABILITY IMAP4rev1\r\n")


def huge_literal(connection: Connection) -> None:
    connection.say(GREETING)
    connection.wait_for(b"\r\n")
    connection.say(b"* LIST {99999999999}\r\n")
    connection.wait_for(b"never")


@pytest.mark.parametrize("script", [drip, keep_silent, never_end, huge_literal])
def test_no_server_holds_a_test(
    serve_rudely: Callable[..., RudeServer], script: Callable[[Connection], None]
) -> None:
    """E-6: a byte at a time, silence, an endless answer or a literal of 100 GB: the test ends."""
    started = time.monotonic()

    reports = check(serve_rudely(script).port, seconds=2)

    assert time.monotonic() - started < 5
    assert failed(reports)[0] is Step.HELLO


@pytest.mark.parametrize(
    ("greeting", "advice", "protocol"),
    [
        (b"220 mx.example ESMTP\r\n", Advice.OTHER_PROTOCOL, "SMTP"),
        (b"+OK POP3\r\n", Advice.OTHER_PROTOCOL, "POP3"),
        (b"\x00\xff\r\n", Advice.GARBAGE, None),
        (b"x" * 100_000, Advice.GARBAGE, None),
        (b"* BYE too many connections\r\n", Advice.REFUSED, None),
    ],
)
def test_servers_that_speak_otherwise(serve_rudely, greeting, advice, protocol) -> None:
    def say(connection: Connection) -> None:
        connection.say(greeting)
        connection.wait_for(b"never")

    reports = check(serve_rudely(say).port)

    assert failed(reports) == (Step.HELLO, advice)
    assert reports[Step.HELLO].facts.get("protocol") == protocol


def test_the_guard_and_the_demo_hold_here_too(serve_rudely) -> None:
    """T19: one set of rules for sending, reading and testing."""
    here = serve_rudely(talk()).port
    assert failed(check(here, reach=Reach(has_private=False))) == (Step.NAME, Advice.NOT_ALLOWED)

    far = ImapServer(host="192.0.2.1")
    reports = check_imap(far, LocalGateway(), Deadline())
    assert (reports[0].result, reports[0].advice) == (Result.BAD, Advice.NOT_ALLOWED)
