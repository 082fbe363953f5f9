"""Permissions of mail accounts against those who may edit the accounts, and against those who ask too often (X4-02)."""

import dataclasses
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from extensions import limiter
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import SignInBy
from models.mailbox.oauth import OAuthProvider
from models.people.organization import Organization
from models.people.user import User
from services.mailbox.consent import tokens_of, use_application
from services.mailbox.oauth_endpoints import OAuthEndpoints
from tests.admin_views.conftest import SignIn
from tests.admin_views.test_account_grid import form_of as row_form_of
from tests.factories.oauth import give_permission, make_agreed_account, make_application
from tests.factories.people import make_mail_account, make_user
from tests.security.test_mail_accounts import form_of
from tests.servers.authorization_server import AuthorizationServer

NEW = "a password instead"


@pytest.fixture
def server(app: Flask) -> Iterator[AuthorizationServer]:
    before = app.extensions["settings"]
    with AuthorizationServer() as running:
        app.extensions["settings"] = dataclasses.replace(before, **running.urls())
        yield running
    app.extensions["settings"] = before


@pytest.fixture
def limits(application: Flask) -> Iterator[None]:
    """The rate limits, as in real life."""
    limiter.enabled = True
    limiter.reset()
    yield
    limiter.reset()
    limiter.enabled = False


@pytest.fixture
def owner(organization: Organization) -> User:
    return make_user(organization, name="Ana", lang="en")


@pytest.fixture
def account(server: AuthorizationServer, owner: User) -> MailAccount:
    """Its owner has agreed."""
    make_application()
    made = make_agreed_account(server, owner_id=owner.id)
    db.session.commit()
    return made


def by_the_form(client: FlaskClient, account: MailAccount) -> int:
    fields = form_of(account, password=NEW, owner=str(account.owner_id), smtp_security="none")
    return client.post(f"/admin/mail_account/edit/?id={account.id}", data=fields).status_code


def by_the_grid(client: FlaskClient, account: MailAccount) -> int:
    assert account.owner is not None
    return client.post(
        "/addons/mail-accounts", data=row_form_of(account.owner, password=NEW)
    ).status_code


def by_the_page_of_the_test(client: FlaskClient, account: MailAccount) -> int:
    url = f"/addons/mail-accounts/checks/{account.public_id}/password"
    return client.post(url, data={"password": NEW}).status_code


def by_a_job(client: FlaskClient, account: MailAccount) -> int:
    """An import, or the link by which people write their own."""
    account.password = NEW
    db.session.commit()
    return 302


Way = Callable[[FlaskClient, MailAccount], int]


@pytest.mark.parametrize("way", [by_the_form, by_the_grid, by_the_page_of_the_test, by_a_job])
def test_a_password_over_a_permission_gives_the_permission_back(
    account: MailAccount, server: AuthorizationServer, sign_in: SignIn, way: Way
) -> None:
    """X4-02: no token is left that nobody uses and nobody sees, whichever way the password came."""
    row = tokens_of(account)
    assert row is not None
    refresh = row.refresh

    assert way(sign_in(), account) in (200, 302)

    db.session.expire_all()
    assert (account.sign_in_by, account.password) == (SignInBy.PASSWORD, NEW)
    assert tokens_of(account) is None
    assert server.revoked == [refresh]


def test_a_provider_that_is_away_keeps_nobody_from_writing_a_password(
    app: Flask, account: MailAccount, sign_in: SignIn
) -> None:
    """X4-02: it is told softly."""
    app.extensions["settings"] = dataclasses.replace(
        app.extensions["settings"], google_revoke_url="http://127.0.0.1:9/revoke"
    )

    assert by_the_form(sign_in(), account) == 302

    db.session.expire_all()
    assert tokens_of(account) is None


def test_what_was_taken_back_is_not_told(account: MailAccount, server: AuthorizationServer) -> None:
    """A save that failed leaves the permission in use."""
    account.password = NEW
    db.session.flush()
    db.session.rollback()
    db.session.commit()

    assert server.revoked == []
    assert tokens_of(account) is not None


def test_a_deleted_account_gives_its_permission_back(
    account: MailAccount, server: AuthorizationServer
) -> None:
    db.session.delete(account)
    db.session.commit()

    assert len(server.revoked) == 1


@pytest.mark.parametrize("field", ["smtp_host", "imap_host"])
def test_a_permission_is_not_led_to_another_server(
    account: MailAccount, sign_in: SignIn, field: str
) -> None:
    """T5: the token would be shown to it, as a stored password would."""
    fields = form_of(account, owner=str(account.owner_id), **{field: "mail.attacker.example"})

    moved = sign_in(lang="en").post(f"/admin/mail_account/edit/?id={account.id}", data=fields)

    db.session.expire_all()
    assert moved.status_code == 422
    assert "Withdraw the permission first" in moved.text
    assert (account.smtp_host, account.imap_host) == ("127.0.0.1", None)


