import json
import signal
import socket
import subprocess
import sys
import time

import pytest

from mail.envelope import Envelope
from mail.errors import (
    BadReply,
    CertificateRefused,
    LineLost,
    MailError,
    ServerRefused,
    ServerUnreachable,
    SignInRefused,
    Throttled,
    TlsFailed,
    TooSlow,
)
from mail.gateway import NetworkGateway
from mail.smtp import Security, SmtpServer, dial, is_near
from mail.verdict import Outcome
from tests.mail.conftest import at
from tests.mail.test_smtp_line import send
from tests.servers.smtp_server import Rule, ServerOptions

SECRET = {"login": "ventas", "password": "contraseña secreta"}


def error_of(server: SmtpServer) -> MailError:
    with pytest.raises(MailError) as caught:
        dial(server)
    return caught.value


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("methods", ["PLAIN LOGIN", "LOGIN", "XOAUTH2 PLAIN"])
def test_signed_in_over_an_encrypted_line(serve, call, certificates, security, methods):
    server = serve(
        certificate=certificates.valid,
        has_starttls=security == "starttls",
        has_implicit_tls=security == "tls",
        sign_in_methods=methods,
        **SECRET,
    )

    line = call(server, security=security, ca_file=certificates.ca_file, **SECRET)

    assert send(line).code == 250
    assert server.accepted[0].is_encrypted
    assert server.accepted[0].login == "ventas"


def test_host_name_is_verified_like_the_address(serve, call, certificates):
    server = serve(certificate=certificates.valid, has_starttls=True)

    line = call(server, host="localhost", security="starttls", ca_file=certificates.ca_file)

    assert send(line).code == 250


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("which", ["expired", "wrong_host", "valid"])
def test_certificate_that_proves_nothing_ends_the_call(serve, certificates, security, which):
    """F8: a certificate that is expired, for another host, or (valid) of an unknown authority."""
    server = serve(
        certificate=getattr(certificates, which),
        has_starttls=security == "starttls",
        has_implicit_tls=security == "tls",
        **SECRET,
    )
    ca_file = None if which == "valid" else certificates.ca_file

    error = error_of(at(server, security=Security(security), ca_file=ca_file, **SECRET))

    assert isinstance(error, CertificateRefused)
    assert (error.reason_code, error.outcome) == ("tls_failed", Outcome.PAUSE_ACCOUNT)
    assert not [command for command in server.commands if command.startswith("AUTH")]
    assert server.accepted == []


def test_no_password_goes_over_a_line_whose_encryption_was_stripped(serve, certificates):
    """F8."""
    server = serve(has_starttls=False, **SECRET)

    error = error_of(at(server, security=Security.STARTTLS, **SECRET))

    assert isinstance(error, TlsFailed)
    assert error.outcome is Outcome.PAUSE_ACCOUNT
    assert [command.split()[0] for command in server.commands] == ["EHLO"]


def test_answers_slipped_in_before_encryption_end_the_call(serve_rudely):
    def script(connection):
        connection.say(b"220 hi\r\n")
        connection.wait_for(b"\r\n")
        connection.say(b"250-hi\r\n250 STARTTLS\r\n")
        connection.wait_for(b"STARTTLS\r\n")
        connection.say(b"220 go\r\n250-hi\r\n250 AUTH PLAIN\r\n235 ok\r\n")
        connection.wait_for(b"never")

    server = serve_rudely(script)

    error = error_of(at(server, security=Security.STARTTLS, **SECRET))

    assert isinstance(error, TlsFailed)
    assert b"AUTH" not in server.received


def test_what_was_offered_before_encryption_does_not_count_after_it(serve, call, certificates):
    rule = Rule(point="ehlo", reply="250-hi\r\n250-STARTTLS\r\n250 SIZE 5", nth=1)
    server = serve(certificate=certificates.valid, has_starttls=True, rules=[rule])

    line = call(server, security="starttls", ca_file=certificates.ca_file)

    assert line.features.longest_message is None
    assert line.features.has_pipelining


