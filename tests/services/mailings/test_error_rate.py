"""X1-04: a mailing that is refused too often stops by itself; an account that is put off rests, others go on."""

import pytest
from sqlalchemy import select, update

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import Delivery, DeliveryKind
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.system.audit_event import AuditEvent
from services.mailings.error_rate import REFUSED_TOO_OFTEN, refused_too_often, stop_by_itself
from services.mailings.flow import start
from services.mailings.reopening import make_room
from services.mailings.status import counts_of
from tests.factories.ledger import make_ready_mailing
from tests.factories.people import make_mail_account, make_user
from tests.servers.sender_process import is_under_way, make_dispatch
from tests.servers.smtp_server import RecordingSmtpServer, Rule, ServerOptions

UNKNOWN = "550 5.1.1 no such user"


def begin(mailing, user=None):
    start(mailing.id)
    if user is not None:
        db.session.execute(
            update(Mailing).where(Mailing.id == mailing.id).values(started_by_id=user.id)
        )
    db.session.commit()


def send(settings, seconds=40, **plan):
    make_dispatch(settings, **plan).work(stays=is_under_way, seconds=seconds)
    db.session.rollback()
    db.session.expire_all()


def notices():
    rows = db.session.scalars(select(Delivery).where(Delivery.kind == DeliveryKind.NOTICE))
    return [(row.recipient, row.subject) for row in rows]


def refusing(every):
    """Slow enough for the dispatcher to look in between."""
    rule = Rule(point="rcpt", reply=UNKNOWN, every=every)
    return RecordingSmtpServer(ServerOptions(rules=[rule], reply_delay_seconds=0.01))


def test_a_mailing_that_is_refused_too_often_stops_with_its_numbers(organization, settings):
    """X1-04: every second address is unknown: it stops, says so, is audited as the system, and staff are told."""
    user = make_user(organization, email="lucia@penalba.test")
    with refusing(2) as server, RecordingSmtpServer() as other:
        make_mail_account(smtp_port=other.port)
        account = make_mail_account(smtp_port=server.port, connections=1)
        mailing = make_ready_mailing(settings, 400, account)
        begin(mailing, user)
        send(settings)

        assert [message.recipients for message in other.accepted] == [["lucia@penalba.test"]]
    assert mailing.state is MailingState.STOPPED
    assert 20 <= mailing.last_answers <= 50
    assert 100 * mailing.refused_answers > 20 * mailing.last_answers
    counts = counts_of(mailing.id)
    assert counts["prepared"] > 100 and counts["sending"] == counts["unconfirmed"] == 0
    [event] = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == "stop_by_itself")
    ).all()
    assert event.actor_kind == "system"
    assert event.after["answers"] == mailing.last_answers
    assert len(notices()) == 1


def test_few_refusals_stop_nothing(organization, settings):
    """One in ten is no reason."""
    with refusing(10) as server:
        mailing = make_ready_mailing(
            settings, 120, make_mail_account(smtp_port=server.port, connections=1)
        )
        begin(mailing)
        send(settings)

    assert mailing.state is MailingState.FINISHED_WITH_ERRORS
    assert mailing.last_answers is None


def test_who_has_gone_on_is_not_stopped_for_the_same_share(organization, settings):
    """Going on means: this share is known. Twice as bad is news."""
    with refusing(3) as server:
        account = make_mail_account(smtp_port=server.port, connections=1)
        mailing = make_ready_mailing(settings, 300, account)
        begin(mailing)
        send(settings)
        assert mailing.state is MailingState.STOPPED
        share = 100 * mailing.refused_answers // mailing.last_answers

        begin(mailing)
        db.session.refresh(mailing)
        assert (mailing.tolerated_percent, mailing.last_answers) == (share, None)
        assert refused_too_often([account.id]) == []  # the answers before are known
        send(settings)
        assert mailing.state is MailingState.FINISHED_WITH_ERRORS


