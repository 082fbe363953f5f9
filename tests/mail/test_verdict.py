import pytest

from mail.reply import Reply
from mail.verdict import Outcome, Stage, Verdict, classify

# F5: what each answer means, by where the server gives it.
TABLE = [
    # the greeting
    ("connect", "421 4.3.2 too many connections", "pause_account throttled"),
    ("connect", "450 try later", "pause_account throttled"),
    ("connect", "554 go away", "pause_account connect_failed"),
    ("ehlo", "451 4.3.0 later", "pause_account throttled"),
    ("ehlo", "550 no", "pause_account connect_failed"),
    ("starttls", "454 TLS not available", "pause_account tls_failed"),
    ("starttls", "502 no", "pause_account tls_failed"),
    # signing in
    ("auth", "535 5.7.8 wrong", "pause_account auth_failed"),
    ("auth", "534 5.7.9 use an application password", "pause_account auth_failed"),
    ("auth", "550 no", "pause_account auth_failed"),
    ("auth", "454 4.7.0 temporary failure", "pause_account throttled"),
    ("auth", "421 4.7.0 too many tries", "pause_account throttled"),
    ("mail", "530 5.7.0 Authentication required", "pause_account auth_failed"),
    ("mail", "530 5.7.0 Must issue a STARTTLS command first", "pause_account tls_failed"),
    ("mail", "503 5.5.1 send AUTH first", "pause_account auth_failed"),
    # MAIL: true of every message of the account, but for its size
    ("mail", "421 4.7.0 slow down", "pause_account throttled"),
    ("mail", "450 4.1.8 sender's domain not found just now", "retry throttled"),
    ("mail", "451 4.3.0 later", "retry throttled"),
    ("mail", "452 4.3.1 no space", "retry throttled"),
    ("mail", "451 4.4.2 Timeout - closing connection", "retry connect_failed"),
    ("mail", "550 5.7.1 not your address", "pause_account from_not_allowed"),
    (
        "mail",
        "553 5.7.1 Sender address rejected: not owned by user",
        "pause_account from_not_allowed",
    ),
    ("mail", "501 5.1.7 bad sender", "pause_account from_not_allowed"),
    ("mail", "550 5.4.5 Daily user sending limit exceeded", "pause_account throttled"),
    ("mail", "552 5.3.4 too big", "failed over_size"),
    ("mail", "552 too big", "failed over_size"),
    # RCPT: this recipient
    ("rcpt", "421 4.7.0 slow down", "pause_account throttled"),
    ("rcpt", "421 closing", "pause_account throttled"),
    ("rcpt", "421 4.4.2 timeout exceeded", "retry connect_failed"),
    ("rcpt", "450 4.2.0 Greylisted", "retry throttled"),
    ("rcpt", "451 4.7.1 Greylisting in action, please come back later", "retry throttled"),
    ("rcpt", "450 4.2.1 receiving mail too quickly", "retry throttled"),
    ("rcpt", "451 4.7.500 server busy", "pause_account throttled"),
    ("rcpt", "451 4.3.0 later", "retry throttled"),
    ("rcpt", "452 4.2.2 mailbox full", "retry quota"),
    ("rcpt", "452 4.5.3 too many recipients", "retry throttled"),
    ("rcpt", "550 5.1.1 no such user", "failed recipient_rejected"),
    ("rcpt", "550 no", "failed recipient_rejected"),
    ("rcpt", "553 5.1.3 bad address", "failed recipient_rejected"),
    ("rcpt", "552 5.2.2 mailbox full", "failed quota"),
    ("rcpt", "552 full", "failed quota"),
    ("rcpt", "550 5.7.1 blocked by policy", "failed recipient_rejected"),
    ("rcpt", "554 5.7.1 Relay access denied", "pause_account auth_failed"),
    ("rcpt", "550 5.7.1 Unable to relay", "pause_account auth_failed"),
    ("rcpt", "550 5.6.7 no SMTPUTF8 there", "failed recipient_rejected"),
    # DATA, before the message
    ("data", "421 closing", "pause_account throttled"),
    ("data", "451 4.3.0 later", "retry throttled"),
    ("data", "550 5.7.1 no", "failed content_rejected"),
    ("data", "554 no", "failed content_rejected"),
    ("data", "552 too big", "failed over_size"),
    # the answer to the final dot
    ("body", "250 2.0.0 queued as A1", "sent None"),
    ("body", "251 will forward", "sent None"),
    ("body", "421 4.3.2 closing", "pause_account throttled"),
    ("body", "432 4.3.2 sender thread limit exceeded", "pause_account throttled"),
    ("body", "450 4.2.0 later", "retry throttled"),
    ("body", "451 4.3.0 later", "retry throttled"),
    ("body", "451 4.7.0 too many messages", "pause_account throttled"),
    ("body", "452 4.2.2 full", "retry quota"),
    ("body", "550 5.7.1 looks like spam", "failed content_rejected"),
    ("body", "554 5.6.0 bad message", "failed content_rejected"),
    ("body", "552 5.2.2 mailbox full", "failed quota"),
    ("body", "552 5.3.4 too big", "failed over_size"),
    ("body", "552 too big", "failed over_size"),
    ("body", "552 5.2.3 too big for the recipient", "failed over_size"),
    ("body", "550 5.1.1 no such user", "failed recipient_rejected"),
    ("body", "550 5.4.5 Daily sending quota exceeded", "pause_account throttled"),
    ("body", "550 5.7.60 SMTP; Client does not have permissions", "pause_account from_not_allowed"),
    ("body", "554 5.2.0 SendAsDeniedException", "pause_account from_not_allowed"),
]

