"""Lists: pages by key, filters, search, order, columns, export."""

import csv
import io
import json
import re
from datetime import date, timedelta

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from models.base import db
from models.people.customer import Customer
from models.sales.document import Quote
from models.sales.document_state import DocumentState
from tests.admin_views.conftest import SignIn
from tests.factories.admin import CANARY, Rows
from tests.factories.people import make_customer, make_mail_account
from tests.factories.sales import ISSUED, make_document

NAMES = ["Ñandú, S. A.", "Óptica Peñafiel", "=cmd|' /C calc'!A1", "Zapatería 100 %"]


@pytest.fixture
def customers(organization: object) -> list[Customer]:
    made = [make_customer(name=name) for name in NAMES]
    db.session.commit()
    return made


@pytest.fixture
def invoices(customers: list[Customer]) -> list[str]:
    """130 of them, some on the same day; their labels from the newest to the oldest."""
    made = [
        make_document(customers[n % 2], issue_date=ISSUED + timedelta(days=n // 3), price=n + 1)
        for n in range(130)
    ]
    db.session.commit()
    made.sort(key=lambda one: (one.issue_date, one.id), reverse=True)
    return [one.label for one in made]


def labels(page: str) -> list[str]:
    return re.findall(r'<a class="id"[^>]*>([^<]+)</a>', page)


def link(page: str, which: str) -> str:
    found = re.search(rf'href="([^"]+)"[^>]*aria-label="{which} page"', page)
    assert found, which
    return found[1].replace("&amp;", "&")


def test_pages_follow_one_another_both_ways(
    app: Flask, sign_in: SignIn, invoices: list[str]
) -> None:
    """L-24: next, previous, last and first, also among rows of the same day."""
    client = sign_in(lang="en")
    first = client.get("/admin/invoice/").text
    second = client.get(link(first, "Next")).text
    third = client.get(link(second, "Next")).text
    assert labels(first) + labels(second) + labels(third) == invoices
    assert labels(client.get(link(third, "Previous")).text) == labels(second)
    last = client.get(link(first, "Last")).text
    assert labels(last) == invoices[-50:]
    assert labels(client.get(link(last, "Previous")).text) == invoices[30:80]
    assert labels(client.get(link(last, "First")).text) == invoices[:50]
    assert "1–50 of 130" in first
    assert "51–100 of 130" in second


def test_marks_that_were_tampered_with_mean_the_beginning(
    app: Flask, sign_in: SignIn, invoices: list[str]
) -> None:
    client = sign_in()
    for mark in ("x", "W10", "WyJ4IiwxXQ", "W251bGwsbnVsbF0"):
        assert labels(client.get(f"/admin/invoice/?after={mark}").text) == invoices[:50]


def test_the_order_needs_an_index(app: Flask, sign_in: SignIn, invoices: list[str]) -> None:
    """L-24: a column without an index is no order; one with an index is."""
    client = sign_in()
    assert labels(client.get("/admin/invoice/?sort=notes").text) == invoices[:50]
    by_total = client.get("/admin/invoice/?sort=total").text
    assert 'aria-sort="ascending"' in by_total
    assert labels(by_total) != invoices[:50]


def test_filters_narrow_and_show_as_chips(
    app: Flask, sign_in: SignIn, invoices: list[str], customers: list[Customer]
) -> None:
    """L-22: enums, dates, numbers, relations; a value that makes no sense is ignored."""
    client = sign_in(lang="en")
    key = customers[0].id
    for query, number in (
        ("flt_state=posted,paid", 130),
        ("flt_state=paid", 0),
        (f"flt_customer={key}", 65),
        (f"flt_issue_date={ISSUED}..{ISSUED}", 3),
        ("flt_total=..11.9", 10),
        ("flt_delivery=none", 130),
        ("flt_delivery=sent,failed", 0),
        ("flt_overdue=0", 0),
        ("flt_state=nonsense", 130),
        ("flt_issue_date=soon", 130),
        ("flt_customer=99999999", 130),
    ):
        page = client.get(f"/admin/invoice/?{query}").text
        found = re.search(r"of ([\d\u202f]+)</span>", page)
        assert (int(found[1]) if found else 0) == number, query
        is_chip = 'class="v-chip set"' in page
        assert is_chip == (number != 130 or query in ("flt_state=posted,paid", "flt_delivery=none"))


def test_forms_without_script_become_addresses(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    client = sign_in()
    answer = client.get("/admin/invoice/?add=state&value=posted&value=paid&search=x")
    assert answer.location == "/admin/invoice/?search=x&flt_state=posted%2Cpaid"
    answer = client.get("/admin/invoice/?add=total&value=1.000,50&value=")
    assert answer.location == "/admin/invoice/?flt_total=1000.50.."
    answer = client.get("/admin/invoice/?col=label&col=total")
    assert answer.location == "/admin/invoice/?cols=label%2Ctotal"
    heads = client.get(answer.location).text
    assert heads.count('role="columnheader"') == 4


def test_search_does_not_care_about_case_accents_or_wildcards(
    app: Flask, sign_in: SignIn, customers: list[Customer]
) -> None:
    """L-24: what one types is found as it is written, also with % in it."""
    client = sign_in()
    for text, wanted in (
        ("nandu", 1),
        ("OPTICA penafiel", 1),
        ("100 %", 1),
        ("%", 1),
        ("_", 0),
        ("'; drop table customer --", 0),
    ):
        page = client.get("/admin/customer/", query_string={"search": text}).text
        assert len(labels(page)) == wanted, text


def test_only_the_table_comes_for_htmx(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    client = sign_in()
    part = client.get("/admin/invoice/", headers={"HX-Request": "true", "HX-Target": "list"})
    assert part.text.lstrip().startswith('<div id="list"')
    assert "HX-Target" in part.headers["Vary"]


def export(client: FlaskClient, kind: str, query: str = "") -> bytes:
    answer = client.get(f"/admin/customer/export/{kind}/?sort=sort_name{query}")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    return bytes(answer.data)


def test_exports_hold_the_view_and_run_nothing(
    app: Flask, sign_in: SignIn, customers: list[Customer]
) -> None:
    """L-11: CSV, XLSX and JSON of the present view; no formula survives."""
    client = sign_in(lang="en")
    table = list(csv.reader(io.StringIO(export(client, "csv").decode("utf-8-sig"))))
    assert len(table) == 5
    assert "'=cmd|' /C calc'!A1" in [row[0] for row in table]
    sheet = openpyxl.load_workbook(io.BytesIO(export(client, "xlsx"))).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "b"}
    found = json.loads(export(client, "json", "&search=nandu"))
    assert [one["name"] for one in found] == ["Ñandú, S. A."]


def test_spanish_exports_have_decimal_commas(
    app: Flask, sign_in: SignIn, invoices: list[str]
) -> None:
    client = sign_in(lang="es")
    text = client.get("/admin/invoice/export/csv/?cols=label,total,issue_date").data.decode(
        "utf-8-sig"
    )
    table = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert len(table) == 131
    assert re.fullmatch(r"\d+,\d+", table[1][1])
    assert date.fromisoformat(table[1][2])


def test_secrets_are_nowhere(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-25, S4-11: a stored password is in no page and in no file."""
    account = make_mail_account(password=CANARY)
    sealed = str(account.password_sealed)
    key = account.id
    db.session.commit()
    client = sign_in(is_global_admin=True)
    for path in (
        "/admin/mail_account/",
        f"/admin/mail_account/details/?id={key}",
        f"/admin/mail_account/edit/?id={key}",
        "/admin/mail_account/export/csv/?cols=address,password_sealed",
        "/admin/mail_account/export/json/",
        "/admin/user/export/json/?cols=name,password_hash",
        "/admin/user/",
        "/admin/audit_event/export/json/?cols=before,after",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert CANARY not in answer.text, path
        assert sealed not in answer.text, path
        assert "argon2" not in answer.text, path


def test_drafts_have_a_name_and_no_number(
    app: Flask, sign_in: SignIn, customers: list[Customer]
) -> None:
    make_document(customers[0], kind=Quote, state=DocumentState.DRAFT, series="", number="7")
    db.session.commit()
    assert sign_in().get("/admin/quote/").status_code == 200