def test_password_in_the_clear_stays_on_this_machine_or_network(serve, call, monkeypatch):
    server = serve(**SECRET)
    assert send(call(server, **SECRET)).code == 250
    near = len(server.commands)
    # There is no public address to dial here: the socket tells one instead.
    monkeypatch.setattr(socket.socket, "getpeername", lambda _: ("93.184.216.34", 25))

    error = error_of(at(server, **SECRET))

    assert isinstance(error, TlsFailed)
    assert [command.split()[0] for command in server.commands[near:]] == ["EHLO"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("172.16.0.1", True),
        ("192.168.1.1", True),
        ("::1", True),
        ("fe80::1%eth0", True),
        ("fd00::1", True),
        ("::ffff:10.0.0.1", True),
        ("::ffff:8.8.8.8", False),
        ("8.8.8.8", False),
        ("172.32.0.1", False),
        ("2606:4700::1111", False),
    ],
)
def test_near_are_this_machine_and_private_networks(address, expected):
    assert is_near(address) is expected


@pytest.mark.parametrize("security", ["ssl", "", "TLS "])
def test_unknown_security_is_not_taken_for_none(security):
    with pytest.raises(ValueError, match="Security"):
        SmtpServer(host="127.0.0.1", port=1, security=security)


@pytest.mark.parametrize("methods", ["PLAIN", "LOGIN"])
def test_wrong_password_is_tried_once(serve, methods):
    """F9: the account is paused; ten thousand tries would lock it."""
    server = serve(**SECRET, sign_in_methods=methods)

    error = error_of(at(server, login="ventas", password="other"))

    assert isinstance(error, SignInRefused)
    assert (error.reason_code, error.outcome) == ("auth_failed", Outcome.PAUSE_ACCOUNT)
    assert "other" not in error.message
    assert len([command for command in server.commands if command.startswith("AUTH")]) == 1


def test_server_without_a_way_to_sign_in_is_no_reason_to_send_without(serve):
    error = error_of(at(serve(), **SECRET))

    assert isinstance(error, SignInRefused)


def test_password_is_not_shown():
    assert "secreta" not in repr(SmtpServer(host="h", port=1, **SECRET))


@pytest.mark.parametrize(
    ("point", "reply", "kind"),
    [
        ("banner", "421 4.3.2 busy", Throttled),
        ("banner", "450 later", Throttled),
        ("banner", "554 5.7.1 go away", ServerRefused),
        ("banner", "hello", BadReply),
        ("banner", "\xff\xfe", BadReply),
        ("banner", "220-busy\r\n221 bye", BadReply),
        ("ehlo", "421 4.3.2 busy", Throttled),
        ("ehlo", "451 later", Throttled),
        ("ehlo", "550 5.7.1 no", ServerRefused),
        ("starttls", "454 not now", TlsFailed),
        ("starttls", "550 no", TlsFailed),
        ("auth", "421 4.7.0 slow down", Throttled),
        ("auth", "454 4.7.0 not now", Throttled),
        ("auth", "535 5.7.8 wrong", SignInRefused),
        ("auth", "550-no\r\n550 really no", SignInRefused),
        ("auth", "334 more", ServerUnreachable),
    ],
)
def test_refusal_before_the_first_message_has_its_meaning(serve, certificates, point, reply, kind):
    """F5."""
    server = serve(
        certificate=certificates.valid,
        has_starttls=True,
        rules=[Rule(point=point, reply=reply)],
        **SECRET,
    )

    error = error_of(at(server, security=Security.STARTTLS, ca_file=certificates.ca_file, **SECRET))

    assert type(error) is kind or (kind is ServerUnreachable and isinstance(error, kind))
    assert server.accepted == []


@pytest.mark.parametrize("action", ["drop", "reset"])
@pytest.mark.parametrize("point", ["connect", "banner", "ehlo", "starttls", "tls", "auth"])
def test_line_lost_before_the_first_message_is_worth_another_try(
    serve, certificates, point, action
):
    """F6: nothing has left; only in the handshake it is taken as a failure of the encryption."""
    server = serve(
        certificate=certificates.valid,
        has_starttls=True,
        rules=[Rule(point=point, action=action)],
        **SECRET,
    )

    error = error_of(at(server, security=Security.STARTTLS, ca_file=certificates.ca_file, **SECRET))

    assert isinstance(error, TlsFailed if point == "tls" else LineLost)
    assert server.accepted == []


