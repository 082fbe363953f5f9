"""How accounts stand in the table: sending and receiving each by its own result (X4-01, X4-03)."""

import re

import pytest
from flask.testing import FlaskClient

from models.base import db, utc_now
from models.mailbox.account_check import AccountCheck, CheckState
from models.mailbox.mail_account import MailAccount
from models.people.organization import Organization
from tests.admin_views.conftest import SignIn
from tests.factories.accounts import make_colleague, make_department, make_own_account

URL = "/addons/mail-accounts"


@pytest.fixture
def account(organization: Organization) -> MailAccount:
    ana = make_colleague(organization, "Ana Peña", department=make_department("Ventas"))
    account = make_own_account(ana, "ana@acme.com", imap_host="imap.acme.com")
    db.session.commit()
    return account


@pytest.fixture
def admin(account: MailAccount, sign_in: SignIn) -> FlaskClient:
    return sign_in("administrator", name="Zoe")


def finish(account: MailAccount, state: CheckState, **sides: str) -> None:
    steps = [
        {"side": side, "step": "tcp", "result": result, "ms": 4, "answer": ""}
        for side, result in sides.items()
    ]
    now = utc_now()
    made = AccountCheck(account=account, state=state, steps=steps, started_at=now, ended_at=now)
    db.session.add(made)
    db.session.commit()


def badge(admin: FlaskClient, side: str) -> str:
    page = admin.get(f"{URL}?side={side}").text
    found = re.search(r'aria-label="Ana Peña: ([^"]*)"', page)
    assert found is not None
    return found[1]


def test_each_side_has_its_own_result(admin: FlaskClient, account: MailAccount) -> None:
    """X4-03: an account that sends and does not receive says both where one looks for it."""
    finish(account, CheckState.BAD, smtp="good", imap="bad")

    assert badge(admin, "outgoing") == "Funciona"
    assert badge(admin, "incoming") == "No funciona"


def test_that_it_has_sent_says_nothing_about_receiving(
    admin: FlaskClient, account: MailAccount
) -> None:
    """X4-01."""
    account.last_good_at = utc_now()
    db.session.commit()

    assert badge(admin, "outgoing") == "Funciona"
    assert badge(admin, "incoming") == "Sin probar"


def test_without_a_server_there_is_nothing_to_receive(
    admin: FlaskClient, account: MailAccount
) -> None:
    """X4-01."""
    finish(account, CheckState.GOOD, smtp="good")
    account.imap_host = None
    db.session.commit()

    assert badge(admin, "outgoing") == "Funciona"
    assert badge(admin, "incoming") == "Sin servidor"
