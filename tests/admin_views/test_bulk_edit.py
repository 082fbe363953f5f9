"""Bulk edit at the door: who may, which fields, how many, and what is told afterwards."""

import re

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from admin_views.bulk_fields import bulk_fields
from admin_views.bulk_rules import screen_named
from jobs.bulk import carry_out_bulk_run
from models.base import db
from models.people.contact import Contact
from models.people.customer import Customer
from models.people.organization import Branch, Organization
from models.people.role import Permission, Role
from models.people.user_session import UserSession
from models.sales.document import Document, Quote
from models.sales.document_state import DocumentState
from models.system.bulk_run import BulkRun, BulkRunRow, BulkRunState
from models.tenancy import acting_in
from tests.admin_views.conftest import SignIn
from tests.factories.admin import Rows
from tests.factories.bulk import make_customers
from tests.factories.people import make_customer, make_organization
from tests.factories.sales import make_document
from tests.factories.saving import saved

EDIT = "/admin/customer/bulk-edit/"
TERMS = {"set": "payment_terms_days", "new-payment_terms_days": "60", "sure": "1"}


def newest_run() -> BulkRun:
    db.session.expire_all()
    return db.session.scalars(select(BulkRun).order_by(BulkRun.id.desc()).limit(1)).one()


def how_many(*conditions: object) -> int:
    db.session.expire_all()
    return db.session.scalar(select(func.count(Customer.id)).where(*conditions)) or 0  # type: ignore[arg-type]


def shown_fields(page: str) -> list[str]:
    return re.findall(r'name="set" value="(\w+)"', page)


