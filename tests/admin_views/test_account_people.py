"""X4-08, S4-01: who else uses an account, as lines of its form, by the rules of the page of all rights."""

import html
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailbox.account_grant import AccountGrant
from models.mailbox.mail_account import MailAccount
from models.people.organization import Organization
from models.people.user import User
from models.system.audit_event import AuditEvent
from services.mailbox.account_grants import Use, allow
from tests.admin_views.conftest import SignIn
from tests.factories.people import make_mail_account, make_organization, make_user

NEW = "/admin/mail_account/new/"


@pytest.fixture
def account(organization: Organization) -> MailAccount:
    made = make_mail_account(address="ventas@penalba.test")
    db.session.commit()
    return made


@pytest.fixture
def lucia(organization: Organization) -> User:
    return make_user(organization, name="Lucía")


@pytest.fixture
def omar(organization: Organization) -> User:
    return make_user(organization, name="Omar")


def edit_url(account: MailAccount) -> str:
    return f"/admin/mail_account/edit/?id={account.id}"


def fields_at(client: FlaskClient, url: str) -> dict[str, str]:
    """What the browser would post without having touched anything."""
    page = client.get(url).text
    found: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", page.partition('id="form"')[2]):
        about = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        is_empty_box = about.get("type") == "checkbox" and " checked" not in tag
        if "name" in about and not is_empty_box:
            found[about["name"]] = html.unescape(about.get("value", "y"))
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(
            r'<option (?:value="([^"]*)" selected|selected value="([^"]*)")', options
        )
        found[name] = (chosen[1] or chosen[2]) if chosen else "__None"
    return {name: value for name, value in found.items() if not name.startswith("del-")}


def line(number: int, user: User, use: str, key: str = "") -> dict[str, str]:
    return {
        f"people-{number}-id": key,
        f"people-{number}-user": str(user.id),
        f"people-{number}-use": use,
    }


def uses() -> dict[str, str]:
    db.session.rollback()
    db.session.expire_all()
    return {each.user.name: Use.of(each).value for each in db.session.scalars(select(AccountGrant))}


def test_people_are_named_changed_and_taken_out(
    sign_in: SignIn, account: MailAccount, lucia: User, omar: User
) -> None:
    """X4-08: in the form of the account itself."""
    client, url = sign_in(), edit_url(account)

    client.post(
        url, data={**fields_at(client, url), **line(0, lucia, "send"), **line(1, omar, "read")}
    )
    assert uses() == {"Lucía": "send", "Omar": "read"}

    again = {**fields_at(client, url), "people-0-use": "both", "del-people-1": "1"}
    assert client.post(url, data=again).status_code == 302
    assert uses() == {"Lucía": "both"}

    replaced = {**fields_at(client, url), "people-0-user": str(omar.id)}
    assert client.post(url, data=replaced).status_code == 302
    assert uses() == {"Omar": "both"}
    told = select(AuditEvent.action).where(AuditEvent.entity == "mail_account_grant")
    assert db.session.scalars(told).all().count("delete") == 2


def test_a_new_account_brings_its_people_along(
    sign_in: SignIn, organization: Organization, lucia: User
) -> None:
    """X4-08: in one save."""
    db.session.commit()
    client = sign_in()
    fields = fields_at(client, NEW) | line(0, lucia, "both")
    fields |= {
        "address": "cobros@penalba.test",
        "smtp_host": "127.0.0.1",
        "connections": "2",
        "owner": "__None",
    }

    answer = client.post(NEW, data=fields)

    assert answer.status_code == 302, answer.text
    assert uses() == {"Lucía": "both"}


def test_whoever_saves_without_touching_the_people_changes_nobody(
    sign_in: SignIn, account: MailAccount, lucia: User
) -> None:
    """X4-08: empty lines are no people."""
    allow(account, lucia, Use.SEND)
    db.session.commit()
    client, url = sign_in(), edit_url(account)

    answer = client.post(url, data={**fields_at(client, url), "display_name": "Ventas"})

    assert answer.status_code == 302, answer.text
    assert uses() == {"Lucía": "send"}


def test_somebody_elses_decision_is_not_overwritten(
    sign_in: SignIn, account: MailAccount, lucia: User
) -> None:
    """X4-08: the page of all rights and this form hear of each other."""
    allow(account, lucia, Use.READ)
    db.session.commit()
    client, url = sign_in(lang="en"), edit_url(account)
    fields = fields_at(client, url)
    allow(db.session.get_one(MailAccount, account.id), lucia, Use.SEND)
    db.session.commit()

    answer = client.post(url, data={**fields, "people-0-use": "both"})

    assert answer.status_code == 422
    assert "Somebody else has changed what Lucía may do" in html.unescape(answer.text)
    assert uses() == {"Lucía": "send"}


def test_strangers_and_the_owner_are_not_named(
    sign_in: SignIn, account: MailAccount, lucia: User
) -> None:
    """X4-08: the rules of the page of all rights; nothing is saved then."""
    stranger = make_user(make_organization(), name="Extraña")
    account.owner_id, account.is_shared = lucia.id, False
    db.session.commit()
    for is_global, user in ((False, stranger), (True, stranger), (False, lucia)):
        client = sign_in(is_global_admin=is_global)
        url = edit_url(account)
        fields = {**fields_at(client, url), **line(0, user, "send"), "display_name": "Otro"}

        assert client.post(url, data=fields).status_code == 422
        assert uses() == {}
        assert account.display_name != "Otro"


def test_who_may_not_edit_accounts_names_nobody(
    sign_in: SignIn, account: MailAccount, lucia: User
) -> None:
    """X4-08: denied by default."""
    db.session.commit()
    assert sign_in("clerk").post(edit_url(account), data=line(0, lucia, "send")).status_code == 403
    assert uses() == {}
