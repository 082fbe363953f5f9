"""Odd requests: whatever somebody puts into an address or a form, the answer is a calm page."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from flask import Flask

from admin_views.columns import described, sortable
from tests.admin_views.conftest import SignIn
from tests.admin_views.test_route_walks import ENDS_SESSION, SCREENS, routes
from tests.factories.admin import Rows

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


def addresses(endpoint: str) -> Iterator[dict[str, str]]:
    """Odd values in every argument, in every filter, and as the place where a page begins."""
    screen, _dot, route = endpoint.partition(".")
    columns = list(described(SCREENS[screen])) if screen in SCREENS else []
    lists = route == "index_view" and columns  # the export reads its arguments the same way
    for value in ODD:
        yield dict.fromkeys(ARGUMENTS, value)
        if lists:
            yield {f"flt_{name}": value for name in columns}
            yield {f"flt_{name}": f"{value}..{value}" for name in columns}
    for value in MARKS if lists or "mailing" in endpoint else ():
        yield {"after": value}
        for name in sorted(sortable(SCREENS[screen])) if lists else ():
            yield {"before": value, "sort": name}


def test_no_address_breaks_a_page(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-24, T39: garbage in an address means nothing, or gets a calm 4xx."""
    client = sign_in("administrator")
    broken = []
    for endpoint, method, url in routes(app):
        if method == "GET" and endpoint not in (LIVES, "static"):
            for arguments in addresses(endpoint):
                if client.get(url, query_string=arguments).status_code >= 500:
                    broken.append((endpoint, str(arguments)[:120]))

    assert broken == []


def test_no_form_breaks_a_page(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """Garbage in every field of every form, for a record that exists and for one that does not."""
    client = sign_in("administrator")
    broken = []
    for endpoint, method, url in routes(app):
        if method == "GET" or endpoint in ENDS_SESSION:
            continue
        key = str(rows.keys.get(endpoint.partition(".")[0], 1))
        for value in ODD:
            form: dict[str, Any] = dict.fromkeys(FIELDS, value)
            arguments = {"id": key, "verb": "delete", "f": "name"}
            if client.post(url, query_string=arguments, data=form).status_code >= 500:
                broken.append((endpoint, value[:20]))

    assert broken == []
