"""The import screen: who may, what it refuses, and the way from upload to result."""

from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from jobs.imports import carry_out_import
from models.base import db
from models.people.customer import Customer
from models.people.organization import Organization
from models.system.import_run import ImportRun, ImportState
from models.tenancy import across_organizations
from tests.browser import Browser, new_browser
from tests.factories.people import make_organization, make_user
from tests.services.system.imports.sheets import customers

START = "/admin/imports/new?subject=customers"


@pytest.fixture
def clerk(browser: Browser, organization: Organization) -> Browser:
    user = make_user(organization)
    db.session.commit()
    return browser.enter_as(user, organization)


def upload(browser: Browser, content: bytes, filename: str = "clientes.csv") -> TestResponse:
    fields: dict[str, Any] = {"subject": "customers", "file": (BytesIO(content), filename)}
    return browser.submit(START, fields, content_type="multipart/form-data")


def only_run() -> ImportRun:
    db.session.rollback()
    return db.session.scalars(select(ImportRun)).one()


def address(step: str = "") -> str:
    return f"/admin/imports/{only_run().public_id}{step}"


def test_a_clerk_goes_from_the_file_to_the_result(clerk: Browser) -> None:
    """L-10"""
    file = customers({"name": "La Ñapa"}, {"number": "C2", "email": "mjpena#lanapa.test"})

    uploaded = upload(clerk, file)
    columns = clerk.get(uploaded.location)
    asked = clerk.submit(
        uploaded.location, {"column-0": "number", "column-1": "name", "column-8": "email"}
    )
    waiting = clerk.get(asked.location)
    polled = clerk.get(address("/progress"))
    carry_out_import(only_run().id)
    ended = clerk.get(address("/progress"))
    checked = clerk.get(asked.location)
    started = clerk.submit(address("/import"), form_at=asked.location)
    carry_out_import(only_run().id)
    result = clerk.get(started.location)

    assert (uploaded.status_code, asked.status_code, started.status_code) == (302, 302, 302)
    assert "La Ñapa" in columns.text
    assert "hx-get" in waiting.text
    assert "hx-get" in polled.text
    assert (ended.status_code, ended.headers["HX-Refresh"]) == (286, "true")
    assert "mjpena#lanapa.test" in checked.text
    assert "La Ñapa" in result.text
    assert only_run().state is ImportState.IMPORTED
    assert db.session.scalars(select(Customer.name)).all() == ["La Ñapa"]
    assert "clientes.csv" in clerk.get("/admin/imports/").text


def test_the_wrong_rows_can_be_downloaded(clerk: Browser) -> None:
    answer = upload(clerk, customers({"email": "wrong"}), 'clientes "julio".csv')
    clerk.submit(answer.location, {"column-0": "number", "column-1": "name", "column-8": "email"})
    carry_out_import(only_run().id)

    file = clerk.get(address("/wrong-rows"))

    assert load_workbook(BytesIO(file.data)).active["I2"].value == "wrong"
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("content", "filename"),
    [(b"", "a.csv"), (b"PK\x03\x04 nonsense", "a.xlsx"), (b"<html>", "a.html")],
)
def test_a_file_that_is_no_sheet_is_refused_on_the_form(
    clerk: Browser, content: bytes, filename: str
) -> None:
    answer = upload(clerk, content, filename)

    assert answer.status_code == 422
    assert "invalid-feedback" in answer.text
    assert db.session.scalar(select(func.count(ImportRun.id))) == 0


def test_columns_without_what_is_required_are_refused(clerk: Browser) -> None:
    answer = upload(clerk, customers({}))

    refused = clerk.submit(answer.location, {"column-0": "number", "column-1": ""})

    assert refused.status_code == 422
    assert "v-errsum" in refused.text
    assert only_run().state is ImportState.UPLOADED


def test_what_a_heading_and_a_cell_say_is_only_text(clerk: Browser) -> None:
    row = {"number": "1", "name": "<script>x</script>", "<img src=x onerror=y>": "z"}
    content = (",".join(row) + "\n" + ",".join(row.values()) + "\n").encode()

    page = clerk.get(upload(clerk, content).location).text

    assert "<script>x" not in page
    assert "<img src=x" not in page


def test_an_import_cannot_be_started_twice(clerk: Browser) -> None:
    answer = upload(clerk, customers({}))
    clerk.submit(answer.location, {"column-0": "number", "column-1": "name"})
    carry_out_import(only_run().id)

    first = clerk.submit(address("/import"))
    second = clerk.submit(address("/import"))

    assert (first.status_code, second.status_code) == (302, 409)


def test_a_reader_sees_imports_and_starts_none(
    browser: Browser, organization: Organization
) -> None:
    user = make_user(organization, role="reader")
    db.session.commit()
    browser.enter_as(user, organization)

    assert browser.get("/admin/imports/").status_code == 200
    assert browser.get(START).status_code == 403
    assert browser.submit(START, {"subject": "customers"}, form_at="/account").status_code == 403


def test_nobody_sees_the_imports_of_another_organization(
    clerk: Browser, organization: Organization, app: Any
) -> None:
    upload(clerk, customers({}))
    other = make_organization()
    stranger = make_user(other)
    db.session.commit()
    browser = new_browser(app).enter_as(stranger, other)
    with across_organizations():
        path = f"/admin/imports/{db.session.scalars(select(ImportRun.public_id)).one()}"

    answers = [
        browser.get(path),
        browser.get(f"{path}/columns"),
        browser.get(f"{path}/progress"),
        browser.get(f"{path}/wrong-rows"),
        browser.submit(f"{path}/import", form_at="/account"),
        browser.submit(f"{path}/columns", form_at="/account"),
    ]

    assert {answer.status_code for answer in answers} == {404}


def test_strangers_are_led_to_the_door(browser: Browser, organization: Organization) -> None:
    assert browser.get("/admin/imports/").status_code == 302


def test_a_post_without_its_token_is_refused(clerk: Browser) -> None:
    answer = clerk.post(START, data={"subject": "customers"})

    assert answer.status_code == 400
