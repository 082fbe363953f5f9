"""Senders, database connections and stops in the middle of a mailing of 500."""

import threading
import time
from collections import Counter

import psycopg
import pytest
from sqlalchemy import select

from errors import Conflict
from models.base import db
from models.mailings.delivery import DeliveryState
from models.people.organization import Organization
from models.tenancy import Actor, Scope, enter
from services.mailings.flow import start, stop
from services.people.password_links import invite
from tests.factories.people import make_mail_account, make_user
from tests.services.mailings.faults.laboratory import (
    RECIPIENTS,
    Laboratory,
    check,
    counts_by_state,
    kill,
    state_of,
    wait_until,
)

pytestmark = pytest.mark.slow
LINES = 4


def test_killed_senders_lose_nothing_and_send_nothing_twice(lab: Laboratory) -> None:
    """X1-01: kill -9 of the sender again and again; at most one message a line is in doubt each time."""
    lab.serve(reply_delay_seconds=0.004)
    mailing = lab.mailing()
    lab.start(mailing)
    kills = 0
    for share in (0.1, 0.25, 0.4, 0.6, 0.8):
        sender = lab.sender()
        wait_until(lambda share=share: len(lab.accepted()) >= share * RECIPIENTS, 25)
        kill(sender)
        kills += 1
    lab.sender()

    lab.wait_for_end(mailing)

    counts = check(lab, mailing, in_doubt=kills * LINES)
    assert counts["sent"] + counts["unconfirmed"] == RECIPIENTS


def test_several_senders_at_once_are_as_good_as_one(lab: Laboratory) -> None:
    """F11: jobs that were rung twice or three times find the account taken."""
    lab.serve()
    mailing = lab.mailing()
    lab.start(mailing)
    for _ in range(3):
        lab.sender()

    assert lab.wait_for_end(mailing) == "finished"

    assert check(lab, mailing)["sent"] == RECIPIENTS


def test_of_many_who_start_at_once_one_wins(lab: Laboratory) -> None:
    """S1-17: a double click, two people: one start, one set of messages."""
    lab.serve()
    mailing = lab.mailing(100)
    key, organization_id, app = mailing.id, mailing.organization_id, _application()
    won: list[bool] = []

    def press() -> None:
        with app.app_context():
            enter(Scope(organization_id=organization_id, actor=Actor(name="clerk")))
            try:
                start(key)
                db.session.commit()
                won.append(True)
            except Conflict:
                db.session.rollback()
                won.append(False)

    threads = [threading.Thread(target=press) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lab.sender()

    assert lab.wait_for_end(mailing) == "finished"
    assert sorted(won) == [False] * 11 + [True]
    assert check(lab, mailing)["sent"] == 100


def test_a_stopped_mailing_goes_on_with_the_rest(lab: Laboratory) -> None:
    """S1-19, X1-02: at 40 % at most one message a line still leaves; go on sends exactly the rest."""
    lab.serve(reply_delay_seconds=0.004)
    mailing = lab.mailing()
    lab.start(mailing)
    lab.sender()
    wait_until(lambda: len(lab.accepted()) >= 0.4 * RECIPIENTS, 30)

    stop(mailing.id)
    db.session.commit()
    at_stop = len(lab.accepted())
    wait_until(lambda: state_of(mailing) == "stopped", 15)
    after_stop = len(lab.accepted())
    time.sleep(1)
    counts = counts_by_state(mailing)

    assert len(lab.accepted()) == after_stop <= at_stop + LINES
    assert counts["sent"] == after_stop
    assert counts["prepared"] == RECIPIENTS - after_stop

    lab.start(mailing)
    lab.sender()
    assert lab.wait_for_end(mailing) == "finished"
    assert check(lab, mailing)["sent"] == RECIPIENTS


def test_a_sender_that_is_asked_to_end_leaves_no_doubt(lab: Laboratory) -> None:
    """F14: SIGTERM in the middle; what is on the wire ends, and another sender goes on."""
    lab.serve(reply_delay_seconds=0.004)
    mailing = lab.mailing()
    lab.start(mailing)
    sender = lab.sender()
    wait_until(lambda: len(lab.accepted()) >= 100, 25)

    sender.terminate()
    sender.wait(timeout=10)
    lab.sender()

    assert lab.wait_for_end(mailing) == "finished"
    assert check(lab, mailing)["sent"] == RECIPIENTS


def test_lost_database_connections_lose_no_answer(lab: Laboratory, superuser_dsn: str) -> None:
    """F4: pg_terminate_backend of every sender's connection, five times; answers wait and are settled."""
    lab.serve(reply_delay_seconds=0.004)
    mailing = lab.mailing()
    lab.start(mailing)
    lab.sender()
    with psycopg.connect(superuser_dsn, autocommit=True) as superuser:
        for share in (0.1, 0.25, 0.4, 0.6, 0.8):
            wait_until(lambda share=share: len(lab.accepted()) >= share * RECIPIENTS, 25)
            superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename LIKE '%_sender' AND datname = current_database()"
            )

    lab.wait_for_end(mailing)

    counts = check(lab, mailing, in_doubt=0)
    assert counts["sent"] == RECIPIENTS


def test_notices_survive_killed_senders_too(lab: Laboratory, organization: Organization) -> None:
    """X1-01: messages of no mailing: nothing lost, nothing twice, one in doubt a line and kill at most."""
    lab.serve(reply_delay_seconds=0.01)
    make_mail_account(smtp_port=lab.port, connections=LINES)
    for _number in range(60):
        invite(make_user(organization), base_url="https://window.example")
    db.session.commit()
    sender = lab.sender()
    wait_until(lambda: len(lab.accepted()) >= 20, 25)
    kill(sender)
    lab.sender()

    wait_until(lambda: not open_notices(), 30)

    states = Counter(states_of_notices())
    taken = lab.accepted()
    assert states["sent"] + states["unconfirmed"] == 60
    assert states["unconfirmed"] <= LINES
    assert len(taken) == len(set(taken)) >= states["sent"]


def states_of_notices() -> list[str]:
    db.session.rollback()
    rows = db.session.scalars(select(DeliveryState.state).where(DeliveryState.mailing_id.is_(None)))
    return [state.value for state in rows]


def open_notices() -> bool:
    return bool({"queued", "sending"} & set(states_of_notices()))


def _application() -> "object":
    from flask import current_app

    return current_app._get_current_object()
