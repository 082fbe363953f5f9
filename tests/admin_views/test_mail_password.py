"""X4-06: the grid asks users for their passwords, and the page where they write them."""

import re
from email import message_from_bytes, policy

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from mail.mime import unstuffed
from models.base import db
from models.mailbox.account_check import AccountCheck
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import Delivery, DeliveryBody
from models.people.organization import Organization
from models.people.role import Permission, Role
from models.people.user import User
from models.system.audit_event import AuditEvent
from services.mailings.sealed_head import open_head
from tests.admin_views.conftest import SignIn
from tests.browser import Browser, new_browser
from tests.factories.accounts import make_colleague, make_own_account
from tests.factories.people import make_mail_account

URL = "/addons/mail-accounts"
WRITTEN = "canary-of-a-mail-password"
HTMX = {"HX-Request": "true"}
LINES = re.compile(r'name="lines"[^>]*value="([0-9a-f]+)"')


@pytest.fixture
def ana(organization: Organization) -> User:
    make_mail_account(is_shared=True)
    made = make_colleague(organization, "Ana Ruiz", email="ana@personal.example", lang="en")
    db.session.commit()
    return made


@pytest.fixture
def account(ana: User) -> MailAccount:
    made = make_own_account(ana, "ana@acme.com", password=None, login=None)
    db.session.commit()
    return made


@pytest.fixture
def admin(account: MailAccount, sign_in: SignIn) -> FlaskClient:
    return sign_in("administrator", name="Zoe")


def the_link() -> str:
    recipient, head = db.session.execute(
        select(Delivery.recipient, DeliveryBody.head).join(
            DeliveryBody, DeliveryBody.delivery_id == Delivery.id
        )
    ).one()
    message = message_from_bytes(unstuffed(open_head(head, recipient)), policy=policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    found = re.search(r"http://localhost(/mail-password/[A-Za-z0-9_-]{43})", body.get_content())
    assert found
    return found[1]


def ask(admin: FlaskClient, user: User) -> str:
    admin.post(f"{URL}/passwords", data={"rowid": str(user.id)})
    return the_link()


def test_the_grid_asks_and_says_since_when(admin: FlaskClient, ana: User) -> None:
    answer = admin.post(f"{URL}/passwords", data={"rowid": str(ana.id)}, headers=HTMX)

    assert "Se pide la contraseña por correo a 1 usuario." in answer.text
    assert f'"{ana.id}": "pedida el ' in answer.headers["HX-Trigger"]
    assert 'placeholder="pedida el ' in admin.get(URL).text
    again = admin.post(f"{URL}/passwords", data={"rowid": str(ana.id)}, headers=HTMX)
    assert "No se pidió a nadie." in again.text
    assert db.session.scalar(select(db.func.count(Delivery.id))) == 1


def test_who_may_not_write_passwords_asks_for_none(
    account: MailAccount, ana: User, sign_in: SignIn
) -> None:
    """Deny by default: without the right over this field no message leaves."""
    role = db.session.scalars(select(Role).where(Role.code == "administrator")).one()
    denied = Permission(
        role_id=role.id,
        resource="mail_account",
        action="edit",
        field="password_sealed",
        denied=True,
    )
    db.session.add(denied)
    db.session.commit()
    admin = sign_in("administrator")
    try:
        asked = admin.post(f"{URL}/passwords", data={"rowid": str(ana.id)})
        written = admin.post(f"{URL}/checks/{account.public_id}/password", data={"password": "x"})
    finally:
        db.session.rollback()
        db.session.delete(db.session.merge(denied))
        db.session.commit()

    assert (asked.status_code, written.status_code) == (403, 403)
    assert db.session.scalar(select(db.func.count(Delivery.id))) == 0
    for role_code in ("clerk", "reader"):
        client = sign_in(role_code)
        assert client.post(f"{URL}/passwords", data={"rowid": str(ana.id)}).status_code == 403


def test_by_the_link_alone_the_password_is_written_once(
    app: Flask, admin: FlaskClient, account: MailAccount, ana: User
) -> None:
    """Looking changes nothing; a POST wants its token; the answer never shows what was written."""
    link = ask(admin, ana)
    app.config["WTF_CSRF_ENABLED"] = True
    stranger = new_browser(app)
    for _look in range(3):
        page = stranger.get(link)
        assert page.status_code == 200
    assert "ana@acme.com" in page.text and "smtp.penalba.test" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert stranger.post(link, data={"password": WRITTEN}).status_code == 400
    lines = LINES.search(page.text)
    assert lines

    done = stranger.submit(link, {"password": WRITTEN, "lines": lines[1], "wants_test": "y"})

    assert done.status_code == 302
    db.session.expire_all()
    assert account.password == WRITTEN
    assert db.session.scalars(select(AccountCheck)).one().account_id == account.id
    after = stranger.get(link)
    assert after.status_code == 200
    assert WRITTEN not in after.text and 'name="password"' not in after.text
    event = db.session.scalars(select(AuditEvent).filter_by(action="write_password")).one()
    assert (event.actor_kind, event.organization_id) == ("link", account.organization_id)


def test_another_server_is_shown_before_anything_is_kept(
    app: Flask, admin: FlaskClient, account: MailAccount, ana: User
) -> None:
    link = ask(admin, ana)
    app.config["WTF_CSRF_ENABLED"] = True
    stranger = new_browser(app)
    lines = LINES.search(stranger.get(link).text)
    assert lines
    account.smtp_host = "smtp.elsewhere.test"
    db.session.commit()

    refused = stranger.submit(link, {"password": WRITTEN, "lines": lines[1]})

    assert refused.status_code == 422
    assert "smtp.elsewhere.test" in refused.text and WRITTEN not in refused.text
    db.session.expire_all()
    assert account.password_sealed is None


def test_no_such_link(app: Flask, organization: Organization) -> None:
    db.session.commit()
    assert new_browser(app).get(f"/mail-password/{'x' * 43}").status_code == 404


def test_the_link_is_its_own_scope_whoever_is_signed_in(
    app: Flask, admin: FlaskClient, account: MailAccount, ana: User
) -> None:
    """An administrator who finds the link writes as the link, not as themselves."""
    link = ask(admin, ana)
    lines = LINES.search(admin.get(link).text)
    assert lines

    admin.post(link, data={"password": WRITTEN, "lines": lines[1]})

    event = db.session.scalars(select(AuditEvent).filter_by(action="write_password")).one()
    assert event.actor_kind == "link"


def test_signed_in_the_page_is_under_my_account(
    app: Flask, admin: FlaskClient, account: MailAccount, ana: User, browser: Browser
) -> None:
    ask(admin, ana)
    app.config["WTF_CSRF_ENABLED"] = True
    browser.enter_as(ana, db.session.get_one(Organization, account.organization_id))
    url = f"/account/mail/{account.public_id}/password"
    assert url in browser.get("/account").text
    page = browser.get(url).text
    assert "The password of your mail account" in page
    lines = LINES.search(page)
    assert lines

    assert browser.submit(url, {"password": WRITTEN, "lines": lines[1]}).location == url

    db.session.expire_all()
    assert account.password == WRITTEN
    assert url not in browser.get("/account").text
