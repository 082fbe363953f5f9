"""Tests of accounts: asked for once, carried out many at a time, and what they say of an account (X4-03, X4-07)."""

import threading
import time
from typing import Any

import pytest
from sqlalchemy import select, update

from jobs.checks import check_accounts, ring_for_checks
from jobs.timetable import TIMETABLE
from mail.gateway import NetworkGateway
from models.base import db
from models.mailbox.account_check import AccountCheck, CheckState
from models.mailbox.mail_account import MailAccount
from models.system.audit_event import AuditEvent
from models.tenancy import SET_SCOPE
from services.mailbox.checking import CheckTools, carry_out_checks
from services.mailbox.checks import accounts_to_test, ask_check, checks_of, newest_checks
from services.system.alone import alone
from tests.factories.people import make_mail_account
from tests.servers.rude_smtp import Connection, RudeServer
from tests.servers.smtp_server import RecordingSmtpServer, Rule
from tests.services.mailbox.conftest import now, outcome_of


def account_at(server: RecordingSmtpServer | RudeServer, **fields: Any) -> MailAccount:
    return make_mail_account(smtp_port=server.port, **fields)


def results(check: AccountCheck) -> dict[str, str]:
    return {step["step"]: step["result"] for step in check.steps}


def test_one_account_is_tested(organization, serve) -> None:
    """X4-03: a row per test, with every step; X4-07: the account says when it worked last."""
    server = serve()
    account = account_at(server)

    check = outcome_of(account)

    assert check.state is CheckState.GOOD
    assert set(results(check).values()) == {"good"}
    assert check.steps[1]["facts"]["port"] == server.port
    assert check.ended_at and check.started_at
    assert now(account).last_good_at is not None
    assert not server.accepted


def test_a_message_to_itself_when_asked_for(organization, serve) -> None:
    server = serve()
    account = account_at(server)

    check = outcome_of(account, wants_message=True)

    assert results(check)["message"] == "good"
    assert [message.recipients for message in server.accepted] == [[account.address]]
    assert b"Auto-Submitted: auto-generated" in server.accepted[0].raw


def test_two_presses_make_one_test(organization, serve) -> None:
    """X4-03: whoever presses twice, or after somebody else, sees the test that is under way."""
    account = account_at(serve())

    first = ask_check([account])
    second = ask_check([account])

    assert [check.id for check in first] == [check.id for check in second]


def test_an_account_keeps_its_last_ten(organization, serve) -> None:
    account = account_at(serve())

    keys = [outcome_of(account).id for _time in range(12)]

    assert [check.id for check in checks_of(account)] == keys[:1:-1]


def test_a_worker_that_died_leaves_a_test_that_says_so(organization, serve) -> None:
    """X4-03: nobody waits for ever for a test whose worker is gone."""
    dead, waiting = account_at(serve()), account_at(serve())
    ask_check([dead, waiting])
    db.session.execute(
        update(AccountCheck)
        .where(AccountCheck.account_id == dead.id)
        .values(state=CheckState.RUNNING)
    )
    db.session.commit()

    ring_for_checks()
    check_accounts()

    found = newest_checks([dead.id, waiting.id])
    assert found[dead.id].state is CheckState.BAD
    assert found[dead.id].steps[0]["advice"] == "interrupted"
    assert found[waiting.id].state is CheckState.GOOD
    assert ring_for_checks in [job for _every, job in TIMETABLE]


def test_a_second_worker_leaves_it_to_the_first(organization, serve) -> None:
    account = account_at(serve())
    ask_check([account])
    db.session.commit()

    with alone(700_021, 1):
        carry_out_checks(CheckTools(gateway=NetworkGateway()))

    assert newest_checks([account.id])[account.id].state is CheckState.WAITING


