"""Invited, forgotten, helped: how staff come to a password."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from extensions import limiter
from jobs.people import answer_password_requests
from models.base import db
from models.mailings.delivery import Delivery
from models.people.organization import Organization
from models.people.password_link import PasswordLink, PasswordRequest
from models.people.user import User
from services.people.password_links import offer_reset
from services.people.passwords import password_fits
from tests.admin_views.conftest import SignIn
from tests.browser import Browser, new_browser
from tests.factories.people import PASSWORD, make_mail_account, make_user

NEW = "another long pass phrase"
FIELDS = {"name": "Zoë Núñez", "email": "zoe@example.com", "lang": "es", "is_active": "y"}
LINK = re.compile(r"http://localhost(/password/[A-Za-z0-9_-]{43})")


@pytest.fixture
def limits(application: Flask) -> Iterator[None]:
    """The rate limits, as in real life."""
    limiter.enabled = True
    limiter.reset()
    yield
    limiter.reset()
    limiter.enabled = False


def without_chance(page: str) -> str:
    """A page without what is random in it."""
    return re.sub(r'(nonce|value)="[^"]{20,}"', "", page)


def the_link(page: str) -> str:
    found = set(LINK.findall(page))
    assert len(found) == 1
    return str(found.pop())


def test_a_new_user_is_invited_and_chooses_a_password(
    app: Flask, sign_in: SignIn, organization: Organization
) -> None:
    """S4-02: made in the admin, invited by e-mail, in by a password that nobody else knows."""
    make_mail_account()
    db.session.commit()
    admin = sign_in(is_global_admin=True)

    page = admin.post("/admin/user/new/", data=FIELDS)

    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    link = the_link(page.text)
    newcomer = db.session.scalars(User.by_email("zoe@example.com")).one()
    assert newcomer.password_hash is None
    assert f"/admin/user_membership/new/?user={newcomer.id}" in page.text
    assert db.session.scalars(select(Delivery.recipient)).one() == "zoe@example.com"
    app.config["WTF_CSRF_ENABLED"] = True
    stranger = new_browser(app)
    assert "zoe@example.com" in stranger.get(link).text
    assert stranger.submit(link, {"password": NEW}).location == "/"
    db.session.expire_all()
    assert password_fits(newcomer, NEW)
    assert newcomer.last_signed_in_at is not None
    assert stranger.get(link).status_code == 404


def test_looking_does_not_use_it_up_and_a_weak_password_neither(
    app: Flask, sign_in: SignIn
) -> None:
    """GET changes nothing: mail scanners click."""
    link = the_link(sign_in(is_global_admin=True).post("/admin/user/new/", data=FIELDS).text)
    app.config["WTF_CSRF_ENABLED"] = True
    stranger = new_browser(app)

    for _look in range(3):
        assert stranger.get(link).status_code == 200
    refused = stranger.submit(link, {"password": "short"})

    assert refused.status_code == 422
    assert 'href="#password"' in refused.text
    assert stranger.submit(link, {"password": NEW}).status_code == 302


def test_an_address_that_is_taken_makes_no_invitation(
    sign_in: SignIn, organization: Organization
) -> None:
    make_user(organization, email="zoe@example.com")
    db.session.commit()

    answer = sign_in(is_global_admin=True).post("/admin/user/new/", data=FIELDS)

    assert answer.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(PasswordLink)) == 0


def test_inviting_again_ends_the_earlier_link(app: Flask, sign_in: SignIn) -> None:
    admin = sign_in(is_global_admin=True)
    first = the_link(admin.post("/admin/user/new/", data=FIELDS).text)
    key = db.session.scalars(User.by_email("zoe@example.com")).one().id
    assert "verb=invite" in admin.get("/admin/user/").text

    second = the_link(admin.post(f"/admin/user/verb/?verb=invite&id={key}").text)

    assert (admin.get(first).status_code, admin.get(second).status_code) == (404, 200)


def test_another_address_ends_the_link_in_the_former_mailbox(sign_in: SignIn) -> None:
    admin = sign_in(is_global_admin=True)
    link = the_link(admin.post("/admin/user/new/", data=FIELDS).text)
    key = db.session.scalars(User.by_email("zoe@example.com")).one().id

    admin.post(f"/admin/user/edit/?id={key}", data={**FIELDS, "name": "Zoë N."})
    assert admin.get(link).status_code == 200
    admin.post(f"/admin/user/edit/?id={key}", data={**FIELDS, "email": "zoe@other.example"})

    assert admin.get(link).status_code == 404


def test_a_new_password_of_ones_own_ends_a_link(
    browser: Browser, organization: Organization
) -> None:
    user = make_user(organization)
    browser.enter_as(user, organization)
    link = offer_reset(user, base_url="http://localhost").url
    db.session.commit()

    browser.submit("/account/password", {"current": PASSWORD, "password": NEW}, form_at="/account")

    assert browser.get(link.removeprefix("http://localhost")).status_code == 404


def test_a_link_for_a_new_password_asks_first_and_is_shown_once(
    app: Flask, sign_in: SignIn, organization: Organization
) -> None:
    user = make_user(organization)
    user.last_signed_in_at = user.created_at
    db.session.commit()
    admin = sign_in(is_global_admin=True)
    address = f"/admin/user/verb/?verb=reset&id={user.id}"
    assert "data-question" in admin.get(address, headers={"HX-Request": "true"}).text

    link = the_link(admin.post(address).text)

    assert not LINK.search(admin.get(f"/admin/user/details/?id={user.id}").text)
    again = admin.post(f"/admin/user/verb/?verb=invite&id={user.id}")
    assert again.status_code == 409
    app.config["WTF_CSRF_ENABLED"] = True
    assert new_browser(app).submit(link, {"password": NEW}).location == "/sign-in"


def test_an_administrator_of_one_organization_makes_no_links(
    sign_in: SignIn, organization: Organization
) -> None:
    """Decision 0004: who may set a password elsewhere takes the account over."""
    user = make_user(organization)
    db.session.commit()
    admin = sign_in("administrator")

    for verb in ("invite", "reset"):
        answer = admin.post(f"/admin/user/verb/?verb={verb}&id={user.id}")
        assert answer.status_code == 403
    assert db.session.scalar(select(func.count()).select_from(PasswordLink)) == 0


def test_a_forgotten_password_comes_back_by_mail(
    app: Flask, browser: Browser, organization: Organization
) -> None:
    user = make_user(organization, email="lucia@example.com")
    make_mail_account()
    db.session.commit()
    assert "/password/forgot" in browser.get("/sign-in").text

    answer = browser.submit("/password/forgot", {"email": " Lucia@Example.com"})
    answer_password_requests()

    assert answer.status_code == 200
    assert db.session.execute(select(Delivery.__table__.c.recipient)).scalar_one() == user.email


@pytest.mark.parametrize("case", ["known", "switched off"])
def test_the_door_answers_the_same_to_every_address(
    browser: Browser, organization: Organization, case: str
) -> None:
    """S4-02: same bytes; and the same work, since a worker looks for the user later."""
    make_user(organization, email="lucia@example.com", is_active=case == "known")
    make_mail_account()
    db.session.commit()

    known = browser.submit("/password/forgot", {"email": "lucia@example.com"})
    unknown = browser.submit("/password/forgot", {"email": "nobody@example.com"})

    assert without_chance(known.text) == without_chance(unknown.text)
    assert dict(known.headers).keys() == dict(unknown.headers).keys()
    assert db.session.scalar(select(func.count()).select_from(PasswordRequest)) == 2
    assert db.session.scalar(select(func.count()).select_from(PasswordLink)) == 0


def test_asking_is_limited_by_address(browser: Browser, limits: None) -> None:
    """Nobody's mailbox is filled by a stranger; the limit counts unknown addresses too."""
    answers = [
        browser.submit("/password/forgot", {"email": "Nobody@example.com"}).status_code
        for _try in range(4)
    ]

    assert answers == [200, 200, 200, 429]


def test_other_links_open_nothing(browser: Browser, app: Flask) -> None:
    for token in ("x", "0" * 43, "..%2f..", "a" * 5000):
        assert browser.get(f"/password/{token}").status_code == 404


def test_the_host_header_is_not_believed(sign_in: SignIn) -> None:
    """Links begin with PUBLIC_BASE_URL, whatever a browser says where it is."""
    admin = sign_in(is_global_admin=True)

    page = admin.post("/admin/user/new/", data=FIELDS, headers={"X-Forwarded-Host": "evil.example"})

    assert "evil.example" not in page.text
    assert the_link(page.text)
