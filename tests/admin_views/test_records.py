"""Records: forms with lines, rights per field, lock, conflict, verbs, cells, deletion."""

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.people.customer import Customer
from models.people.role import Permission, Role
from models.sales.document import Document, Invoice
from models.sales.document_state import DocumentState
from tests.admin_views.conftest import SignIn
from tests.factories.admin import CANARY, Rows

INPUT = re.compile(r'<(?:input|textarea)[^>]*name="([^"]+)"[^>]*>')


def form_of(page: str) -> dict[str, str]:
    """What a browser would send back if nobody typed anything."""
    form = page[page.index('<form class="stack" id="form"') :]
    form = form[: form.index("</form>")]
    form = re.sub(r"<template>.*?</template>", "", form, flags=re.S)
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and (not re.search("checkbox|radio", tag) or " checked" in tag):
            found[name[1]] = (value[1] if value else "").replace("&#34;", '"').replace("&amp;", "&")
    for name, body in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = unescape(body.strip())
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', body) or re.search(
            r'<option value="([^"]*)" selected', body
        )
        found[name] = chosen[1] if chosen else ""
    return found


def open_form(client: FlaskClient, endpoint: str, key: int) -> dict[str, str]:
    answer = client.get(f"/admin/{endpoint}/edit/?id={key}")
    assert answer.status_code == 200
    return form_of(answer.text)


def save(client: FlaskClient, endpoint: str, key: int, form: dict[str, str]) -> Any:
    return client.post(f"/admin/{endpoint}/edit/?id={key}", data=form)


def fresh(model: type[Any], key: int) -> Any:
    db.session.expire_all()
    return db.session.scalars(select(model).where(model.id == key)).one()


