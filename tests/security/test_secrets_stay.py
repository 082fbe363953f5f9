"""No secret leaves (issue's "Keys", T5): one of each kind goes in through the doors, and is looked for everywhere."""

import base64
import dataclasses
import io
import logging
import os
import re
import subprocess
import zipfile
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from admin_views.registry import endpoint_of, models_with_screens
from embedded.binaries import postgres_programs
from extensions.logs import JsonLines
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.oauth import ApplicationToken, OAuthApplication, OAuthToken
from models.people.organization import Organization
from models.people.user import User
from tests.browser import Browser
from tests.factories.people import PASSWORD, make_mail_account, make_user
from tests.factories.saving import saved
from tests.security.test_mail_accounts import form_of
from tests.servers.authorization_server import CLIENT_ID, CLIENT_SECRET, AuthorizationServer

NEW_PASSWORD = "canary pass phrase of a person"
MAIL_PASSWORD = "canary password of an account"
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that is logged, as it is written to a file, down to the last detail."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def server(app: Flask) -> Iterator[AuthorizationServer]:
    before = app.extensions["settings"]
    with AuthorizationServer() as running:
        app.extensions["settings"] = dataclasses.replace(before, **running.urls())
        yield running
    app.extensions["settings"] = before


@pytest.fixture
def secrets(
    app: Flask, browser: Browser, organization: Organization, server: AuthorizationServer
) -> dict[str, str]:
    """What was given, by kind; `browser` stays signed in."""
    user = make_user(organization, role="administrator", lang="en", is_global_admin=True)
    account = make_mail_account()
    db.session.commit()
    browser.enter_as(user, organization)
    given = {"password of a person": NEW_PASSWORD, "password of an account": MAIL_PASSWORD}

    def version_at(url: str) -> str:
        page = browser.get(url).text
        return page.partition('name="row_version"')[2].partition('value="')[2].partition('"')[0]

    # The account's password, then its owner's permission.
    edit = f"/admin/mail_account/edit/?id={account.id}"
    form = form_of(account, password=MAIL_PASSWORD, row_version=version_at(edit))
    assert browser.submit(edit, {**form, "smtp_security": "none"}).status_code == 302
    db.session.expire_all()
    assert account.password == MAIL_PASSWORD
    kept = saved(
        MailAccount(address="second@example.com", smtp_host="127.0.0.1", password=MAIL_PASSWORD)
    )
    db.session.commit()
    assert kept.password == MAIL_PASSWORD
    fields = {"provider": "google", "client_id": CLIENT_ID, "secret": CLIENT_SECRET, "tenant": ""}
    assert browser.submit("/admin/oauth_application/new/", fields).status_code == 302
    given["client secret"] = CLIENT_SECRET
    permission = f"/mail-accounts/{account.public_id}/permission"
    page = browser.submit(f"{permission}/ask", form_at=permission).text
    link = page.partition('class="btn btn-primary" href="')[2].partition('"')[0]
    asked = dict(parse_qsl(urlsplit(link.replace("&amp;", "&")).query))
    back = urlsplit(server.agree(asked))
    assert browser.get(f"{back.path}?{back.query}").status_code == 302
    token = db.session.scalars(select(OAuthToken)).one()
    given["access token"], given["refresh token"] = token.access or "", token.refresh or ""
    given["code of the answer"] = dict(parse_qsl(back.query))["code"]

    # What all accounts of a tenant share.
    fields |= {"provider": "microsoft", "tenant": "penalba.example"}
    assert browser.submit("/admin/oauth_application/new/", fields).status_code == 302
    tenants = make_mail_account(address="third@outlook.com")
    db.session.commit()
    permission = f"/mail-accounts/{tenants.public_id}/permission"
    browser.submit(f"{permission}/by-application", form_at=permission)
    given["shared token"] = db.session.scalars(select(ApplicationToken)).one().access or ""

    # The person's own: password, second step, the link for a colleague, the session.
    changed = {"current": PASSWORD, "password": NEW_PASSWORD}
    assert browser.submit("/account/password", changed, form_at="/account").status_code == 302
    user = db.session.get_one(User, user.id)
    user.totp_secret = TOTP
    db.session.commit()
    given["key of the second step"] = TOTP
    colleague = make_user(organization, email="colega@example.com", password_hash=None)
    db.session.commit()
    invited = browser.submit(
        "/admin/user/verb/", {"id": str(colleague.id), "verb": "invite"}, form_at="/account"
    )
    found = re.search(r"/password/([A-Za-z0-9_-]{20,})", invited.text)
    if found:
        given["one-time link"] = found[1]
    with browser.session_transaction() as cookie:
        given["session"] = cookie["_user_id"]
    assert all(given.values())
    return given


def places_of(secret: str) -> list[bytes]:
    """The secret as it is, and as it may hide: base64, hexadecimal."""
    raw = secret.encode()
    return [raw, base64.b64encode(raw).rstrip(b"="), raw.hex().encode()]


def leaks(secrets: dict[str, str], where: bytes) -> list[str]:
    return [kind for kind, secret in secrets.items() if any(p in where for p in places_of(secret))]


def test_no_secret_is_in_a_dump(
    secrets: dict[str, str], superuser_dsn: str, organization: Organization
) -> None:
    """The whole database, audit included, as a thief or a backup has it."""
    done = subprocess.run(
        [postgres_programs(os.environ) / "pg_dump", "--format=plain", superuser_dsn],
        capture_output=True,
        check=True,
    )

    assert b"second@example.com" in done.stdout
    assert b"audit_event" in done.stdout
    assert leaks(secrets, done.stdout) == []


def test_no_secret_is_logged(logged: io.StringIO, request: pytest.FixtureRequest) -> None:
    """Down to DEBUG, libraries too."""
    secrets: dict[str, str] = request.getfixturevalue("secrets")
    assert leaks(secrets, logged.getvalue().encode()) == []
    assert logged.getvalue()


def test_no_secret_is_on_a_page_or_in_an_export(
    secrets: dict[str, str], browser: Browser, server: AuthorizationServer
) -> None:
    """Every list, record, form and export of every screen, and the pages made by hand."""
    account = db.session.scalars(select(MailAccount).order_by(MailAccount.id)).first()
    assert account is not None
    pages = ["/", "/account", f"/mail-accounts/{account.public_id}/permission"]
    pages += ["/addons/mail-accounts", "/addons/mail-accounts/checks/", "/admin/mail-rights/"]
    pages += [f"/addons/mail-accounts/checks/{account.public_id}", "/admin/user-sessions/"]
    for endpoint in map(endpoint_of, models_with_screens()):
        pages += [
            f"/admin/{endpoint}/",
            f"/admin/{endpoint}/new/",
            *(f"/admin/{endpoint}/export/{kind}/" for kind in ("csv", "xlsx", "json")),
        ]
    for model in (MailAccount, OAuthApplication, User):
        for key in db.session.scalars(select(model.id)):
            pages += [
                f"/admin/{endpoint_of(model)}/{page}/?id={key}" for page in ("details", "edit")
            ]
    db.session.rollback()
    seen = 0
    for path in pages:
        answer = browser.get(path, buffered=True)
        assert leaks(secrets, unpacked(answer.data)) == [], path
        seen += answer.status_code == 200
    assert seen > 50


def unpacked(content: bytes) -> bytes:
    """A workbook is a ZIP file."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())
