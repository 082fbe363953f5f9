"""X4-08: whoever leaves takes no right over mail accounts along, whichever way they go."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailbox.account_default import AccountDefault, MailPurpose
from models.mailbox.account_grant import AccountGrant
from models.mailbox.mail_account import MailAccount
from models.people.membership import UserMembership
from models.people.organization import Organization
from models.people.role import Role
from models.people.user import User
from models.people.user_session import UserSession
from models.system.audit_event import AuditEvent
from models.tenancy import Actor, across_organizations, acting_in, current_scope, enter
from services.mailbox.account_grants import Use, allow
from services.mailbox.default_senders import choose_default
from services.people.sign_in import open_session
from tests.admin_views.conftest import SignIn
from tests.factories.people import make_mail_account, make_organization, make_user

USER_FORM = {"name": "Lucía", "email": "lucia@penalba.test", "lang": "es"}


@pytest.fixture
def lucia(organization: Organization) -> User:
    """Named for an account besides another, with a choice and an account of her own."""
    user = make_user(organization, name="Lucía", email="lucia@penalba.test")
    shared = make_mail_account()
    allow(shared, user, Use.BOTH)
    allow(shared, make_user(organization, name="Omar"), Use.SEND)
    make_mail_account(owner_id=user.id, address="own@penalba.test")
    choose_default(MailPurpose.INVOICES, shared.id, user)
    db.session.commit()
    return user


def left_of(user: User) -> tuple[int, int]:
    """How many rights and choices there still are, in any organization."""
    db.session.expire_all()
    with across_organizations():
        rights = db.session.scalars(select(AccountGrant).where(AccountGrant.user_id == user.id))
        chosen = db.session.scalars(select(AccountDefault).where(AccountDefault.user_id == user.id))
        return len(rights.all()), len(chosen.all())


def own_account() -> MailAccount:
    found: MailAccount = db.session.scalars(MailAccount.at("own@penalba.test")).one()
    return found


def place_of(user: User) -> UserMembership:
    return db.session.scalars(select(UserMembership).where(UserMembership.user_id == user.id)).one()


def command(app: Flask, deed: str, email: str) -> None:
    scope = current_scope()
    done = app.test_cli_runner().invoke(args=["user", deed, "--email", email])
    enter(scope)
    assert done.exit_code == 0, done.output


def by_the_list(client: FlaskClient, app: Flask, user: User) -> None:
    form = {"id": place_of(user).id}
    assert client.post("/admin/user_membership/delete/", data=form).status_code == 302


def by_a_selection(client: FlaskClient, app: Flask, user: User) -> None:
    form = {"action": "delete", "rowid": place_of(user).id, "sure": "1"}
    assert client.post("/admin/user_membership/action/", data=form).status_code == 302


def by_the_form_of_the_place(client: FlaskClient, app: Flask, user: User) -> None:
    place = place_of(user)
    heir = db.session.scalars(select(User).where(User.name == "Heir")).one()
    form = {"user": heir.id, "role": place.role_id}
    answer = client.post(f"/admin/user_membership/edit/?id={place.id}", data=form)
    assert answer.status_code == 302, answer.text


def by_a_job(client: FlaskClient, app: Flask, user: User) -> None:
    """An import, a job, a console: rows through the session."""
    db.session.delete(place_of(user))
    db.session.commit()


def by_the_form_of_the_user(client: FlaskClient, app: Flask, user: User) -> None:
    answer = client.post(f"/admin/user/edit/?id={user.id}", data=USER_FORM)  # "active" is off
    assert answer.status_code == 302, answer.text


def by_the_command_line(client: FlaskClient, app: Flask, user: User) -> None:
    command(app, "deactivate", "Lucia@penalba.test")


LOSES_PLACE = (by_the_list, by_a_selection, by_the_form_of_the_place, by_a_job)
SWITCHED_OFF = (by_the_form_of_the_user, by_the_command_line)
Way = Callable[[FlaskClient, Flask, User], None]


@pytest.mark.parametrize("way", LOSES_PLACE)
def test_rights_end_with_the_place(
    app: Flask, sign_in: SignIn, organization: Organization, lucia: User, way: Way
) -> None:
    """X4-08: and the account of who has no place is nobody's."""
    make_user(make_organization(), name="Heir", is_global_admin=True)
    client = sign_in(is_global_admin=True)

    way(client, app, lucia)

    assert left_of(lucia) == (0, 0)
    assert (own_account().owner_id, own_account().is_shared) == (None, False)


