"""No server costs a message more time or memory than it was given."""

import socket
import time

import pytest

from mail.errors import BadReply, TooSlow
from mail.mime import WireBytes, size_of
from tests.mail.line_talk import envelope, message, send
from tests.servers.smtp_server import Rule


@pytest.mark.parametrize("point", ["mail", "data", "dot"])
def test_server_that_says_nothing_costs_no_more_than_the_deadline(serve, call, point):
    """F7."""
    server = serve(rules=[Rule(point=point, action="hang", seconds=20)])
    line = call(server, timeout_seconds=0.5, total_deadline_seconds=1.5)
    started = time.monotonic()

    with pytest.raises(TooSlow):
        send(line)

    assert time.monotonic() - started < 3


@pytest.mark.parametrize("point", ["mail", "dot"])
def test_one_byte_at_a_time_costs_no_more_than_the_deadline(serve, call, point):
    """F7: each byte comes in time, the reply does not."""
    rule = Rule(point=point, action="drip", reply="250 " + "x" * 60, seconds=0.2)
    server = serve(rules=[rule])
    line = call(server, timeout_seconds=1, total_deadline_seconds=1.5)
    started = time.monotonic()

    with pytest.raises(TooSlow):
        send(line)

    assert time.monotonic() - started < 3


def test_slow_steps_add_up_to_the_deadline_of_one_message(serve, call):
    server = serve(has_pipelining=False, reply_delay_seconds=0.3)
    line = call(server, timeout_seconds=1, total_deadline_seconds=1.0)

    with pytest.raises(TooSlow):
        send(line)


def test_server_that_thinks_long_about_a_message_is_waited_for(serve, call):
    """Hanging up after the final dot is what leaves a doubt, so only the deadline ends it."""
    server = serve(rules=[Rule(point="dot", action="delay", seconds=1)])

    assert send(call(server, timeout_seconds=0.4)).code == 250


def test_waiting_elsewhere_costs_the_message_nothing(serve, call):
    line = call(serve(), timeout_seconds=1, total_deadline_seconds=1)
    pieces = message()
    line.send_envelope(envelope(), size_of(pieces))
    line.envelope_replies()

    time.sleep(1.2)  # as when the database is slow to commit the fence
    line.send_body(pieces)

    assert line.final_reply().code == 250


def test_server_that_reads_nothing_costs_no_more_than_the_deadline(serve_rudely, call):
    def script(connection):
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.say(b"220 hi\r\n")
        connection.wait_for(b"\r\n")
        connection.say(b"250-hi\r\n250 PIPELINING\r\n")
        connection.wait_for(b"DATA\r\n")
        connection.say(b"250 ok\r\n250 ok\r\n354 go\r\n")
        time.sleep(10)

    line = call(serve_rudely(script), timeout_seconds=1, total_deadline_seconds=1.5)
    line.send_envelope(envelope(), 10)
    line.envelope_replies()
    started = time.monotonic()

    with pytest.raises(TooSlow):
        line.send_body([WireBytes(b"x" * 70 + b"\r\n")] * 400_000)

    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "flood", [b"250-x\r\n" * 100_000, b"250 " + b"x" * 1_000_000, b"x" * 1_000_000]
)
def test_endless_answers_are_cut_short(serve_rudely, call, flood):
    def script(connection):
        connection.say(b"220 hi\r\n")
        connection.wait_for(b"\r\n")
        connection.say(b"250-hi\r\n250 PIPELINING\r\n")
        connection.wait_for(b"DATA\r\n")
        connection.say(flood)

    line = call(serve_rudely(script))
    line.send_envelope(envelope(), 10)

    with pytest.raises(BadReply):
        line.envelope_replies()