def test_a_selection_is_given_new_values(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-08: chosen rows, two fields, with the number of records before and after."""
    client = sign_in("clerk", lang="en")
    others = [make_customer(), make_customer()]
    db.session.commit()
    keys = [str(rows.keys["customer"]), str(others[0].id)]

    page = client.post("/admin/customer/action/", data={"action": "bulk_edit", "rowid": keys})
    assert "Change a field of 2 records" in page.text
    assert "Change 2 records" in page.text
    assert shown_fields(page.text)[:2] == ["customer_group", "lang"]
    sent = {"rowid": keys, "sure": "1", "set": ["payment_terms_days", "customer_group"]}
    group = rows.keys["customer_group"]
    sent |= {"new-payment_terms_days": "60", "new-customer_group": str(group)}
    answer = client.post(EDIT, data=sent)

    assert answer.status_code == 302
    assert "2 records changed." in client.get(answer.location).text
    assert how_many(Customer.payment_terms_days == 60, Customer.customer_group_id == group) == 2
    assert how_many(Customer.payment_terms_days != 60) == 1


def test_all_that_the_list_means(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-08: what filter and search leave over, on all pages."""
    client = sign_in("clerk", lang="en")
    make_customers(60, currency="COP")
    db.session.commit()

    answer = client.post(EDIT + "?flt_currency=COP&search=bulk", data=TERMS | {"all": "1"})

    assert answer.location.endswith("?flt_currency=COP&search=bulk")
    assert how_many(Customer.payment_terms_days == 60) == 60
    assert how_many(Customer.payment_terms_days != 60) == 1


def test_only_fields_that_make_sense_are_offered(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-08: nothing that identifies, has to be unique, is secret, computed or a table of lines."""
    client = sign_in("administrator", is_global_admin=True)

    def offered(screen: str) -> list[str]:
        key = str(rows.keys.get(screen, 1))
        data = {"action": "bulk_edit", "rowid": key}
        return shown_fields(client.post(f"/admin/{screen}/action/", data=data).text)

    assert offered("customer") == [
        "customer_group",
        "lang",
        "currency",
        "payment_terms_days",
        "credit_limit",
        "on_hold",
        "notes",
    ]
    assert "password" not in " ".join(offered("mail_account"))
    assert "smtp_host" not in offered("mail_account")
    assert offered("customer_contact") == ["roles", "cc_mode"]
    assert offered("message_template") == []
    assert "customer" not in offered("invoice")
    assert "is_default" not in offered("number_series")


def test_a_value_is_checked_by_the_fields_own_rules(
    app: Flask, sign_in: SignIn, rows: Rows
) -> None:
    client = sign_in("clerk", lang="en")
    chosen = {"rowid": str(rows.keys["customer"]), "sure": "1"}
    wrong = client.post(EDIT, data=chosen | TERMS | {"new-payment_terms_days": "soon"})
    none = client.post(EDIT, data=chosen)
    empty = client.post(EDIT, data=chosen | {"set": "currency", "new-currency": ""})

    assert (wrong.status_code, none.status_code, empty.status_code) == (422, 422, 422)
    assert "Write a whole number" in wrong.text
    assert 'value="soon"' in wrong.text
    assert "Choose at least one field." in none.text
    assert db.session.scalar(select(func.count(BulkRun.id))) == 0


def test_a_box_can_be_emptied_and_a_field_too(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    client = sign_in("clerk", lang="en")
    make_customers(2, on_hold=True, notes="old")
    db.session.commit()
    sent = {"all": "1", "sure": "1", "set": ["on_hold", "notes"]}

    client.post(EDIT, data=sent | {"new-on_hold": "false", "new-notes": " "})

    assert how_many(Customer.on_hold) == 0
    assert how_many(Customer.notes.is_not(None)) == 0


def test_frozen_records_stay_and_are_named(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-08: refused ones are counted by reason, and there is a way to see which."""
    client = sign_in("clerk", lang="en")
    sent = {"all": "1", "sure": "1", "set": "notes", "new-notes": "Thanks"}

    answer = client.post("/admin/invoice/bulk-edit/", data=sent)

    told = client.get(answer.location).text
    assert "1 record changed." in told
    assert "1 not: This record does not change any more." in told
    run = newest_run()
    assert f"/admin/bulk-runs/{run.public_id}" in told
    page = client.get(f"/admin/bulk-runs/{run.public_id}").text
    assert "1 record was not changed" in page
    assert f"/admin/invoice/details/?id={rows.keys['invoice']}" in page
    file = client.get(f"/admin/bulk-runs/{run.public_id}/refused")
    assert "This record does not change any more." in file.text
    assert file.headers["Content-Disposition"] == f"attachment; filename=bulk-{run.id}.csv"


def test_forged_fields_are_refused(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-25: read-only, unique, secret and unknown names, and what the role may not write."""
    client = sign_in("clerk")
    chosen = {"rowid": str(rows.keys["customer"]), "sure": "1"}
    for name in ("number", "name", "version", "organization_id", "sort_name", "x", "id"):
        sent = chosen | {"set": name, f"new-{name}": "1"}
        assert client.post(EDIT, data=sent).status_code == 403, name
    state = {"rowid": str(rows.keys["invoice"]), "sure": "1", "set": "state", "new-state": "paid"}
    assert client.post("/admin/invoice/bulk-edit/", data=state).status_code == 403
    assert db.session.scalar(select(func.count(BulkRun.id))) == 0


def test_a_field_that_the_role_may_not_write_is_not_there(
    app: Flask, sign_in: SignIn, rows: Rows
) -> None:
    client = sign_in("clerk")
    role = db.session.scalars(select(Role.id).where(Role.code == "clerk")).one()
    denial = Permission(
        role_id=role, resource="customer", action="edit", field="on_hold", denied=True
    )
    saved(denial)
    db.session.commit()
    chosen = {"rowid": str(rows.keys["customer"])}
    try:
        page = client.post("/admin/customer/action/", data=chosen | {"action": "bulk_edit"}).text
        sent = chosen | {"sure": "1", "set": "on_hold", "new-on_hold": "y"}
        answer = client.post(EDIT, data=sent)
    finally:
        db.session.delete(db.session.merge(denial))
        db.session.commit()

    assert "on_hold" not in shown_fields(page)
    assert answer.status_code == 403


def test_readers_and_strangers_change_nothing(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    key = str(rows.keys["customer"])
    reader = sign_in("reader")
    assert "bulk_edit" not in reader.get("/admin/customer/").text
    assert reader.post(EDIT, data=TERMS | {"rowid": key}).status_code == 403
    asked = reader.post("/admin/customer/action/", data={"action": "bulk_edit", "rowid": key})
    assert asked.status_code == 403
    without_token = sign_in("clerk", csrf=True).post(EDIT, data=TERMS | {"rowid": key})
    assert without_token.status_code == 400
    assert how_many(Customer.payment_terms_days == 60) == 0


def test_foreign_records_are_out_of_reach(
    app: Flask, sign_in: SignIn, rows: Rows, foreign: Rows
) -> None:
    """T1: neither by key, nor with all that match, nor as a value."""
    client = sign_in("clerk")
    theirs = str(foreign.keys["customer"])
    assert client.post(EDIT, data=TERMS | {"rowid": theirs}).status_code == 409
    group = {"set": "customer_group", "new-customer_group": str(foreign.keys["customer_group"])}
    sent = {"rowid": str(rows.keys["customer"]), "sure": "1", **group}
    assert client.post(EDIT, data=sent).status_code == 422

    client.post(EDIT, data=TERMS | {"all": "1"})

    found = db.session.scalars(select(BulkRunRow.target_id)).all()
    assert list(found) == [rows.keys["customer"]]


def test_a_branch_changes_its_own_documents_only(
    app: Flask, sign_in: SignIn, organization: Organization
) -> None:
    """The selection is written down past the ORM's walls: it says itself which branch it is of."""
    north, south = saved(Branch(code="N", name="N")), saved(Branch(code="S", name="S"))
    customer = make_customer()
    for branch in (north, south):
        make_document(customer, kind=Quote, state=DocumentState.DRAFT, branch_id=branch.id)
    db.session.commit()
    client = sign_in("clerk")
    db.session.execute(update(UserSession).values(branch_id=north.id))
    db.session.commit()

    sent = {"all": "1", "sure": "1", "set": "notes", "new-notes": "Thanks"}
    client.post("/admin/quote/bulk-edit/", data=sent)

    db.session.expire_all()
    query = select(Document.branch_id, Document.notes).order_by(Document.branch_id)
    assert list(db.session.execute(query)) == [(north.id, "Thanks"), (south.id, None)]
    assert newest_run().rows_total == 1


def test_nothing_is_chosen(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    client = sign_in("clerk", lang="en")
    assert client.post(EDIT, data=TERMS).status_code == 409
    assert client.post(EDIT, data=TERMS | {"rowid": ["x", "9" * 25, "-1"]}).status_code == 409


def test_the_dialog_is_told_where_to_go(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """With script the form stands in a dialog: errors come back into it, success leaves it."""
    client = sign_in("clerk")
    part = {"HX-Request": "true", "HX-Target": "dialog"}
    chosen = {"rowid": str(rows.keys["customer"])}
    asked = client.post(EDIT, data=chosen, headers=part)
    assert "<html" not in asked.text
    assert "data-question" in asked.text
    done = client.post(EDIT, data=TERMS | chosen, headers=part)
    assert done.headers["HX-Redirect"] == "/admin/customer/"


def test_ten_thousand_records_are_a_job(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-08: one INSERT, a page with a bar that can be left and found again, a worker in chunks."""
    client = sign_in("clerk", lang="en")
    make_customers(10_000)
    db.session.commit()

    answer = client.post(EDIT + "?search=bulk", data=TERMS | {"all": "1"})

    run = newest_run()
    assert answer.location == f"/admin/bulk-runs/{run.public_id}"
    assert (run.state, run.rows_total, run.rows_done) == (BulkRunState.RUNNING, 10_000, 0)
    page = client.get(answer.location).text
    assert "data-live" in page
    assert "10,000" in page
    assert f"/admin/bulk-runs/{run.public_id}" in client.get("/admin/bulk-runs/").text
    assert client.get(f"{answer.location}/progress").status_code == 200
    carry_out_bulk_run(run.id)
    run = newest_run()
    assert (run.state, run.rows_changed) == (BulkRunState.DONE, 10_000)
    assert how_many(Customer.payment_terms_days == 60) == 10_000
    assert client.get(f"{answer.location}/progress").status_code == 286


@pytest.mark.parametrize("count", [200, 201])
def test_some_hundred_are_done_at_once(
    app: Flask, sign_in: SignIn, organization: Organization, count: int
) -> None:
    client = sign_in("clerk")
    make_customers(count)
    db.session.commit()
    answer = client.post(EDIT, data=TERMS | {"all": "1"})
    is_done = newest_run().state is BulkRunState.DONE
    assert (is_done, answer.location == "/admin/customer/") == (count == 200, count == 200)


def test_what_cannot_be_undone_asks_for_the_number(
    app: Flask, sign_in: SignIn, organization: Organization
) -> None:
    """Whoever deletes more than they can see writes how many."""
    client = sign_in("administrator", lang="en")
    make_customers(201)
    db.session.commit()
    data = {"action": "delete", "all": "1"}
    question = client.post("/admin/customer/action/", data=data).text
    assert 'data-must="201"' in question
    url = "/admin/customer/action/"
    assert client.post(url, data=data | {"sure": "1"}).status_code == 409
    assert client.post(url, data=data | {"sure": "1", "must": "201"}).status_code == 302
    carry_out_bulk_run(newest_run().id)
    assert (newest_run().rows_changed, how_many()) == (201, 0)
    page = client.get(f"/admin/bulk-runs/{newest_run().public_id}").text
    assert "/undo" not in page


def test_every_screen_offers_only_fields_of_its_form(app: Flask, sign_in: SignIn) -> None:
    client = sign_in("administrator", is_global_admin=True)
    assert client.get("/admin/customer/").status_code == 200
    views = app.extensions["admin"][0].views
    for view in views:
        if hasattr(view, "bulk_columns") and view.bulk_columns is not None:
            assert set(view.bulk_columns) <= set(view.form_columns), view.endpoint
    assert screen_named("nothing") is None
    assert bulk_fields.__doc__


def test_contacts_are_switched_off_and_on_again(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-08: a verb that names its opposite can be taken back, where its work still stands."""
    client = sign_in("clerk", lang="en")
    key = rows.keys["contact"]
    data = {"action": "deactivate", "rowid": str(key)}
    answer = client.post("/admin/contact/action/", data=data)
    told = client.get(answer.location).text
    run = newest_run()
    assert f'action="/admin/bulk-runs/{run.public_id}/undo"' in told
    assert not db.session.get_one(Contact, key).is_active
    client.post(f"/admin/bulk-runs/{run.public_id}/undo")
    db.session.expire_all()
    assert db.session.get_one(Contact, key).is_active
    assert newest_run().verb == "activate"
    assert newest_run().undoes_id == run.id


def test_another_organization_has_runs_of_its_own(
    app: Flask, sign_in: SignIn, rows: Rows, organization: Organization
) -> None:
    sign_in("clerk").post(EDIT, data=TERMS | {"all": "1"})
    run = newest_run()
    other = make_organization()
    with acting_in(other.id):
        make_customer()
    stranger = sign_in("administrator", at=other)
    url = f"/admin/bulk-runs/{run.public_id}"
    assert stranger.get(url).status_code == 404
    assert stranger.post(f"{url}/undo").status_code == 404
    assert str(run.public_id) not in stranger.get("/admin/bulk-runs/").text
