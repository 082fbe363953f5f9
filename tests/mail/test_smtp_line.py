import email
import email.policy
import socket
import threading
import time

import pytest

from mail.envelope import Envelope
from mail.errors import BadReply, LineLost, MailError, OverSize, RecipientRefused, TooSlow
from mail.headers import Mailbox, MessageHeaders
from mail.mime import Head, WireBytes, assemble, attachment_part, size_of
from mail.reply import Reply
from mail.smtp_line import EnvelopeReplies, SmtpLine
from mail.smtp_wire import SmtpWire
from mail.verdict import Outcome, Stage, Verdict
from tests.servers.smtp_server import Rule

BOTH_WAYS = pytest.mark.parametrize("has_pipelining", [True, False])
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 100


def message(number: int = 1, text: str = "Hola\n.\n..x\n") -> list[WireBytes]:
    headers = MessageHeaders(
        sender=Mailbox("ventas@example.com"),
        to=(Mailbox("ana@example.com"),),
        subject="Año",
        message_id=f"<d.{number}@example.com>",
        delivery_id=f"delivery-{number}",
    )
    head = Head.of(headers, text=text, html="<p>Hola")
    return assemble(head, [attachment_part("Factura.pdf", "application/pdf", PDF)])


def envelope(*recipients: str) -> Envelope:
    return Envelope("ventas@example.com", recipients or ("ana@example.com",))


def send(line: SmtpLine, number: int = 1, *recipients: str) -> Reply:
    """One whole message."""
    pieces = message(number)
    line.send_envelope(envelope(*recipients), size_of(pieces))
    assert line.envelope_replies().is_ready
    line.send_body(pieces)
    return line.final_reply()


def loss_of(line: SmtpLine) -> tuple[str, MailError | None]:
    """Send a message and tell in which half the line was lost."""
    pieces = message()
    try:
        line.send_envelope(envelope(), size_of(pieces))
        assert line.envelope_replies().is_ready
    except MailError as error:
        return "envelope", error
    try:
        line.send_body(pieces)
        line.final_reply()
    except MailError as error:
        return "body", error
    return "nowhere", None


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


@BOTH_WAYS
def test_one_refused_recipient_does_not_hide_among_others(serve, call, has_pipelining):
    rule = Rule(point="rcpt", recipient="bob", reply="550 5.1.1 no such user")
    server = serve(has_pipelining=has_pipelining, rules=[rule])
    line = call(server)
    pieces = message()

    line.send_envelope(envelope("ana@example.com", "bob@example.com", "eva@example.com"), 10)
    replies = line.envelope_replies()
    assert replies.is_ready
    assert [rcpt.code for rcpt in replies.rcpts] == [250, 550, 250]
    assert replies.refusal == (Stage.RCPT, Reply(550, "5.1.1 no such user"))
    line.send_body(pieces)

    assert line.final_reply().code == 250
    assert server.accepted[0].recipients == ["ana@example.com", "eva@example.com"]


REFUSALS = [
    ("mail", "451 4.3.0 later", Verdict(Outcome.RETRY, "throttled")),
    ("mail", "550 5.7.1 not yours", Verdict(Outcome.PAUSE_ACCOUNT, "from_not_allowed")),
    ("mail", "552 5.3.4 too big", Verdict(Outcome.FAILED, "over_size")),
    ("rcpt", "450 4.2.0 later", Verdict(Outcome.RETRY, "throttled")),
    ("rcpt", "550 5.1.1 no such user", Verdict(Outcome.FAILED, "recipient_rejected")),
    ("rcpt", "550-5.1.1 no such\r\n550 5.1.1 user", Verdict(Outcome.FAILED, "recipient_rejected")),
    ("rcpt", "550 5.1.1 no existe \xf1and\xfa", Verdict(Outcome.FAILED, "recipient_rejected")),
    ("data", "451 4.3.0 later", Verdict(Outcome.RETRY, "throttled")),
    ("data", "550 5.7.1 no", Verdict(Outcome.FAILED, "content_rejected")),
    ("data", "554 no", Verdict(Outcome.FAILED, "content_rejected")),
]


@BOTH_WAYS
@pytest.mark.parametrize(("point", "reply", "verdict"), REFUSALS)
def test_line_goes_on_after_a_refused_envelope(serve, call, has_pipelining, point, reply, verdict):
    rule = Rule(point=point, reply=reply, times=1)
    server = serve(has_pipelining=has_pipelining, rules=[rule])
    line = call(server)

    line.send_envelope(envelope(), 10)
    replies = line.envelope_replies()

    assert not replies.is_ready
    assert replies.verdict == verdict
    assert replies.refusal is not None
    assert replies.refusal[0] == point
    assert send(line, 2).code == 250
    assert [each.message_id for each in server.accepted] == ["<d.2@example.com>"]


@BOTH_WAYS
@pytest.mark.parametrize("point", ["mail", "rcpt", "data"])
def test_a_server_that_hangs_up_with_421_has_been_heard(serve, call, has_pipelining, point):
    rule = Rule(point=point, reply="421 4.7.0 slow down")
    server = serve(has_pipelining=has_pipelining, rules=[rule])
    line = call(server)

    line.send_envelope(envelope(), 10)
    replies = line.envelope_replies()

    assert replies.verdict == Verdict(Outcome.PAUSE_ACCOUNT, "throttled")
    assert not line.is_open
    with pytest.raises(LineLost):
        line.send_envelope(envelope(), 10)
    line.quit()


@pytest.mark.parametrize("reply", ["451 4.3.0 later", "550 5.7.1 spam", "552 5.3.4 too big"])
def test_line_goes_on_after_a_refused_message(serve, call, reply):
    server = serve(rules=[Rule(point="dot", reply=reply, times=1)])
    line = call(server)

    assert send(line).code == int(reply[:3])
    assert send(line, 2).code == 250
    assert [each.message_id for each in server.accepted] == ["<d.2@example.com>"]


def test_354_without_a_recipient_is_answered_by_an_empty_message(serve, call):
    """RFC 2920, section 3.1: such a server must not be left waiting."""
    rules = [
        Rule(point="rcpt", reply="550 5.1.1 no", times=1),
        Rule(point="data", reply="354 go on anyway", times=1),
    ]
    server = serve(rules=rules)
    line = call(server)

    line.send_envelope(envelope(), 10)
    replies = line.envelope_replies()

    assert not replies.is_ready
    assert replies.verdict == Verdict(Outcome.FAILED, "recipient_rejected")
    assert send(line, 2).code == 250
    assert [each.message_id for each in server.accepted] == ["<d.2@example.com>"]


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


def test_replies_know_what_was_refused_first():
    yes, no, go = Reply(250, "ok"), Reply(550, "no"), Reply(354, "go")

    assert EnvelopeReplies(yes, (yes,), go).refusal is None
    assert EnvelopeReplies(yes, (yes,), go).verdict is None
    assert EnvelopeReplies(no, (no,), no).refusal == (Stage.MAIL, no)
    assert EnvelopeReplies(yes, (yes, no), go).refusal == (Stage.RCPT, no)
    assert EnvelopeReplies(yes, (yes,), no).refusal == (Stage.DATA, no)
    assert not EnvelopeReplies(yes, (no,), go).is_ready
