"""X4-02 at the screen: give a permission, come back, take it back."""

import dataclasses
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import SignInBy
from models.mailbox.oauth import OAuthApplication, OAuthProvider
from models.people.organization import Organization
from services.mailbox.consent import tokens_of
from tests.browser import Browser, new_browser
from tests.factories.oauth import make_application
from tests.factories.people import make_mail_account, make_user
from tests.servers.authorization_server import CLIENT_SECRET, AuthorizationServer


@pytest.fixture
def server(app: Flask) -> Iterator[AuthorizationServer]:
    """A provider of our own, as the settings name it."""
    before = app.extensions["settings"]
    with AuthorizationServer() as running:
        app.extensions["settings"] = dataclasses.replace(before, **running.urls())
        yield running
    app.extensions["settings"] = before


@pytest.fixture
def account(organization: Organization) -> MailAccount:
    made = make_mail_account()
    db.session.commit()
    return made


@pytest.fixture
def staff(browser: Browser, organization: Organization) -> Browser:
    user = make_user(organization, role="administrator", lang="en")
    return browser.enter_as(user, organization)


def place(account: MailAccount, page: str = "") -> str:
    return f"/mail-accounts/{account.public_id}/permission{page}"


def ask(staff: Browser, account: MailAccount) -> dict[str, str]:
    """Press the button; what the provider is asked."""
    page = staff.submit(place(account, "/ask"), form_at=place(account))
    assert page.status_code == 200
    link = page.text.partition('class="btn btn-primary" href="')[2].partition('"')[0]
    return dict(parse_qsl(urlsplit(link.replace("&amp;", "&")).query))


def answer(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def flashed(staff: Browser, path: str) -> str:
    return staff.get(path).text


def test_permission_is_given_and_taken_back(
    staff: Browser, account: MailAccount, server: AuthorizationServer
) -> None:
    """X4-02: button, provider, callback; then "Withdraw permission"."""
    make_application()
    db.session.commit()
    asked = ask(staff, account)
    assert asked["redirect_uri"] == "http://localhost/mail-accounts/permission/answer"

    back = staff.get(answer(server.agree(asked)))

    assert back.headers["Location"] == place(account)
    db.session.expire_all()
    assert account.sign_in_by is SignInBy.CONSENT
    assert tokens_of(account).access not in staff.get(place(account)).text

    assert staff.submit(place(account, "/withdraw"), form_at=place(account)).status_code == 302
    db.session.expire_all()
    assert tokens_of(account) is None


def test_answer_works_once(
    staff: Browser, account: MailAccount, server: AuthorizationServer
) -> None:
    """X4-02: the state is taken out by the first answer."""
    make_application()
    db.session.commit()
    asked = ask(staff, account)
    url = answer(server.agree(asked))
    staff.get(url)
    calls = len(server.asked)

    again = staff.get(url)

    assert again.headers["Location"] == "/"
    assert len(server.asked) == calls


@pytest.mark.parametrize("change", [{"state": "forged"}, {"state": ""}])
def test_forged_state_is_refused(
    staff: Browser, account: MailAccount, server: AuthorizationServer, change: dict[str, str]
) -> None:
    make_application()
    db.session.commit()
    asked = ask(staff, account)

    staff.get(answer(server.agree({**asked, **change})))

    db.session.expire_all()
    assert account.sign_in_by is SignInBy.NOTHING
    assert server.asked == []


def test_answer_of_another_session_is_refused(
    app: Flask,
    staff: Browser,
    organization: Organization,
    account: MailAccount,
    server: AuthorizationServer,
) -> None:
    """X4-02: whoever gets the link of the answer cannot use it in their own browser."""
    make_application()
    db.session.commit()
    asked = ask(staff, account)
    other = new_browser(app).enter_as(make_user(organization, role="administrator"), organization)

    other.get(answer(server.agree(asked)))

    db.session.expire_all()
    assert account.sign_in_by is SignInBy.NOTHING


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("access_denied", "You did not agree"),
        ("server_error", "has trouble"),
        ("invalid_scope", "registered there"),
        ("<script>", "did not say why"),
    ],
)
def test_refusals_are_said_in_words(
    staff: Browser, account: MailAccount, server: AuthorizationServer, error: str, words: str
) -> None:
    make_application()
    db.session.commit()
    state = ask(staff, account)["state"]

    staff.get("/mail-accounts/permission/answer", query_string={"error": error, "state": state})
    page = staff.get(place(account)).text

    assert words in page
    assert "<script>" not in page.partition("<main")[2].replace("<script nonce", "")


