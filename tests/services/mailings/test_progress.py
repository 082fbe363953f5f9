"""S1-18: what people see of a mailing that runs: counts, a rate that no limit forbids, and a chart below the limit."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from models.base import db, utc_now
from models.mailings.delivery import DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from services.mailings.flow import start
from services.mailings.progress import progress_of
from tests.factories.ledger import make_ready_mailing
from tests.factories.people import make_mail_account
from tests.servers.sender_process import is_under_way, make_dispatch
from tests.servers.smtp_server import RecordingSmtpServer


def begun(settings, *, seconds_ago, leaving, limit=None, count=300, has_ended=False):
    """A mailing that began so long ago; `leaving(n)` says how many seconds ago message n left, or None."""
    mailing = make_ready_mailing(settings, count, make_mail_account(per_minute=limit))
    start(mailing.id)
    keys = db.session.scalars(
        select(DeliveryState.delivery_id).where(DeliveryState.mailing_id == mailing.id)
    ).all()
    now = utc_now()
    sent = [
        {"delivery_id": key, "state": DeliveryStatus.SENT, "sent_at": now - timedelta(seconds=ago)}
        for n, key in enumerate(keys)
        if (ago := leaving(n)) is not None
    ]
    db.session.execute(update(DeliveryState), sent)
    db.session.execute(
        update(Mailing)
        .where(Mailing.id == mailing.id)
        .values(started_at=now - timedelta(seconds=seconds_ago))
    )
    if has_ended:
        db.session.execute(
            update(Mailing)
            .where(Mailing.id == mailing.id)
            .values(state=MailingState.FINISHED, finished_at=now)
        )
    db.session.commit()
    return db.session.get(Mailing, mailing.id, populate_existing=True)


def test_a_burst_at_the_start_is_no_rate_above_the_limit(organization, settings):
    """A limit of 120 a minute lets 120 leave in six seconds: that is 120 a minute, not 1,200."""
    mailing = begun(
        settings,
        seconds_ago=6,
        leaving=lambda n: 6 - n / 20 if n < 120 else None,
        limit=120,
    )

    progress = progress_of(mailing)

    assert progress.tally.sent == 120
    assert progress.rate_per_minute == 120
    assert progress.seconds_left == 90
    assert max(pace.per_minute for pace in progress.paces) == 120


def test_without_a_limit_a_burst_is_what_it_is(organization, settings):
    mailing = begun(settings, seconds_ago=6, leaving=lambda n: 6 - n / 50)

    assert progress_of(mailing).rate_per_minute == pytest.approx(3000, rel=0.1)


def test_short_steps_say_what_left_in_a_minute(organization, settings):
    """Two a second for two minutes are 120 a minute, in steps of five seconds too."""
    mailing = begun(settings, seconds_ago=121, leaving=lambda n: 120 - n / 2 if n < 240 else None)

    paces = [pace.per_minute for pace in progress_of(mailing).paces]

    assert max(paces) <= 121
    assert sum(110 <= pace <= 121 for pace in paces) >= 10


@pytest.mark.parametrize("seconds", [20, 47, 75, 200])
@pytest.mark.parametrize("limit", [None, 600])
def test_the_average_is_never_above_the_highest_point(organization, settings, seconds, limit):
    """S1-18: rate and chart of one card agree, however short the mailing was."""
    mailing = begun(
        settings,
        seconds_ago=seconds,
        leaving=lambda n: seconds - n * seconds / 300,
        limit=limit,
        has_ended=True,
    )

    progress = progress_of(mailing)

    highest = max(pace.per_minute for pace in progress.paces)
    assert progress.rate_per_minute == min(round(300 * 60 / seconds), limit or 300 * 60)
    assert progress.rate_per_minute <= highest
    assert progress.rate_per_minute == pytest.approx(highest, rel=0.15)


def test_the_chart_does_not_begin_at_the_bottom(organization, settings):
    """What left in the first seconds is a rate too: an even pace is an even line."""
    mailing = begun(settings, seconds_ago=90, leaving=lambda n: 90 - n * 0.3)

    paces = [pace.per_minute for pace in progress_of(mailing).paces]

    assert all(180 <= pace <= 220 for pace in paces[1:-1])


def test_who_was_missed_among_several_has_a_reason_too(organization, settings):
    """X1-05: addresses that were refused while others of the message got it."""
    mailing = begun(settings, seconds_ago=90, leaving=lambda n: 90 - n, count=30)
    keys = db.session.scalars(
        select(DeliveryState.delivery_id).where(DeliveryState.mailing_id == mailing.id).limit(3)
    ).all()
    refused, by_hand = ReasonCode.RECIPIENT_REJECTED, ReasonCode.MANUAL
    db.session.execute(
        update(DeliveryState),
        [
            {"delivery_id": keys[0], "reason_code": refused},
            {"delivery_id": keys[1], "reason_code": refused},
            {"delivery_id": keys[2], "reason_code": by_hand},
        ],
    )

    progress = progress_of(mailing)

    assert [(each.state, each.reason, each.count) for each in progress.troubles] == [
        (DeliveryStatus.SENT, refused, 2)
    ]
    assert progress.tally.sent == 30


def test_the_limit_holds_where_the_rate_is_counted(organization, settings):
    """X1-03: the ledger's own times: never more than the limit in any minute, and the page says no more."""
    with RecordingSmtpServer() as server:
        account = make_mail_account(smtp_port=server.port, per_minute=40, connections=2)
        mailing = make_ready_mailing(settings, 90, account)
        start(mailing.id)
        db.session.commit()
        make_dispatch(settings).work(stays=is_under_way, seconds=4)
        assert len(server.accepted) == 40
    db.session.rollback()
    sent = select(func.count()).where(DeliveryState.state == DeliveryStatus.SENT)
    mailing = db.session.get(Mailing, mailing.id, populate_existing=True)

    progress = progress_of(mailing)

    assert db.session.scalar(sent) == 40
    assert progress.rate_per_minute == 40
    assert all(pace.per_minute <= 40 for pace in progress.paces)
