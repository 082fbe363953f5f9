"""Every route of the application: who may call it, its token, its headers, and what it leaves alone.

A new route fails here until somebody has said who may call it.
"""

import re
import uuid
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy import select

from admin_views.registry import endpoint_of, models_with_screens
from models.base import db
from models.people.organization import Organization
from models.people.role import Role
from services.people.access import Rights, rights_of_role
from tests.admin_views.conftest import SignIn
from tests.factories.admin import Rows

SCREENS = {endpoint_of(model): model for model in models_with_screens()}
# The right that a screen's route asks for; `verb_view` and `action_view` ask for the verb's own.
RIGHT_OF_ROUTE = {
    "index_view": "view",
    "advanced_view": "view",
    "details_view": "view",
    "filter_value": "view",
    "ajax_lookup": "view",
    "ajax_update": "view",
    "file_view": "view",
    "pdf_view": "view",
    "attachment_view": "view",
    "attach_view": "attach",
    "detach_view": "attach",
    "verb_view": "delete",
    "action_view": "delete",
    "create_view": "create",
    "edit_view": "edit",
    "cell_view": "edit",
    "mails_view": "view",
    "issue_view": "post",
    "count_view": "post",
    "bulk_edit_view": "edit",
    "delete_confirm": "delete",
    "delete_view": "delete",
    "export": "export",
}
# Everything else: for whom it is.
EVERYBODY = {
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
    "link.answer",
    "link.load",
    "link.seen",
    "look.colours",
    "look.logo",
}
ALL_STAFF = {
    "sign_in.sign_out",
    "places.place",
    "home.home",
    "admin.index",
    "account.account",
    "account.password",
    "account.mail",
    "mail_password.mine",
    # Where the organization lets users write their own.
    "own_letterhead.index",
    "own_letterhead.accept",
    "own_letterhead.preview",
    "own_letterhead.check",
    "account.end",
    "account.end_all",
    "account.second_step",
    "account.second_step_off",
    "account.recovery_codes",
    "handbook.page",
    "handbook.show_picture",
    "mail_permission.answer",  # it asks for the account of the question that this browser has put
}
# Screens made by hand: which right of the matrix they ask for.
MAILING = {
    "console": "view",
    "choose": "view",
    "progress": "view",
    "documents": "view",
    "pdf": "view",
    "gallery": "view",
    "frame": "view",
    "source": "view",
    "file": "view",
    "page": "view",
    "anomaly": "create",
    "recipients": "view",
    "export": "view",
    "new": "create",
    "really_new": "create",
    "edit": "create",
    "really_edit": "create",
    "summary": "create",
    "text": "create",
    "people": "create",
    "left_out": "create",
    "keep": "create",
    "make_example": "create",
    "example": "create",
    "example_message": "create",
    "schedule": "start",
    "really_schedule": "start",
    "unschedule": "start",
    "start": "start",
    "really_start": "start",
    "stop": "stop",
    "cancel": "cancel",
    "really_cancel": "cancel",
    "why": "view",
    "ask": "view",
    "cure": "resolve",
    "retry": "resolve",
    "really_retry": "resolve",
    "test": "test",
    "really_test": "test",
    "samples": "test",
    "rehearsal": "test",
    "ask_rehearsal": "test",
    "rehearsal_progress": "test",
    "rehearsal_frame": "test",
    "rehearsal_source": "test",
    "rehearsal_file": "test",
    "rehearsal_page": "test",
}
IMPORTS = {
    "index": "view",
    "new": "create",
    "columns": "view",
    "run": "view",
    "progress": "view",
    "carry_out": "create",
    "wrong_rows": "view",
}
BULK_RUNS = {
    "index": "view",
    "run": "view",
    "progress": "view",
    "refused": "view",
    "undo": "undo",
    "stop": "undo",
}
MAIL_PERMISSION = ("page", "ask", "by_application", "withdraw")
ACCOUNT_CHECKS = {
    "check": "view",
    "progress": "view",
    "again": "edit",
    "password": "edit",
    "ask_password": "edit",
    "failed": "edit",
    "index": "view",
    "badges": "view",
    "everything": "edit",
}
MAIL_AREA = {
    "index": "view",
    "choose_account": "view",
    "pulse": "view",
    "batch_progress": "view",
    "forget_failures": "view",
    "tell_presence": "view",
    "search": "view",
    "message": "view",
    "body": "view",
    "frame": "view",
    "picture": "view",
    "attachment": "view",
    "source": "view",
    "act": "edit",
    "take_back": "edit",
    "snooze_chosen": "edit",
    "new_folder": "edit",
    "really_make_folder": "edit",
    "own_folder": "edit",
    "really_rename_folder": "edit",
    "really_delete_folder": "edit",
    "really_purge": "delete",
    "compose": "edit",
    "signature": "edit",
    "saved_text": "edit",
    "keep_draft": "edit",
    "send_draft": "edit",
    "show_other": "edit",
    "unsend_draft": "edit",
    "ring_for_leaving": "edit",
    "clear_draft": "edit",
    "refill_draft": "edit",
    "discard_draft": "edit",
    "restore_draft": "edit",
    "add_draft_file": "edit",
    "add_draft_picture": "edit",
    "add_draft_document": "edit",
    "remove_draft_file": "edit",
    "link_draft_file": "edit",
    "draft_files": "edit",
    "draft_file": "edit",
    "draft_picture": "edit",
    "find_customers": "edit",
    "tie_customer": "edit",
    "continue_message": "edit",
    "people_of_customer": "edit",
}
PORTAL_EMAILS = {"index": "view", "save": "edit", "preview": "view", "check": "view"}
COMMENTED = ("invoice", "quote", "sales_order", "credit_note", "statement", "project", "customer")
BY_HAND = {
    **{f"{screen}.comment_view": ("comment", "create") for screen in COMMENTED},
    **{f"{screen}.comment_file_view": ("comment", "view") for screen in COMMENTED},
    "customer.timeline_view": ("customer", "view"),
    "customer.messages_view": ("message", "view"),
    "contact.messages_view": ("message", "view"),
    "customer.portal_view": ("portal_membership", "view"),
    "customer.look_view": ("portal_look", "open"),
    "portal_members.act": ("portal_membership", "edit"),
    "access_requests.index": ("access_request", "view"),
    "access_requests.one": ("access_request", "view"),
    "access_requests.approve_it": ("access_request", "edit"),
    "access_requests.undo_it": ("access_request", "edit"),
    "access_requests.ask_it": ("access_request", "edit"),
    "access_requests.reject_it": ("access_request", "edit"),
    **{f"portal_emails.{name}": ("group_portal", right) for name, right in PORTAL_EMAILS.items()},
    "portal_emails.activate": ("customer_group", "edit"),
    "portal_texts.index": ("portal_text", "view"),
    "portal_texts.save": ("portal_text", "edit"),
    "portal_questions.index": ("portal_text", "view"),
    "portal_questions.save": ("portal_text", "edit"),
    "portal_revisions.index": ("portal_text", "view"),
    "portal_revisions.bring_back": ("portal_text", "edit"),
    "portal_preferences.index": ("portal_settings", "view"),
    "portal_preferences.first": ("portal_settings", "view"),
    "portal_preferences.save": ("portal_settings", "edit"),
    "portal_preferences.check": ("portal_settings", "edit"),
    **{f"account_checks.{name}": ("mail_account", right) for name, right in ACCOUNT_CHECKS.items()},
    **{f"mail_area.{name}": ("message", right) for name, right in MAIL_AREA.items()},
    "mail_set_aside.index": ("message", "view"),
    "mail_set_aside.source": ("message", "view"),
    "mail_set_aside.again": ("message", "edit"),
    "mail_set_aside.leave": ("message", "edit"),
    "mail_set_aside.settle": ("message", "edit"),
    **{f"mailing_console.{name}": ("mailing", right) for name, right in MAILING.items()},
    **{f"imports.{name}": ("import_run", right) for name, right in IMPORTS.items()},
    **{f"bulk_runs.{name}": ("bulk_run", right) for name, right in BULK_RUNS.items()},
    "document_address.document": ("document", "view"),
    **{
        f"mail_rights.{name}": ("mail_account", "edit")
        for name in ("index", "save", "save_defaults")
    },
    "mail_accounts_letterhead.index": ("mail_account", "edit"),
    "mail_accounts_letterhead.accept": ("mail_account", "edit"),
    "mail_accounts_letterhead.preview": ("mail_account", "edit"),
    "mail_accounts_letterhead.check": ("mail_account", "edit"),
    **{f"mail_permission.{name}": ("mail_account", "edit") for name in MAIL_PERMISSION},
    "addons.index": ("user", "view"),
    "user_sessions.index": ("user_session", "view"),
    "user_sessions.end": ("user_session", "end"),
    "user_sessions.end_all": ("user_session", "end"),
    "mail_accounts_grid.index": ("mail_account", "edit"),
    "mail_accounts_grid.accept": ("mail_account", "edit"),
    "mail_accounts_grid.check": ("mail_account", "edit"),
    "mail_accounts_grid.addresses": ("mail_account", "edit"),
    "mail_accounts_grid.servers": ("mail_account", "edit"),
    "mail_accounts_grid.ask_tests": ("mail_account", "edit"),
    "mail_accounts_grid.tests": ("mail_account", "edit"),
    "mail_accounts_grid.ask": ("mail_account", "edit"),
}
SHARED_AND_FOR_GLOBAL_ADMINISTRATORS = {"create", "edit", "delete"}
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


def expected(endpoint: str, rights: Rights) -> bool:
    """Whether a role with these rights may call the route."""
    if endpoint in EVERYBODY | ALL_STAFF:
        return True
    if endpoint == "review.create_view":
        return False  # customers write them
    if endpoint in BY_HAND:
        return rights.allows(*BY_HAND[endpoint])
    if endpoint in (of_addons := current_app.extensions["addon_rights"]):
        return rights.allows(of_addons[endpoint].resource, of_addons[endpoint].action)
    screen, _dot, route = endpoint.partition(".")
    model = SCREENS[screen]
    table, right = model.__tablename__, RIGHT_OF_ROUTE[route]
    if model.__admin__.read_only and right in ("create", "edit", "delete"):
        return False
    if not hasattr(model, "organization_id") and right in SHARED_AND_FOR_GLOBAL_ADMINISTRATORS:
        return False
    return rights.allows(table, "view") and rights.allows(table, right)


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