def test_owner_may_give_their_own_and_nobody_elses(
    app: Flask, organization: Organization, server: AuthorizationServer
) -> None:
    """X4-02: the account's owner agrees, without rights on accounts; a stranger sees nothing."""
    owner = make_user(organization, role="reader")
    own, other = make_mail_account(owner_id=owner.id), make_mail_account()
    make_application()
    db.session.commit()
    reader = new_browser(app).enter_as(owner, organization)

    assert reader.get(place(own)).status_code == 200
    assert reader.get(place(other)).status_code == 403


def test_without_registration_the_way_to_it_is_shown(
    staff: Browser, account: MailAccount, server: AuthorizationServer
) -> None:
    assert "/admin/oauth_application/new/" in staff.get(place(account)).text


def test_one_permission_for_all_is_used_by_a_button(
    staff: Browser, account: MailAccount, server: AuthorizationServer
) -> None:
    """X4-02: app-only, tried at once."""
    make_application(OAuthProvider.MICROSOFT, tenant="penalba.example")
    db.session.commit()

    staff.submit(place(account, "/by-application"), form_at=place(account))

    db.session.expire_all()
    assert account.sign_in_by is SignInBy.APPLICATION


def test_secret_is_written_and_never_read(
    staff: Browser, organization: Organization, server: AuthorizationServer
) -> None:
    """X4-02: write-only, blank keeps it; the address for the answer stands beside the form."""
    fields = {"provider": "google", "client_id": "client", "secret": CLIENT_SECRET, "tenant": ""}
    new = "/admin/oauth_application/new/"
    assert "http://localhost/mail-accounts/permission/answer" in staff.get(new).text
    assert staff.submit(new, fields).status_code == 302
    made = db.session.scalars(db.select(OAuthApplication)).one()
    edit = f"/admin/oauth_application/edit/?id={made.id}"
    page = staff.get(edit).text
    version = page.partition('name="row_version"')[2].partition('value="')[2].partition('"')[0]

    assert CLIENT_SECRET not in page
    staff.submit(edit, {**fields, "client_id": "other", "secret": "", "row_version": version})
    db.session.expire_all()
    assert (made.client_id, made.secret) == ("other", CLIENT_SECRET)


@pytest.mark.parametrize(
    "fields", [{"tenant": "a/b"}, {"tenant": "x y"}, {"secret": '{"type": "something"}'}]
)
def test_impossible_registration_is_refused(
    staff: Browser, organization: Organization, fields: dict[str, str]
) -> None:
    """The tenant becomes part of an address that is called."""
    usual = {"provider": "microsoft", "client_id": "client", "secret": "s", "tenant": ""}

    refused = staff.submit("/admin/oauth_application/new/", {**usual, **fields})

    assert refused.status_code == 422


def test_password_at_google_is_warned_about(staff: Browser, organization: Organization) -> None:
    """E-1: passwords end there; the page of the account leads to its permission."""
    account = make_mail_account(
        address="ana@gmail.com", smtp_host="smtp.gmail.com", password="x", login="ana@gmail.com"
    )
    db.session.commit()

    details = staff.get(f"/admin/mail_account/details/?id={account.id}").text

    assert place(account) in details
    assert "Google" in staff.get(place(account)).text
