"""Many who decide about one message at the same moment: one wins, the others are told (S1-17, X1-10, pains B-5)."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import func, select, update

from errors import Conflict
from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.system.audit_event import AuditEvent
from models.tenancy import Actor, Scope, enter
from services.mailings.resolve import Resolution, resolve_doubt
from services.mailings.retry import resend, retry_failed
from tests.factories.ledger import make_ready_mailing

WON = "won"


@pytest.fixture
def mailing(organization: Any, settings: Any) -> Mailing:
    """It has ended with one message in doubt and one that a full mailbox refused."""
    made = make_ready_mailing(settings, 3)
    first, second, third = keys_of(made)
    become(first, DeliveryStatus.UNCONFIRMED, ReasonCode.CRASH_IN_DATA)
    become(second, DeliveryStatus.FAILED, ReasonCode.QUOTA)
    become(third, DeliveryStatus.SENT, None)
    db.session.execute(
        update(Mailing).values(
            state=MailingState.FINISHED_WITH_ERRORS, started_at=utc_now(), finished_at=utc_now()
        )
    )
    db.session.commit()
    return made


def keys_of(mailing: Mailing) -> list[int]:
    query = select(Delivery.id).where(Delivery.mailing_id == mailing.id).order_by(Delivery.id)
    return list(db.session.scalars(query))


def become(key: int, state: DeliveryStatus, reason: ReasonCode | None) -> None:
    db.session.execute(
        update(DeliveryState)
        .where(DeliveryState.delivery_id == key)
        .values(state=state, reason_code=reason, sent_at=utc_now(), attempt_count=1)
    )


def state_of(key: int) -> DeliveryStatus:
    return db.session.get_one(DeliveryState, key, populate_existing=True).state


def at_once(app: Flask, organization_id: int, deeds: Iterable[Callable[[], Any]]) -> list[str]:
    """What each is told who does one of these, all at the same moment: that they won, or a sentence in Spanish."""
    every = list(deeds)
    together = threading.Barrier(len(every))
    told: list[str] = []

    def do(deed: Callable[[], Any]) -> None:
        with app.app_context(), force_locale("es"):
            enter(Scope(organization_id=organization_id, actor=Actor(name="clerk")))
            together.wait(20)
            try:
                deed()
                db.session.commit()
                told.append(WON)
            except Conflict as problem:
                db.session.rollback()
                told.append(problem.message)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=do, args=(deed,)) for deed in every]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    db.session.rollback()
    db.session.expire_all()
    assert len(told) == len(every), "somebody was told nothing"
    return told


def settle(key: int, resolution: Resolution) -> Callable[[], None]:
    return lambda: resolve_doubt(db.session.get_one(Delivery, key), resolution)


def audited(action: str) -> int:
    return (
        db.session.scalar(
            select(func.count()).select_from(AuditEvent).where(AuditEvent.action == action)
        )
        or 0
    )


def test_of_ten_who_settle_one_doubt_one_wins(app: Flask, mailing: Mailing) -> None:
    """X1-10: half of them say that it arrived, half send it again; it is one or the other."""
    doubt = keys_of(mailing)[0]
    wishes = [Resolution.SENT, Resolution.RESEND] * 5
    told = at_once(app, mailing.organization_id, [settle(doubt, wish) for wish in wishes])

    assert Counter(told) == {WON: 1, "No hay duda sobre este mensaje.": 9}
    assert audited("resolve") == 1
    came_to = state_of(doubt), db.session.get_one(Mailing, mailing.id).state
    assert came_to in {
        (DeliveryStatus.SENT, MailingState.FINISHED_WITH_ERRORS),
        (DeliveryStatus.QUEUED, MailingState.SENDING),
    }


def test_a_doubt_is_settled_while_others_try_again(app: Flask, mailing: Mailing) -> None:
    """X1-10: trying again what failed never takes up what is in doubt, and each happens once."""
    doubt, failed, sent = keys_of(mailing)
    key = mailing.id
    told = at_once(
        app,
        mailing.organization_id,
        [settle(doubt, Resolution.SENT)] * 5
        + [lambda: retry_failed(db.session.get_one(Mailing, key))] * 5,
    )

    assert Counter(told) == {
        WON: 2,
        "No hay duda sobre este mensaje.": 4,
        "No queda nada que un nuevo intento pueda remediar.": 4,
    }
    assert (state_of(doubt), state_of(failed), state_of(sent)) == ("sent", "queued", "sent")
    assert (audited("resolve"), audited("retry"), audited("reopen")) == (1, 1, 1)
    assert db.session.get_one(Mailing, mailing.id).state is MailingState.SENDING


def test_a_doubt_is_not_sent_again_as_a_message_that_failed(app: Flask, mailing: Mailing) -> None:
    """B-5: who saw it fail and who saw it in doubt cannot both send it."""
    doubt = keys_of(mailing)[0]

    def again(seen: DeliveryStatus) -> Callable[[], None]:
        return lambda: resend(db.session.get_one(Delivery, doubt), seen=seen, why="Lo pide")

    told = at_once(
        app,
        mailing.organization_id,
        [settle(doubt, Resolution.RESEND)] * 3
        + [again(DeliveryStatus.FAILED)] * 3
        + [again(DeliveryStatus.UNCONFIRMED)] * 2,
    )

    assert told.count(WON) == 1
    assert state_of(doubt) is DeliveryStatus.QUEUED
    assert (audited("resolve"), audited("resend")) == (1, 0)
