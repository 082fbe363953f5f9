"""The portal's limits hold while Valkey is away: each process counts for itself then."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from models.base import db
from models.portal.portal_settings import PortalSettings
from tests.browser import new_browser
from tests.factories.people import make_customer, make_mail_account, make_user
from tests.factories.portal import sign_in_to_portal
from tests.factories.sales import make_document
from tests.factories.work import make_project
from tests.portal.conftest import Stand
from tests.portal.door import Door

TOO_MANY = 429


@pytest.fixture
def door(without_valkey: Flask, organization) -> Door:
    make_mail_account()
    db.session.commit()
    return Door(without_valkey)


def until_refused(ask: Callable[[int], int], most: int) -> None:
    """So many times within a moment something else is the answer, and then 429."""
    with time_machine.travel(datetime.now(UTC), tick=False):  # a slow machine has no more tries
        answers = [ask(time) for time in range(most + 1)]

    assert TOO_MANY not in answers[:-1]
    assert answers[-1] == TOO_MANY


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/invitation/guessed", 30),
        ("/request-access", 60),
    ],
)
def test_a_page_of_the_door_is_opened_so_many_times_a_minute(
    door: Door, path: str, most: int
) -> None:
    until_refused(lambda _time: door.get(path).status_code, most)


@pytest.mark.parametrize("page", ["contact", "resume"])
def test_an_address_gets_few_codes_and_a_browser_asks_for_few(door: Door, page: str) -> None:
    """Three for one address; twenty from one network address, whichever addresses are written there."""
    token = door.browser.csrf_token(door.url("/request-access"))

    def ask(email: str) -> int:
        fields = {"csrf_token": token, "name": "Teresa Ordaz", "email": email}
        return door.browser.post(door.url(f"/request-access/{page}"), data=fields).status_code

    until_refused(lambda _time: ask("teresa@guemes.test"), 3)
    until_refused(lambda time: ask(f"t{time}@guemes.test"), 17)  # three were asked for above


def test_codes_are_guessed_a_few_times_only(door: Door) -> None:
    """Each code five times, and twenty guesses a minute over all codes."""
    contact = "/request-access/contact"
    door.post(contact, form_at="/request-access", name="Teresa Ordaz", email="teresa@guemes.test")
    where = door.url("/request-access/code")
    fields = {"csrf_token": door.browser.csrf_token(where), "code": "not one"}

    until_refused(lambda _time: door.browser.post(where, data=fields).status_code, 20)


def test_staff_invite_so_many_times_a_minute(without_valkey: Flask, organization) -> None:
    customer = make_customer()
    browser = new_browser(without_valkey).enter_as(make_user(organization), organization)
    token = browser.csrf_token("/account")
    where = f"/portal-members/{customer.id}/0/invite"  # also where there is nobody to invite

    until_refused(lambda _time: browser.post(where, data={"csrf_token": token}).status_code, 60)


@pytest.mark.parametrize("subject", ["documents", "projects"])
def test_a_person_comments_so_many_times_a_minute(
    without_valkey: Flask, stand: Stand, subject: str
) -> None:
    """Counted for each person: a colleague behind the same network address is not refused with them."""
    window, other = stand(), stand(make_customer())
    about = [
        make_document(each.customer) if subject == "documents" else make_project(each.customer)
        for each in (window, other)
    ]
    if subject == "projects":
        db.session.execute(update(PortalSettings).values(show_projects=True))
    db.session.commit()
    wheres = [f"{window.root}/{subject}/{each.public_id}" for each in about]
    browsers = [new_browser(without_valkey) for _person in about]
    tokens = []
    for browser, each, where in zip(browsers, (window, other), wheres, strict=True):
        sign_in_to_portal(browser, each.user)
        tokens.append(browser.csrf_token(where))

    def comment(person: int, time: int = 0) -> int:
        fields = {"csrf_token": tokens[person], "body": f"¿Y esto? {time}"}
        return browsers[person].post(f"{wheres[person]}/comments", data=fields).status_code

    until_refused(lambda time: comment(0, time), 20)
    assert comment(1) == 303
