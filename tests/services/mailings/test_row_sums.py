"""The sums behind the console: the same as the rows say, also where a process remembers what has ended (pains B-1)."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.reason import ReasonCode
from services.mailings import row_sums
from services.mailings.flow import start
from services.mailings.recipient_counts import count_recipients
from services.mailings.recipient_views import Outcome
from services.mailings.resolve import Resolution, resolve_doubt
from services.mailings.retry import resend, retry_failed
from services.mailings.row_sums import sums_of
from tests.factories.ledger import make_ready_mailing

STEP = timedelta(minutes=1)
WAITING = {DeliveryStatus.PREPARED, DeliveryStatus.QUEUED, DeliveryStatus.SENDING}


@pytest.fixture
def mailing(organization, settings, monkeypatch):
    """Thirty messages that are being sent; sums are kept from the third row on, two may lag behind."""
    monkeypatch.setattr(row_sums, "WORTH_KEEPING", 3)
    monkeypatch.setattr(row_sums, "MOST_BESIDES", 2)
    made = make_ready_mailing(settings, 30)
    start(made.id)
    db.session.commit()
    return fresh(made)


def fresh(mailing):
    return db.session.get(Mailing, mailing.id, populate_existing=True)


def keys_of(mailing):
    return db.session.scalars(
        select(Delivery.id).where(Delivery.mailing_id == mailing.id).order_by(Delivery.id)
    ).all()


def become(keys, state, reason=None):
    """As the sender writes it: past every version."""
    sent_at = utc_now() - timedelta(minutes=5) if state is DeliveryStatus.SENT else None
    db.session.execute(
        update(DeliveryState)
        .where(DeliveryState.delivery_id.in_(keys))
        .values(state=state, reason_code=reason, sent_at=sent_at)
    )
    db.session.commit()


def shown(mailing):
    """The sums by state, with all that waits together."""
    counts = Counter()
    for (state, _reason, _step, _back), number in sums_of(mailing, STEP).rows.items():
        counts[DeliveryStatus.QUEUED if state in WAITING else state] += number
    return dict(counts)


def counted(mailing):
    """The rows themselves."""
    counts = Counter()
    rows = db.session.execute(
        select(DeliveryState.state, func.count())
        .where(DeliveryState.mailing_id == mailing.id)
        .group_by(DeliveryState.state)
    )
    for state, number in rows:
        counts[DeliveryStatus.QUEUED if state in WAITING else state] += number
    return dict(counts)


def remembered(mailing):
    """How many rows this process does not read again."""
    kept = row_sums._kept.get((mailing.public_id, mailing.version, STEP))
    return kept.rows.total() if kept else 0


def test_sums_follow_the_rows_while_they_end(mailing):
    """S1-18: message after message, with some that lag behind and some that fail."""
    keys = keys_of(mailing)
    late = {keys[1], keys[9]}

    for at in range(0, 30, 3):
        chunk = [key for key in keys[at : at + 3] if key not in late]
        become(chunk[1:], DeliveryStatus.SENT)
        become(chunk[:1], DeliveryStatus.FAILED, ReasonCode.QUOTA)
        assert shown(mailing) == counted(mailing)
    become(late, DeliveryStatus.SENT)

    assert remembered(mailing) > 20
    assert shown(mailing) == counted(mailing)
    assert set(shown(mailing)) == {DeliveryStatus.SENT, DeliveryStatus.FAILED}


def test_what_left_in_the_last_minute_is_not_remembered(mailing):
    """Else the rate would stand still."""
    now = utc_now()
    db.session.execute(
        update(DeliveryState)
        .where(DeliveryState.delivery_id.in_(keys_of(mailing)[:10]))
        .values(state=DeliveryStatus.SENT, sent_at=now)
    )
    db.session.commit()

    sums_of(mailing, STEP)

    assert remembered(mailing) == 0
    assert sums_of(mailing, STEP).lately == 10


def test_a_message_that_is_sent_once_more_is_seen_at_once(mailing):
    """S1-19: a person takes it out of what had ended."""
    keys = keys_of(mailing)
    become(keys[:20], DeliveryStatus.SENT)
    before = [shown(mailing), shown(mailing)]
    assert remembered(mailing) == 20

    resend(db.session.get(Delivery, keys[3]), seen=DeliveryStatus.SENT, why="They asked for it")
    db.session.commit()

    assert before == [{DeliveryStatus.SENT: 20, DeliveryStatus.QUEUED: 10}] * 2
    assert shown(fresh(mailing)) == {DeliveryStatus.SENT: 19, DeliveryStatus.QUEUED: 11}


def test_failed_ones_that_are_tried_again_are_seen_at_once(mailing):
    become(keys_of(mailing)[:20], DeliveryStatus.FAILED, ReasonCode.QUOTA)
    assert [shown(mailing), shown(mailing)][1] == {
        DeliveryStatus.FAILED: 20,
        DeliveryStatus.QUEUED: 10,
    }

    retry_failed(mailing)
    db.session.commit()

    assert shown(fresh(mailing)) == {DeliveryStatus.QUEUED: 30}


def test_a_doubt_is_never_remembered(mailing):
    """A late answer, or a person, may settle it at any time."""
    keys = keys_of(mailing)
    become(keys[:9], DeliveryStatus.SENT)
    become(keys[9:10], DeliveryStatus.UNCONFIRMED, ReasonCode.CRASH_IN_DATA)
    shown(mailing)
    assert shown(mailing)[DeliveryStatus.UNCONFIRMED] == 1

    resolve_doubt(db.session.get(Delivery, keys[9]), Resolution.SENT)
    db.session.commit()

    assert shown(fresh(mailing)) == {DeliveryStatus.SENT: 10, DeliveryStatus.QUEUED: 20}


def test_a_message_that_comes_late_is_counted(mailing):
    """A row more, with a newer key."""
    keys = keys_of(mailing)
    become(keys, DeliveryStatus.SENT)
    assert [shown(mailing), shown(mailing)][1] == {DeliveryStatus.SENT: 30}
    facts = {
        column.name: getattr(db.session.get(Delivery, keys[0]), column.name)
        for column in Delivery.__table__.columns
        if column.name not in {"id", "public_id", "idempotency_key", "message_id_header"}
    }
    late = Delivery(**facts, idempotency_key="late", message_id_header="<late@x>")
    db.session.add(late)
    db.session.flush()
    db.session.add(
        DeliveryState(delivery_id=late.id, mailing_id=mailing.id, account_id=late.account_id)
    )
    db.session.commit()

    assert shown(fresh(mailing)) == {DeliveryStatus.SENT: 30, DeliveryStatus.QUEUED: 1}


def test_the_list_of_recipients_counts_with_the_same_sums(mailing):
    """S1-16: console and list agree."""
    become(keys_of(mailing)[:20], DeliveryStatus.SENT)

    counts = [count_recipients(mailing), count_recipients(mailing)][1]

    assert (counts.views[Outcome.SENT], counts.views[Outcome.WAITING]) == (20, 10)