def test_nor_by_the_grid(account: MailAccount, owner: User, sign_in: SignIn) -> None:
    moved = sign_in(lang="en").post(
        "/addons/mail-accounts", data=row_form_of(owner, smtp_host="mail.attacker.example")
    )

    db.session.expire_all()
    assert "Withdraw the permission first" in moved.text
    assert account.smtp_host == "127.0.0.1"


def test_who_writes_a_password_may_lead_it_elsewhere(account: MailAccount, sign_in: SignIn) -> None:
    fields = form_of(
        account, owner=str(account.owner_id), smtp_host="smtp.other.example", password=NEW
    )

    moved = sign_in().post(f"/admin/mail_account/edit/?id={account.id}", data=fields)

    db.session.expire_all()
    assert moved.status_code == 302, moved.text
    assert (account.smtp_host, tokens_of(account)) == ("smtp.other.example", None)


def test_nobody_is_asked_for_a_permission_that_a_stranger_would_see(
    server: AuthorizationServer, sign_in: SignIn, organization: Organization
) -> None:
    """T5: an account at a server that is neither the provider's nor near."""
    make_application()
    account = make_mail_account(smtp_host="192.0.2.7", address="ana@gmail.com")
    db.session.commit()
    page = f"/mail-accounts/{account.public_id}/permission"
    client = sign_in(lang="en")

    assert client.post(f"{page}/ask").status_code == 302

    assert "192.0.2.7 is none of them" in client.get(page).text


@pytest.mark.parametrize("host", ["smtp.gmail.com", "smtp-relay.gmail.com"])
def test_the_providers_own_servers_are_no_strangers(
    server: AuthorizationServer, organization: Organization, host: str
) -> None:
    make_application()
    account = make_mail_account(smtp_host=host, address="ana@gmail.com")

    give_permission(account, server)

    assert account.sign_in_by is SignInBy.CONSENT


@pytest.mark.parametrize("page", ["ask", "by-application", "withdraw"])
def test_the_pages_of_a_permission_are_limited(
    limits: None, account: MailAccount, sign_in: SignIn, page: str
) -> None:
    """T19: each of them asks the provider."""
    client, url = sign_in(), f"/mail-accounts/{account.public_id}/permission/{page}"

    answers = [client.post(url).status_code for _time in range(21)]

    assert set(answers[:20]) <= {200, 302}
    assert answers[20] == 429


def test_the_answer_is_limited(limits: None, organization: Organization, sign_in: SignIn) -> None:
    """X4-02: states cannot be tried out."""
    client = sign_in()

    answers = [
        client.get(f"/mail-accounts/permission/answer?state={number}&code=x").status_code
        for number in range(21)
    ]

    assert (set(answers[:20]), answers[20]) == ({302}, 429)


def test_owners_find_their_permission_without_further_rights(
    account: MailAccount, sign_in: SignIn
) -> None:
    """X4-02: from «My account», and only for their own."""
    shared = make_mail_account(address="info@gmail.com", smtp_host="smtp.gmail.com")
    db.session.commit()
    client = sign_in("reader", name="Omar", lang="en")
    account.owner_id = db.session.scalars(select(User.id).where(User.name == "Omar")).one()
    db.session.commit()
    link = f"/mail-accounts/{account.public_id}/permission"

    page = client.get("/account").text

    assert f'href="{link}"' in page
    assert shared.address in page
    assert str(shared.public_id) not in page
    assert client.get(link).status_code == 200


def test_many_accounts_are_set_up_by_one_permission(
    server: AuthorizationServer, sign_in: SignIn, organization: Organization
) -> None:
    """X4-02: "one consent for a whole tenant covers N users", by a selection in the list."""
    make_application(OAuthProvider.MICROSOFT, tenant="penalba.example")
    accounts = [make_mail_account() for _number in range(3)]
    other = make_mail_account(smtp_host="smtp.acme.test")
    db.session.commit()
    rows = [str(each.id) for each in (*accounts, other)]
    form = {"action": "by_application", "rowid": rows, "sure": "1"}

    assert sign_in().post("/admin/mail_account/action/", data=form).status_code == 302

    db.session.expire_all()
    assert {each.sign_in_by for each in accounts} == {SignInBy.APPLICATION}
    assert other.sign_in_by is SignInBy.NOTHING
    assert len(server.asked) == 1


def test_withdrawing_one_leaves_the_tenants_token_to_the_others(
    server: AuthorizationServer, sign_in: SignIn, organization: Organization
) -> None:
    """X4-02: the others go on."""
    make_application(OAuthProvider.MICROSOFT, tenant="penalba.example")
    one, other = make_mail_account(), make_mail_account()
    for each in (one, other):
        use_application(each, endpoints=OAuthEndpoints(**server.urls()))
    db.session.commit()

    page = f"/mail-accounts/{one.public_id}/permission/withdraw"
    assert sign_in().post(page).status_code == 302

    db.session.expire_all()
    assert (one.sign_in_by, other.sign_in_by) == (SignInBy.NOTHING, SignInBy.APPLICATION)
    assert len(server.asked) == 1
