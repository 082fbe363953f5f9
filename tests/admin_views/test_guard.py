"""Who may ask for what: every route there is, walked through."""

import re
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.routing import Rule

from admin_views.guard import PUBLIC, WITHOUT_PLACE
from models.base import db
from models.people.organization import Organization
from tests.browser import Browser
from tests.factories.people import make_user


def address_of(app: Flask, rule: Rule) -> str:
    """An address that this rule answers, with something in every placeholder."""
    return re.sub(
        r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>",
        lambda found: str(UUID(int=1)) if found[1] == "uuid" else "1",
        rule.rule,
    )


def rules_of(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if not rule.endpoint.startswith("portal-")]


def test_the_open_doors_are_named_and_exist(app: Flask) -> None:
    """A new page is closed until somebody writes here that it is open."""
    assert {rule.endpoint for rule in app.url_map.iter_rules()} >= PUBLIC | WITHOUT_PLACE
    assert {
        "static",
        "sign_in.sign_in",
        "sign_in.second_step",
        "setup.setup",
        "passwords.forgot",
        "passwords.link",
        "mail_password.link",
        "prefs.prefs",
        "health.healthz",
        "health.metrics",
        "document_address.printed",
        "link.document",
        "link.pdf",
        "link.file",
        "link.seen",
        "link.load",
        "link.answer",
        "look.colours",
        "look.logo",
    } == PUBLIC


def test_a_stranger_gets_into_no_page(app: Flask, browser: Browser) -> None:
    token = browser.csrf_token("/sign-in")
    let_in = []
    for rule in rules_of(app):
        for method in (rule.methods or set()) & {"GET", "POST", "PUT", "DELETE", "PATCH"}:
            if rule.endpoint in PUBLIC:
                continue
            answer = browser.open(
                address_of(app, rule), method=method, headers={"X-CSRFToken": token}
            )
            leads_to_door = answer.status_code == 302 and answer.location.startswith(
                "/sign-in?next="
            )
            if not leads_to_door:
                let_in.append((rule.rule, method, answer.status_code))

    assert let_in == []


def test_scripts_of_a_stranger_get_a_401(app: Flask, browser: Browser) -> None:
    let_in = []
    for rule in rules_of(app):
        if rule.endpoint in PUBLIC or "GET" not in (rule.methods or set()):
            continue
        for headers in ({"HX-Request": "true"}, {"Sec-Fetch-Dest": "empty"}):
            answer = browser.get(address_of(app, rule), headers=headers)
            if (answer.status_code, answer.data) != (401, b""):
                let_in.append((rule.rule, answer.status_code))

    assert let_in == []


def test_a_part_of_a_page_leads_to_the_door_and_back(browser: Browser, app: Flask) -> None:
    answer = browser.get(
        "/", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/mailings/7?tab=2"}
    )

    assert answer.headers["HX-Redirect"] == "/sign-in?next=/mailings/7?tab%3D2"


def test_somebody_without_a_place_may_only_choose_one(
    app: Flask, browser: Browser, organization: Organization
) -> None:
    """S4-03: nothing opens before a company is chosen."""
    browser.enter_as(make_user(organization))
    opened = []
    for rule in rules_of(app):
        if rule.endpoint in PUBLIC | WITHOUT_PLACE or "GET" not in (rule.methods or set()):
            continue
        answer = browser.get(address_of(app, rule))
        if not (answer.status_code == 302 and answer.location.startswith("/place?next=")):
            opened.append((rule.rule, answer.status_code))

    assert opened == []


def test_every_answer_has_its_headers(
    app: Flask, browser: Browser, organization: Organization
) -> None:
    """L-25: a strict policy on every route, for strangers and for staff; private pages are not kept."""
    staff = Browser(app, app.response_class).enter_as(make_user(organization), organization)
    bare = []
    for rule in [*rules_of(app), Rule("/nothing-here", endpoint="nothing")]:
        if rule.endpoint == "static":
            continue
        for who in (browser, staff):
            answer = who.get(address_of(app, rule))
            policy = answer.headers.get("Content-Security-Policy", "")
            is_good = (
                "default-src 'none'" in policy
                and "unsafe" not in policy
                and "frame-ancestors 'none'" in policy
                and answer.headers.get("X-Content-Type-Options") == "nosniff"
                and answer.headers.get("Referrer-Policy") == "no-referrer"
                and answer.headers.get("Cache-Control") == "no-store"
                and "Cookie" in answer.headers.get("Vary", "")
                and answer.headers.get("X-Request-ID")
            )
            if not is_good or answer.headers.get("Server", "").startswith("Werkzeug/"):
                bare.append((rule.rule, answer.status_code))

    assert bare == []


def test_no_post_works_without_its_token(
    app: Flask, browser: Browser, organization: Organization
) -> None:
    """L-25: CSRF on every POST."""
    browser.enter_as(make_user(organization), organization)
    accepted = []
    for rule in rules_of(app):
        for method in (rule.methods or set()) & {"POST", "PUT", "DELETE", "PATCH"}:
            status = browser.open(address_of(app, rule), method=method).status_code
            if status != 400:
                accepted.append((rule.rule, method, status))

    assert accepted == []


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/nothing-here", "GET", 404), ("/sign-out", "GET", 405), ("/sign-in", "POST", 400)],
)
def test_errors_are_pages_of_ours(
    browser: Browser, app: Flask, path: str, method: str, status: int
) -> None:
    answer = browser.open(path, method=method)

    assert answer.status_code == status
    assert 'class="v-err"' in answer.text
    assert "Traceback" not in answer.text


def test_a_deed_that_is_too_large_is_refused_in_words(browser: Browser, app: Flask) -> None:
    answer = browser.submit("/sign-in", {"email": "x" * 5_000_000})

    assert answer.status_code == 413
    assert 'class="v-err"' in answer.text


def test_a_failing_database_shows_a_calm_page(
    browser: Browser, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error page must not ask the database who reads it."""
    browser.enter_as(make_user(organization), organization)
    db.session.remove()

    def unreachable(*_arguments: object, **_options: object) -> None:
        raise ConnectionError("the database is away")

    monkeypatch.setattr("admin_views.identity.staff_of_token", unreachable)
    browser.application.testing = False
    try:
        answer = browser.get("/")
    finally:
        browser.application.testing = True

    assert answer.status_code == 500
    assert "ConnectionError" not in answer.text
    assert 'class="v-err"' in answer.text