@pytest.mark.parametrize("way", SWITCHED_OFF)
def test_rights_end_when_somebody_is_switched_off(
    app: Flask, sign_in: SignIn, organization: Organization, lucia: User, way: Way
) -> None:
    """X4-08: in every organization, and the sessions too; an account of one's own stays one's own."""
    other = make_organization()
    db.session.commit()
    with acting_in(other.id):
        role_id = db.session.scalars(select(Role.id).where(Role.code == "clerk")).one()
        db.session.add(UserMembership(user_id=lucia.id, role_id=role_id))
        db.session.flush()
        allow(make_mail_account(), lucia, Use.SEND)
        db.session.commit()
    session, _token = open_session(lucia, hours=1)
    db.session.commit()
    assert left_of(lucia) == (2, 1)

    way(sign_in(is_global_admin=True), app, lucia)

    assert left_of(lucia) == (0, 0)
    assert own_account().owner_id == lucia.id
    assert db.session.get_one(UserSession, session.id).revoked_at is not None


def test_switched_on_again_one_signs_in_and_is_named_anew(
    app: Flask, organization: Organization, lucia: User
) -> None:
    """X4-08: nobody gets rights back that nobody has given."""
    for deed in ("deactivate", "activate"):
        command(app, deed, lucia.email)

    assert left_of(lucia) == (0, 0)
    assert lucia.is_active


def test_rights_end_with_the_right_to_everything(
    sign_in: SignIn, organization: Organization, lucia: User
) -> None:
    """X4-08: who administers everything has a place in each organization, as long as that lasts."""
    lucia.is_global_admin = True
    db.session.delete(place_of(lucia))
    db.session.commit()
    assert left_of(lucia) == (1, 1)
    form = {**USER_FORM, "is_active": "y"}

    answer = sign_in(is_global_admin=True).post(f"/admin/user/edit/?id={lucia.id}", data=form)

    assert answer.status_code == 302, answer.text
    assert left_of(lucia) == (0, 0)


def test_rights_end_with_the_user(sign_in: SignIn, organization: Organization, lucia: User) -> None:
    """X4-08: and the audit tells of them."""
    own_account().owner_id = None
    lucia.is_global_admin = True
    db.session.delete(place_of(lucia))
    db.session.commit()
    user_id = lucia.id

    answer = sign_in(is_global_admin=True).post("/admin/user/delete/", data={"id": user_id})

    assert answer.status_code == 302, answer.text
    db.session.expire_all()
    assert db.session.get(User, user_id) is None
    told = select(AuditEvent.action).where(AuditEvent.entity == "mail_account_grant")
    assert "delete" in db.session.scalars(told).all()


def test_a_user_who_is_still_needed_keeps_everything(
    sign_in: SignIn, organization: Organization, lucia: User
) -> None:
    """A deletion that is refused has changed nothing."""
    answer = sign_in(is_global_admin=True).post("/admin/user/delete/", data={"id": lucia.id})

    assert answer.status_code == 409
    assert left_of(lucia) == (1, 1)
    assert lucia.is_active


def test_one_of_two_places_is_no_leaving(organization: Organization, lucia: User) -> None:
    """X4-08: another role, another branch, another place here: the rights stay."""
    place = place_of(lucia)
    place.role_id = db.session.scalars(select(Role.id).where(Role.code == "reader")).one()
    db.session.commit()
    assert left_of(lucia) == (1, 1)


def test_a_closed_account_does_not_open_because_somebody_has_left(
    organization: Organization, lucia: User
) -> None:
    """X4-08: the last one who was named for it takes nobody's protection away."""
    closed, open_to_all = make_mail_account(), make_mail_account()
    allow(closed, lucia, Use.SEND)
    db.session.commit()

    db.session.delete(place_of(lucia))
    db.session.commit()

    assert (closed.is_shared, open_to_all.is_shared) == (False, True)


def test_the_audit_says_who_has_let_them_go(organization: Organization, lucia: User) -> None:
    """L-12: the rights of another organization end in that one's audit, in the name of who did it."""
    other = make_organization()
    db.session.commit()
    lucia.is_global_admin = True
    db.session.flush()
    with acting_in(other.id):
        allow(make_mail_account(), lucia, Use.SEND)
    db.session.commit()
    admin = make_user(organization, is_global_admin=True)

    with acting_in(organization.id, actor=Actor(kind="user", id=admin.id, name="Ana", source="ui")):
        lucia.is_active = False
        db.session.commit()

    ended = select(AuditEvent).where(
        AuditEvent.entity == "mail_account_grant", AuditEvent.action == "delete"
    )
    with across_organizations():
        told = {each.organization_id: each.actor_name for each in db.session.scalars(ended)}
    assert told == {organization.id: "Ana", other.id: "Ana"}
