"""What all organizations share: an administrator of one of them has no power over it."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from models.base import db
from models.people.organization import Organization
from models.people.role import Role
from models.people.user import User
from models.people.user_session import UserSession
from models.system.audit_event import AuditEvent
from models.tenancy import Scope, enter
from tests.admin_views.conftest import SignIn
from tests.factories.admin import Rows
from tests.factories.people import make_user


@pytest.mark.parametrize("table", ["organization", "user", "role"])
def test_an_administrator_of_one_organization_changes_nothing_shared(
    app: Flask, sign_in: SignIn, organization: Organization, table: str
) -> None:
    """Decision 0004: neither the own organization nor a colleague's account nor a role."""
    keys = {
        "organization": organization.id,
        "user": make_user(organization, role="reader").id,
        "role": db.session.scalars(select(Role.id)).first(),
    }
    admin = sign_in("administrator")
    posted = {"name": "taken over", "email": "mine@example.com", "is_global_admin": "y"}

    for method, url in (
        ("GET", f"/admin/{table}/edit/?id={keys[table]}"),
        ("POST", f"/admin/{table}/edit/?id={keys[table]}"),
        ("POST", f"/admin/{table}/new/"),
    ):
        answer = admin.open(url, method=method, data=posted if method == "POST" else None)
        assert answer.status_code == 403, (method, url)


def test_who_administers_everything_changes_organizations(
    app: Flask, sign_in: SignIn, organization: Organization
) -> None:
    admin = sign_in("administrator", is_global_admin=True)

    assert admin.get(f"/admin/organization/edit/?id={organization.id}").status_code == 200


def test_events_of_other_organizations_staff_stay_with_who_administers_everything(
    app: Flask, sign_in: SignIn, organization: Organization
) -> None:
    """A user is made, signs in and is locked in no organization: such events name everybody's staff."""
    enter(Scope())
    db.session.add(User(name="Somebody Elsewhere", email="elsewhere@example.com"))
    db.session.commit()

    ours = sign_in("administrator")
    everything = sign_in("administrator", is_global_admin=True)
    assert db.session.scalar(select(AuditEvent.id).where(AuditEvent.organization_id.is_(None)))

    for path in ("/admin/audit_event/?flt_entity=user", "/admin/audit_event/export/json/"):
        path = f"{path}{'&' if '?' in path else '?'}cols=id,entity,after"
        assert "elsewhere@example.com" not in ours.get(path).text
        assert "elsewhere@example.com" in everything.get(path).text


def test_mass_assignment_reaches_no_hidden_column(
    app: Flask, sign_in: SignIn, organization: Organization, foreign: Rows
) -> None:
    """T25: only what the form shows is written, whatever is posted beside it."""
    admin = sign_in("administrator", is_global_admin=True)
    victim = make_user(organization)
    before = (victim.password_hash, victim.public_id)
    db.session.commit()
    extra = {
        "id": "999",
        "password_hash": "x",
        "totp_sealed": "x",
        "totp_confirmed_at": "2026-01-01",
        "public_id": "0" * 32,
        "failed_sign_ins": "9",
        "email_norm": "other@example.com",
        "locked_until": "2030-01-01",
    }

    answer = admin.post(
        f"/admin/user/edit/?id={victim.id}",
        data={"name": "N", "email": "n@example.com", "lang": "es", "is_active": "y", **extra},
    )

    assert answer.status_code == 302
    db.session.expire_all()
    kept = db.session.get_one(User, victim.id)
    assert (kept.password_hash, kept.public_id) == before
    assert (kept.email_norm, kept.failed_sign_ins, kept.needs_totp) == ("n@example.com", 0, False)
    assert db.session.scalar(select(func.count()).select_from(UserSession)) == 1
