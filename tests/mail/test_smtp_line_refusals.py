"""What a server refuses is known, and the line goes on."""

import pytest

from mail.errors import LineLost
from mail.reply import Reply
from mail.smtp_line import EnvelopeReplies
from mail.verdict import Outcome, Stage, Verdict
from tests.mail.line_talk import BOTH_WAYS, envelope, message, send
from tests.servers.smtp_server import Rule


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


def test_replies_know_what_was_refused_first():
    yes, no, go = Reply(250, "ok"), Reply(550, "no"), Reply(354, "go")

    assert EnvelopeReplies(yes, (yes,), go).refusal is None
    assert EnvelopeReplies(yes, (yes,), go).verdict is None
    assert EnvelopeReplies(no, (no,), no).refusal == (Stage.MAIL, no)
    assert EnvelopeReplies(yes, (yes, no), go).refusal == (Stage.RCPT, no)
    assert EnvelopeReplies(yes, (yes,), no).refusal == (Stage.DATA, no)
    assert not EnvelopeReplies(yes, (no,), go).is_ready
