"""One column of every kind, walked through. Runs in a copy of the checkout that has the contracts of
docs/how-to/choose-a-field.md (tests/test_how_to_choose_a_field.py)."""

import csv
import io
import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.people.organization import Organization
from models.sales.contract import Contract, Renewal  # type: ignore[import-not-found]
from models.system.audit_event import AuditEvent
from tests.admin_views.conftest import SignIn
from tests.admin_views.test_records import form_of
from tests.factories.people import make_customer

PDF = b"%PDF-1.7\n..."
# What people type, and how it is shown and exported, in both notations.
TYPED = {
    "es": {"seats": "12", "discount": "12,5", "monthly_fee": "1.234,50"},
    "en": {"seats": "12", "discount": "12.5", "monthly_fee": "1,234.50"},
}
SHOWN = {
    "es": ["12,5", "1.234,50", "12.962,25", "1 feb", "Goes on", "Support, Training", "paper.pdf"],
    "en": ["12.5", "1,234.50", "12,962.25", "Feb 1", "Goes on", "Support, Training", "paper.pdf"],
}
each_language = pytest.mark.parametrize("language", ["es", "en"])


@pytest.fixture(autouse=True)
def clock(organization: Organization) -> None:
    organization.timezone, organization.tax_id_type = "America/Bogota", "co.nit"
    db.session.commit()


def typed(language: str, customer_id: int, **more: Any) -> dict[str, Any]:
    return {
        **TYPED[language],
        "code": "K-1",
        "terms": "Line one\nLine two",
        "currency": "EUR",
        "starts_on": "2027-02-01",
        "signed_at": "2026-01-31T09:30",
        "renewal": "goes_on",
        "services": ["support", "training"],
        "customer": str(customer_id),
        "email": "ana@example.com",
        "website": "https://example.com/a?b=c",
        "phone": "601 745 2310",
        "is_paid_ahead": "y",
        "extras": '{"color": "azul", "n": [1, 2]}',
        **more,
    }


def make(client: FlaskClient, language: str) -> int:
    customer = make_customer(name="Óptica Peñafiel")
    key = customer.id
    db.session.commit()
    form = typed(language, key, paper=(io.BytesIO(PDF), "paper.pdf"))
    answer = client.post("/admin/contract/new/", data=form)
    assert answer.status_code == 302, re.findall(r"v-errsum.*?</div>", answer.text, re.S)
    return int(answer.location.rpartition("=")[2])


def stored(key: int) -> Any:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Contract, key)


@each_language
def test_a_form_takes_what_people_type(app: Flask, sign_in: SignIn, language: str) -> None:
    """L-05, L-22: in both notations the same record comes of it."""
    contract = stored(make(sign_in(lang=language), language))
    assert (contract.seats, contract.discount) == (12, Decimal("12.5"))
    assert (contract.monthly_fee, contract.yearly_fee) == (Decimal("1234.5"), Decimal("12962.25"))
    assert contract.starts_on == date(2027, 2, 1)
    assert contract.signed_at == datetime(2026, 1, 31, 14, 30, tzinfo=UTC)
    assert contract.renewal is Renewal.GOES_ON
    assert contract.services == ["support", "training"]
    assert contract.customer.name == "Óptica Peñafiel"
    assert contract.phone == "+57 601 7452310"
    assert contract.is_paid_ahead
    assert contract.extras == {"color": "azul", "n": [1, 2]}
    assert contract.has_begun is (date.today() >= date(2027, 2, 1))  # noqa: DTZ011
    assert contract.paper


@each_language
def test_a_form_that_nobody_touched_changes_nothing(
    app: Flask, sign_in: SignIn, language: str
) -> None:
    """L-05: what a form shows is what it takes back."""
    client = sign_in(lang=language)
    key = make(client, language)
    events = select(AuditEvent).where(AuditEvent.entity == "contract")
    before = len(db.session.scalars(events).all())
    page = client.get(f"/admin/contract/edit/?id={key}").text
    form = form_of(page) | {"services": ["support", "training"]}
    answer = client.post(f"/admin/contract/edit/?id={key}", data=form)
    assert answer.status_code == 302, answer.text
    db.session.rollback()
    assert len(db.session.scalars(events).all()) == before


