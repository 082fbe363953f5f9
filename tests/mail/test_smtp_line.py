"""An SMTP line carries message after message, in as few writes as it may."""

import email
import email.policy
import socket

import pytest

from mail.errors import OverSize, RecipientRefused
from mail.mime import WireBytes, size_of
from mail.smtp_wire import SmtpWire
from tests.mail.line_talk import BOTH_WAYS, PDF, envelope, message, send


@BOTH_WAYS
def test_message_arrives_as_it_was_made(serve, call, has_pipelining):
    server = serve(has_pipelining=has_pipelining)

    reply = send(call(server))

    assert (reply.code, reply.enhanced, reply.queue_id) == (250, "2.0.0", "T000001")
    (accepted,) = server.accepted
    assert accepted.message_id == "<d.1@example.com>"
    assert accepted.delivery_id == "delivery-1"
    assert (accepted.sender, accepted.recipients) == ("ventas@example.com", ["ana@example.com"])
    arrived = email.message_from_bytes(accepted.raw, policy=email.policy.default)
    assert arrived.get_body(("plain",)).get_content() == "Hola\r\n.\r\n..x\r\n"
    assert next(arrived.iter_attachments()).get_content() == PDF


@BOTH_WAYS
def test_line_takes_message_after_message(serve, call, has_pipelining):
    server = serve(has_pipelining=has_pipelining)
    line = call(server)

    replies = [send(line, number) for number in range(5)]

    assert [reply.code for reply in replies] == [250] * 5
    assert server.connections == 1
    assert [each.message_id for each in server.accepted] == [
        f"<d.{number}@example.com>" for number in range(5)
    ]


def test_next_envelope_travels_with_the_body(serve, call):
    server = serve()
    line = call(server)
    first, second = message(1), message(2)

    line.send_envelope(envelope("ana@example.com"), size_of(first))
    assert line.envelope_replies().is_ready
    assert line.send_body(first, then=envelope("eva@example.com"), then_size=size_of(second))
    assert line.final_reply().code == 250
    assert line.envelope_replies().is_ready
    assert not line.send_body(second)
    assert line.final_reply().code == 250

    assert [each.recipients for each in server.accepted] == [
        ["ana@example.com"],
        ["eva@example.com"],
    ]


def test_next_envelope_stays_behind_where_it_cannot_travel(serve, call):
    server = serve(has_pipelining=False)
    line = call(server)
    pieces = message()
    line.send_envelope(envelope(), size_of(pieces))
    line.envelope_replies()

    assert not line.send_body(pieces, then=envelope("eva@example.com"), then_size=10)

    assert line.final_reply().code == 250
    assert send(line, 2).code == 250


def test_next_envelope_that_the_server_cannot_take_stays_behind(serve, call):
    server = serve(longest_message=100_000, has_smtputf8=False)
    line = call(server)
    pieces = message()
    line.send_envelope(envelope(), size_of(pieces))
    line.envelope_replies()

    too_big = line.send_body(pieces, then=envelope(), then_size=100_001)

    assert not too_big
    assert line.final_reply().code == 250
    with pytest.raises(OverSize):
        line.send_envelope(envelope(), 100_001)
    with pytest.raises(RecipientRefused):
        line.send_envelope(envelope("muñoz@example.com"), 10)
    assert send(line, 2).code == 250  # the line is unharmed


def test_options_are_used_only_where_they_are_offered(serve, call):
    modest = serve(has_size=False, has_8bitmime=False, has_smtputf8=False)
    capable = serve(longest_message=100_000)

    send(call(modest))
    line = call(capable)
    line.send_envelope(envelope("muñoz@example.com"), 1234)
    line.envelope_replies()

    assert "MAIL FROM:<ventas@example.com>" in modest.commands
    assert "MAIL FROM:<ventas@example.com> SIZE=1234 SMTPUTF8 BODY=8BITMIME" in capable.commands
    assert "RCPT TO:<muñoz@example.com>" in capable.commands


def test_envelope_is_one_write_and_the_body_another(serve_rudely, call):
    received = []

    def script(connection):
        connection.say(b"220 hi\r\n")
        connection.wait_for(b"\r\n")
        connection.say(b"250-hi\r\n250 PIPELINING\r\n")
        received.append(connection.sock.recv(100_000))
        connection.say(b"250 ok\r\n250 ok\r\n354 go\r\n")
        received.append(connection.sock.recv(100_000))
        connection.say(b"250 ok\r\n")

    line = call(serve_rudely(script))
    line.send_envelope(envelope(), 10)
    assert line.envelope_replies().is_ready
    line.send_body([WireBytes(b"a\r\n"), WireBytes(b"b\r\n")])
    line.final_reply()

    assert received == [
        b"MAIL FROM:<ventas@example.com>\r\nRCPT TO:<ana@example.com>\r\nDATA\r\n",
        b"a\r\nb\r\n.\r\n",
    ]


def test_small_writes_leave_at_once(serve):
    """Without TCP_NODELAY a long body under TLS waits 40 ms for its last segment."""
    with socket.create_connection(("127.0.0.1", serve().port)) as sock:
        SmtpWire(sock, timeout_seconds=1, budget_seconds=1)

        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_second_envelope_waits_for_the_replies_to_the_first(serve, call):
    line = call(serve())
    line.send_envelope(envelope(), 10)

    with pytest.raises(RuntimeError):
        line.send_envelope(envelope(), 10)
