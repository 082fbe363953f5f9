"""Every route of the application: who may call it, its token, its headers, and what it leaves alone.

A new route fails here until somebody has said who may call it (`route_rights.py`).
"""

import re
import uuid
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.people.organization import Organization
from models.people.role import Role
from services.people.access import rights_of_role
from tests.admin_views.conftest import SignIn
from tests.admin_views.route_rights import RIGHT_OF_ROUTE, SCREENS, expected
from tests.admin_views.routes_by_hand import ALL_STAFF, BY_HAND, EVERYBODY
from tests.factories.admin import Rows

NOBODY = "999999999"
# They ask for the password or for a step that was begun, whoever calls.
ASKS_MORE = {"account.second_step", "account.second_step_off", "account.recovery_codes"}
ENDS_SESSION = {"sign_in.sign_out", "account.end_all"}


Walk = list[tuple[str, str, str]]


@pytest.fixture
def walk(app: Flask) -> Walk:
    """What is walked over: every route. `test_addon_walks.py` walks over those of a package of others."""
    return list(routes(app))


def routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and an address with keys that nobody has."""
    for rule in app.url_map.iter_rules():
        url = rule.rule.replace("<export_type>", "csv").replace("<token>", "x" * 43)
        url = re.sub(r"<int:\w+>", NOBODY, url)
        url = re.sub(r"<uuid:\w+>", str(uuid.UUID(int=7)), url)
        url = re.sub(r"<[^>]+>", "app.css", url)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield rule.endpoint, method, url


def call(client: FlaskClient, endpoint: str, method: str, url: str, key: str = NOBODY) -> int:
    arguments = {"id": key, "verb": "delete", "f": "name", "name": "customer", "add": "x"}
    form = {"id": key, "action": "delete", "rowid": key, "f": "name"}
    if endpoint.partition(".")[2] == "index_view":
        arguments = {}
    answer = client.open(
        url, method=method, query_string=arguments, data=form if method == "POST" else None
    )
    return answer.status_code


def staff_routes(walk: Walk) -> Iterator[tuple[str, str, str]]:
    """Without the customers' door, which has walks of its own (`tests/portal/test_route_walks.py`)."""
    return (route for route in walk if not route[0].startswith("portal-"))


def test_every_route_has_an_entry(walk: Walk) -> None:
    """A route without an answer to "who may call it" fails."""
    unknown = [
        endpoint
        for endpoint, _method, _url in staff_routes(walk)
        if endpoint not in EVERYBODY | ALL_STAFF | BY_HAND.keys()
        and not (
            endpoint.partition(".")[0] in SCREENS and endpoint.partition(".")[2] in RIGHT_OF_ROUTE
        )
    ]
    assert not unknown


@pytest.mark.parametrize("role", ["administrator", "clerk", "reader"])
def test_every_route_obeys_the_role_matrix(walk: Walk, sign_in: SignIn, role: str) -> None:
    """L-25, S4-04: every route x every role, measured against the matrix."""
    client = sign_in(role)
    rights = rights_of_role(db.session.scalars(select(Role.id).where(Role.code == role)).one())
    wrong = []
    for endpoint, method, url in staff_routes(walk):
        if endpoint in ENDS_SESSION | ASKS_MORE:
            continue
        status = call(client, endpoint, method, url)
        allowed = status not in (401, 403)
        by_hand = endpoint in BY_HAND or endpoint.startswith("addon_")
        unknown = status == 404 and by_hand  # there is nothing with such a key
        is_ill = status >= 500 and endpoint != "health.healthz"  # no workers run beside a test
        if (allowed != expected(endpoint, rights) and not unknown) or is_ill:
            wrong.append((endpoint, method, status))
    assert not wrong


def test_strangers_are_led_to_the_door(app: Flask, walk: Walk) -> None:
    """Nothing but the door is open to somebody who is not signed in."""
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    for endpoint, method, url in staff_routes(walk):
        if endpoint not in EVERYBODY:
            answer = client.open(url, method=method)
            assert answer.status_code in (302, 401), endpoint
            assert answer.headers.get("Location", "/sign-in").startswith("/sign-in"), endpoint
    app.config["WTF_CSRF_ENABLED"] = True


def test_every_post_wants_its_token(
    walk: Walk, sign_in: SignIn, rows: Rows, digest: Callable[[], dict[str, str]]
) -> None:
    """L-25: a POST without a token is refused and changes nothing."""
    client = sign_in("administrator", csrf=True, is_global_admin=True)
    before = digest()
    for endpoint, method, url in walk:
        if method == "POST":
            key = str(rows.keys.get(endpoint.partition(".")[0], 1))
            assert call(client, endpoint, method, url, key) == 400, endpoint
    assert digest() == before


