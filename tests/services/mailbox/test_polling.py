"""Servers are asked by the clock: what has changed is rung for, what does not answer holds up nobody (S3-02, S3-03)."""

import dataclasses
import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from jobs.mailbox import read_mailbox, ring_for_mailboxes
from jobs.timetable import TIMETABLE
from mail.gateway import NetworkGateway
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sync import MailSync
from models.mailbox.mailbox_operation import OperationKind
from models.mailbox.message_placement import MessagePlacement
from models.people.organization import Organization
from services.mailbox.consent import tokens_of
from services.mailbox.mailbox_sync import sync_mailbox
from services.mailbox.marking import mark
from services.mailbox.oauth_endpoints import OAuthEndpoints
from services.mailbox.polling import AT_ONCE, SILENCE, poll_mailboxes
from services.mailbox.reading_state import Reading, readings_of
from services.mailbox.servers import MailNetwork
from services.mailbox.sync_run import SyncTools
from services.mailbox.sync_state import POLL_SECONDS, accounts_with_operations
from tests.factories.mailbox import make_mailbox, make_raw
from tests.factories.oauth import give_permission, make_application
from tests.factories.people import make_user
from tests.servers.authorization_server import AuthorizationServer
from tests.servers.rude_imap import RudeImap
from tests.servers.rude_smtp import Connection

TOOLS = SyncTools(gateway=NetworkGateway(), network=MailNetwork(timeout_seconds=1))
pytestmark = pytest.mark.usefixtures("organization")


@pytest.fixture
def server() -> Iterator[RudeImap]:
    with RudeImap({1: make_raw(subject="1")}) as running:
        yield running


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes every call and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        yield listening.getsockname()[1]


def box(port: int, **fields: object) -> MailAccount:
    account = make_mailbox(imap_port=port, password="x", sync_days=None, **fields)
    db.session.commit()
    return account


def poll(**how: float) -> list[int]:
    """The clock comes round: which mailboxes are to be read."""
    rung: list[int] = []
    db.session.execute(
        update(MailSync)
        .where(MailSync.failures_in_a_row == 0)
        .values(next_poll_at=utc_now() - timedelta(seconds=1))
    )
    db.session.commit()
    poll_mailboxes(TOOLS, rung.append, **how)
    db.session.expire_all()
    return rung


def row_of(account: MailAccount) -> MailSync:
    return db.session.scalars(
        select(MailSync)
        .where(MailSync.account_id == account.id)
        .execution_options(populate_existing=True)
    ).one()


def refuses(talk: Connection, tag: bytes) -> None:
    talk.say(b"%s NO [AUTHENTICATIONFAILED] no such mailbox\r\n" % tag)


def test_by_the_clock_only_what_has_changed_is_read(server: RudeImap) -> None:
    """S3-02: new, then unchanged, then changed."""
    account = box(server.port)
    assert poll() == [account.id]
    sync_mailbox(account.id, TOOLS)

    assert poll() == []
    server.messages[2] = make_raw(subject="2")
    assert poll() == [account.id]
    assert row_of(account).next_poll_at > utc_now()


def test_a_mailbox_is_asked_again_within_a_minute() -> None:
    """S3-02: as long as it is left alone, and then until the bell of the clock."""
    bell = next(every for every, job in TIMETABLE if job is ring_for_mailboxes)
    assert timedelta(seconds=POLL_SECONDS) + bell < timedelta(minutes=1)


def test_servers_that_hang_hold_up_nobody(server: RudeImap, silent: int) -> None:
    """Fifty accounts of a provider that is away: two calls are made in vain, the others wait, whoever answers goes on."""
    hanging = [box(silent) for _n in range(50)]
    account = box(server.port)
    began = time.monotonic()

    rung = poll()

    assert time.monotonic() - began < 20
    assert rung == [account.id]
    states = {each.state for each in readings_of(hanging)}
    assert states == {Reading.FAILING}
    assert poll() == [account.id]  # still to be read; of the others it is nobody's turn
    assert {row_of(each).failures_in_a_row for each in hanging} == {1}
    assert SILENCE < AT_ONCE


def test_when_time_is_up_the_others_are_still_due(server: RudeImap) -> None:
    account = box(server.port)
    sync_mailbox(account.id, TOOLS)

    assert poll(seconds=0) == []

    assert row_of(account).next_poll_at <= utc_now()


def test_what_waits_for_a_server_that_failed_waits_until_it_answers(
    server: RudeImap, silent: int, organization: Organization
) -> None:
    """No job that would hang on it is rung for."""
    account = box(server.port)
    sync_mailbox(account.id, TOOLS)
    [placement] = db.session.scalars(select(MessagePlacement))
    mark([placement], OperationKind.STAR, make_user(organization))
    db.session.commit()
    assert list(accounts_with_operations()) == [account.id]
    account.imap_port = silent
    db.session.commit()
    sync_mailbox(account.id, TOOLS)
    db.session.expire_all()

    assert list(accounts_with_operations()) == []
    began = time.monotonic()
    read_mailbox(account.id)
    assert time.monotonic() - began < 0.5

    account.imap_port = server.port
    row_of(account).next_poll_at = utc_now()
    db.session.commit()
    poll()
    assert row_of(account).failures_in_a_row == 0
    assert list(accounts_with_operations()) == [account.id]


def test_a_mailbox_that_is_deleted_under_us(server: RudeImap) -> None:
    """Its messages stay here, its state says so, it is not tried all the time, and the others go on."""
    account, other = box(server.port), None
    sync_mailbox(account.id, TOOLS)
    server.rude["AUTHENTICATE"] = server.rude["LOGIN"] = refuses
    with RudeImap({1: make_raw()}) as second:
        other = box(second.port)

        assert poll() == [other.id]

    row = row_of(account)
    assert row.problem is not None
    assert row.next_poll_at > utc_now() + timedelta(minutes=30)
    [reading] = readings_of([account])
    assert reading.state is Reading.FAILING
    assert reading.good_at is not None
    assert len(db.session.scalars(select(MessagePlacement)).all()) == 1


def test_a_permission_that_was_withdrawn(app: Flask, server: RudeImap) -> None:
    """S3-03: the account says so and rests; a person has to agree again. The others go on."""
    before = app.extensions["settings"]
    google = RudeImap({}, capabilities=b"AUTH=XOAUTH2 SASL-IR")
    with AuthorizationServer() as provider, google:
        app.extensions["settings"] = dataclasses.replace(before, **provider.urls())
        try:
            make_application()
            account = box(google.port, smtp_host="smtp.gmail.com")
            give_permission(account, provider)
            db.session.commit()
            provider.manners.refuses = "invalid_grant"
            expire_token(account)
            other = box(server.port)
            tools = dataclasses.replace(
                TOOLS,
                network=MailNetwork(timeout_seconds=1, endpoints=OAuthEndpoints(**provider.urls())),
            )
            rung: list[int] = []

            poll_mailboxes(tools, rung.append)
        finally:
            app.extensions["settings"] = before
    db.session.expire_all()

    assert rung == [other.id]
    row = row_of(account)
    assert row.problem == "consent_lost"
    assert row.next_poll_at > utc_now() + timedelta(minutes=30)
    assert account.paused_reason == "consent_lost"


def expire_token(account: MailAccount) -> None:
    tokens = tokens_of(account)
    assert tokens is not None
    tokens.expires_at = utc_now()
    db.session.commit()