def test_a_record_is_made_with_its_lines(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-01: an invoice with two lines; the blank row that stands ready is ignored; amounts as people write them."""
    client = sign_in(lang="es")
    page = client.get("/admin/invoice/new/").text
    form = form_of(page) | {"customer": str(rows.keys["customer"]), "series": "FV"}
    form |= {
        "lines-0-description": "Uno",
        "lines-0-quantity": "2",
        "lines-0-unit_price": "1.234,50",
    }
    form |= {"lines-0-tax_rate": "19"}
    form |= {
        "lines-7-description": "Dos",
        "lines-7-quantity": "1",
        "lines-7-unit_price": "10",
        "lines-7-discount_percent": "0",
        "lines-7-tax_name": "IVA",
        "lines-7-tax_rate": "0",
    }
    answer = client.post("/admin/invoice/new/", data=form)
    assert answer.status_code == 302, answer.text
    invoice = fresh(Document, int(answer.location.rpartition("=")[2]))
    assert [line.description for line in invoice.lines] == ["Uno", "Dos"]
    assert invoice.total == Decimal("2948.11")
    assert invoice.state is DocumentState.DRAFT
    wrong = client.post("/admin/invoice/new/", data=form | {"lines-0-unit_price": "1,2,3"})
    assert wrong.status_code == 422
    assert "lines-0-unit_price-error" in wrong.text


def test_lines_are_changed_and_taken_out(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    client = sign_in(lang="en")
    key = rows.keys["quote"]
    form = open_form(client, "quote", key)
    form |= {"lines-0-description": "Changed", "lines-0-unit_price": "50"}
    assert save(client, "quote", key, form).status_code == 302
    quote = fresh(Document, key)
    assert [line.description for line in quote.lines] == ["Changed"]
    assert quote.total == Decimal("59.50")
    form = open_form(client, "quote", key) | {"del-lines-0": "on"}
    assert save(client, "quote", key, form).status_code == 302
    assert fresh(Document, key).lines == []


def test_another_documents_line_is_refused(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """A line's key from elsewhere neither moves that line nor makes a new one."""
    client = sign_in(lang="en")
    other = rows.records["invoice"].lines[0].id
    key = rows.keys["quote"]
    form = open_form(client, "quote", key)
    form["lines-0-id"] = str(other)
    assert save(client, "quote", key, form).status_code == 422
    assert fresh(Document, key).lines[0].id != other


def test_the_second_saver_is_told_and_merges(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-20: what only one changed joins by itself, what both changed is asked, nothing typed is lost."""
    anna, ben = sign_in(lang="en", name="Anna"), sign_in(lang="en", name="Ben")
    key = rows.keys["customer"]
    hers, his = open_form(anna, "customer", key), open_form(ben, "customer", key)
    hers |= {"name": "Anna's", "phone": "+57 602 555 0102"}
    his |= {"name": "Ben's", "website": "https://ben.example"}
    assert save(anna, "customer", key, hers).status_code == 302
    answer = save(ben, "customer", key, his)
    assert answer.status_code == 409
    assert "Anna" in answer.text
    assert 'name="keep-name"' in answer.text
    assert "keep-phone" not in answer.text
    assert fresh(Customer, key).name == "Anna's"
    merged = form_of(answer.text)
    assert (merged["phone"], merged["name"], merged["website"]) == (
        "+57 602 5550102",
        "Ben&#39;s",
        "https://ben.example",
    )
    merged["name"] = "Ben's"
    assert save(ben, "customer", key, merged).status_code == 409, "without a choice"
    assert save(ben, "customer", key, merged | {"keep-name": "theirs"}).status_code == 302
    customer = fresh(Customer, key)
    assert (customer.name, customer.phone, customer.website) == (
        "Anna's",
        "+57 602 5550102",
        "https://ben.example",
    )


def test_a_change_in_lines_counts_for_the_lock(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-20: two people who change lines only do not overwrite each other."""
    client = sign_in(lang="en")
    key = rows.keys["quote"]
    first, second = open_form(client, "quote", key), open_form(client, "quote", key)
    assert save(client, "quote", key, first | {"lines-0-unit_price": "1"}).status_code == 302
    assert save(client, "quote", key, second | {"lines-0-unit_price": "2"}).status_code == 409


def test_posted_documents_are_read_only(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    client = sign_in(lang="en")
    key = rows.keys["invoice"]
    assert client.get(f"/admin/invoice/edit/?id={key}").status_code == 302
    assert client.post(f"/admin/invoice/edit/?id={key}", data={"notes": "x"}).status_code == 409
    assert client.post("/admin/invoice/delete/", data={"id": key, "v": "1"}).status_code == 409


def test_verbs_ask_and_do(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """Post a draft, void it: GET asks, POST does, the state decides."""
    client = sign_in("clerk", lang="en")
    key = rows.records["draft"].id
    assert "next number" in client.get(f"/admin/invoice/verb/?verb=post&id={key}").text
    assert fresh(Invoice, key).state is DocumentState.DRAFT
    assert client.post(f"/admin/invoice/verb/?verb=post&id={key}").status_code == 302
    assert fresh(Invoice, key).label == "FV-5000"
    assert client.post(f"/admin/invoice/verb/?verb=post&id={key}").status_code == 409
    assert client.post(f"/admin/invoice/verb/?verb=void&id={key}").status_code == 302
    assert fresh(Invoice, key).state is DocumentState.VOID
    assert sign_in("reader").post(f"/admin/invoice/verb/?verb=void&id={key}").status_code == 403


def test_a_selection_asks_says_how_many_and_tells_who_was_refused(
    app: Flask, sign_in: SignIn, rows: Rows
) -> None:
    """L-08: over chosen rows or all that match, with a question, each row on its own."""
    client = sign_in(lang="en")
    data = {"action": "post", "all": "1"}
    question = client.post("/admin/invoice/action/", data=data)
    assert "1 record?" in question.text
    assert "1 stays as it is" in question.text
    answer = client.post("/admin/invoice/action/", data=data | {"sure": "1"})
    done = client.get(answer.location)
    assert "1 record done." in done.text
    assert "Only a draft can be posted." in done.text
    assert fresh(Invoice, rows.records["draft"].id).state is DocumentState.POSTED


def test_a_cell_is_edited_in_its_place(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-08: with rights and lock; a reader cannot, and only columns that say so."""
    client = sign_in(lang="en")
    key = rows.keys["customer_group"]
    cell = client.get(f"/admin/customer_group/cell/?id={key}&f=name").text
    version = re.search(r'name="v" value="(\d+)"', cell)
    assert version
    data = {"id": key, "f": "name", "v": version[1], "name": "Mayoristas"}
    answer = client.post("/admin/customer_group/cell/", data=data)
    assert answer.headers["HX-Retarget"] == f"#r{key}"
    assert "Mayoristas" in answer.text
    stale = client.post("/admin/customer_group/cell/", data=data | {"name": "Other"})
    assert "changed this record" in stale.text
    assert client.get(f"/admin/customer_group/cell/?id={key}&f=code").status_code == 404
    assert sign_in("reader").post("/admin/customer_group/cell/", data=data).status_code == 403


def test_deleting_names_what_depends_on_it(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    client = sign_in(lang="en")
    customer = rows.records["customer"]
    question = client.get(f"/admin/customer/delete/confirm/?id={customer.id}").text
    assert "It cannot be deleted while these exist." in question
    data = {"id": customer.id, "v": customer.version}
    answer = client.post("/admin/customer/delete/", data=data)
    assert answer.status_code == 409
    assert "is still needed" in answer.text
    assert "INSERT" not in answer.text
    group = rows.records["suppression"]
    stale = client.post("/admin/suppression/delete/", data={"id": group.id, "v": "99"})
    assert stale.status_code == 409
    done = client.post("/admin/suppression/delete/", data={"id": group.id, "v": group.version})
    assert done.status_code == 302


def test_a_refusal_of_the_database_is_a_sentence(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """No SQL in front of people: a number that is taken, too much paid."""
    client = sign_in(lang="en")
    form = form_of(client.get("/admin/customer/new/").text)
    form |= {"name": "X", "number": rows.records["customer"].number}
    answer = client.post("/admin/customer/new/", data=form)
    assert answer.status_code == 422
    assert "already a record with this value in “Number”" in answer.text
    key = rows.keys["payment"]
    payment = open_form(client, "payment", key) | {"allocations-0-amount": "51"}
    answer = save(client, "payment", key, payment)
    assert answer.status_code == 422
    assert "more than was paid" in answer.text


def test_a_wrong_tax_id_is_said_at_its_field(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    client = sign_in(lang="en")
    key = rows.keys["customer"]
    form = open_form(client, "customer", key) | {"tax_id_type": "co.nit", "tax_id": "900482117-8"}
    answer = save(client, "customer", key, form)
    assert answer.status_code == 422
    assert 'id="tax_id-error"' in answer.text


def test_a_password_is_written_and_kept_but_never_read(
    app: Flask, sign_in: SignIn, rows: Rows
) -> None:
    """S4-11: blank keeps what is stored."""
    client = sign_in(lang="en")
    key = rows.keys["mail_account"]
    form = open_form(client, "mail_account", key)
    assert form["password"] == ""
    assert save(client, "mail_account", key, form | {"display_name": "New"}).status_code == 302
    assert fresh(MailAccount, key).password == CANARY
    form = open_form(client, "mail_account", key) | {"password": "another"}
    assert save(client, "mail_account", key, form).status_code == 302
    assert fresh(MailAccount, key).password == "another"


def test_rights_reach_down_to_the_field(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-25: what a role may not write is neither shown as a field nor taken when posted."""
    role = db.session.scalars(select(Role).where(Role.code == "clerk")).one()
    for action in ("edit", "view"):
        denial = Permission(
            role_id=role.id, resource="customer", action=action, field="notes", denied=True
        )
        db.session.add(denial)
    db.session.commit()
    try:
        client = sign_in("clerk", lang="en")
        key = rows.keys["customer"]
        form = open_form(client, "customer", key)
        assert "notes" not in form
        assert save(client, "customer", key, form | {"notes": "sneaked in"}).status_code == 302
        assert fresh(Customer, key).notes is None
        assert "Internal notes" not in client.get(f"/admin/customer/details/?id={key}").text
    finally:
        for row in db.session.scalars(
            select(Permission).where(Permission.denied, Permission.field == "notes")
        ):
            db.session.delete(row)
        db.session.commit()


@pytest.mark.parametrize(
    "target", ["//evil.example/x", "http:evil.example/x", "/\\evil.example", "https://evil.example"]
)
def test_the_way_back_stays_here(app: Flask, sign_in: SignIn, rows: Rows, target: str) -> None:
    """L-25: no open redirect."""
    record = rows.records["suppression"]
    data = {"id": record.id, "v": record.version, "url": target}
    answer = sign_in().post("/admin/suppression/delete/", data=data)
    assert answer.location == "/admin/suppression/"


def test_history_tells_who_changed_what(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-12: the record's page shows its audit in words."""
    client = sign_in(lang="en", name="Lucía Ordóñez")
    key = rows.keys["customer"]
    form = open_form(client, "customer", key) | {"payment_terms_days": "45"}
    assert save(client, "customer", key, form).status_code == 302
    page = client.get(f"/admin/customer/details/?id={key}").text
    assert "Lucía Ordóñez" in page
    assert "<del>30</del>" in page
    assert "<ins>45</ins>" in page
