"""Trying again: what may leave once more, under which name, and who wins."""

import pytest
from sqlalchemy import select, update

from errors import Conflict, Invalid
from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryAttempt, DeliveryState, DeliveryStatus
from models.mailings.delivery_copy import CopyRole, CopyState, DeliveryCopy
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.mailings.suppression import Suppression
from models.system.audit_event import AuditEvent
from models.tenancy import because
from services.mailings.flow import start
from services.mailings.retry import resend, retriable, retry_failed
from services.mailings.settling import settle_mailings
from services.mailings.status import counts_of
from services.mailings.verify import verify_mailing
from tests.factories.ledger import make_ready_mailing
from tests.factories.mailings import make_registered
from tests.factories.people import make_mail_account
from tests.servers.sender_process import is_under_way, make_dispatch
from tests.servers.smtp_server import RecordingSmtpServer, Rule, ServerOptions

FAILED, SENT = DeliveryStatus.FAILED, DeliveryStatus.SENT


@pytest.fixture
def mailing(organization, settings):
    """Four messages: sent, mailbox full, refused, in doubt; finished with errors."""
    mailing = make_ready_mailing(settings, 4)
    start(mailing.id)
    first, second, third, fourth = deliveries(mailing)
    put(first, SENT, sent_at=utc_now())
    put(second, FAILED, reason_code=ReasonCode.QUOTA)
    put(third, FAILED, reason_code=ReasonCode.RECIPIENT_REJECTED)
    put(fourth, DeliveryStatus.UNCONFIRMED, reason_code=ReasonCode.CRASH_IN_DATA)
    settle_mailings([mailing.id])
    db.session.commit()
    return mailing


def deliveries(mailing):
    query = select(Delivery).where(Delivery.mailing_id == mailing.id).order_by(Delivery.id)
    return list(db.session.scalars(query))


def put(delivery, state, **values):
    db.session.execute(
        update(DeliveryState)
        .where(DeliveryState.delivery_id == delivery.id)
        .values(state=state, **values)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()


def state_of(delivery):
    query = select(DeliveryState.state).where(DeliveryState.delivery_id == delivery.id)
    return db.session.scalar(query)


def test_only_what_trying_again_can_help_is_tried_again(mailing):
    """X1-10: retry failed only; a refused address, a doubt and what was sent stay as they are."""
    first, second, third, fourth = deliveries(mailing)

    assert retriable(mailing.id) == {ReasonCode.QUOTA: 1}
    assert retry_failed(mailing) == 1

    assert mailing.state is MailingState.SENDING
    assert state_of(second) is DeliveryStatus.QUEUED
    assert [state_of(each) for each in (first, third, fourth)] == [
        SENT,
        FAILED,
        DeliveryStatus.UNCONFIRMED,
    ]


def test_whoever_comes_second_hears_that_nothing_is_left(mailing):
    """X1-10: two people at once, one wins."""
    retry_failed(mailing)

    with pytest.raises(Conflict, match="No queda nada"):
        retry_failed(mailing)
    assert counts_of(mailing.id)["queued"] == 1


def test_a_reopened_mailing_finishes_again_with_right_counts(mailing):
    """B-1: X1-10: the end is computed once more from the rows."""
    _first, second, *_rest = deliveries(mailing)
    retry_failed(mailing)
    put(second, SENT, sent_at=utc_now())

    assert settle_mailings([mailing.id])[mailing.id] is MailingState.FINISHED_WITH_ERRORS
    counts = counts_of(mailing.id)
    assert (counts["sent"], counts["failed"], counts["unconfirmed"]) == (2, 1, 1)
    assert verify_mailing(mailing)["I6"]


def test_a_stopped_mailing_keeps_them_until_it_goes_on(organization, settings):
    mailing = make_ready_mailing(settings, 1)
    (delivery,) = deliveries(mailing)
    put(delivery, FAILED, reason_code=ReasonCode.QUOTA)
    mailing.state = MailingState.STOPPED
    db.session.flush()

    retry_failed(mailing)

    assert state_of(delivery) is DeliveryStatus.PREPARED
    assert mailing.state is MailingState.STOPPED


def test_one_message_is_sent_again_for_a_reason(mailing):
    """X1-10: resend to one with reason; who and why are in the audit."""
    first, *_rest = deliveries(mailing)
    because("The customer deleted it")
    resend(first, seen=SENT, why="The customer deleted it")

    assert state_of(first) is DeliveryStatus.QUEUED
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "resend")).one()
    assert (event.entity_id, event.reason) == (first.id, "The customer deleted it")
    assert event.before == {"state": "sent"}


