"""Statements of account: issued on a page, and found in a list."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from jobs.bulk import carry_out_bulk_run
from models.base import db
from models.people.customer import Customer
from models.people.organization import Branch, Organization
from models.people.user_session import UserSession
from models.sales.document import Invoice
from models.sales.statement import Statement
from models.system.bulk_run import BulkDeed, BulkRun
from models.tenancy import acting_in
from services.sales.posting import void_document
from tests.admin_views.conftest import SignIn
from tests.admin_views.statements.pages import FIRST, LAST, text_of
from tests.factories.people import make_customer, make_group, make_organization
from tests.factories.sales import make_document
from tests.factories.saving import saved
from tests.factories.statements import make_statement, pay


def fields(**changed: Any) -> dict[str, Any]:
    return {"first": FIRST, "last": LAST, "who": "all", **changed}


def issued() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Statement)) or 0


def test_one_sees_how_many_and_issues_them(clerk: FlaskClient) -> None:
    """S1-09: for a period and for all; who has neither movement nor balance gets none."""
    counted = text_of(clerk.post("/admin/statement/count/", data=fields()))
    assert "3 statements of account will be issued." in counted

    answer = clerk.post("/admin/statement/issue/", data=fields())

    assert answer.location.startswith("/admin/statement/?flt_run=")
    page = text_of(clerk.get(answer.location))
    assert "The statements of 3 customers are issued." in page
    assert all(f"EC-{number}" in page for number in (1, 2, 3))
    assert "Kunde 4" not in page


def test_one_lands_on_what_was_issued(clerk: FlaskClient) -> None:
    """S1-09: not on those of other customers or periods, so that *Send by e-mail* takes these."""
    clerk.post("/admin/statement/issue/", data=fields(who="customers", customer_numbers="K2"))
    clerk.post("/admin/statement/issue/", data=fields(last="2026-07-30"))

    answer = clerk.post("/admin/statement/issue/", data=fields())
    page = text_of(clerk.get(answer.location))
    proposal = text_of(clerk.get("/mailings/new", query_string={"from": answer.location}))

    assert re.findall(r'<a class="id"[^>]*>([^<]+)</a>', page) == ["EC-6", "EC-5"]
    assert "Issued with" in page
    assert re.search(r"no\. \d+, Jul 1\s–\s31, 2026", page)
    assert "Only the 2 statements that the list shows with its filter" in proposal
    assert "Jul" in text_of(clerk.get("/admin/statement/filter-value/?add=run"))


def test_a_run_that_does_not_exist_narrows_nothing(clerk: FlaskClient) -> None:
    clerk.post("/admin/statement/issue/", data=fields())

    for value in ("x", "018f0000-0000-7000-8000-000000000000"):
        page = text_of(clerk.get(f"/admin/statement/?flt_run={value}"))
        assert "EC-1" in page and "Issued with:" not in page


def test_statements_are_spoken_of_as_such(sign_in: SignIn, customers: list[Customer]) -> None:
    """S1-04: in Spanish they are masculine, and invoices feminine; a filter offers the states that they have."""
    clerk = sign_in("clerk", lang="es")
    clerk.post("/admin/statement/issue/", data=fields())

    page = text_of(clerk.get("/admin/statement/?flt_state=posted"))
    invoices = text_of(clerk.get("/admin/invoice/?flt_state=posted"))
    options = text_of(clerk.get("/admin/statement/filter-value/?add=state"))

    assert ">Todos<" in page and "Emitido</span>" in page and "emitido" in page
    assert "Emitida" not in page and ">Todas<" not in page
    assert ">Todas<" in invoices and "emitida" in invoices
    assert re.findall(r'name="value" value="([^"]*)"', options) == ["posted", "void"]


def test_nothing_is_issued_twice(clerk: FlaskClient, customers: list[Customer]) -> None:
    clerk.post("/admin/statement/issue/", data=fields(who="customers", customer_numbers="K2"))

    counted = text_of(clerk.post("/admin/statement/count/", data=fields()))
    assert "2 statements of account will be issued." in counted
    assert "1 has been issued for this period already." in counted
    clerk.post("/admin/statement/issue/", data=fields())
    again = clerk.post("/admin/statement/issue/", data=fields())

    assert again.status_code == 422
    assert "There is nothing to issue" in text_of(again)
    assert issued() == 3


def test_a_group_or_chosen_customers_only(clerk: FlaskClient, customers: list[Customer]) -> None:
    parent = make_group()
    below = make_group(parent_id=parent.id)
    customers[0].customer_group_id = below.id
    key, group = customers[1].id, parent.id
    db.session.commit()

    clerk.post("/admin/statement/issue/", data=fields(who="groups", groups=[group]))
    assert issued() == 1
    clerk.post("/admin/statement/issue/", data=fields(who="customers", customers=[key]))
    assert issued() == 2


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"first": LAST, "last": FIRST}, "The period ends before it begins."),
        ({"last": "2099-01-31"}, "A period may end today at the latest."),
        ({"first": ""}, "Choose a day."),
        ({"first": "July"}, "Not a valid date value."),
        ({"who": "groups"}, "Choose at least one group."),
        ({"who": "customers"}, "Choose at least one customer"),
        ({"who": "customers", "customer_numbers": "K1 X9"}, "Nobody has these numbers: X9."),
        ({"first": "2025-01-01", "last": "2025-01-31"}, "There is nothing to issue"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(
    clerk: FlaskClient, changed: dict[str, str], sentence: str
) -> None:
    answer = clerk.post("/admin/statement/issue/", data=fields(**changed))

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert issued() == 0
    assert clerk.post("/admin/statement/count/", data=fields(**changed)).status_code == 200


def test_a_well_known_period_is_put_in(clerk: FlaskClient) -> None:
    """Without script too; it ends today if it goes on."""
    page = clerk.post("/admin/statement/issue/", data=fields(period="this_year")).text

    today = date.today()  # noqa: DTZ011
    assert any(f'value="{today + timedelta(days=n)}"' in page for n in (-1, 0, 1))
    assert f'value="{today.year}-01-01"' in page


def test_many_are_left_to_a_worker(clerk: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a run with progress, like every change of many records."""
    monkeypatch.setattr("admin_views.bulk_start.IN_THE_REQUEST", 2)

    answer = clerk.post("/admin/statement/issue/", data=fields())

    assert answer.location.startswith("/admin/bulk-runs/")
    assert issued() == 0
    run = db.session.scalars(select(BulkRun)).one()
    assert (run.deed, run.rows_total) == (BulkDeed.STATEMENT, 3)
    db.session.rollback()
    carry_out_bulk_run(run.id)
    carry_out_bulk_run(run.id)
    assert issued() == 3
    page = text_of(clerk.get(answer.location))
    assert f'/admin/statement/?flt_run={answer.location.rpartition("/")[2]}"' in page
    assert "Statements of account, no." in page
    assert re.search(r"Jul 1\s–\s31, 2026", page)