@each_language
def test_optional_fields_can_be_emptied(app: Flask, sign_in: SignIn, language: str) -> None:
    client = sign_in(lang=language)
    key = make(client, language)
    form: dict[str, Any] = dict(form_of(client.get(f"/admin/contract/edit/?id={key}").text))
    emptied = ("terms", "signed_at", "email", "website", "phone", "extras")
    form |= dict.fromkeys(emptied, "") | {"paper-remove": "on"}
    del form["is_paid_ahead"]
    form.pop("services")
    assert client.post(f"/admin/contract/edit/?id={key}", data=form).status_code == 302
    contract = stored(key)
    assert [getattr(contract, name) for name in (*emptied, "paper")] == [None] * 7
    assert contract.services == []
    assert not contract.is_paid_ahead
    is_null = select(Contract.id).where(Contract.extras.is_(None))
    assert db.session.scalars(is_null).all() == [key]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("code", " "),
        ("seats", "1,5"),
        ("seats", "9" * 30),
        ("discount", "1.2.3"),
        ("discount", "1000"),
        ("monthly_fee", "x"),
        ("monthly_fee", "1e99"),
        ("currency", "EUX"),
        ("starts_on", "31-31-2026"),
        ("signed_at", "yesterday"),
        ("renewal", "never"),
        ("services", "cooking"),
        ("customer", "99999999"),
        ("email", "ana@"),
        ("website", "javascript:alert(1)"),
        ("website", "https://"),
        ("website", "https://a b"),
        ("phone", "+57 2"),
        ("phone", "call me"),
        ("extras", "{"),
        ("extras", "NaN"),
        ("extras", '{"a": "\\u0000"}'),
        ("extras", "[" * 50_000),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(
    app: Flask, sign_in: SignIn, name: str, value: str
) -> None:
    """L-05: and the other fields keep what was typed."""
    client = sign_in(lang="en")
    customer = make_customer().id
    db.session.commit()
    answer = client.post("/admin/contract/new/", data=typed("en", customer, **{name: value}))
    assert answer.status_code == 422
    assert f'id="{name}-error"' in answer.text
    kept = "monthly_fee" if name != "monthly_fee" else "discount"
    assert form_of(answer.text)[kept] == TYPED["en"][kept]


@each_language
def test_list_and_details_show_it(app: Flask, sign_in: SignIn, language: str) -> None:
    client = sign_in(lang=language)
    key = make(client, language)
    for page in ("/admin/contract/", f"/admin/contract/details/?id={key}"):
        text = client.get(page).text
        for shown in (*SHOWN[language], "Óptica Peñafiel", "+57 601 7452310", "color: azul"):
            assert shown in text, (page, shown)
        assert 'href="https://example.com/a?b=c"' in text
    address = f"/admin/contract/file/?id={key}&f=paper"
    assert address.replace("&", "&amp;") in client.get("/admin/contract/").text
    assert client.get(address).data == PDF


def test_each_filter_narrows(app: Flask, sign_in: SignIn) -> None:
    """L-05: what does not fit leaves nothing over, what fits leaves the contract."""
    client = sign_in(lang="en")
    customer = stored(make(client, "en")).customer_id
    for name, fits, not_fits in (
        ("code", "k-", "zz"),
        ("seats", "12..12", "13.."),
        ("discount", "12..13", "..12"),
        ("currency", "EUR,COP", "COP"),
        ("monthly_fee", "1000..", "..1000"),
        ("yearly_fee", "12962.25", "12962.26"),
        ("starts_on", "2027-02-01..", "..2027-01-31"),
        ("signed_at", "2026-01-31..2026-01-31", "2026-02-01.."),
        ("renewal", "goes_on", "ends"),
        ("services", "rent,training", "rent"),
        ("customer", str(customer), None),
        ("paper", "1", "0"),
        ("email", "ANA@", "eva"),
        ("is_paid_ahead", "1", "0"),
    ):
        for value, number in ((fits, 1), (not_fits, 0)):
            if value is None:
                continue
            page = client.get("/admin/contract/", query_string={f"flt_{name}": value}).text
            assert page.count('class="id"') == number, (name, value)
            assert 'class="v-chip set"' in page, (name, value)
        control = client.get(f"/admin/contract/filter-value/?add={name}")
        assert control.status_code == 200, name
    begun = str(int(date.today() >= date(2027, 2, 1)))  # noqa: DTZ011
    assert 'class="id"' in client.get(f"/admin/contract/?flt_has_begun={begun}").text


