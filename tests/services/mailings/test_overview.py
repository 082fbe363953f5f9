"""What the list of mailings says of each: as the rows say, with what has ended counted once (decision 0013)."""

import pytest
from sqlalchemy import event, select, update

from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from services.mailings import overview
from services.mailings.flow import start
from services.mailings.overview import overviews_of
from services.mailings.resolve import Resolution, resolve_doubt
from services.mailings.retry import resend
from tests.factories.ledger import make_ready_mailing
from tests.factories.mailings import make_draft


def ended(settings, *states):
    """A mailing that has ended, with messages in these states."""
    mailing = make_ready_mailing(settings, len(states))
    start(mailing.id)
    keys = db.session.scalars(
        select(Delivery.id).where(Delivery.mailing_id == mailing.id).order_by(Delivery.id)
    ).all()
    for key, state in zip(keys, states, strict=True):
        is_sent = state is DeliveryStatus.SENT
        db.session.execute(
            update(DeliveryState)
            .where(DeliveryState.delivery_id == key)
            .values(
                state=state,
                sent_at=utc_now() if is_sent else None,
                reason_code=None if is_sent else ReasonCode.QUOTA,
            )
        )
    change(mailing, MailingState.FINISHED, finished_at=utc_now())
    return fresh(mailing)


def change(mailing, state, **values):
    db.session.execute(
        update(Mailing).where(Mailing.id == mailing.id).values(state=state, **values)
    )
    db.session.commit()


def fresh(mailing):
    return db.session.get(Mailing, mailing.id, populate_existing=True)


def queries_for(mailings):
    """How many statements one look at these takes."""
    asked = []

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    engine = db.session.connection().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        overviews_of(mailings)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(asked)


def test_what_has_ended_is_counted_once(organization, settings):
    """pains B-1: the same numbers without a look at the rows, until somebody changes one."""
    sent, failed = DeliveryStatus.SENT, DeliveryStatus.FAILED
    mailing = ended(settings, sent, sent, failed)

    first = overviews_of([mailing])[mailing.id]
    again = queries_for([mailing])

    assert (first.tally.sent, first.tally.failed, first.extent.messages) == (2, 1, 3)
    assert again == 0
    delivery = db.session.scalars(
        select(Delivery).join(DeliveryState).where(DeliveryState.state == failed)
    ).one()
    resend(delivery, seen=failed, why="Again")
    db.session.commit()
    tally = overviews_of([fresh(mailing)])[mailing.id].tally
    assert (tally.sent, tally.failed, tally.left) == (2, 0, 1)


def test_a_doubt_is_looked_at_each_time(organization, settings):
    mailing = ended(settings, DeliveryStatus.SENT, DeliveryStatus.UNCONFIRMED)
    assert overviews_of([mailing])[mailing.id].tally.unconfirmed == 1

    doubt = db.session.scalars(
        select(Delivery)
        .join(DeliveryState)
        .where(DeliveryState.state == DeliveryStatus.UNCONFIRMED)
    ).one()
    resolve_doubt(doubt, Resolution.SENT)
    db.session.commit()

    tally = overviews_of([fresh(mailing)])[mailing.id].tally
    assert (tally.sent, tally.unconfirmed) == (2, 0)


@pytest.mark.parametrize("worth_keeping", [1, 1_000])
def test_large_and_small_ones_say_the_same(organization, settings, monkeypatch, worth_keeping):
    monkeypatch.setattr(overview, "WORTH_KEEPING", worth_keeping)
    mailing = make_ready_mailing(settings, 3)
    other = make_ready_mailing(settings, 2)
    start(mailing.id)
    change(mailing, MailingState.SENDING, planned_count=3)
    change(other, MailingState.REGISTERED, planned_count=2)

    seen = overviews_of([fresh(mailing), fresh(other)])

    assert [seen[each.id].tally.left for each in (mailing, other)] == [3, 2]
    assert [seen[each.id].extent.customers for each in (mailing, other)] == [3, 2]


def test_nothing_is_told_of_a_draft(organization):
    draft = make_draft()

    assert overviews_of([draft])[draft.id].tally.total == 0
    assert queries_for([draft]) == 0
