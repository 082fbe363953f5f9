"""Requests that are meant to cost us more than they cost their sender."""

import io

from flask import Flask

from models.people.organization import Organization
from tests.admin_views.conftest import SignIn
from tests.browser import Browser

MEGABYTES = 1024 * 1024


def test_a_stranger_may_not_send_large_files(browser: Browser, app: Flask) -> None:
    """The CSRF check reads a body before anybody has asked who sends it."""
    file = (io.BytesIO(b"x" * (5 * MEGABYTES)), "x.csv")

    answer = browser.post("/admin/imports/new", data={"file": file})

    assert answer.status_code == 413


def test_a_sheet_with_thousands_of_columns_is_refused(
    app: Flask, organization: Organization, sign_in: SignIn
) -> None:
    """The page that asks what each column is would take a minute to draw."""
    clerk = sign_in("clerk")
    header = ",".join(f"c{number}" for number in range(5_000)).encode() + b"\n"

    answer = clerk.post(
        "/admin/imports/new",
        data={"subject": "customers", "file": (io.BytesIO(header), "wide.csv")},
    )

    assert answer.status_code == 422


def test_a_form_may_have_many_odd_line_numbers(app: Flask, sign_in: SignIn) -> None:
    """Numbers of lines come from a stranger too."""
    clerk = sign_in("clerk")
    names = ("lines-²-description", f"lines-{'9' * 5_000}-description", "lines--1-description")

    answer = clerk.post("/admin/invoice/new/", data=dict.fromkeys(names, "x"))

    assert answer.status_code == 422
