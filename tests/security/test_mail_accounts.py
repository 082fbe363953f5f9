"""The passwords of mail accounts against those who may edit the accounts."""

from typing import Any

import pytest
from flask import Flask

from models.base import db
from models.mailbox.mail_account import MailAccount
from tests.admin_views.conftest import SignIn
from tests.factories.people import make_mail_account

HOST = "127.0.0.1"


@pytest.fixture
def account(app: Flask, organization: Any) -> MailAccount:
    made = make_mail_account(password="a secret", smtp_host=HOST)
    db.session.commit()
    return made


def form_of(account: MailAccount, **changed: str) -> dict[str, str]:
    return {
        "address": account.address,
        "display_name": "Ventas",
        "smtp_host": account.smtp_host,
        "smtp_port": str(account.smtp_port),
        "smtp_security": "starttls",
        "imap_port": "993",
        "imap_security": "tls",
        "connections": "2",
        "login": account.login or "someone",
        "is_active": "y",
        "row_version": str(account.version),
        **changed,
    }


@pytest.mark.parametrize("field", ["smtp_host", "imap_host"])
def test_a_password_is_not_sent_to_another_server(
    account: MailAccount, sign_in: SignIn, field: str
) -> None:
    """It can be written, never read: not by moving the account to a server of one's own either."""
    admin = sign_in("administrator")
    url = f"/admin/mail_account/edit/?id={account.id}"

    moved = admin.post(url, data=form_of(account, **{field: "mail.attacker.example"}))
    db.session.expire_all()

    assert moved.status_code == 422
    assert (account.smtp_host, account.imap_host) == (HOST, None)


def test_who_writes_the_password_may_move_the_account(
    account: MailAccount, sign_in: SignIn
) -> None:
    admin = sign_in("administrator")
    url = f"/admin/mail_account/edit/?id={account.id}"
    form = form_of(account, smtp_host="smtp.other.example", password="the new one")

    moved = admin.post(url, data=form)
    db.session.expire_all()

    assert moved.status_code == 302
    assert (account.smtp_host, account.password) == ("smtp.other.example", "the new one")


def test_no_account_sends_over_an_open_line_to_far_away(
    account: MailAccount, sign_in: SignIn
) -> None:
    """The form refuses what the command refuses."""
    admin = sign_in("administrator")
    far = {"smtp_host": "192.0.2.1", "smtp_security": "none", "password": "x"}

    answer = admin.post(f"/admin/mail_account/edit/?id={account.id}", data=form_of(account, **far))

    assert answer.status_code == 422