def test_many_are_tested_at_a_time(organization) -> None:
    """X4-03: 32 at a time; a server that is slow for one does not hold up the others."""
    busy, most, lock = [0], [0], threading.Lock()

    def slowly(connection: Connection) -> None:
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        time.sleep(0.5)
        connection.say(b"554 not today\r\n")
        with lock:
            busy[0] -= 1

    with RudeServer(slowly) as server:
        accounts = [account_at(server) for _number in range(40)]
        ask_check(accounts)
        db.session.commit()
        started = time.monotonic()
        carry_out_checks(CheckTools(gateway=NetworkGateway()))

    assert time.monotonic() - started < 10
    assert 16 <= most[0] <= 32
    found = newest_checks([account.id for account in accounts])
    assert {check.state for check in found.values()} == {CheckState.BAD}


def test_the_failed_ones_can_be_tested_again(organization, serve) -> None:
    """X4-03 "reprobar fallidos"."""
    good, bad, never = account_at(serve()), make_mail_account(smtp_port=1), make_mail_account()
    outcome_of(good)
    outcome_of(bad)

    assert [account.id for account in accounts_to_test(only_failed=True)] == [bad.id]
    assert never.id in [account.id for account in accounts_to_test()]


def test_a_refused_password_lets_the_account_rest(organization, serve) -> None:
    """X4-07, E-10: nothing is switched off in silence: reason, moment and audit; a good test ends it."""
    server = serve(login="a", password="right", rules=[])
    account = account_at(server, login="a", password="wrong")

    outcome_of(account)
    rests = now(account)
    assert (rests.paused_reason, rests.paused_until) == ("auth_failed", None)
    assert rests.paused_at and rests.failing_since and rests.consecutive_failures == 1

    outcome_of(account)
    assert now(account).consecutive_failures == 2
    assert now(account).paused_at == rests.paused_at

    server.options.password = "wrong"
    outcome_of(account)
    assert not now(account).is_paused
    assert now(account).consecutive_failures == 0
    events = select(AuditEvent.action).where(AuditEvent.entity == "mail_account")
    assert {"pause", "resume", "check"} <= set(db.session.scalars(events))


def test_a_server_that_is_away_pauses_nothing(organization) -> None:
    """X4-07: the sender finds out by itself how long to wait; a test only counts."""
    account = make_mail_account(smtp_port=1)

    outcome_of(account)

    assert not now(account).is_paused
    assert now(account).consecutive_failures == 1
    assert now(account).last_bad_at is not None


class Meanwhile(NetworkGateway):
    """Somebody saves the account while its server thinks."""

    def __init__(self, account: MailAccount) -> None:
        self.organization_id, self.account_id = account.organization_id, account.id
        self.engine = db.engine  # a thread has no application context

    def dial(self, *arguments: Any) -> Any:
        accounts = MailAccount.__table__
        changed = update(accounts).where(accounts.c.id == self.account_id).values(version=2)
        with self.engine.begin() as connection:
            scope = {"organization": str(self.organization_id), "customer": ""}
            connection.execute(SET_SCOPE, scope)
            connection.execute(changed)
        return super().dial(*arguments)


def test_a_new_password_is_not_blamed_for_the_old_one(organization, serve) -> None:
    """X4-07: an account that was changed while its test ran is not judged by it."""
    account = account_at(serve(login="a", password="right"), login="a", password="wrong")
    gateway = Meanwhile(account)
    ask_check([account])
    db.session.commit()

    carry_out_checks(CheckTools(gateway=gateway))

    assert newest_checks([account.id])[account.id].state is CheckState.BAD
    assert not now(account).is_paused


@pytest.mark.parametrize(
    "fields", [{"address": "not an address"}, {"smtp_host": "two words.example"}]
)
def test_an_account_that_cannot_be_used_says_so(organization, fields) -> None:
    check = outcome_of(make_mail_account(**fields))

    assert check.state is CheckState.BAD
    assert check.steps[0]["advice"] == "impossible"


def test_no_secret_is_kept_in_a_test(organization, serve) -> None:
    """S4-12: neither password nor its base64 stands in the steps."""
    rule = Rule(point="auth", reply="535 5.7.8 no")
    account = account_at(serve(login="a", rules=[rule]), login="a", password="canary-secret")

    check = outcome_of(account)

    assert "canary" not in str(check.steps)
    assert "Y2FuYXJ5" not in str(check.steps)
