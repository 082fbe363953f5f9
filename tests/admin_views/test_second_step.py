"""The second step: set up, asked for, never twice with the same code."""

import contextvars
import re
import threading
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from flask import Flask

from models.base import db
from models.people.organization import Organization
from models.people.user import User
from services.people.totp import code_fits, switch_on
from tests.browser import Browser, new_browser
from tests.factories.people import PASSWORD, make_user

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OFFER = re.compile(r'name="offer"[^>]*value="([^"]+)"')
KEY = re.compile(r"<code>([A-Z2-7 ]{30,})</code>")
CODE = re.compile(r"<code>((?:[a-z2-7]{4}-){3}[a-z2-7]{4})</code>")
NOON = datetime(2026, 8, 21, 12, 0, 10, tzinfo=UTC)


def code_at(moment: datetime) -> str:
    return pyotp.TOTP(SECRET).at(moment)


@pytest.fixture
def user(organization: Organization) -> User:
    user = make_user(organization)
    db.session.commit()
    return user


@pytest.fixture
def codes(user: User) -> list[str]:
    """The user has an app; these are the recovery codes."""
    with time_machine.travel(NOON - timedelta(hours=1), tick=False):
        codes = switch_on(user, SECRET, code_at(NOON - timedelta(hours=1)))
    db.session.commit()
    return codes


def begin(browser: Browser, user: User) -> None:
    assert browser.sign_in(user.email).location == "/sign-in/code"


def give(browser: Browser, code: str) -> int:
    return browser.submit("/sign-in/code", {"code": code}).status_code


def test_the_password_alone_does_not_open(browser: Browser, user: User, codes: list[str]) -> None:
    """S4-02: a second factor, for those who set it up."""
    with time_machine.travel(NOON, tick=False):
        begin(browser, user)
        assert browser.get("/").status_code == 302

        assert give(browser, code_at(NOON)) == 302
        assert browser.get("/").status_code == 200


@pytest.mark.parametrize("seconds", [-30, 30])
def test_a_clock_may_be_half_a_minute_off(
    browser: Browser, user: User, codes: list[str], seconds: int
) -> None:
    with time_machine.travel(NOON, tick=False):
        begin(browser, user)

        assert give(browser, code_at(NOON + timedelta(seconds=seconds))) == 302


@pytest.mark.parametrize("seconds", [-60, 60, 300])
def test_but_not_more(browser: Browser, user: User, codes: list[str], seconds: int) -> None:
    with time_machine.travel(NOON, tick=False):
        begin(browser, user)

        assert give(browser, code_at(NOON + timedelta(seconds=seconds))) == 422


def test_a_code_that_was_used_is_refused(
    app: Flask, browser: Browser, user: User, codes: list[str]
) -> None:
    """Replay: whoever looked over the shoulder has nothing."""
    other = new_browser(app)
    with time_machine.travel(NOON, tick=False):
        begin(browser, user)
        begin(other, user)

        assert give(browser, code_at(NOON)) == 302
        assert give(other, code_at(NOON)) == 422
        assert give(other, code_at(NOON - timedelta(seconds=30))) == 422