REFUSALS = [400, 421, 422, 431, 432, 441, 450, 451, 452, 453, 454, 455, 459, 471, 499]
REFUSALS += [500, 501, 502, 503, 504, 510, 521, 530, 535, 541, 550, 551, 552, 553, 554, 555, 599]


@pytest.mark.parametrize(("stage", "answer", "expected"), TABLE)
def test_each_answer_has_its_meaning(stage, answer, expected):
    code, text = answer.split(" ", 1)
    outcome, reason = expected.split()

    verdict = classify(Stage(stage), Reply(int(code), text))

    assert verdict == Verdict(Outcome(outcome), None if reason == "None" else reason)


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_at_every_stage_has_a_meaning(stage, code):
    verdict = classify(stage, Reply(code, "no"))

    assert verdict.outcome is not Outcome.SENT
    assert verdict.reason_code
    if code == 421:
        assert verdict.outcome is Outcome.PAUSE_ACCOUNT
    elif code < 500 and stage in (Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.BODY):
        assert verdict.outcome is not Outcome.FAILED


@pytest.mark.parametrize(("stage", "code"), [("mail", 250), ("rcpt", 250), ("data", 354)])
def test_a_yes_on_the_way_is_no_verdict(stage, code):
    with pytest.raises(ValueError, match="no refusal"):
        classify(Stage(stage), Reply(code, "ok"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.0.0 Ok: queued as 4XyZ12ab", "4XyZ12ab"),
        ("OK id=1rT2ab-000123-4C", "1rT2ab-000123-4C"),
        ("2.0.0  OK  1706693000 d2e1a-123abc.45 - gsmtp", "1706693000 d2e1a-123abc.45"),
        ("2.6.0 <d.1@example.com> [InternalId=12345, Hostname=X] Queued mail", "12345"),
        ("2.0.0 40V9abcd012345 Message accepted for delivery", "40V9abcd012345"),
        ("Ok 0102018d5e6f7a8b-1234-5678-000000", "0102018d5e6f7a8b-1234-5678-000000"),
        ("2.0.0 thanks", None),
    ],
)
def test_the_servers_name_for_the_message_is_found(text, expected):
    assert Reply(250, text).queue_id == expected
    assert Reply(550, text).queue_id is None


def test_enhanced_code_counts_only_if_it_agrees_with_the_code():
    assert Reply(550, "5.7.1 no").enhanced == "5.7.1"
    assert Reply(550, "4.7.1 no").enhanced is None
    assert Reply(550, "no 5.7.1").enhanced is None
