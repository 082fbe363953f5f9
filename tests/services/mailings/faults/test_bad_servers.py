"""What servers say and do wrong, in the middle of a mailing of 500."""

import pytest
from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount
from tests.servers.certificates import Certificates
from tests.servers.smtp_server import Rule
from tests.services.mailings.faults.laboratory import (
    RECIPIENTS,
    Laboratory,
    check,
    counts_by_state,
    wait_until,
)

pytestmark = pytest.mark.slow


def account_of(mailing) -> MailAccount:
    db.session.rollback()
    return db.session.scalars(
        select(MailAccount)
        .where(MailAccount.id == mailing.account_id)
        .execution_options(populate_existing=True)
    ).one()


def test_refusals_for_now_and_for_good_each_have_their_end(lab: Laboratory) -> None:
    """F5: 451 is tried again, 550 has failed, 421 rests the account; 500 ends for 500 messages."""
    lab.serve(
        rules=[
            Rule(point="rcpt", reply="451 4.3.0 try again later", every=40),
            Rule(point="rcpt", reply="550 5.1.1 no such user", every=50),
            Rule(point="mail", reply="421 4.7.0 too many connections", every=190),
            Rule(point="recorded", reply="250 2.0.0 ok", every=3),
            Rule(point="data", reply="451 4.3.0 busy", every=70),
        ]
    )
    mailing = lab.mailing()
    lab.start(mailing)
    lab.sender()

    assert lab.wait_for_end(mailing) == "finished_with_errors"

    counts = check(lab, mailing)
    assert counts["sent"] + counts["failed"] == RECIPIENTS
    assert 8 <= counts["failed"] <= 13


def test_lines_dropped_around_the_final_dot_are_doubts_and_nothing_else(lab: Laboratory) -> None:
    """F6: dropped in mid-body, after the dot, and after recording: three kinds, one ledger."""
    lab.serve(
        rules=[
            Rule(point="body_half", action="drop", every=100),
            Rule(point="dot", action="drop", every=90),
            Rule(point="recorded", action="reset", every=80),
        ]
    )
    mailing = lab.mailing()
    lab.start(mailing)
    lab.sender()

    assert lab.wait_for_end(mailing) == "finished_with_errors"

    counts = check(lab, mailing, in_doubt=20)
    assert counts["sent"] + counts["unconfirmed"] == RECIPIENTS
    assert counts["unconfirmed"] >= 10


def test_lines_dropped_before_the_body_are_tried_again(lab: Laboratory) -> None:
    """F6: before the fence nothing can have left, so nothing is in doubt."""
    lab.serve(
        rules=[
            Rule(point="mail", action="drop", every=60),
            Rule(point="rcpt", action="reset", every=70),
            Rule(point="data", action="drop", every=80),
            Rule(point="connect", action="drop", nth=3),
        ]
    )
    mailing = lab.mailing()
    lab.start(mailing)
    lab.sender()

    assert lab.wait_for_end(mailing) == "finished"

    assert check(lab, mailing)["sent"] == RECIPIENTS


def test_a_server_that_hangs_holds_one_message_a_line(lab: Laboratory) -> None:
    """F7: the deadline ends it; what was after the dot is in doubt, the rest goes on."""
    lab.serve(
        rules=[
            Rule(point="dot", action="hang", seconds=30, nth=50),
            Rule(point="mail", action="hang", seconds=30, nth=120),
        ]
    )
    mailing = lab.mailing()
    lab.start(mailing)
    lab.sender()

    assert lab.wait_for_end(mailing) == "finished_with_errors"

    counts = check(lab, mailing, in_doubt=1)
    assert counts["sent"] == RECIPIENTS - 1


def test_an_expired_certificate_sends_nothing_and_says_why(
    lab: Laboratory, certificates: Certificates
) -> None:
    """F8: no password and no message goes over the line; the account rests with the reason."""
    lab.serve(has_starttls=True, certificate=certificates.expired, login="a", password="b")
    mailing = lab.mailing(20, smtp_security="starttls", login="a", password="b")
    lab.start(mailing)
    sender = lab.sender()

    wait_until(lambda: account_of(mailing).paused_reason == "tls_failed", 30)
    sender.terminate()

    assert counts_by_state(mailing) == {"queued": 20}
    assert lab.accepted() == []


def test_a_wrong_password_is_tried_once(lab: Laboratory) -> None:
    """F9: 535 rests the whole account until a person comes: one attempt, not one a message."""
    lab.serve(login="a", password="right")
    mailing = lab.mailing(50, login="a", password="wrong")
    lab.start(mailing)
    sender = lab.sender(seconds=6)
    wait_until(lambda: account_of(mailing).paused_reason == "auth_failed", 30)
    sender.wait(timeout=30)

    account = account_of(mailing)
    assert account.is_paused
    assert account.paused_until is None
    assert counts_by_state(mailing) == {"queued": 50}
    assert lab.accepted() == []

    account.password = "right"
    db.session.commit()
    lab.sender()
    assert lab.wait_for_end(mailing) == "finished"
    assert check(lab, mailing)["sent"] == 50


def test_a_burst_that_the_server_does_not_bear_is_given_up(lab: Laboratory) -> None:
    """Envelope and body in one write: after the first odd reply the account goes without."""
    lab.serve(rules=[Rule(point="mail", reply="503 5.5.1 one thing at a time", nth=30)])
    mailing = lab.mailing(wants_burst=True)
    lab.start(mailing)
    lab.sender()

    assert lab.wait_for_end(mailing) == "finished"

    assert check(lab, mailing)["sent"] == RECIPIENTS
    assert not account_of(mailing).wants_burst


def test_a_burst_sends_each_message_once(lab: Laboratory) -> None:
    lab.serve()
    mailing = lab.mailing(wants_burst=True)
    lab.start(mailing)
    lab.sender()

    assert lab.wait_for_end(mailing) == "finished"

    assert check(lab, mailing)["sent"] == RECIPIENTS
    assert account_of(mailing).wants_burst
