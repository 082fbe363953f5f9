"""The pages of bulk changes, and the way back: from a toast, from a run's page, for an inline edit."""

import json
import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.people.customer import Customer
from models.people.organization import Organization
from models.system.audit_event import AuditEvent
from models.system.bulk_run import BulkDeed, BulkRun, BulkRunState
from tests.admin_views.conftest import SignIn
from tests.factories.admin import Rows
from tests.factories.bulk import make_customers

EDIT = "/admin/customer/bulk-edit/"
HOLD = {"all": "1", "set": "on_hold", "new-on_hold": "y", "sure": "1"}


def newest_run() -> BulkRun:
    db.session.expire_all()
    return db.session.scalars(select(BulkRun).order_by(BulkRun.id.desc()).limit(1)).one()


def held(client: FlaskClient) -> str:
    """Hold every customer; gives the address of the run."""
    assert client.post(EDIT, data=HOLD).status_code == 302
    return f"/admin/bulk-runs/{newest_run().public_id}"


def on_hold() -> list[bool]:
    db.session.expire_all()
    return list(db.session.scalars(select(Customer.on_hold).order_by(Customer.id)))


def edit_cell(client: FlaskClient, endpoint: str, key: int, name: str, value: str) -> str | None:
    """Edit a cell as the list does; gives the address that its toast undoes at."""
    url = f"/admin/{endpoint}/cell/"
    cell = client.get(f"{url}?id={key}&f={name}").text
    version = re.search(r'name="v" value="(\d+)"', cell)
    assert version
    answer = client.post(url, data={"id": key, "f": name, "v": version[1], name: value})
    assert answer.status_code == 200
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert "was saved" in toast["text"]
    undo: str | None = toast.get("undo")
    return undo


