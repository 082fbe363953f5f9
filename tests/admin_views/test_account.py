"""My account: password, sessions, wishes."""

import pytest
from flask import Flask

from models.base import db
from models.people.organization import Organization
from models.people.user import User
from services.people.browser_names import browser_name
from services.people.passwords import password_fits
from tests.browser import Browser, new_browser
from tests.factories.people import PASSWORD, make_user

NEW = "another long pass phrase"


@pytest.fixture
def user(organization: Organization) -> User:
    return make_user(organization)


@pytest.fixture
def staff(browser: Browser, user: User, organization: Organization) -> Browser:
    return browser.enter_as(user, organization)


def change(staff: Browser, current: str, new: str) -> int:
    return staff.submit(
        "/account/password", {"current": current, "password": new}, form_at="/account"
    ).status_code


def test_a_new_password_ends_the_other_sessions(
    app: Flask, staff: Browser, user: User, organization: Organization
) -> None:
    other = new_browser(app).enter_as(user, organization)

    assert change(staff, PASSWORD, NEW) == 302

    assert (staff.get("/").status_code, other.get("/").status_code) == (200, 302)
    db.session.expire_all()
    assert password_fits(user, NEW)


@pytest.mark.parametrize(
    ("current", "new"),
    [("wrong", NEW), (PASSWORD, "short"), (PASSWORD, "aaaaaaaaaaaaaa"), ("", "")],
)
def test_a_wrong_or_weak_password_changes_nothing(
    staff: Browser, user: User, current: str, new: str
) -> None:
    assert change(staff, current, new) == 422

    db.session.expire_all()
    assert password_fits(user, PASSWORD)


def test_guessing_the_password_at_a_forgotten_browser_locks(staff: Browser, user: User) -> None:
    for _try in range(5):
        change(staff, "wrong", NEW)

    assert change(staff, PASSWORD, NEW) == 422


def test_another_session_can_be_ended(
    app: Flask, staff: Browser, user: User, organization: Organization
) -> None:
    other = new_browser(app).enter_as(user, organization)
    page = staff.get("/account").text
    paths = [part.split('"')[0] for part in page.split('action="')[1:] if "/sessions/" in part]

    staff.submit(next(path for path in paths if path.endswith("/end")), form_at="/account")

    assert (staff.get("/").status_code, other.get("/").status_code) == (200, 302)


def test_somebody_elses_session_cannot_be_ended(
    app: Flask, staff: Browser, organization: Organization
) -> None:
    from sqlalchemy import select

    from models.people.user_session import UserSession

    victim_user = make_user(organization)
    victim = new_browser(app).enter_as(victim_user, organization)
    session_id = db.session.scalars(
        select(UserSession.id).where(UserSession.user_id == victim_user.id)
    ).one()

    answer = staff.submit(f"/account/sessions/{session_id}/end", form_at="/account")

    assert answer.status_code == 404
    assert victim.get("/").status_code == 200


def test_signing_out_everywhere(
    app: Flask, staff: Browser, user: User, organization: Organization
) -> None:
    other = new_browser(app).enter_as(user, organization)

    staff.submit("/account/sessions/end-all", form_at="/account")

    assert (staff.get("/").status_code, other.get("/").status_code) == (302, 302)


def test_language_and_colours_are_the_users_own(
    app: Flask, staff: Browser, user: User, organization: Organization
) -> None:
    """L-22, L-26: switched at run time, kept with the user."""
    staff.submit("/prefs", {"lang": "en", "next": "/account"}, form_at="/account")
    staff.submit("/prefs", {"theme": "dark"}, form_at="/account")
    staff.submit("/prefs", {"keys": "off"}, form_at="/account")

    elsewhere = new_browser(app).enter_as(user, organization).get("/").text

    assert '<html lang="en" data-bs-theme="dark">' in elsewhere
    assert 'data-keys="off"' in elsewhere


def test_a_stranger_chooses_for_the_browser(browser: Browser, app: Flask) -> None:
    browser.submit(
        "/prefs", {"lang": "en", "theme": "dark", "next": "/sign-in"}, form_at="/sign-in"
    )

    assert '<html lang="en" data-bs-theme="dark">' in browser.get("/sign-in").text


@pytest.mark.parametrize("fields", [{"lang": "../etc"}, {"theme": '"><script>'}, {"keys": "?"}, {}])
def test_other_wishes_are_ignored(browser: Browser, app: Flask, fields: dict[str, str]) -> None:
    before = browser.get("/sign-in").text.split("<body")[0]

    answer = browser.submit("/prefs", fields, form_at="/sign-in")

    assert answer.status_code == 302
    assert browser.get("/sign-in").text.split("<body")[0].count("data-bs-theme") == before.count(
        "data-bs-theme"
    )


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Firefox, Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1",
            "Safari, iOS",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/125.0 Safari/537.36 Edg/125.0",
            "Edge, Windows",
        ),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/125.0 Mobile Safari/537.36", "Chrome, Android"),
    ],
)
def test_browsers_have_names(app: Flask, said: str, name: str) -> None:
    assert browser_name(said) == name
