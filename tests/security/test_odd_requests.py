"""Odd requests: whatever somebody puts into an address or a form, the answer is a calm page."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from admin_views.columns import described, sortable
from tests.admin_views.conftest import SignIn
from tests.admin_views.route_rights import SCREENS
from tests.admin_views.test_route_walks import ENDS_SESSION, routes
from tests.factories.admin import Rows

Addresses = Callable[[str, str], Iterator[dict[str, str]]]
LIVES = "health.healthz"  # ill beside a test, where no workers run


def mark(*parts: object) -> str:
    """A place in a list as the addresses carry it, with anything in it."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


ODD = ["a\x00b", "-1", "9" * 18, "9" * 25, "²", "1e400'\\%", "a" * 5_000]
MARKS = [
    "é",
    mark(1),
    mark("a\x00b", 1),
    mark(2**70, 2**70),
    mark("0001-01-01", -1),
    mark("sNaN", 1),
    mark("1e999999", 1),
    mark([], {}),
    base64.urlsafe_b64encode(b"[" * 20_000).decode(),
]
ARGUMENTS = [
    "id",
    "f",
    "name",
    "query",
    "offset",
    "verb",
    "add",
    "value",
    "col",
    "cols",
    "search",
    "sort",
    "last",
    "n",
    "page",
    "url",
    "next",
    "below",
    "above",
    "mailing",
    "open",
    "show",
    "reason",
    "state",
    "from",
    "subject",
    "ids",
    "documents",
    "format",
]
FIELDS = [
    "id",
    "rowid",
    "action",
    "organization",
    "code",
    "why",
    "as",
    "lang",
    "theme",
    "email",
    "password",
    "account",
    "template",
    "series",
    "number_from",
    "number_to",
    "date_from",
    "date_to",
    "customers",
    "customer_numbers",
    "groups",
    "roles",
    "title",
    "body",
    "offer",
    "current",
    "confirmation",
    "row_version",
    "row_base",
    "row_asked",
    "address",
    "sample",
    "lines-0-id",
    "lines-0-quantity",
    "lines-0-unit_price",
    "allocations-0-document",
    "customers-0-customer",
    "emails-0-address",
]


def with_value(endpoint: str, value: str) -> Iterator[dict[str, str]]:
    """It stands in every argument, and in every filter."""
    columns = columns_of_list(endpoint)
    yield dict.fromkeys(ARGUMENTS, value)
    if columns:
        yield {f"flt_{name}": value for name in columns}
        yield {f"flt_{name}": f"{value}..{value}" for name in columns}


def with_mark(endpoint: str, value: str) -> Iterator[dict[str, str]]:
    """It stands where a page of a list begins or ends."""
    lists = columns_of_list(endpoint)
    if lists or "mailing" in endpoint:
        yield {"after": value}
    if lists:
        for name in sorted(sortable(SCREENS[endpoint.partition(".")[0]])):
            yield {"before": value, "sort": name}


def columns_of_list(endpoint: str) -> list[str]:
    """None where it is no list; the export reads its arguments the same way."""
    screen, _dot, route = endpoint.partition(".")
    is_list = screen in SCREENS and route == "index_view"
    return list(described(SCREENS[screen])) if is_list else []


# A test for each value: together they take minutes, which test processes share so.
@pytest.mark.parametrize(
    ("addresses", "value"),
    [(with_value, value) for value in ODD] + [(with_mark, value) for value in MARKS],
    ids=lambda each: each.__name__ if callable(each) else ascii(each[:12]),
)
def test_no_address_breaks_a_page(
    app: Flask, sign_in: SignIn, rows: Rows, addresses: Addresses, value: str
) -> None:
    """L-24, T39: garbage in an address means nothing, or gets a calm 4xx."""
    client = sign_in("administrator")
    broken, asked = [], 0
    for endpoint, method, url in routes(app):
        if method == "GET" and endpoint not in (LIVES, "static"):
            for arguments in addresses(endpoint, value):
                asked += 1
                if client.get(url, query_string=arguments).status_code >= 500:
                    broken.append((endpoint, str(arguments)[:120]))

    assert broken == []
    assert asked > 50


@pytest.mark.parametrize("value", ODD, ids=lambda value: ascii(value[:12]))
def test_no_form_breaks_a_page(app: Flask, sign_in: SignIn, rows: Rows, value: str) -> None:
    """Garbage in every field of every form, for a record that exists and for one that does not."""
    client = sign_in("administrator")
    broken, asked = [], 0
    for endpoint, method, url in routes(app):
        if method == "GET" or endpoint in ENDS_SESSION:
            continue
        asked += 1
        key = str(rows.keys.get(endpoint.partition(".")[0], 1))
        form: dict[str, Any] = dict.fromkeys(FIELDS, value)
        arguments = {"id": key, "verb": "delete", "f": "name"}
        if client.post(url, query_string=arguments, data=form).status_code >= 500:
            broken.append((endpoint, value[:20]))

    assert broken == []
    assert asked > 50
