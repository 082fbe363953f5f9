"""Every route of the portal: a customer of this organization, one of another, a stranger, staff.

A new route is walked the moment it exists.
"""

import re
import uuid
from collections.abc import Iterator

from flask import Flask

from models.base import db
from models.people.organization import Organization
from models.tenancy import acting_in
from tests.browser import new_browser
from tests.factories.people import make_customer, make_organization
from tests.factories.portal import make_portal_user, portal_name, sign_in_to_portal

NOBODY = "999999999"
OPEN = "open to everybody"


def routes(app: Flask, name: str) -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and an address in the portal of this name, with keys that nobody has."""
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("portal-"):
            continue
        url = rule.rule.replace("<portal_name>", name).replace("<token>", "x" * 43)
        url = re.sub(r"<int:\w+>", NOBODY, url)
        url = re.sub(r"<uuid:\w+>", str(uuid.UUID(int=7)), url)
        url = re.sub(r"<[^>]+>", "x", url)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield rule.endpoint, method, url


def is_open(app: Flask, endpoint: str) -> bool:
    return getattr(app.view_functions[endpoint], "portal_door", None) == OPEN


def test_strangers_get_no_further_than_the_door(app: Flask, organization: Organization) -> None:
    name, browser = portal_name(), new_browser(app)
    db.session.commit()
    app.config["WTF_CSRF_ENABLED"] = False
    for endpoint, method, url in routes(app, name):
        if not is_open(app, endpoint):
            answer = browser.open(url, method=method)
            assert answer.status_code == 302, endpoint
            assert answer.headers["Location"].startswith(f"/portal/{name}/sign-in"), endpoint
    app.config["WTF_CSRF_ENABLED"] = True


def test_a_customer_of_another_company_is_a_stranger(
    app: Flask, organization: Organization
) -> None:
    """T02: the session of one organization's portal opens nothing in another's."""
    name, browser = portal_name(), new_browser(app)
    other = make_organization()
    with acting_in(other.id):
        user = make_portal_user(make_customer())
        sign_in_to_portal(browser, user)
    app.config["WTF_CSRF_ENABLED"] = False
    for endpoint, method, url in routes(app, name):
        if not is_open(app, endpoint):
            answer = browser.open(url, method=method)
            assert answer.status_code == 302, endpoint
            assert answer.headers["Location"].startswith(f"/portal/{name}/sign-in"), endpoint
    app.config["WTF_CSRF_ENABLED"] = True


def test_every_post_wants_its_token(app: Flask, organization: Organization) -> None:
    """L-25: a POST without a token is refused, whoever sends it."""
    name = portal_name()
    user, browser = make_portal_user(make_customer()), app.test_client()
    sign_in_to_portal(browser, user)
    for endpoint, method, url in routes(app, name):
        if method == "POST":
            assert browser.open(url, method=method).status_code == 400, endpoint