def test_get_changes_nothing(
    walk: Walk, sign_in: SignIn, rows: Rows, digest: Callable[[], dict[str, str]]
) -> None:
    """Mail scanners and pre-fetchers may follow every link."""
    client = sign_in("administrator", is_global_admin=True)
    before = digest()
    for endpoint, method, url in walk:
        if method == "GET":
            key = str(rows.keys.get(endpoint.partition(".")[0], 1))
            is_ill = call(client, endpoint, method, url, key) >= 500
            assert not is_ill or endpoint == "health.healthz", endpoint  # no workers run here
    assert digest() == before


def test_every_page_is_strict(walk: Walk, sign_in: SignIn, rows: Rows) -> None:
    """L-25: strict policy, no handlers in the markup, scripts with the nonce, nothing kept in caches."""
    client = sign_in("administrator", is_global_admin=True)
    for endpoint, method, url in walk:
        if method != "GET" or endpoint == "static":
            continue
        key = str(rows.keys.get(endpoint.partition(".")[0], 1))
        answer = client.get(url, query_string={"id": key, "verb": "delete", "f": "name"})
        policy = answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff", endpoint
        assert answer.headers["Cache-Control"] == "no-store", endpoint
        if "default-src 'none'" in policy and "sandbox" in policy:
            assert "script" not in policy, endpoint
            continue  # somebody's message in a frame, with styles of its own, where nothing runs
        assert "unsafe" not in policy, endpoint
        if answer.mimetype == "text/html":
            nonce = re.search(r"'nonce-([^']+)'", policy)
            assert nonce
            page = answer.text
            assert not re.search(r"<title>\s*·", page), (
                endpoint
            )  # tabs and histories say what it is
            assert not re.search(r"<[^>]+\son[a-z]+\s*=", page), endpoint
            assert "javascript:" not in page, endpoint
            assert not re.search(r"<[^>]+\sstyle\s*=", page), endpoint
            for script in re.findall(r"<script[^>]*>", page):
                assert f'nonce="{nonce[1]}"' in script, endpoint


def test_another_organizations_keys_mean_nothing(
    walk: Walk,
    sign_in: SignIn,
    organization: Organization,
    rows: Rows,
    foreign: Rows,
    digest: Callable[[], dict[str, str]],
) -> None:
    """T1: organization B's keys against every route of A, to read and to write."""
    client = sign_in("administrator")
    before = digest()
    for endpoint, method, url in walk:
        screen, _dot, route = endpoint.partition(".")
        key = str(foreign.keys.get(screen, ""))
        by_key = route in (
            [
                "details_view",
                "edit_view",
                "delete_view",
                "delete_confirm",
                "verb_view",
                "cell_view",
                "file_view",
                "pdf_view",
                "attachment_view",
                "attach_view",
                "detach_view",
            ]
        )
        if key and by_key:
            assert call(client, endpoint, method, url, key) in (403, 404), (endpoint, method)
        elif key and route in ("action_view", "bulk_edit_view"):
            assert call(client, endpoint, method, url, key) in (403, 404, 409), endpoint
        elif key and route in ("index_view", "export"):
            page = client.get(url).text
            name = str(foreign.records[screen])
            assert screen in ("file", "branch", "department", "message_template") or (
                name not in page or name in str(rows.records.get(screen))
            ), endpoint
    assert digest() == before


def test_foreign_keys_in_forms_are_refused(
    app: Flask, sign_in: SignIn, rows: Rows, foreign: Rows, digest: Callable[[], dict[str, str]]
) -> None:
    """T1: a customer, a group or a line of another organization cannot be written into ours."""
    client = sign_in("administrator")
    before = digest()
    document = {
        "customer": str(foreign.keys["customer"]),
        "issue_date": "2026-01-01",
        "due_date": "2026-02-01",
        "currency": "EUR",
        "lang": "es",
        "lines-0-description": "x",
        "lines-0-quantity": "1",
        "lines-0-unit_price": "1",
        "lines-0-discount_percent": "0",
        "lines-0-tax_name": "IVA",
        "lines-0-tax_rate": "0",
    }
    assert client.post("/admin/invoice/new/", data=document).status_code == 422
    customer = rows.records["customer"]
    fields = {
        "number": "C1",
        "name": "N",
        "currency": "EUR",
        "payment_terms_days": "30",
        "lang": "es",
    }
    fields |= {"customer_group": str(foreign.keys["customer_group"]), "row_version": "1"}
    url = f"/admin/customer/edit/?id={customer.id}"
    assert client.post(url, data=fields).status_code == 422
    found = client.get("/admin/invoice/ajax/lookup/?name=customer&query=Customer").json
    assert [key for key, _name in found] == [customer.id]
    assert digest() == before
