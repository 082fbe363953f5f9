"""The first administrator: one link, one use."""

import contextvars
import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from models.base import db
from models.people.organization import Organization
from models.people.user import User
from models.people.user_session import SetupLink
from services.people.first_admin import FirstSteps, make_first_administrator, make_setup_link
from tests.browser import Browser, new_browser
from tests.factories.people import make_organization, make_user

FIELDS = {
    "organization_name": "Distribuidora Peñalba",
    "organization_code": "PENALBA",
    "currency": "COP",
    "tax_id_type": "co.nit",
    "tax_id": "800197268-4",
    "name": "Lucía Ordóñez",
    "email": "lucia@example.com",
    "password": "una frase bastante larga",
}


@pytest.fixture
def link(app: Flask) -> str:
    token = make_setup_link()
    db.session.commit()
    assert token is not None
    return f"/setup/{token}"


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_the_link_makes_the_company_and_its_administrator(browser: Browser, link: str) -> None:
    answer = browser.submit(link, FIELDS)

    assert answer.location == "/"
    assert "Distribuidora Peñalba" in browser.get("/").text
    user = db.session.scalars(select(User)).one()
    company = db.session.scalars(select(Organization)).one()
    assert (user.is_global_admin, user.email) == (True, "lucia@example.com")
    assert (company.base_currency, company.tax_id, company.tax_id_type) == (
        "COP",
        "8001972684",
        "co.nit",
    )


def test_looking_does_not_use_it_up(browser: Browser, link: str) -> None:
    """GET changes nothing: mail scanners click."""
    for _look in range(3):
        assert browser.get(link).status_code == 200

    assert db.session.scalars(select(SetupLink.used_at)).one() is None
    assert (count(User), count(Organization)) == (0, 0)


def test_it_works_once(app: Flask, browser: Browser, link: str) -> None:
    browser.submit(link, FIELDS)
    stranger = new_browser(app)

    assert stranger.get(link).status_code == 404
    token = stranger.csrf_token("/sign-in")
    again = stranger.post(
        link, data={**FIELDS, "csrf_token": token, "organization_code": "OTHER", "email": "e@x.co"}
    )
    assert again.status_code == 404
    assert count(User) == 1


def test_two_at_once_make_one_administrator(app: Flask, link: str) -> None:
    start, outcomes = threading.Barrier(4), []

    def use(number: int) -> None:
        with app.app_context():
            steps = FirstSteps(
                organization_name="A",
                organization_code=f"A{number}",
                currency="EUR",
                tax_id=None,
                name="N",
                email=f"n{number}@example.com",
                password=FIELDS["password"],
            )
            start.wait()
            try:
                make_first_administrator(link.rpartition("/")[2], steps)
                db.session.commit()
                outcomes.append("made")
            except Exception as problem:
                db.session.rollback()
                outcomes.append(type(problem).__name__)

    threads = [
        threading.Thread(target=contextvars.Context().run, args=(use, number))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["NotFound", "NotFound", "NotFound", "made"]
    assert (count(User), count(Organization)) == (1, 1)


def test_it_grows_old(browser: Browser, link: str) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25), tick=True):
        assert browser.get(link).status_code == 404


def test_a_newer_link_replaces_it(browser: Browser, link: str) -> None:
    newer = make_setup_link()
    db.session.commit()

    assert browser.get(link).status_code == 404
    assert browser.get(f"/setup/{newer}").status_code == 200


def test_the_database_knows_only_its_hash(link: str) -> None:
    stored = db.session.scalars(select(SetupLink.token_hash)).one()

    assert link.rpartition("/")[2] not in stored
    assert len(stored) == 64


def test_with_a_user_there_is_no_link(organization: Organization) -> None:
    make_user(organization)

    assert make_setup_link() is None


def test_a_link_is_worth_nothing_once_there_is_a_user(browser: Browser, link: str) -> None:
    make_user(make_organization())
    db.session.commit()

    assert browser.get(link).status_code == 404


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("password", "short"),
        ("email", "nobody"),
        ("organization_code", "two words"),
        ("currency", "XXX"),
        ("tax_id", "800197268-5"),
        ("name", ""),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_link_stays_good(
    browser: Browser, link: str, field: str, written: str
) -> None:
    refused = browser.submit(link, {**FIELDS, field: written})

    assert refused.status_code == 422
    assert f'href="#{field}"' in refused.text
    assert (count(User), count(Organization)) == (0, 0)
    assert browser.submit(link, FIELDS).status_code == 302


@pytest.mark.parametrize("token", ["x", "0" * 43, "..%2f..", "a" * 5000])
def test_other_links_open_nothing(browser: Browser, app: Flask, token: str) -> None:
    assert browser.get(f"/setup/{token}").status_code == 404


def test_the_command_prints_it_for_an_empty_installation_only(app: Flask) -> None:
    runner = app.test_cli_runner()
    arguments = ["system", "first-admin", "--base-url", "http://127.0.0.1:8000/"]

    first = runner.invoke(args=arguments)
    make_user(make_organization())
    db.session.commit()
    second = runner.invoke(args=arguments)

    assert first.output.splitlines()[-1].startswith("http://127.0.0.1:8000/setup/")
    assert (first.exit_code, second.exit_code, second.output) == (0, 0, "")


def test_what_is_wrong_with_the_short_code_stands_beside_it(browser: Browser, link: str) -> None:
    answer = browser.submit(link, FIELDS | {"organization_code": "norte 1"})

    beside = answer.text.split('id="organization_code-error"')[1]
    assert "Letters, digits, - and _ only." in beside or "Solo letras, dígitos" in beside
