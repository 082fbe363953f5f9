"""Every page of the portal where there is something behind its address: it is strict, and looking at it changes nothing.

A new route is walked the moment it exists; its key belongs to `tests/portal/furnished.py`.
"""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.portal.house import House

# They lead on: from what has not begun, or is over, to where it begins.
LEAD_ON = {
    "portal-sign_in.second_step",
    "portal-door.sign_in",
    "portal-request_access.answer",
    "portal-request_access.code",
    "portal-request_access.contact",
    "portal-request_access.status",
    "portal-request_company.company",
    "portal-request_company.questions",
}
# Not for staff who look as the customer: what is somebody's own, and what one could only fill in.
NOT_FOR_STAFF = {
    "portal-addresses.edit",
    "portal-addresses.new",
    "portal-door.customers",
    "portal-forward.form",
    "portal-payment_methods.new",
    "portal-security.security",
}


def is_open(app: Flask, endpoint: str) -> bool:
    if endpoint.startswith("link."):
        return True
    return getattr(app.view_functions[endpoint], "portal_door", None) == "open to everybody"


@pytest.mark.parametrize("who", ["stranger", "customer", "staff"])
def test_there_is_something_behind_every_address(app: Flask, house: House, who: str) -> None:
    """Else the walks below would look at pages that say that there is nothing."""
    found: dict[str, set[int]] = {}
    for endpoint, url in house.pages:
        found.setdefault(endpoint, set()).add(house.browsers[who].get(url).status_code)
    empty = {endpoint for endpoint, statuses in found.items() if 200 not in statuses}
    closed = {
        "stranger": {endpoint for endpoint in found if not is_open(app, endpoint)},
        "customer": set(),
        "staff": NOT_FOR_STAFF,
    }
    assert empty - LEAD_ON == closed[who]


@pytest.mark.parametrize("who", ["stranger", "customer", "staff"])
def test_looking_changes_nothing(
    app: Flask, house: House, digest: Callable[[], dict[str, str]], who: str
) -> None:
    """T08: scanners, previews and prefetching follow every link; no row is other than before."""
    before = digest()
    for endpoint, url in house.pages:
        assert house.browsers[who].get(url).status_code < 500, endpoint
        assert house.browsers[who].head(url).status_code < 500, endpoint
    assert digest() == before


@pytest.mark.parametrize("who", ["stranger", "customer", "staff"])
def test_every_page_is_strict(app: Flask, house: House, who: str) -> None:
    """Strict policy, no handlers in the markup, scripts with the nonce, nothing kept, no fault of ours."""
    for endpoint, url in house.pages:
        answer = house.browsers[who].get(url)
        assert answer.status_code < 500, endpoint
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"], endpoint
        assert answer.headers["Cache-Control"] == "no-store", endpoint
        assert answer.headers["X-Content-Type-Options"] == "nosniff", endpoint
        if answer.mimetype == "text/html":
            assert not re.search(r"<[^>]+\son\w+=|javascript:", answer.text), endpoint
            assert not re.search(r"<[^>]+\sstyle\s*=", answer.text), endpoint
            for script in re.findall(r"<script[^>]*>", answer.text):
                assert "nonce=" in script, endpoint