@pytest.mark.parametrize("point", ["connect", "banner", "ehlo", "tls", "auth"])
def test_server_that_says_nothing_is_left_in_time(serve, certificates, point):
    """F7."""
    server = serve(
        certificate=certificates.valid,
        has_starttls=True,
        rules=[Rule(point=point, action="hang", seconds=20)],
        **SECRET,
    )
    started = time.monotonic()

    error = error_of(
        at(
            server,
            security=Security.STARTTLS,
            ca_file=certificates.ca_file,
            timeout_seconds=0.5,
            **SECRET,
        )
    )

    assert isinstance(error, TooSlow)
    assert time.monotonic() - started < 3


def test_banner_of_one_byte_at_a_time_is_left_in_time(serve):
    """F7."""
    rule = Rule(point="banner", action="drip", reply="220 " + "x" * 100, seconds=0.2)
    started = time.monotonic()

    error = error_of(at(serve(rules=[rule]), timeout_seconds=1, total_deadline_seconds=1))

    assert isinstance(error, TooSlow)
    assert time.monotonic() - started < 3


def test_nobody_listening_is_said_in_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    error = error_of(SmtpServer(host="127.0.0.1", port=port, security=Security.NONE))

    assert type(error) is ServerUnreachable
    assert error.message == f"127.0.0.1 cannot be reached on port {port}."


@pytest.mark.parametrize("host", ["does-not-exist.invalid", "a" * 70 + ".example", ""])
def test_unknown_host_is_said_in_a_sentence(host):
    error = error_of(SmtpServer(host=host, port=1, security=Security.NONE))

    assert isinstance(error, ServerUnreachable)


@pytest.mark.parametrize("name", ["a\r\nMAIL FROM:<>", "a b", "a\0"])
def test_names_with_line_ends_do_not_become_commands(name):
    with pytest.raises(ServerUnreachable):
        SmtpServer(host="127.0.0.1", port=1, local_hostname=name)


def test_greeting_is_our_address_or_the_name_that_was_set(serve, call):
    server = serve()

    call(server)
    call(server, local_hostname="ventanilla.example.com")

    assert server.commands == ["EHLO [127.0.0.1]", "EHLO ventanilla.example.com"]


def test_gateway_dials_the_network(serve):
    line = NetworkGateway().dial(at(serve()))

    assert send(line).code == 250
    line.quit()
    assert not line.is_open


def test_quit_says_goodbye_and_never_raises(serve, call):
    polite, rude = serve(), serve(rules=[Rule(point="quit", action="drop")])

    call(polite).quit()
    call(rude).quit()

    assert polite.commands[-1] == "QUIT"


def test_recording_server_outlives_those_who_send(tmp_path, certificates):
    """The fault tests start it as a process of its own."""
    options = ServerOptions(rules=[Rule(point="rcpt", recipient="bob", reply="550 5.1.1 no")])
    arguments = ["--port-file", tmp_path / "port", "--record", tmp_path / "record"]
    arguments += ["--options", options.as_json(), "--keep", tmp_path]
    process = subprocess.Popen([sys.executable, "-m", "tests.servers.smtp_server", *arguments])
    try:
        for _ in range(100):
            if (tmp_path / "port").exists():
                break
            time.sleep(0.05)
        port = int((tmp_path / "port").read_text())
        line = dial(SmtpServer(host="127.0.0.1", port=port, security=Security.NONE))
        assert send(line).code == 250
        line.send_envelope(Envelope("", ("bob@example.com",)), 1)
        assert line.envelope_replies().rcpts[0].code == 550
        line.quit()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0

    (line_of_record,) = (tmp_path / "record").read_text().splitlines()
    assert json.loads(line_of_record)["message_id"] == "<d.1@example.com>"
    assert b"Message-ID: <d.1@example.com>" in (tmp_path / "000001.eml").read_bytes()
