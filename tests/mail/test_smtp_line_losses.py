"""A line that is lost, aborted or out of step loses no answer that it had."""

import threading
import time

import pytest

from mail.errors import BadReply, LineLost
from mail.mime import size_of
from mail.reply import Reply
from mail.verdict import Outcome, Verdict
from tests.mail.line_talk import BOTH_WAYS, envelope, loss_of, message, send
from tests.servers.smtp_server import Rule


def test_aborted_message_is_not_delivered(serve, call):
    """After 354 there is no RSET: the line is cut without the final dot."""
    server = serve()
    line = call(server)
    line.send_envelope(envelope(), 10)
    assert line.envelope_replies().is_ready

    line.abort()

    assert not line.is_open
    with pytest.raises(LineLost):
        line.send_body(message())
    assert send(call(server), 2).code == 250
    assert [each.message_id for each in server.accepted] == ["<d.2@example.com>"]
    assert "RSET" not in server.commands


def test_abort_from_another_thread_wakes_a_line_that_waits(serve, call):
    server = serve(rules=[Rule(point="dot", action="hang", seconds=30)])
    line = call(server, timeout_seconds=30, total_deadline_seconds=30)
    pieces = message()
    line.send_envelope(envelope(), 10)
    line.envelope_replies()
    line.send_body(pieces)
    started = time.monotonic()
    threading.Timer(0.2, line.abort).start()

    with pytest.raises(LineLost):
        line.final_reply()

    assert time.monotonic() - started < 5


@BOTH_WAYS
@pytest.mark.parametrize(
    ("point", "action", "knows_in"),
    [
        ("mail", "drop", "envelope"),
        ("mail", "reset", "envelope"),
        ("rcpt", "drop", "envelope"),
        ("data", "drop", "envelope"),
        ("body_half", "drop", "body"),
        ("body_half", "reset", "body"),
        ("dot", "drop", "body"),
        ("dot", "reset", "body"),
        ("recorded", "drop", "body"),
        ("recorded", "reset", "body"),
    ],
)
def test_lost_line_is_known_before_or_after_the_envelope(
    serve, call, has_pipelining, point, action, knows_in
):
    """F6: what the sender knows at each point; only "recorded" has arrived."""
    server = serve(has_pipelining=has_pipelining, rules=[Rule(point=point, action=action)])
    line = call(server)

    where, error = loss_of(line)

    assert isinstance(error, LineLost)
    assert error.verdict == Verdict(Outcome.RETRY, "connect_failed")
    assert where == knows_in
    assert not line.is_open
    assert len(server.accepted) == (1 if point == "recorded" else 0)


def test_line_lost_after_the_answer_loses_no_answer(serve, call):
    server = serve(rules=[Rule(point="replied", action="drop", times=1)])
    line = call(server)

    assert send(line).code == 250
    with pytest.raises(LineLost):
        send(line, 2)

    assert len(server.accepted) == 1


def test_answer_is_not_lost_when_the_next_envelope_was_already_written(serve, call):
    server = serve(rules=[Rule(point="replied", action="drop", times=1)])
    line = call(server)
    pieces = message()
    line.send_envelope(envelope(), size_of(pieces))
    line.envelope_replies()
    line.send_body(pieces, then=envelope("eva@example.com"), then_size=10)

    assert line.final_reply().code == 250
    with pytest.raises(LineLost):
        line.envelope_replies()


@pytest.mark.parametrize("point", ["mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize(
    "garbage", ["hello", "\xff\xfe\x00", "", "2x0 ok", "99 ok", "250-a\r\n550 b"]
)
def test_garbage_closes_the_line(serve, call, point, garbage):
    server = serve(rules=[Rule(point=point, reply=garbage)])
    line = call(server)

    with pytest.raises(BadReply):
        send(line)

    assert not line.is_open


@BOTH_WAYS
@pytest.mark.parametrize(
    ("point", "reply"), [("mail", "354 go"), ("rcpt", "334 more"), ("data", "250 ok")]
)
def test_reply_to_another_command_closes_the_line(serve, call, has_pipelining, point, reply):
    server = serve(has_pipelining=has_pipelining, rules=[Rule(point=point, reply=reply)])
    line = call(server)
    line.send_envelope(envelope(), 10)

    with pytest.raises(BadReply):
        line.envelope_replies()

    assert not line.is_open


def test_recipients_that_were_accepted_are_not_forgotten_with_the_line(serve, call):
    """One of two is refused, then the line breaks: no verdict about the other one."""
    rules = [
        Rule(point="rcpt", recipient="bob", reply="550 5.1.1 no"),
        Rule(point="data", action="drop"),
    ]
    line = call(serve(rules=rules))
    line.send_envelope(envelope("ana@example.com", "bob@example.com"), 10)

    with pytest.raises(LineLost):
        line.envelope_replies()


def test_question_after_the_final_dot_is_no_answer(serve, call):
    server = serve(rules=[Rule(point="dot", reply="354 and now")])

    with pytest.raises(BadReply):
        send(call(server))


def test_eight_bit_and_control_characters_of_a_reply_do_not_travel_on(serve, call):
    server = serve(
        rules=[Rule(point="dot", reply="550-5.7.1 a\xf1o \x1b[31m\r\n550 5.7.1 \x00fin")]
    )

    reply = send(call(server))

    assert reply == Reply(550, "5.7.1 año  [31m\n5.7.1  fin")
