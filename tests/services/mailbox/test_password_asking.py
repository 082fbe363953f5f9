"""X4-06: users write the passwords of their mail accounts by a link that works once; nobody else learns them."""

import threading
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from errors import Conflict, Invalid, NotFound
from mail.gateway import NetworkGateway
from mail.mime import unstuffed
from models.base import db, utc_now
from models.mailbox.account_check import AccountCheck, CheckState
from models.mailbox.account_password_link import AccountPasswordLink
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import MailSecurity, SignInBy
from models.mailings.delivery import Delivery, DeliveryBody
from models.people.organization import Organization
from models.people.user import User
from models.system.audit_event import AuditEvent
from models.tenancy import Scope, current_scope, enter
from services.mailbox.account_grants import let_go_of_leavers
from services.mailbox.checking import CheckTools, carry_out_checks
from services.mailbox.password_asking import ask_passwords, asked_at
from services.mailbox.password_writing import (
    AskedPassword,
    asked_by_link,
    asked_of,
    organization_of_link,
    waiting_for,
    write_password,
)
from services.mailings.sealed_head import open_head
from tests.factories.accounts import make_colleague, make_own_account
from tests.factories.people import make_mail_account, make_organization, make_user
from tests.servers.smtp_server import RecordingSmtpServer

BASE = "https://window.example"
WRITTEN = "canary-of-a-mail-password"


@pytest.fixture
def admin(organization: Organization) -> User:
    """Who asks; the organization has an account that can send."""
    make_mail_account(is_shared=True)
    return make_user(organization, name="Zoe Ávila")


@pytest.fixture
def ana(organization: Organization) -> User:
    return make_colleague(organization, "Ana Ruiz", email="ana@personal.example")


@pytest.fixture
def account(admin: User, ana: User) -> MailAccount:
    """Ana's, whose password nobody has written yet."""
    made = make_own_account(ana, "ana@acme.com", password=None, login=None)
    db.session.commit()
    return made


def ask(admin: User, *accounts: MailAccount) -> int:
    asked = ask_passwords(accounts, asked_by=admin, base_url=BASE)
    db.session.commit()
    return len(asked.accounts)