def test_the_toast_and_the_page_offer_to_undo(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-08: in the toast after the change, and later on the run's page."""
    client = sign_in("clerk", lang="en")
    answer = client.post(EDIT, data=HOLD)
    url = f"/admin/bulk-runs/{newest_run().public_id}"
    told = client.get(answer.location).text
    assert f'action="{url}/undo"' in told
    assert f'action="{url}/undo"' in client.get(url).text

    back = client.post(f"{url}/undo", data={"url": "/admin/customer/?x=1"})

    assert back.location == "/admin/customer/?x=1"
    assert "1 record is as before." in client.get(back.location).text
    assert on_hold() == [False]
    page = client.get(url).text
    assert f'action="{url}/undo"' not in page
    assert "This was taken back:" in page
    again = f"/admin/bulk-runs/{newest_run().public_id}"
    assert client.post(f"{again}/undo", data={"url": "//evil.example/"}).location == again
    assert on_hold() == [True]


def test_undo_tells_what_was_changed_since(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    client = sign_in("clerk", lang="en")
    make_customers(2)
    db.session.commit()
    url = held(client)
    edit_cell(client, "customer", rows.keys["customer"], "on_hold", "")

    told = client.get(client.post(f"{url}/undo").location).text

    assert "It was changed since." in told
    assert on_hold() == [False, False, False]
    assert newest_run().rows_refused == 1


def test_reasons_are_told_in_the_language_of_whoever_reads_them(
    app: Flask, sign_in: SignIn, rows: Rows
) -> None:
    """L-22: on the page, and in the file of those that were refused."""
    client = sign_in("clerk", lang="en")
    make_customers(2)
    db.session.commit()
    url = held(client)
    edit_cell(client, "customer", rows.keys["customer"], "on_hold", "")
    client.post(f"{url}/undo")
    undone = f"/admin/bulk-runs/{newest_run().public_id}"

    reader = sign_in("administrator", lang="es")
    for page in (reader.get(undone).text, reader.get(f"{undone}/refused").text):
        assert "Cambió desde entonces." in page
        assert "It was changed since." not in page


def test_a_cell_is_undone(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-08: the toast after an inline edit takes it back; the list of runs does not tell of it."""
    client = sign_in("clerk", lang="en")
    key = rows.keys["customer"]
    undo = edit_cell(client, "customer", key, "on_hold", "y")
    assert undo
    assert on_hold() == [True]
    run = newest_run()
    assert (run.deed, run.state) == (BulkDeed.CELL, BulkRunState.DONE)

    client.post(undo)

    assert on_hold() == [False]
    assert "Change no." not in client.get("/admin/bulk-runs/").text
    events = db.session.scalars(AuditEvent.history_of("customer", key)).all()
    assert events[0].reason == f"Undo of bulk change {run.id}"
    identity = edit_cell(client, "customer_group", rows.keys["customer_group"], "name", "Other")
    assert identity
    assert client.post(identity).status_code == 302
    group = rows.keys["customer_group"]
    assert "Other" not in client.get(f"/admin/customer_group/details/?id={group}").text[:9000]


def test_a_cell_that_stays_as_it_was_offers_nothing(
    app: Flask, sign_in: SignIn, rows: Rows
) -> None:
    client = sign_in("clerk", lang="en")
    key = rows.keys["customer"]
    url = "/admin/customer/cell/"
    version = rows.records["customer"].version
    data = {"id": key, "f": "on_hold", "v": version}
    assert "HX-Trigger" not in client.post(url, data=data).headers
    assert "HX-Trigger" not in client.post(url, data=data | {"cancel": "1"}).headers


def test_only_its_maker_or_an_administrator_undoes(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-08, L-25"""
    url = held(sign_in("clerk"))
    other, reader = sign_in("clerk", lang="en"), sign_in("reader")

    assert other.get(url).status_code == 200
    assert f'action="{url}/undo"' not in other.get(url).text
    assert other.post(f"{url}/undo").status_code == 403
    assert other.post(f"{url}/stop").status_code == 403
    assert reader.get(url).status_code == 403
    assert reader.post(f"{url}/undo").status_code == 403
    assert on_hold() == [True]
    assert sign_in("administrator").post(f"{url}/undo").status_code == 302
    assert on_hold() == [False]


def test_an_undo_wants_its_token(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    url = held(sign_in("clerk"))
    client = sign_in("administrator", csrf=True)
    assert client.post(f"{url}/undo").status_code == 400
    assert client.get(f"{url}/undo").status_code == 405
    assert on_hold() == [True]


def test_a_run_under_way_is_stopped(
    app: Flask, sign_in: SignIn, organization: Organization
) -> None:
    client = sign_in("clerk", lang="en")
    make_customers(201)
    db.session.commit()
    url = held(client)
    assert f'action="{url}/stop"' in client.get(url).text
    assert client.post(f"{url}/undo").status_code == 409

    assert client.post(f"{url}/stop").location == url

    page = client.get(url).text
    assert "Stopped" in page
    assert "Not reached" in page
    assert client.post(f"{url}/stop").status_code == 409


def test_the_audit_tells_of_the_run(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-12: every record's event names the run, and came through the page."""
    held(sign_in("clerk", lang="en"))
    run = newest_run()
    event = db.session.scalars(AuditEvent.history_of("customer", rows.keys["customer"])).first()
    assert event is not None
    assert (event.reason, event.source) == (f"Bulk change {run.id}", "ui")
    assert (event.before, event.after) == ({"on_hold": False}, {"on_hold": True})


def test_new_values_are_told_in_words(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    client = sign_in("clerk", lang="en")
    group = rows.keys["customer_group"]
    sent = {"all": "1", "sure": "1", "set": ["customer_group", "notes"], "new-notes": ""}
    client.post(EDIT, data=sent | {"new-customer_group": str(group)})
    page = client.get(f"/admin/bulk-runs/{newest_run().public_id}").text
    assert str(rows.records["customer_group"]) in page
    assert "(empty)" in page
    index = client.get("/admin/bulk-runs/").text
    assert "1 of 1 changed, 0 not" in index or "0 of 1 changed, 0 not" in index
