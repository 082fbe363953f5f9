"""The door: what it lets in, what it answers, what it never tells."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from extensions import limiter
from models.base import db
from models.people.organization import Organization
from models.people.user import User
from models.people.user_session import UserSession
from models.system.audit_event import AuditEvent
from services.people import passwords
from tests.browser import Browser, new_browser
from tests.factories.people import PASSWORD, make_user

WRONG = "not the pass phrase at all"


@pytest.fixture
def clerk(organization: Organization) -> User:
    user = make_user(organization, name="Lucía Ordóñez", email="lucia@example.com")
    db.session.commit()
    return user


@pytest.fixture
def limits(application: Flask) -> Iterator[None]:
    """The rate limits, as in real life."""
    limiter.enabled = True
    limiter.reset()
    yield
    limiter.reset()
    limiter.enabled = False


def fail(browser: Browser, email: str, times: int) -> None:
    for _try in range(times):
        browser.sign_in(email, WRONG)


def without_chance(page: str) -> str:
    """A page without what is random in it."""
    return re.sub(r'(nonce|value)="[^"]{20,}"', "", page)


def test_a_clerk_signs_in_and_sees_home(browser: Browser, clerk: User) -> None:
    """S4-02: sign in with user and password."""
    answer = browser.sign_in(clerk.email)

    assert (answer.status_code, answer.location) == (302, "/")
    assert "Lucía Ordóñez" in browser.get("/").text


def test_who_only_asks_whether_the_page_is_there_is_answered(browser: Browser) -> None:
    """Monitors send HEAD: no form was sent, so none is refused."""
    assert browser.head("/sign-in").status_code == 200


def test_the_address_may_be_written_in_any_case(browser: Browser, clerk: User) -> None:
    assert browser.sign_in(" LUCIA@Example.com ").status_code == 302


def test_signing_in_is_told_in_the_audit(browser: Browser, clerk: User) -> None:
    browser.sign_in(clerk.email)

    told = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "sign_in")).one()
    assert (told.actor_name, told.entity_id, told.source) == ("Lucía Ordóñez", clerk.id, "ui")


@pytest.mark.parametrize("case", ["unknown", "locked", "switched off"])
def test_a_refusal_tells_nothing(browser: Browser, clerk: User, case: str) -> None:
    """The answer to a wrong password is, byte by byte, the answer to everything else."""
    email = {"unknown": "nobody@example.com"}.get(case, clerk.email)
    wrong = browser.sign_in(clerk.email, WRONG)
    if case == "locked":
        fail(browser, clerk.email, 5)
    if case == "switched off":
        clerk.is_active = False
        db.session.commit()

    other = browser.sign_in(email, PASSWORD)

    assert (other.status_code, dict(other.headers).keys()) == (422, dict(wrong.headers).keys())
    assert without_chance(other.text).replace(email, "") == without_chance(wrong.text).replace(
        clerk.email, ""
    )


@pytest.mark.parametrize("case", ["known", "unknown", "locked"])
@pytest.mark.usefixtures("costly_hashes")
def test_every_refusal_costs_the_same_password_hashes(
    browser: Browser, clerk: User, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    """The time of an answer is that of Argon2id, whoever was asked for."""
    if case == "locked":
        fail(browser, clerk.email, 5)
    verified = []
    hasher = passwords.hasher

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            verified.append(stored.split("$")[1:4])
            return hasher.verify(stored, password)

        check_needs_rehash = hasher.check_needs_rehash

    monkeypatch.setattr(passwords, "hasher", Counting())
    browser.sign_in("nobody@example.com" if case == "unknown" else clerk.email, WRONG)

    assert verified == [["argon2id", "v=19", "m=65536,t=3,p=4"]] * 2  # staff, and customers


def test_five_failures_lock_and_time_opens_again(browser: Browser, clerk: User) -> None:
    """S4-02: lock-out, which ends by itself."""
    fail(browser, clerk.email, 5)
    assert browser.sign_in(clerk.email).status_code == 422

    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=61), tick=True):
        assert browser.sign_in(clerk.email).status_code == 302


def test_the_wait_grows_and_has_an_end(app: Flask, browser: Browser, clerk: User) -> None:
    waits = []
    moment = datetime.now(UTC)
    fail(browser, clerk.email, 4)
    for _failure in range(6):
        with time_machine.travel(moment, tick=False):
            browser.sign_in(clerk.email, WRONG)
        db.session.expire_all()
        assert clerk.locked_until is not None
        waits.append(round((clerk.locked_until - moment).total_seconds() / 60))
        moment = clerk.locked_until + timedelta(seconds=1)

    assert waits == [1, 2, 4, 8, 15, 15]


def test_tries_against_a_locked_user_do_not_lock_longer(browser: Browser, clerk: User) -> None:
    fail(browser, clerk.email, 5)
    db.session.expire_all()
    until = clerk.locked_until

    fail(browser, clerk.email, 5)

    db.session.expire_all()
    assert clerk.locked_until == until


def test_a_success_forgets_the_failures(browser: Browser, clerk: User) -> None:
    fail(browser, clerk.email, 4)
    browser.sign_in(clerk.email)

    db.session.expire_all()
    assert (clerk.failed_sign_ins, clerk.locked_until) == (0, None)


def test_a_planted_cookie_is_not_the_session(browser: Browser, clerk: User) -> None:
    """Session fixation: what the browser held before signing in opens nothing afterwards."""
    browser.get("/sign-in")
    planted = browser.get_cookie("staff")
    browser.sign_in(clerk.email)
    signed_in = browser.get_cookie("staff")
    assert planted is not None
    assert signed_in is not None
    assert planted.value != signed_in.value

    browser.set_cookie("staff", planted.value)

    assert browser.get("/").location == "/sign-in?next=/"


def test_a_signed_in_browser_that_signs_in_again_leaves_its_first_session(
    browser: Browser, clerk: User
) -> None:
    browser.sign_in(clerk.email)
    first = browser.get_cookie("staff")
    assert first is not None
    token = browser.csrf_token("/account")
    browser.post("/sign-in", data={"csrf_token": token, "email": clerk.email, "password": PASSWORD})

    browser.set_cookie("staff", first.value)

    assert browser.get("/").status_code == 302


def test_the_cookie_is_for_the_server_alone(browser: Browser, clerk: User) -> None:
    cookie = browser.sign_in(clerk.email).headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Domain" not in cookie
    assert "Expires" not in cookie


def test_signing_out_ends_the_session_for_good(browser: Browser, clerk: User) -> None:
    browser.sign_in(clerk.email)
    stolen = browser.get_cookie("staff")
    assert stolen is not None

    answer = browser.submit("/sign-out", form_at="/")
    browser.set_cookie("staff", stolen.value)

    assert answer.location == "/sign-in"
    assert browser.get("/").status_code == 302


def test_signing_out_is_a_post(browser: Browser, clerk: User) -> None:
    browser.sign_in(clerk.email)

    assert browser.get("/sign-out").status_code == 405
    assert browser.post("/sign-out").status_code == 400
    assert browser.get("/").status_code == 200


def test_an_idle_session_ends(browser: Browser, clerk: User) -> None:
    browser.sign_in(clerk.email)

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=121), tick=True):
        assert browser.get("/").status_code == 302


def test_a_busy_session_ends_too(browser: Browser, clerk: User) -> None:
    browser.sign_in(clerk.email)
    session = db.session.scalars(select(UserSession)).one()
    session.last_seen_at = datetime.now(UTC) + timedelta(hours=12)
    db.session.commit()

    with time_machine.travel(datetime.now(UTC) + timedelta(hours=12, minutes=1), tick=True):
        assert browser.get("/").status_code == 302


def test_a_switched_off_user_is_out_at_once(browser: Browser, clerk: User) -> None:
    browser.sign_in(clerk.email)
    clerk.is_active = False
    db.session.commit()

    assert browser.get("/").status_code == 302


def test_the_form_wants_its_token(browser: Browser, clerk: User) -> None:
    answer = browser.post("/sign-in", data={"email": clerk.email, "password": PASSWORD})

    assert answer.status_code == 400
    assert "abierta" in answer.text or "open for too long" in answer.text


def test_many_tries_on_one_address_are_slowed_down(
    browser: Browser, clerk: User, limits: None
) -> None:
    statuses = [browser.sign_in(clerk.email, WRONG).status_code for _try in range(11)]

    assert statuses == [422] * 10 + [429]


def test_an_unknown_address_is_slowed_down_alike(
    browser: Browser, app: Flask, limits: None
) -> None:
    statuses = [browser.sign_in("nobody@example.com", WRONG).status_code for _try in range(11)]

    assert statuses == [422] * 10 + [429]


def test_many_addresses_from_one_place_are_slowed_down(
    browser: Browser, app: Flask, limits: None
) -> None:
    statuses = [
        browser.sign_in(f"nobody{number}@example.com", WRONG).status_code for number in range(21)
    ]

    assert statuses[-2:] == [422, 429]


def test_a_fresh_installation_says_what_to_do(browser: Browser, app: Flask) -> None:
    assert "v-note info" in browser.get("/sign-in").text


def test_an_empty_form_is_refused_like_a_wrong_one(browser: Browser, clerk: User) -> None:
    assert browser.sign_in("", "").status_code == 422


def test_two_browsers_have_two_sessions(app: Flask, browser: Browser, clerk: User) -> None:
    other = new_browser(app)
    browser.sign_in(clerk.email)
    other.sign_in(clerk.email)

    browser.submit("/sign-out", form_at="/")

    assert other.get("/").status_code == 200