def test_no_reason_no_second_message(mailing):
    first, *_rest = deliveries(mailing)

    with pytest.raises(Invalid):
        resend(first, seen=SENT, why="  ")
    assert state_of(first) is SENT


def test_of_two_who_resend_one_wins(mailing):
    first, *_rest = deliveries(mailing)
    resend(first, seen=SENT, why="x")

    with pytest.raises(Conflict, match="más rápida"):
        resend(first, seen=SENT, why="x")


@pytest.mark.parametrize(
    "seen", [DeliveryStatus.UNCONFIRMED, DeliveryStatus.QUEUED, DeliveryStatus.CANCELLED]
)
def test_a_doubt_is_not_resent_but_settled(mailing, seen):
    with pytest.raises(Conflict):
        resend(deliveries(mailing)[3], seen=seen, why="x")


def test_a_suppressed_address_is_taken_off_first(mailing):
    """Pains B-10."""
    first, *_rest = deliveries(mailing)
    db.session.add(Suppression(address_norm=first.recipient_norm))
    db.session.flush()

    with pytest.raises(Conflict, match="lista de supresión"):
        resend(first, seen=SENT, why="x")


def test_a_cancelled_mailing_sends_nothing_more(organization, settings):
    mailing = make_ready_mailing(settings, 1)
    put(deliveries(mailing)[0], FAILED, reason_code=ReasonCode.QUOTA)
    db.session.execute(update(Mailing).values(state=MailingState.CANCELLED))
    db.session.expire_all()

    with pytest.raises(Conflict):
        retry_failed(mailing)


@pytest.mark.parametrize(("once", "bcc"), [(True, CopyState.LEFT_OUT), (False, CopyState.WAITING)])
def test_the_archive_copy_goes_once(mailing, once, bcc):
    """X1-07: BCC on the first sending only, if the mailing says so."""
    first, *_rest = deliveries(mailing)
    mailing.bcc_once = once
    for n, role in enumerate((CopyRole.CC, CopyRole.BCC)):
        address = f"copy{n}@example.com"
        db.session.add(
            DeliveryCopy(
                delivery_id=first.id,
                n=n,
                role=role,
                address=address,
                address_norm=address,
                state=CopyState.ACCEPTED,
                smtp_code=250,
            )
        )
    db.session.flush()

    resend(first, seen=SENT, why="x")

    db.session.expire_all()
    copies = db.session.scalars(select(DeliveryCopy).order_by(DeliveryCopy.n)).all()
    assert [copy.state for copy in copies] == [CopyState.WAITING, bcc]
    assert {copy.smtp_code for copy in copies} == {None}


def test_attempts_are_children_of_one_message(organization, settings):
    """B-14: X1-10: the second try is the same message with the same Message-ID; the first one is kept."""
    options = ServerOptions(rules=[Rule(point="rcpt", reply="552 5.2.2 mailbox full", times=1)])
    with RecordingSmtpServer(options) as server:
        account = make_mail_account(smtp_port=server.port, connections=1)
        mailing = make_registered(settings, customers=2, account=account)
        start(mailing.id)
        db.session.commit()
        make_dispatch(settings).work(stays=is_under_way, seconds=40)
        db.session.rollback()
        db.session.refresh(mailing)
        before = mailing.state

        retry_failed(mailing)
        db.session.commit()
        make_dispatch(settings).work(stays=is_under_way, seconds=40)
        db.session.rollback()
        db.session.refresh(mailing)

    tries = db.session.execute(
        select(DeliveryAttempt.n, DeliveryAttempt.outcome)
        .join(Delivery, Delivery.id == DeliveryAttempt.delivery_id)
        .order_by(DeliveryAttempt.delivery_id, DeliveryAttempt.n)
    ).all()
    assert (before, mailing.state) == (
        MailingState.FINISHED_WITH_ERRORS,
        MailingState.FINISHED,
    )
    assert sorted(tries) == [(1, "ok"), (1, "perm_fail"), (2, "ok")]
    assert len(server.accepted) == 2
    assert all(verify_mailing(mailing).values())
