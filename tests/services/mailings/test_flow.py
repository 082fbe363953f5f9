"""Start, stop, go on, cancel, resolve: who may when, and what the ledger says then."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from errors import Conflict, Invalid, NotFound
from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.system.audit_event import AuditEvent
from services.mailings.flow import cancel, schedule, start, stop
from services.mailings.reaper import start_scheduled
from services.mailings.reasons import REASONS, sentence_for
from services.mailings.resolve import Resolution, find_delivery, resolve_doubt
from services.mailings.settling import settle_mailings
from services.mailings.status import counts_of
from services.mailings.verify import verify_mailing
from tests.factories.ledger import make_ready_mailing


@pytest.fixture
def mailing(organization, settings):
    return make_ready_mailing(settings, 3)


def put(mailing, status, *, count=None, **values):
    """Move rows as a sender would."""
    ids = db.session.scalars(
        select(DeliveryState.delivery_id)
        .where(DeliveryState.mailing_id == mailing.id)
        .order_by(DeliveryState.delivery_id)
        .limit(count)
    ).all()
    db.session.execute(
        update(DeliveryState)
        .where(DeliveryState.delivery_id.in_(ids))
        .values(state=status, **values)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()


def settled(mailing):
    """The state after its sender has looked."""
    return settle_mailings([mailing.id])[mailing.id]


def actions(mailing):
    return list(
        db.session.scalars(
            select(AuditEvent.action)
            .where(AuditEvent.entity == "mailing", AuditEvent.entity_id == mailing.id)
            .where(AuditEvent.action.not_in(["create", "update"]))
            .order_by(AuditEvent.id)
        )
    )


def test_a_start_queues_everything_and_a_second_one_is_refused(mailing):
    """S1-17: state Enviando, audited once, one winner."""
    start(mailing.id)

    assert mailing.state is MailingState.SENDING
    assert counts_of(mailing.id)["queued"] == 3
    assert actions(mailing) == ["start"]
    with pytest.raises(Conflict):
        start(mailing.id)


def test_stop_belongs_to_a_mailing_that_is_sending(mailing):
    """S1-19: refused in any other state; rows go back, so that nothing is in the senders' way."""
    with pytest.raises(Conflict):
        stop(mailing.id)
    start(mailing.id)
    stop(mailing.id)

    assert mailing.state is MailingState.STOPPING
    assert settled(mailing) is MailingState.STOPPED
    assert counts_of(mailing.id)["prepared"] == 3
    start(mailing.id)
    assert actions(mailing) == ["start", "stop", "go_on"]


def test_a_message_on_its_way_keeps_the_mailing_stopping(mailing):
    start(mailing.id)
    put(mailing, DeliveryStatus.SENDING, count=1)
    stop(mailing.id)

    assert settled(mailing) is MailingState.STOPPING


@pytest.mark.parametrize(
    ("wrong", "end"),
    [
        (None, MailingState.FINISHED),
        (DeliveryStatus.FAILED, MailingState.FINISHED_WITH_ERRORS),
        (DeliveryStatus.UNCONFIRMED, MailingState.FINISHED_WITH_ERRORS),
    ],
)
def test_it_is_finished_exactly_when_no_row_is_open(mailing, wrong, end):
    """S1-18, pains B-1: computed from the rows, audited once."""
    start(mailing.id)
    assert settled(mailing) is MailingState.SENDING
    put(mailing, DeliveryStatus.SENT, sent_at=utc_now())
    if wrong:
        put(mailing, wrong, count=1, reason_code=ReasonCode.QUOTA)

    assert settled(mailing) is end
    assert settled(mailing) is end
    assert actions(mailing) == ["start", "finish"]
    assert mailing.finished_at is not None


def test_cancelled_rows_never_leave(mailing):
    cancel(mailing.id)

    assert counts_of(mailing.id)["cancelled"] == 3
    with pytest.raises(Conflict):
        start(mailing.id)


def test_a_sending_mailing_is_not_cancelled(mailing):
    start(mailing.id)

    with pytest.raises(Conflict):
        cancel(mailing.id)


def test_a_scheduled_mailing_starts_when_its_moment_has_come(mailing):
    with pytest.raises(Invalid):
        schedule(mailing.id, utc_now() - timedelta(minutes=1))
    schedule(mailing.id, utc_now() + timedelta(hours=1))
    db.session.commit()
    assert start_scheduled() == 0

    db.session.execute(update(Mailing).values(scheduled_at=utc_now()))
    db.session.commit()

    assert start_scheduled() == 1
    db.session.refresh(mailing)
    assert mailing.state is MailingState.SENDING


