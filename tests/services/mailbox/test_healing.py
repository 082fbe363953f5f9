"""Accounts that rest: who is told, when they are tested by themselves, and that they go on (X4-07, E-10)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from jobs.checks import check_accounts, ring_for_checks
from mail.gateway import NetworkGateway
from models.base import db, utc_now
from models.mailbox.account_check import AccountCheck
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import Delivery, DeliveryKind
from models.people.organization import Organization
from services.mailbox.checking import CheckTools, carry_out_checks
from services.mailbox.checks import ask_check
from services.mailbox.healing import ask_due_checks, next_checks
from services.mailings.flow import start
from tests.factories.ledger import make_ready_mailing
from tests.factories.people import make_mail_account, make_user
from tests.servers.sender_process import is_under_way, make_dispatch
from tests.servers.smtp_server import RecordingSmtpServer, Rule, ServerOptions
from tests.services.mailbox.conftest import now, outcome_of

HOUR = timedelta(hours=1)


def rest(account: MailAccount, reason: str, *, hours: float, tests: int = 0) -> None:
    """Let it have rested for so long, with so many tests by the clock; the last of them is the rest's only trace."""
    since = utc_now() - hours * HOUR
    account.paused_reason, account.paused_at = reason, since
    db.session.flush()
    for _number in range(tests):
        db.session.add(
            AccountCheck(
                account_id=account.id,
                state="bad",
                created_at=since,
                started_at=since,
                ended_at=since,
            )
        )
    db.session.execute(
        update(MailAccount)
        .where(MailAccount.id == account.id)
        .values(created_at=since, last_bad_at=since)
    )
    db.session.commit()


@pytest.mark.parametrize(
    ("reason", "tests", "wait"),
    [
        ("from_not_allowed", 0, 1),
        ("from_not_allowed", 1, 4),
        ("from_not_allowed", 2, 12),
        ("from_not_allowed", 3, 24),
        ("from_not_allowed", 9, 24),
        ("auth_failed", 0, 24),
        ("auth_failed", 2, 24),
    ],
)
def test_the_clock_waits_longer_each_time(organization, reason, tests, wait) -> None:
    """X4-07: after 1, 4 and 12 hours, then daily; a refused password once a day at most."""
    early, late = make_mail_account(), make_mail_account()
    rest(early, reason, hours=wait - 0.1, tests=tests)
    rest(late, reason, hours=wait + 0.1, tests=tests)

    moments = next_checks([early.id, late.id])
    assert moments[early.id] > utc_now() > moments[late.id]

    assert ask_due_checks() == 1
    assert ask_due_checks() == 0
    asked = db.session.scalars(select(AccountCheck).where(AccountCheck.ended_at.is_(None))).one()
    assert (asked.account_id, asked.asked_by_id) == (late.id, None)


def test_only_what_waits_for_a_person_is_tested(organization) -> None:
    throttled, working, switched_off = (make_mail_account() for _number in range(3))
    rest(throttled, "throttled", hours=30)
    throttled.paused_until = utc_now() + HOUR
    rest(switched_off, "auth_failed", hours=30)
    switched_off.is_active = False
    db.session.commit()

    assert not next_checks([throttled.id, working.id, switched_off.id])


def test_an_account_heals_itself(organization, serve: Callable[..., Any]) -> None:
    """X4-07: somebody has cured it at the provider; the clock finds out, the account goes on, and says so."""
    server = serve(login="a", password="right")
    account = make_mail_account(smtp_port=server.port, login="a", password="right")
    make_user(organization, role="administrator")
    rest(account, "auth_failed", hours=25)

    ring_for_checks()
    check_accounts()

    assert not now(account).is_paused
    assert now(account).last_good_at is not None
    assert subjects() == [f"La cuenta {account.address} funciona de nuevo"]


def test_an_account_that_can_only_send_goes_on_sending(organization, serve) -> None:
    """X4-01, X4-07: incoming mail that does not work holds nothing back, and is not hidden either."""
    account = make_mail_account(
        smtp_port=serve(login="a", password="right").port,
        login="a",
        password="right",
        imap_host="127.0.0.1",
        imap_port=1,
    )
    rest(account, "auth_failed", hours=25)

    check = outcome_of(account)

    assert check.state == "bad"
    assert not now(account).is_paused
    assert now(account).last_good_at and now(account).last_bad_at
    assert now(account).consecutive_failures == 0


def test_who_can_cure_it_is_told_once(organization: Organization, serve) -> None:
    """X4-07 "never silent", E-10: its owner and who may change accounts; not at every test that fails again."""
    server = serve(login="a", password="right")
    owner = make_user(organization, role="reader")
    admin = make_user(organization, role="administrator")
    make_user(organization, role="clerk")
    make_mail_account()  # through which it is told
    account = make_mail_account(
        smtp_port=server.port, login="a", password="wrong", owner_id=owner.id
    )

    outcome_of(account)
    outcome_of(account)

    told = db.session.scalars(
        select(Delivery.recipient_norm).where(Delivery.kind == DeliveryKind.NOTICE)
    ).all()
    assert sorted(told) == sorted([owner.email_norm, admin.email_norm])


def test_sending_says_when_an_account_worked(organization, settings) -> None:
    """X4-07: written once for each run, whatever it sends."""
    with RecordingSmtpServer() as server:
        account = make_mail_account(smtp_port=server.port)
        mailing = make_ready_mailing(settings, 5, account)
        start(mailing.id)
        db.session.commit()
        make_dispatch(settings).work(stays=is_under_way, seconds=40)

    assert len(server.accepted) == 5
    assert now(account).last_good_at is not None
    assert now(account).last_bad_at is None


def test_sending_that_is_refused_is_told_as_well(organization, settings) -> None:
    """X4-07: a pause by the sender writes the same facts, and who may cure it gets an e-mail."""
    admin = make_user(organization, role="administrator")
    make_mail_account(smtp_port=1)
    options = ServerOptions(login="a", password="right", rules=[Rule(point="auth", reply="535 no")])
    with RecordingSmtpServer(options) as server:
        account = make_mail_account(smtp_port=server.port, login="a", password="wrong")
        mailing = make_ready_mailing(settings, 2, account)
        start(mailing.id)
        db.session.commit()
        make_dispatch(settings).work(seconds=20)

    rests = now(account)
    assert (rests.paused_reason, rests.consecutive_failures) == ("auth_failed", 1)
    assert rests.last_bad_at and rests.paused_at
    told = select(Delivery.recipient_norm).where(Delivery.kind == DeliveryKind.NOTICE)
    assert admin.email_norm in db.session.scalars(told).all()


def subjects() -> list[str]:
    query = select(Delivery.subject).where(Delivery.kind == DeliveryKind.NOTICE)
    return list(db.session.scalars(query.order_by(Delivery.id)))


def test_a_rests_own_test_is_not_repeated_while_it_waits(organization) -> None:
    account = make_mail_account()
    rest(account, "from_not_allowed", hours=2)
    ask_check([account])
    db.session.commit()

    assert ask_due_checks() == 0
    carry_out_checks(CheckTools(gateway=NetworkGateway()))
    count = select(func.count()).select_from(AccountCheck)
    assert db.session.scalar(count) == 1