def test_of_two_requests_with_one_code_one_is_refused(
    app: Flask, user: User, codes: list[str]
) -> None:
    start, taken = threading.Barrier(2), []

    def use() -> None:
        with app.app_context():
            same = db.session.get(User, user_id)
            assert same is not None
            start.wait()
            taken.append(code_fits(same, code_at(NOON)))
            db.session.commit()

    user_id = user.id
    with time_machine.travel(NOON, tick=False):
        threads = [
            threading.Thread(target=contextvars.Context().run, args=(use,)) for _n in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(taken) == [False, True]


def test_wrong_codes_lock_like_wrong_passwords(
    browser: Browser, user: User, codes: list[str]
) -> None:
    with time_machine.travel(NOON, tick=False):
        begin(browser, user)
        for _try in range(5):
            give(browser, "000000")

        assert give(browser, code_at(NOON)) == 422


def test_the_first_step_does_not_wait_for_ever(
    browser: Browser, user: User, codes: list[str]
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        begin(browser, user)
        token = browser.csrf_token("/sign-in/code")
        clock.shift(timedelta(minutes=6))
        late = browser.post("/sign-in/code", data={"csrf_token": token, "code": code_at(NOON)})

    assert late.location == "/sign-in"


def test_a_recovery_code_opens_once(
    app: Flask, browser: Browser, user: User, codes: list[str]
) -> None:
    other = new_browser(app)
    begin(browser, user)
    begin(other, user)

    assert len(set(codes)) == 8
    assert give(browser, codes[0].upper().replace("-", " ")) == 302
    assert give(other, codes[0]) == 422
    assert give(other, codes[1]) == 302


def test_somebody_elses_recovery_code_opens_nothing(
    browser: Browser, organization: Organization, user: User, codes: list[str]
) -> None:
    other = make_user(organization)
    with time_machine.travel(NOON, tick=False):
        others = switch_on(other, SECRET, code_at(NOON))
    db.session.commit()
    begin(browser, user)

    assert give(browser, others[0]) == 422


def test_setting_up_needs_a_code_of_the_app(
    browser: Browser, organization: Organization, user: User
) -> None:
    browser.enter_as(user, organization)
    page = browser.get("/account/second-step").text
    offer, key = OFFER.search(page), KEY.search(page)
    assert offer is not None
    assert key is not None
    assert "data:image/svg+xml" in page
    secret = key[1].replace(" ", "")

    wrong = browser.submit("/account/second-step", {"offer": offer[1], "code": "000000"})
    db.session.expire_all()
    assert (wrong.status_code, user.needs_totp) == (422, False)

    right = browser.submit(
        "/account/second-step", {"offer": offer[1], "code": pyotp.TOTP(secret).now()}
    )
    db.session.expire_all()
    assert user.needs_totp
    assert user.totp_secret == secret
    assert len(CODE.findall(right.text)) == 8


def test_an_offer_made_for_somebody_else_is_refused(
    app: Flask, browser: Browser, organization: Organization, user: User
) -> None:
    other = new_browser(app).enter_as(make_user(organization), organization)
    browser.enter_as(user, organization)
    offer = OFFER.search(other.get("/account/second-step").text)
    assert offer is not None

    answer = browser.submit("/account/second-step", {"offer": offer[1], "code": "123456"})

    assert answer.status_code == 422


def test_looking_at_the_set_up_page_changes_nothing(
    browser: Browser, organization: Organization, user: User
) -> None:
    browser.enter_as(user, organization)

    browser.get("/account/second-step")

    db.session.expire_all()
    assert (user.totp_sealed, user.needs_totp) == (None, False)


def test_switching_off_wants_the_password(
    browser: Browser, organization: Organization, user: User, codes: list[str]
) -> None:
    browser.enter_as(user, organization)

    refused = browser.submit("/account/second-step/off", {"confirmation": "x"}, form_at="/account")
    db.session.expire_all()
    assert (refused.status_code, user.needs_totp) == (403, True)

    browser.submit("/account/second-step/off", {"confirmation": PASSWORD}, form_at="/account")
    db.session.expire_all()
    assert not user.needs_totp


def test_new_recovery_codes_replace_the_old(
    browser: Browser, organization: Organization, user: User, codes: list[str]
) -> None:
    browser.enter_as(user, organization)
    page = browser.submit(
        "/account/second-step/codes", {"confirmation": PASSWORD}, form_at="/account"
    ).text
    new = CODE.findall(page)
    stranger = new_browser(browser.application)
    begin(stranger, user)

    assert len(new) == 8
    assert give(stranger, codes[0]) == 422
    assert give(stranger, new[0]) == 302