def test_mailings_that_end_together_end_each_in_its_own_way(organization, settings):
    """S1-18, S1-19: one look settles a clean, a failed, a stopped and a sending one, each audited as its own."""
    clean, failed, stopped, sending = (make_ready_mailing(settings, 2) for _ in range(4))
    for mailing in (clean, failed, stopped, sending):
        start(mailing.id)
    put(clean, DeliveryStatus.SENT, sent_at=utc_now())
    put(failed, DeliveryStatus.SENT, sent_at=utc_now())
    put(failed, DeliveryStatus.FAILED, count=1, reason_code=ReasonCode.QUOTA)
    put(stopped, DeliveryStatus.SENT, count=1, sent_at=utc_now())
    stop(stopped.id)

    states = settle_mailings([clean.id, failed.id, stopped.id, sending.id])

    assert states == {
        clean.id: MailingState.FINISHED,
        failed.id: MailingState.FINISHED_WITH_ERRORS,
        stopped.id: MailingState.STOPPED,
        sending.id: MailingState.SENDING,
    }
    assert [actions(one)[1:] for one in (clean, failed, stopped, sending)] == [
        ["finish"],
        ["finish"],
        ["stop"],
        [],
    ]
    assert (clean.finished_at is not None, stopped.finished_at) == (True, None)
    assert (counts_of(stopped.id)["prepared"], counts_of(sending.id)["queued"]) == (1, 2)


def test_a_doubt_is_resolved_by_a_person_only(mailing):
    """X1-01: *sent* or *send again*; the mailing follows."""
    start(mailing.id)
    put(mailing, DeliveryStatus.SENT, sent_at=utc_now())
    put(mailing, DeliveryStatus.UNCONFIRMED, count=2, reason_code=ReasonCode.CRASH_IN_DATA)
    settled(mailing)
    first, second, sure = db.session.scalars(
        select(Delivery).where(Delivery.mailing_id == mailing.id).order_by(Delivery.id)
    ).all()

    resolve_doubt(find_delivery(mailing.id, first.message_id_header), Resolution.SENT)
    assert mailing.state is MailingState.FINISHED_WITH_ERRORS
    resolve_doubt(find_delivery(mailing.id, str(second.public_id)), Resolution.RESEND)

    assert mailing.state is MailingState.SENDING
    assert counts_of(mailing.id)["queued"] == 1
    with pytest.raises(Conflict):
        resolve_doubt(sure, Resolution.RESEND)
    with pytest.raises(NotFound):
        find_delivery(mailing.id, "<nobody@example.com>")


def test_the_last_doubt_called_sent_clears_the_mailing(mailing):
    start(mailing.id)
    put(mailing, DeliveryStatus.SENT, sent_at=utc_now())
    put(mailing, DeliveryStatus.UNCONFIRMED, count=1, reason_code=ReasonCode.CRASH_IN_DATA)
    settled(mailing)
    delivery = db.session.scalars(select(Delivery).order_by(Delivery.id)).first()

    resolve_doubt(delivery, Resolution.SENT)

    assert mailing.state is MailingState.FINISHED


@pytest.mark.parametrize("code", ReasonCode)
def test_every_reason_has_a_sentence(organization, code):
    """X1-05"""
    assert code in REASONS
    assert sentence_for(code).endswith(".")


@pytest.mark.parametrize(
    ("break_it", "broken"),
    [
        ("DELETE FROM delivery_body", "I1"),
        ("UPDATE delivery_body SET head = head || 'x'", "I1"),
        ("UPDATE delivery_state SET state = 'sent', sent_at = now()", "I2"),
        (
            "UPDATE delivery_state SET state = 'unconfirmed', reason_code = 'crash_in_data'",
            "I4",
        ),
        (
            "UPDATE delivery_state SET state = 'sending', data_at = now() - interval '2 minutes'",
            "I5",
        ),
        ("DELETE FROM audit_event WHERE action = 'start'", "I6"),
        ("UPDATE mailing SET state = 'finished'", "I7"),
    ],
)
def test_verify_finds_what_is_broken(mailing, emptied, break_it, broken):
    start(mailing.id)
    db.session.commit()
    assert all(verify_mailing(mailing).values())
    db.session.rollback()

    emptied.execute(break_it)
    db.session.expire_all()

    assert verify_mailing(mailing)[broken] is False