def test_a_stored_formula_orders_the_list_and_is_never_written(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(lang="en")
    key = make(client, "en")
    head = client.get("/admin/contract/?sort=-yearly_fee").text
    assert 'aria-sort="descending"' in head
    form = form_of(client.get(f"/admin/contract/edit/?id={key}").text)
    assert not {"yearly_fee", "has_begun"} & form.keys()
    form |= {"services": "support", "yearly_fee": "1", "has_begun": "y"}
    assert client.post(f"/admin/contract/edit/?id={key}", data=form).status_code == 302
    assert stored(key).yearly_fee == Decimal("12962.25")
    assert client.get(f"/admin/contract/cell/?id={key}&f=yearly_fee").status_code == 404


@each_language
def test_cells_are_edited_in_their_place(app: Flask, sign_in: SignIn, language: str) -> None:
    """L-05, L-08."""
    client = sign_in(lang=language)
    key = make(client, language)
    other = make_customer(name="Güemes").id
    db.session.commit()
    half = {"es": "0,5", "en": "0.5"}[language]
    for name, value, shown in (
        ("seats", "3", "3"),
        ("discount", half, half),
        ("currency", "COP", "COP"),
        ("monthly_fee", half, half),
        ("starts_on", "2027-03-01", "mar" if language == "es" else "Mar 1"),
        ("signed_at", "2027-03-01T08:00", "08:00"),
        ("renewal", "ends", {"es": "Termina", "en": "Ends"}[language]),
        ("services", ["rent"], "Rent"),
        ("customer", str(other), "Güemes"),
        ("email", "eva@example.com", "eva@example.com"),
        ("website", "http://example.org", "http://example.org"),
        ("phone", "+34 910 482 117", "+34 910 48 21 17"),
        ("code", "K-2", "K-2"),
    ):
        cell = client.get(f"/admin/contract/cell/?id={key}&f={name}")
        version = re.search(r'name="v" value="(\d+)"', cell.text)
        assert version, name
        data = {"id": key, "f": name, "v": version[1], name: value}
        answer = client.post("/admin/contract/cell/", data=data)
        assert answer.headers.get("HX-Retarget") == f"#r{key}", (name, answer.text)
        assert shown in answer.text, name
    for name in ("paper", "terms", "extras"):
        assert client.get(f"/admin/contract/cell/?id={key}&f={name}").status_code == 404


@each_language
def test_exports_hold_what_it_is(app: Flask, sign_in: SignIn, language: str) -> None:
    """L-11: numbers and dates as such, words for the rest."""
    client = sign_in(lang=language)
    make(client, language)
    asked = "?cols=code,discount,yearly_fee,starts_on,has_begun,services,paper,extras,customer"
    mark = {"es": ";", "en": ","}[language]
    text = client.get(f"/admin/contract/export/csv/{asked}").data.decode("utf-8-sig")
    row = list(csv.reader(io.StringIO(text), delimiter=mark))[1]
    comma = {"es": ",", "en": "."}[language]
    assert [Decimal(cell.replace(comma, ".")) for cell in row[1:3]] == [
        Decimal("12.5"),
        Decimal("12962.25"),
    ]
    assert row[5:7] == ["Support, Training", "paper.pdf"]
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(f"/admin/contract/export/xlsx/{asked}").data)
    )
    cells = [cell.value for cell in list(book.active.iter_rows())[1]]
    assert cells[2] == 12962.25
    assert cells[3] == datetime(2027, 2, 1)  # noqa: DTZ001  # sheets know no time zones
    (told,) = json.loads(client.get(f"/admin/contract/export/json/{asked}").data)
    assert told["customer"] == "Óptica Peñafiel"
    assert told["paper"] == "paper.pdf"


def test_the_audit_tells_what_was_entered(app: Flask, sign_in: SignIn) -> None:
    """L-12: every kind of value before and after; formulas say nothing new."""
    client = sign_in(lang="en")
    key = make(client, "en")
    query = select(AuditEvent).where(AuditEvent.entity == "contract", AuditEvent.entity_id == key)
    after = db.session.scalars(query).one().after
    assert after
    assert after["services"] == ["support", "training"]
    assert after["extras"] == {"color": "azul", "n": [1, 2]}
    assert (after["starts_on"], after["monthly_fee"]) == ("2027-02-01", "1234.5000")
    assert not {"yearly_fee", "has_begun"} & after.keys()
    form = form_of(client.get(f"/admin/contract/edit/?id={key}").text)
    form |= {"services": ["rent"], "paper-remove": "on"}  # type: ignore[dict-item]
    assert client.post(f"/admin/contract/edit/?id={key}", data=form).status_code == 302
    page = client.get(f"/admin/contract/details/?id={key}").text
    assert "<del>paper.pdf</del>" in page
    assert "<ins>Rent</ins>" in page
