"""Where the door leads to: never out of the house."""

from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask

from admin_views.next_page import is_inside
from models.base import db
from models.people.organization import Organization
from tests.browser import Browser
from tests.factories.people import PASSWORD, make_user

OUTSIDE = [
    "http:evil.example/x",  # the site's own scheme without slashes: browsers go to the host
    "https:evil.example",
    "http:/evil.example",
    "http:///evil.example",
    "http://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/%09/evil.example",
    "/%2f/evil.example",
    "/%5cevil.example",
    "/%2Fevil.example",
    "/a//evil.example",
    "/.//evil.example",
    "/..//evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    "//user@evil.example",
    "/\r\nLocation: http://evil.example",
    "/admin/invoice/?search=%00",
    "",
]
INSIDE = ["/", "/place", "/mailings/7?tab=2&next=%2Fplace", "/admin/invoice/?search=a%20b#x"]


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_leads_out_is_not_followed(address: str) -> None:
    assert not is_inside(address)


@pytest.mark.parametrize("address", INSIDE)
def test_pages_of_ours_are(address: str) -> None:
    assert is_inside(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_signing_in_stays_in_the_house(
    browser: Browser, organization: Organization, address: str
) -> None:
    browser.enter_as(make_user(organization), organization)

    # The sign-in page leads somebody who is in already to where they wanted to go.
    location = browser.get("/sign-in", query_string={"next": address}).location

    assert location == "/"
    assert urlsplit(urljoin("http://localhost/", location)).netloc == "localhost"


def test_signing_in_leads_to_the_page_that_was_asked_for(
    browser: Browser, organization: Organization
) -> None:
    user = make_user(organization)
    db.session.commit()
    door = browser.get("/account").location

    answer = browser.submit(door, {"email": user.email, "password": PASSWORD})

    assert answer.location == "/account"


def test_a_redirect_that_slipped_through_is_turned_home(app: Flask, browser: Browser) -> None:
    """The last gate: no answer of any page carries a Location that leaves the site."""
    with app.test_request_context("/"):
        response = app.response_class(status=302, headers={"Location": "http:evil.example"})
        assert app.process_response(response).headers["Location"] == "/"


def test_an_address_without_its_last_slash_leads_to_the_page(browser: Browser) -> None:
    assert browser.get("/mail").headers["Location"] == "/mail/"
