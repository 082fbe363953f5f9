"""Work that nobody is at any more is rung for (F1, B-4)."""

from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import update

from jobs.watch import WATCHED, Watch, Watched
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import Mailing
from services.mailings.flow import start
from services.mailings.ledger_sql import ACCOUNT_LOCK
from services.mailings.register import REGISTERING_LOCK
from services.mailings.registration import ask_to_register
from tests.factories.ledger import make_ready_mailing
from tests.factories.mailings import make_draft


@contextmanager
def held(settings, kind, key):
    with psycopg.connect(settings.role_dsn("sender"), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s, %s)", (kind, key))
        yield


@pytest.fixture
def bells():
    """The product's own watch, with bells that are heard here."""
    rung: list[tuple[int, list[int]]] = []

    def ring_for(kind):
        return lambda keys: rung.append((kind, sorted(keys))) or True

    watched = {kind: Watched(each.unfinished, ring_for(kind)) for kind, each in WATCHED.items()}
    return Watch(watched), rung


def test_a_sender_that_is_gone_leaves_a_ring(organization, settings, bells):
    """F1: once, as soon as its lock is gone; not while it is held."""
    watch, rung = bells
    mailing = make_ready_mailing(settings, 2)
    start(mailing.id)
    db.session.commit()
    with held(settings, ACCOUNT_LOCK, mailing.account_id):
        watch.look()
        watch.look()
        assert rung == []

    watch.look()
    watch.look()

    assert rung == [(ACCOUNT_LOCK, [mailing.account_id])]


def test_what_is_done_needs_no_ring(organization, settings, bells):
    """A sender that ends in order, an account that rests."""
    watch, rung = bells
    mailing = make_ready_mailing(settings, 2)
    with held(settings, ACCOUNT_LOCK, mailing.account_id):
        watch.look()
    watch.look()
    start(mailing.id)
    db.session.execute(update(MailAccount).values(paused_reason="auth_failed"))
    db.session.commit()
    with held(settings, ACCOUNT_LOCK, mailing.account_id):
        watch.look()
    watch.look()

    assert rung == []


def test_a_registration_whose_worker_is_gone_goes_on(organization, settings, bells):
    """S1-11: without waiting for the first bell's time."""
    watch, rung = bells
    mailing = make_draft(customers=1)
    ask_to_register(mailing)
    db.session.commit()
    with held(settings, REGISTERING_LOCK, mailing.id):
        watch.look()
    watch.look()
    assert rung == [(REGISTERING_LOCK, [mailing.id])]

    db.session.execute(update(Mailing).values(register_error="It was refused."))
    db.session.commit()
    with held(settings, REGISTERING_LOCK, mailing.id):
        watch.look()
    watch.look()
    assert len(rung) == 1
