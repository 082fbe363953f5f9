"""The passwords of mail accounts against those who may edit the accounts."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.people.organization import Organization
from models.people.role import Permission, Role
from models.people.user import User
from services.system.imports.fields import ImportSubject
from tests.admin_views.conftest import SignIn
from tests.factories.people import make_mail_account, make_user

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


def everything_about_accounts() -> list[tuple[object, ...]]:
    """All rows that say who sends from where."""
    db.session.rollback()
    tables = ("mail_account", "mail_account_grant", "mail_account_default", "letterhead")
    return [
        tuple(row)
        for table in tables
        for row in db.session.execute(text(f"SELECT * FROM {table} ORDER BY id"))
    ]


def ways_to_change(account: MailAccount, user: User) -> list[tuple[str, dict[str, str]]]:
    """Every door to an account and to who sends from it: form, list, bulk change, grid, test, rights, defaults."""
    row, grid = {"rowid": str(account.id)}, "/addons/mail-accounts"
    return [
        (f"/admin/mail_account/edit/?id={account.id}", form_of(account, password="x")),
        ("/admin/mail_account/new/", form_of(account, address="mine@example.com")),
        ("/admin/mail_account/cell/", {"id": str(account.id), "f": "is_active"}),
        ("/admin/mail_account/ajax/update/", {"list_form_pk": str(account.id), "is_active": ""}),
        ("/admin/mail_account/bulk-edit/", {**row, "set": "is_active", "sure": "1"}),
        ("/admin/mail_account/bulk-edit/", {**row, "set": "owner", "new-owner": str(user.id)}),
        ("/admin/mail_account/action/", {**row, "action": "bulk_edit", "set": "reply_to"}),
        ("/admin/mail_account/action/", {**row, "action": "delete"}),
        ("/admin/mail_account/delete/", {"id": str(account.id), "v": "1"}),
        (grid, {f"r-{user.id}-address": "mine@example.com", f"r-{user.id}-from": ""}),
        (f"{grid}/tests", {"rowid": str(user.id), "all": "1"}),
        (f"{grid}/passwords", {"rowid": str(user.id)}),
        (f"{grid}/letterhead", {"header_html": "x", "version": "0"}),
        (f"{grid}/checks/{account.public_id}/password", {"password": "x"}),
        (f"/mail-accounts/{account.public_id}/permission/withdraw", {}),
        ("/admin/mail-rights/", {f"u-{account.id}-{user.id}-nothing": "both"}),
        ("/admin/mail-rights/defaults", {"for-invoices": str(account.id)}),
        ("/account/mail", {"for-invoices": str(account.id)}),
        ("/account/letterhead", {"header_html": "x", "version": "0"}),
    ]


@pytest.mark.parametrize("role", ["clerk", "reader"])
def test_without_the_right_no_door_changes_an_account_or_a_default(
    organization: Organization, sign_in: SignIn, role: str
) -> None:
    """X4-08, L-25: deny by default, at every door; an account of somebody else is not taken as one's own sender."""
    owner = make_user(organization, name="Owner")
    account = make_mail_account(owner_id=owner.id, password="a secret", smtp_host=HOST)
    db.session.commit()
    client = sign_in(role, name="Mallory")
    mallory = db.session.scalars(select(User).where(User.name == "Mallory")).one()
    before = everything_about_accounts()

    for url, form in ways_to_change(account, mallory):
        status = client.post(url, data=form).status_code
        assert status in (403, 404), (url, status)
        assert everything_about_accounts() == before, url


@pytest.mark.parametrize("field", ["is_active", "reply_to", "per_day"])
def test_a_field_that_is_denied_is_denied_in_bulk_too(
    account: MailAccount, sign_in: SignIn, field: str
) -> None:
    """S4-07, L-25: a denial beats the grant, whichever list one comes from."""
    role = db.session.scalars(select(Role).where(Role.code == "administrator")).one()
    denied = Permission(
        role_id=role.id, resource="mail_account", action="edit", field=field, denied=True
    )
    db.session.add(denied)
    db.session.commit()
    admin = sign_in("administrator")
    before = everything_about_accounts()
    try:
        answer = admin.post(
            "/admin/mail_account/bulk-edit/",
            data={"rowid": str(account.id), "set": field, "sure": "1", f"new-{field}": "7"},
        )
        assert answer.status_code == 403
        assert everything_about_accounts() == before
    finally:
        db.session.rollback()
        db.session.delete(db.session.get_one(Permission, denied.id))
        db.session.commit()


@pytest.mark.parametrize(
    "field", ["owner", "is_shared", "smtp_host", "smtp_security", "login", "password_sealed"]
)
def test_what_belongs_together_is_not_changed_in_bulk(
    account: MailAccount, sign_in: SignIn, field: str
) -> None:
    """E-3: server, login and encryption belong to one password, and an owner to one account."""
    admin = sign_in("administrator")
    before = everything_about_accounts()

    answer = admin.post(
        "/admin/mail_account/bulk-edit/",
        data={"rowid": str(account.id), "set": field, "sure": "1", f"new-{field}": "1"},
    )

    assert answer.status_code == 403
    assert everything_about_accounts() == before


def test_accounts_do_not_come_in_by_a_sheet() -> None:
    """What an import may write is named; mail accounts are not among it."""
    assert {subject.value for subject in ImportSubject} == {"customers", "invoices"}