def test_twice_as_bad_stops_it_again_and_only_one_wins(organization, settings):
    with refusing(2) as server:
        account = make_mail_account(smtp_port=server.port, connections=1)
        mailing = make_ready_mailing(settings, 60, account)
        begin(mailing)
        db.session.execute(
            update(Mailing).where(Mailing.id == mailing.id).values(tolerated_percent=100)
        )
        db.session.commit()
        send(settings)
    db.session.execute(
        update(Mailing)
        .where(Mailing.id == mailing.id)
        .values(state=MailingState.SENDING, tolerated_percent=20, finished_at=None)
    )
    db.session.commit()

    [found] = refused_too_often([account.id])

    assert (found.answers, found.refused) == (50, 25)
    assert [stop_by_itself(found), stop_by_itself(found)] == [True, False]


def test_what_failed_can_be_tried_again(organization, settings):
    """X1-10: refusals from before a retry do not stop the retry."""
    with RecordingSmtpServer(
        ServerOptions(rules=[Rule(point="rcpt", reply="550 5.7.9 no", times=25)])
    ) as server:
        account = make_mail_account(smtp_port=server.port, connections=1)
        mailing = make_ready_mailing(settings, 25, account)
        begin(mailing)
        db.session.execute(
            update(Mailing).where(Mailing.id == mailing.id).values(tolerated_percent=100)
        )
        db.session.commit()
        send(settings)
        assert mailing.state is MailingState.FINISHED_WITH_ERRORS
        db.session.execute(
            update(Mailing).where(Mailing.id == mailing.id).values(tolerated_percent=None)
        )
        assert make_room(mailing.id) == "queued"
        db.session.commit()

    assert refused_too_often([account.id]) == []


def test_the_look_reads_the_last_answers_by_an_index(organization):
    values = {
        "accounts": [1],
        "looks_at": 500,
        "last_answers": 50,
        "fewest": 20,
        "percent": 20,
        "worse_by": 2,
    }
    db.session.execute(db.text("SET LOCAL enable_seqscan = off"))
    plan = db.session.execute(db.text(f"EXPLAIN {REFUSED_TOO_OFTEN.text}"), values)

    assert "ix_delivery_attempt_by_account" in "\n".join(row[0] for row in plan)


@pytest.mark.parametrize("point", ["rcpt", "mail", "dot"])
def test_five_times_454_pauses_the_account_and_others_go_on(organization, settings, point):
    """X1-04: G 5 consecutive 454, T mailing pauses that account, others go on, staff notified."""
    user = make_user(organization, email="lucia@penalba.test")
    options = ServerOptions(rules=[Rule(point=point, reply="454 4.3.0 try later")])
    with RecordingSmtpServer(options) as server, RecordingSmtpServer() as other:
        account = make_mail_account(smtp_port=server.port, connections=1)
        healthy = make_mail_account(smtp_port=other.port)
        late = make_ready_mailing(settings, 30, account)
        fine = make_ready_mailing(settings, 10, healthy)
        begin(late, user)
        begin(fine, user)
        send(settings, seconds=4, pauses=(600.0,))
        tried = sum(command.startswith("MAIL") for command in server.commands)

    assert 5 <= tried <= 6
    assert fine.state is MailingState.FINISHED
    paused = db.session.get_one(MailAccount, account.id)
    assert (paused.is_paused, paused.paused_reason) == (True, "throttled")
    assert notices() == [("lucia@penalba.test", f"La cuenta {account.address} dejó de enviar")]


def test_other_refusals_for_now_are_about_one_recipient(organization, settings):
    """451 at RCPT, such as of a full mailbox or a grey list, pauses nobody."""
    options = ServerOptions(rules=[Rule(point="rcpt", reply="451 4.2.2 full", times=8)])
    with RecordingSmtpServer(options) as server:
        mailing = make_ready_mailing(
            settings, 20, make_mail_account(smtp_port=server.port, connections=1)
        )
        begin(mailing)
        send(settings)
        assert len(server.accepted) == 20

    assert mailing.state is MailingState.FINISHED
    assert not db.session.get_one(MailAccount, mailing.account_id).paused_reason