def text_of_message() -> str:
    """The only message of the ledger, as its reader sees it."""
    recipient, head = db.session.execute(
        select(Delivery.recipient, DeliveryBody.head).join(
            DeliveryBody, DeliveryBody.delivery_id == Delivery.id
        )
    ).one()
    message = message_from_bytes(unstuffed(open_head(head, recipient)), policy=policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    return f"To: {message['to']}\n{body.get_content()}"


def token_of_message() -> str:
    return text_of_message().partition(f"{BASE}/mail-password/")[2].partition("\n")[0].strip()


def write(asked: AskedPassword, password: str = WRITTEN, *, wants_test: bool = False) -> None:
    write_password(asked, password, lines=asked.lines, wants_test=wants_test)
    db.session.commit()


def test_a_link_goes_to_the_owner(admin: User, account: MailAccount) -> None:
    """By the ledger, to the address that the user signs in with; the row knows the hash alone."""
    assert ask(admin, account) == 1

    text, token = text_of_message(), token_of_message()
    link = db.session.scalars(select(AccountPasswordLink)).one()
    assert "ana@personal.example" in text
    assert "Zoe Ávila" in text and "ana@acme.com" in text
    assert len(token) == 43
    assert token not in link.token_hash and len(link.token_hash) == 64
    assert timedelta(days=6, hours=23) < link.ends_at - utc_now() <= timedelta(days=7)
    assert asked_at([account.id]) == {account.id: link.created_at}
    event = db.session.scalars(select(AuditEvent).filter_by(action="ask_password")).one()
    assert (event.entity, event.entity_id) == ("mail_account", account.id)


def test_the_text_of_the_message_is_stored_sealed(admin: User, account: MailAccount) -> None:
    ask(admin, account)
    token = token_of_message()

    head = db.session.scalars(select(DeliveryBody.head)).one()

    assert token.encode() not in bytes(head)


def test_the_owner_writes_it_once(admin: User, account: MailAccount, ana: User) -> None:
    """X4-06, E-4: by a link of one use; the account works with it at once."""
    ask(admin, account)
    token = token_of_message()
    assert waiting_for(ana) == {account.id}

    write(asked_by_link(token))

    db.session.expire_all()
    assert (account.password, account.login) == (WRITTEN, "ana@acme.com")
    assert account.sign_in_by is SignInBy.PASSWORD
    assert asked_at([account.id]) == {} and waiting_for(ana) == set()
    assert not asked_by_link(token).is_open
    with pytest.raises(NotFound):
        write(asked_by_link(token), "another")
    told = db.session.scalars(select(AuditEvent.after)).all()
    assert WRITTEN not in str(told)
    assert db.session.scalars(select(AuditEvent).filter_by(action="write_password")).one()


def test_of_many_at_once_one_writes(app: Flask, admin: User, account: MailAccount) -> None:
    ask(admin, account)
    token, scope = token_of_message(), current_scope()
    start, outcomes = threading.Barrier(4), []

    def try_it(number: int) -> None:
        with app.app_context():
            enter(scope)
            asked = asked_by_link(token)
            start.wait()
            try:
                write(asked, f"password {number}")
                outcomes.append("written")
            except NotFound:
                outcomes.append("refused")
            db.session.remove()

    threads = [threading.Thread(target=try_it, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["refused", "refused", "refused", "written"]


def test_asking_again_ends_the_earlier_link(admin: User, account: MailAccount) -> None:
    ask(admin, account)
    first = token_of_message()
    assert ask(admin, account) == 0  # a second click

    with time_machine.travel(utc_now() + timedelta(minutes=10)):
        assert ask(admin, account) == 1
        with pytest.raises(NotFound):
            organization_of_link(first)


def test_a_link_ends_after_a_week(admin: User, account: MailAccount) -> None:
    ask(admin, account)
    token = token_of_message()

    with time_machine.travel(utc_now() + timedelta(days=7, minutes=1)), pytest.raises(NotFound):
        asked_by_link(token)


def _another_owner(account: MailAccount) -> None:
    account.owner_id = None


def _switched_off(account: MailAccount) -> None:
    account.is_active = False


def _owner_switched_off(account: MailAccount) -> None:
    assert account.owner is not None
    account.owner.is_active = False


def _password_written(account: MailAccount) -> None:
    account.password = "by somebody else"


@pytest.mark.parametrize(
    "change", [_another_owner, _switched_off, _owner_switched_off, _password_written]
)
def test_what_is_not_waited_for_any_more_ends_the_link(
    admin: User, account: MailAccount, change: Callable[[MailAccount], None]
) -> None:
    """Whoever owned the account then, or found the message late, writes nothing."""
    ask(admin, account)
    token = token_of_message()
    change(account)
    db.session.commit()

    with pytest.raises(NotFound):
        asked_by_link(token)


def test_who_has_left_writes_nothing(admin: User, account: MailAccount, ana: User) -> None:
    ask(admin, account)
    token = token_of_message()
    db.session.execute(
        db.delete(db.metadata.tables["user_membership"]).where(
            db.metadata.tables["user_membership"].c.user_id == ana.id
        )
    )
    let_go_of_leavers()
    db.session.commit()

    with pytest.raises(NotFound):
        asked_by_link(token)


def test_it_goes_only_where_the_page_said(admin: User, account: MailAccount) -> None:
    """E-3: whoever may edit the account could otherwise have it sent to a server of their own."""
    ask(admin, account)
    asked = asked_by_link(token_of_message())
    seen = asked.lines
    account.smtp_host = "smtp.attacker.test"
    db.session.commit()

    with pytest.raises(Conflict):
        write_password(asked, WRITTEN, lines=seen, wants_test=False)
    db.session.rollback()

    assert account.password_sealed is None


@pytest.mark.parametrize("password", ["", "two\nlines", "x" * 1001])
def test_what_is_no_password_leaves_the_link_good(
    admin: User, account: MailAccount, password: str
) -> None:
    ask(admin, account)
    token = token_of_message()

    with pytest.raises(Invalid):
        write(asked_by_link(token), password)
    db.session.rollback()

    assert asked_by_link(token).is_open


def test_nobody_is_asked_without_need(
    admin: User, account: MailAccount, organization: Organization
) -> None:
    """With a password, with a permission, shared, switched off: passed over."""
    bea = make_colleague(organization, "Bea")
    others = [
        make_own_account(bea, "b1@acme.com"),
        make_own_account(bea, "b2@acme.com", password=None, sign_in_by=SignInBy.CONSENT),
        make_own_account(bea, "b3@acme.com", password=None, is_active=False),
        make_mail_account(is_shared=True),
    ]
    db.session.commit()

    asked = ask_passwords([account, *others], asked_by=admin, base_url=BASE)

    assert ([each.id for each in asked.accounts], asked.passed_over) == ([account.id], 4)


def test_a_refused_password_can_be_asked_for_again(admin: User, account: MailAccount) -> None:
    account.password = "the old one"
    account.pause_for_person("auth_failed", "535")
    db.session.commit()

    assert ask(admin, account) == 1
    write(asked_by_link(token_of_message()))

    assert not account.is_paused


def test_without_an_account_that_can_send_nobody_is_asked(
    organization: Organization, ana: User
) -> None:
    account = make_own_account(ana, "ana@acme.com", password=None, login=None)

    with pytest.raises(Conflict):
        ask_passwords([account], asked_by=ana, base_url=BASE)


def test_another_organizations_link_is_another_scope(admin: User, account: MailAccount) -> None:
    ask(admin, account)
    token = token_of_message()
    other = make_organization()
    db.session.commit()

    assert organization_of_link(token) == account.organization_id
    enter(Scope(organization_id=other.id))
    with pytest.raises(NotFound):
        asked_by_link(token)


def test_a_colleague_has_no_way_in(
    admin: User, account: MailAccount, ana: User, organization: Organization
) -> None:
    ask(admin, account)
    bea = make_colleague(organization, "Bea")

    assert asked_of(ana, account.public_id).is_open
    with pytest.raises(NotFound):
        asked_of(bea, account.public_id)


def test_a_refused_password_may_be_written_again_a_few_times(
    admin: User, account: MailAccount, serve: Callable[..., RecordingSmtpServer]
) -> None:
    """A slip of the finger needs no second message; but the link is no way to try passwords out."""
    server = serve(login="ana@acme.com", password="right")
    account.smtp_host, account.smtp_port = "127.0.0.1", server.port
    account.smtp_security = MailSecurity.NONE
    db.session.commit()
    ask(admin, account)
    token = token_of_message()

    for uses in range(1, 6):
        asked = asked_by_link(token)
        assert asked.is_open
        write(asked, f"wrong {uses}", wants_test=True)
        assert not asked_by_link(token).is_open  # while it is being tested
        carry_out_checks(CheckTools(gateway=NetworkGateway()))
        check = db.session.scalars(
            select(AccountCheck).order_by(AccountCheck.id.desc()).limit(1)
        ).one()
        assert check.state is CheckState.BAD

    assert not asked_by_link(token).is_open