def test_customers_of_other_companies_are_no_part_of_the_run(
    clerk: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S1-09: the run has as many customers as the count has said, and none of another company."""
    other = make_organization()
    with acting_in(other.id):
        make_document(make_customer(), issue_date=date(2026, 7, 3))
        db.session.commit()
    monkeypatch.setattr("admin_views.bulk_start.IN_THE_REQUEST", 0)

    answer = clerk.post("/admin/statement/issue/", data=fields())

    run = db.session.scalars(select(BulkRun)).one()
    assert run.rows_total == 3
    db.session.rollback()
    carry_out_bulk_run(run.id)
    page = text_of(clerk.get(answer.location))
    assert "View those issued" in page and "got no statement" not in page


def test_who_has_nothing_any_more_is_named_and_the_others_get_theirs(
    clerk: FlaskClient, customers: list[Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was void between the choice and its turn; the numbers have no gap for it."""
    monkeypatch.setattr("admin_views.bulk_start.IN_THE_REQUEST", 0)
    answer = clerk.post("/admin/statement/issue/", data=fields())
    void_document(db.session.scalars(select(Invoice).order_by(Invoice.id).limit(1)).one())
    db.session.commit()
    run = db.session.scalars(select(BulkRun.id)).one()
    db.session.rollback()

    carry_out_bulk_run(run)

    page = text_of(clerk.get(answer.location))
    assert "There is no movement in the period, and no balance before it." in page
    assert "1 customer got no statement" in page
    assert "Kunde 1" in page
    labels = db.session.scalars(select(Statement.label).order_by(Statement.id)).all()
    assert labels == ["EC-1", "EC-2"]


def test_a_branch_is_told_why_not(
    organization: Organization, sign_in: SignIn, customers: list[Customer]
) -> None:
    branch = saved(Branch(code="9", name="Centro"))
    client = sign_in("clerk", lang="en")
    session = db.session.scalars(select(UserSession).order_by(UserSession.id.desc())).first()
    assert session is not None
    session.branch_id = branch.id
    db.session.commit()

    page = client.get("/admin/statement/issue/")

    assert page.status_code == 409
    assert "tells of all branches" in text_of(page)


def test_a_reader_reads_and_issues_none(
    sign_in: SignIn, organization: Organization, customers: list[Customer]
) -> None:
    make_statement(customers[0])
    db.session.commit()
    reader = sign_in("reader", lang="en")

    assert "EC-1" in reader.get("/admin/statement/").text
    assert "/admin/statement/issue/" not in reader.get("/admin/statement/").text
    assert reader.get("/admin/statement/issue/").status_code == 403
    assert reader.post("/admin/statement/issue/", data=fields()).status_code == 403


def test_its_page_tells_the_account(clerk: FlaskClient, customers: list[Customer]) -> None:
    """Movements with the balance after each, and how old the balance is."""
    pay(customers[0], Decimal(19), on=date(2026, 7, 9), reference="TR-88")
    key = make_statement(customers[0]).id
    db.session.commit()

    page = text_of(clerk.get(f"/admin/statement/details/?id={key}"))

    for told in ("Opening balance", "Invoice FV-201", "Payment TR-88", "100.00", "In their favour"):
        assert told in page
    assert "Make void" in page
    assert "Due" not in page.split("<main")[1].split("Movements")[0]
    assert clerk.get(f"/admin/statement/pdf/?id={key}").mimetype == "application/pdf"


def test_nobody_writes_one_by_hand(clerk: FlaskClient, customers: list[Customer]) -> None:
    key = make_statement(customers[0]).id
    db.session.commit()

    assert clerk.get("/admin/statement/new/").status_code == 403
    assert clerk.get(f"/admin/statement/edit/?id={key}").status_code == 403
    assert clerk.post(f"/admin/statement/verb/?verb=post&id={key}").status_code == 404
    assert clerk.post(f"/admin/statement/verb/?verb=void&id={key}").status_code == 302


def test_the_balance_of_a_customer_is_that_of_the_statement(
    clerk: FlaskClient, customers: list[Customer]
) -> None:
    """Credit notes and what was paid ahead lower it."""
    pay(customers[0], Decimal(19))
    key = customers[0].id
    db.session.commit()

    page = text_of(clerk.get(f"/admin/customer/details/?id={key}"))

    assert '100.00<span class="cur">EUR</span>' in page
