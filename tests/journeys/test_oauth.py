"""X4-02 as people see it: register the organization, give the permission of an account, send through it, withdraw it."""

import dataclasses
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import SignInBy
from tests.factories.people import make_mail_account, make_user
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.servers.authorization_server import CLIENT_ID, CLIENT_SECRET, AuthorizationServer

SignIn = Callable[..., None]


@pytest.fixture
def provider(app: Flask, running: str) -> Iterator[AuthorizationServer]:
    """Google, as far as this product knows: on this machine."""
    before = app.extensions["settings"]
    with AuthorizationServer() as server:
        app.extensions["settings"] = dataclasses.replace(
            before, **server.urls(), public_base_url=running
        )
        yield server
    app.extensions["settings"] = before


def test_a_permission_is_given_and_taken_back(
    company: Company, page: Page, sign_in: SignIn, provider: AuthorizationServer
) -> None:
    """X4-02: the administrator registers once; the owner agrees at the provider, by four clicks and no password."""
    admin = make_user(company.organization, role="administrator", email="admin@penalba.test")
    account: MailAccount = make_mail_account(
        address="lucia@gmail.com",
        smtp_host="smtp.gmail.com",
        login="lucia@gmail.com",
        password="old password",
    )
    db.session.commit()
    sign_in(page, admin.email)

    page.goto("/admin/oauth_application/new/")
    expect(page.locator("#redirect-uri")).to_have_value(
        f"{page.url.partition('/admin')[0]}/mail-accounts/permission/answer"
    )
    look_at(page, "oauth-application")
    page.locator("[name=provider]").select_option("google")
    page.locator("[name=client_id]").fill(CLIENT_ID)
    page.locator("[name=secret]").fill(CLIENT_SECRET)
    page.get_by_role("button", name="Guardar").first.click()
    page.wait_for_url("**/details/**")
    expect(page.locator("main")).not_to_contain_text(CLIENT_SECRET)

    page.goto(f"/admin/mail_account/details/?id={account.id}")
    page.get_by_role("link", name="Dar permiso").click()
    expect(page.locator("main")).to_contain_text("Google")
    look_at(page, "mail-permission")
    page.get_by_role("button", name="Dar permiso").click()
    look_at(page, "mail-permission-leave")
    page.get_by_role("link", name="Continuar").click()
    page.get_by_role("button", name="Refuse").click()
    expect(page.locator("body")).to_contain_text("No dio su permiso")

    page.get_by_role("button", name="Dar permiso").click()
    page.get_by_role("link", name="Continuar").click()
    expect(page.locator("h1")).to_have_text("lucia@gmail.com")
    page.get_by_role("button", name="Agree").click()
    expect(page.locator("main")).to_contain_text("Con permiso")
    look_at(page, "mail-permission-given")
    db.session.rollback()
    db.session.refresh(account)
    assert account.sign_in_by is SignInBy.CONSENT
    assert account.password_sealed is None

    page.get_by_role("button", name="Retirar permiso").click()
    expect(page.locator("main")).to_contain_text("El permiso terminó")
    look_at(page, "mail-permission-ended")
    assert len(provider.revoked) == 1
