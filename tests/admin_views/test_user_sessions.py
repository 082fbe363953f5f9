"""S4-06, S4-07: the tab *Sessions* of the global users; whoever looks after people sees where they are signed in."""

import html
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db, utc_now
from models.people.organization import Organization
from models.people.user import User
from models.people.user_session import UserSession
from models.system.audit_event import AuditEvent
from services.people.sign_in import open_session
from tests.admin_views.conftest import SignIn
from tests.factories.people import make_organization, make_user

URL = "/admin/user-sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/145.0"


def signed_in(user: User, at: Organization) -> UserSession:
    row, _token = open_session(user, hours=1, ip="192.0.2.9", user_agent=FIREFOX)
    row.organization_id = at.id
    db.session.commit()
    return row


@pytest.fixture
def lucia(organization: Organization) -> User:
    return make_user(organization, name="Lucía", email="lucia@penalba.test")


@pytest.fixture
def session(lucia: User, organization: Organization) -> UserSession:
    return signed_in(lucia, organization)


def text_at(client: FlaskClient, url: str = URL) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def has_ended(row: UserSession) -> bool:
    db.session.expire_all()
    return db.session.get_one(UserSession, row.id).revoked_at is not None


def test_the_tab_shows_who_is_signed_in_where(
    sign_in: SignIn, organization: Organization, session: UserSession
) -> None:
    """S4-07: person, browser, address, place; neither what has ended nor what has been idle for too long."""
    old, idle = signed_in(session.user, organization), signed_in(session.user, organization)
    old.revoked_at = utc_now()
    idle.last_seen_at = utc_now() - timedelta(days=30)
    db.session.commit()
    client = sign_in(lang="en")

    page = text_at(client)

    for word in ("Lucía", "lucia@penalba.test", "Firefox, Windows", "192.0.2.9", organization.name):
        assert word in page
    assert page.count("lucia@penalba.test") == 1
    assert f'href="{URL}"' in text_at(client, "/admin/user/advanced/")


def test_one_session_is_ended(sign_in: SignIn, session: UserSession, lucia: User) -> None:
    """L-12: and the audit says by whom."""
    client = sign_in(name="Ana")

    assert client.post(f"{URL}{session.id}/end").status_code == 302

    assert has_ended(session)
    told = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "sign_out")).one()
    assert (told.actor_name, told.entity_id) == ("Ana", lucia.id)
    assert client.post(f"{URL}{session.id}/end").status_code == 404


def test_somebody_is_signed_out_everywhere(
    sign_in: SignIn, organization: Organization, session: UserSession, lucia: User
) -> None:
    second, other = signed_in(lucia, organization), make_user(organization)
    others = signed_in(other, organization)
    client = sign_in(lang="en")
    assert "Sign Lucía out everywhere" in text_at(client, f"{URL}?user={lucia.id}")

    client.post(f"{URL}of/{lucia.id}/end")

    assert [has_ended(each) for each in (session, second, others)] == [True, True, False]


def test_ones_own_session_stays(sign_in: SignIn, organization: Organization) -> None:
    """Whoever signs themselves out everywhere goes on where they are."""
    client = sign_in(name="Ana")
    ana = db.session.scalars(select(User).where(User.name == "Ana")).one()
    elsewhere = signed_in(ana, organization)

    client.post(f"{URL}of/{ana.id}/end")

    assert has_ended(elsewhere)
    assert client.get(URL).status_code == 200


def test_another_companys_sessions_are_out_of_reach(
    sign_in: SignIn, organization: Organization, lucia: User
) -> None:
    """T1: a user is known everywhere; who administers one company sees what stands in it."""
    other = make_organization()
    foreign = signed_in(lucia, other)
    client = sign_in()
    assert "lucia@penalba.test" not in text_at(client)
    assert client.post(f"{URL}{foreign.id}/end").status_code == 404
    client.post(f"{URL}of/{lucia.id}/end")
    assert not has_ended(foreign)

    globally = sign_in(is_global_admin=True)
    assert "lucia@penalba.test" in text_at(globally)
    assert globally.post(f"{URL}{foreign.id}/end").status_code == 302
    assert has_ended(foreign)


@pytest.mark.parametrize("role", ["clerk", "reader"])
def test_others_do_not_see_it(sign_in: SignIn, session: UserSession, role: str) -> None:
    """L-25: where colleagues are signed in is nobody's business."""
    client = sign_in(role)

    assert client.get(URL).status_code == 403
    assert client.post(f"{URL}{session.id}/end").status_code == 403
    assert not has_ended(session)


def test_people_are_found_by_name_or_address(
    sign_in: SignIn, organization: Organization, session: UserSession
) -> None:
    signed_in(make_user(organization, name="Omar"), organization)
    client = sign_in(lang="en")

    assert "Omar" not in text_at(client, f"{URL}?q=luc")
    assert "Nobody was found" in text_at(client, f"{URL}?q=100%25")
