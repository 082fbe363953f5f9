"""The door: what it lets in, what it answers, what it never tells."""

import pytest

from models.base import db
from models.people.organization import Organization
from models.people.user import User
from tests.browser import Browser
from tests.factories.people import make_user


@pytest.fixture
def clerk(organization: Organization) -> User:
    user = make_user(organization, name="Lucía Ordóñez", email="lucia@example.com")
    db.session.commit()
    return user


def test_a_clerk_signs_in_and_sees_home(browser: Browser, clerk: User) -> None:
    """S4-02: sign in with user and password."""
    answer = browser.sign_in(clerk.email)

    assert (answer.status_code, answer.location) == (302, "/")
    assert browser.get("/").status_code == 200
    assert "Lucía Ordóñez" in browser.get("/").text
