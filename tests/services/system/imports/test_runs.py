"""Imports that are started on a screen and done by a worker."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from errors import Conflict, Invalid
from files.date_cells import DateOrder
from files.store import FileStore
from models.base import db, utc_now
from models.people.customer import Customer
from models.people.organization import Organization
from models.sales.document import Invoice
from models.system.audit_event import AuditEvent
from models.system.file import File
from models.system.import_run import ImportRun, ImportState
from services.system.imports.carrying_out import MOST_STARTS, abandoned, carry_out
from services.system.imports.fields import ImportSubject
from services.system.imports.runs import (
    choose_columns,
    columns_of,
    note,
    receive_upload,
    start_check,
    start_import,
)
from tests.factories.people import make_customer, make_user
from tests.services.system.imports.sheets import customers, invoices

pytestmark = pytest.mark.usefixtures("organization")


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(str(tmp_path / "files"))


def upload(
    store: FileStore, content: bytes, subject: ImportSubject = ImportSubject.CUSTOMERS, **more: Any
) -> ImportRun:
    name = more.get("filename", "clientes.csv")
    run = receive_upload(content, name, subject=subject, store=store, lang="es")
    db.session.commit()
    return run


def checked(store: FileStore, run: ImportRun) -> ImportRun:
    start_check(run)
    db.session.commit()
    carry_out(run.id, store=store)
    return db.session.get_one(ImportRun, run.id)


def imported(store: FileStore, run: ImportRun) -> ImportRun:
    start_import(run)
    db.session.commit()
    carry_out(run.id, store=store)
    return db.session.get_one(ImportRun, run.id)


def test_an_upload_is_checked_and_then_imported(store: FileStore) -> None:
    run = upload(store, customers({}, {"number": "C2", "email": "wrong"}))

    run = checked(store, run)
    state, verdict = run.state, dict(run.outcome)
    nothing_yet = db.session.scalar(select(func.count(Customer.id)))
    run = imported(store, run)

    assert (state, run.state, nothing_yet) == (ImportState.CHECKED, ImportState.IMPORTED, 0)
    assert verdict["wrong"] == run.outcome["wrong"]
    assert run.outcome["counts"]["created"] == verdict["counts"]["created"] == 1
    assert run.outcome["counts"]["made"][0]["name"] == "Óptica Peñafiel"
    assert (run.rows_total, run.rows_done, run.outcome["wrong_rows"]) == (2, 2, 1)


def test_the_wrong_rows_are_kept_as_a_file(store: FileStore) -> None:
    run = checked(store, upload(store, customers({}, {"number": "C2", "email": "wrong"})))

    file = db.session.get_one(File, run.wrong_file_id)
    sheet = load_workbook(BytesIO(store.read(file.sha256))).active
    assert [cell.value for cell in sheet["A"]] == ["number", "C2"]
    assert file.name.startswith("clientes")


def test_a_worker_that_comes_late_or_twice_does_nothing(store: FileStore) -> None:
    run = imported(store, checked(store, upload(store, customers({}))))
    before = run.updated_at

    carry_out(run.id, store=store)

    assert db.session.get_one(ImportRun, run.id).updated_at == before


def test_an_import_whose_worker_is_gone_is_found_and_goes_on(store: FileStore) -> None:
    run = checked(store, upload(store, customers({}, {"number": "C2"})))
    start_import(run)
    db.session.commit()
    young = abandoned()
    db.session.execute(update(ImportRun).values(updated_at=utc_now().replace(year=2020)))
    db.session.commit()

    old = abandoned()
    carry_out(run.id, store=store)

    assert (young, old) == ([], [run.id])
    assert db.session.get_one(ImportRun, run.id).outcome["counts"]["created"] == 2


def test_an_import_that_kills_its_workers_is_given_up(store: FileStore) -> None:
    run = upload(store, customers({}))
    start_check(run)
    note(run.id, outcome={"starts": MOST_STARTS})
    db.session.commit()

    carry_out(run.id, store=store)

    run = db.session.get_one(ImportRun, run.id)
    assert run.state is ImportState.FAILED
    assert run.problem


def test_a_file_that_breaks_in_the_middle_fails_with_a_sentence(store: FileStore) -> None:
    run = checked(store, upload(store, customers({}) + b'C2,"open\r\n'))

    assert run.state is ImportState.FAILED
    assert run.problem is not None
    assert "3" in run.problem
    assert checked(store, run).state is ImportState.FAILED  # it may be tried again


@pytest.mark.parametrize("content", [b"", b"PK nonsense", b"\x00\x01\x02\x03" * 50])
def test_what_is_no_sheet_is_refused_at_once(store: FileStore, content: bytes) -> None:
    with pytest.raises(Invalid):
        upload(store, content, filename="a.xlsx")

    assert db.session.scalar(select(func.count(ImportRun.id))) == 0


def test_only_what_was_checked_is_imported(store: FileStore) -> None:
    run = upload(store, customers({}))

    with pytest.raises(Conflict):
        start_import(run)


def test_a_person_decides_what_each_column_is(store: FileStore) -> None:
    content = "Código;Empresa grande;Obs;Motivo\nC1;La Ñapa;llamar;x\n".encode()
    run = upload(store, content)
    proposed = [(column.heading, column.field) for column in columns_of(run, store)]
    with pytest.raises(Invalid):
        choose_columns(run, {0: "number", 1: "number"}, store=store)
    db.session.rollback()

    choose_columns(run, {0: "number", 1: "name", 2: None}, store=store)
    run = imported(store, checked(store, run))

    assert proposed == [("Código", "number"), ("Empresa grande", None), ("Obs", None)]
    assert db.session.scalars(select(Customer.name)).all() == ["La Ñapa"]


def test_a_person_decides_which_order_dates_have(store: FileStore) -> None:
    make_customer(number="C1")
    db.session.commit()
    content = invoices({"issue_date": "03/04/2026", "due_date": ""})
    run = upload(store, content, ImportSubject.INVOICES)
    fields = {c.position: c.field for c in columns_of(run, store)}

    choose_columns(run, fields, store=store, date_order=DateOrder.MONTH_FIRST)
    imported(store, checked(store, run))

    invoice = db.session.scalars(select(Invoice)).one()
    assert invoice.issue_date.isoformat() == "2026-03-04"


def test_the_columns_show_samples(store: FileStore) -> None:
    run = upload(store, customers({"name": "A"}, {"name": "B"}, {"name": "A"}, {"name": "C"}))

    columns = {column.heading: column for column in columns_of(run, store)}

    assert columns["name"].samples == ("A", "B", "C")


def test_the_same_file_is_kept_once(store: FileStore) -> None:
    upload(store, customers({}))
    upload(store, customers({}), filename="otra vez.csv")

    assert db.session.scalar(select(func.count(File.id))) == 1


def test_what_a_worker_writes_is_told_of_the_person_who_started_it(
    store: FileStore, organization: Organization
) -> None:
    user = make_user(organization, name="Lucía")
    run = upload(store, customers({}))
    run.created_by_id = user.id
    imported(store, checked(store, run))

    event = db.session.scalars(
        select(AuditEvent).where(AuditEvent.entity == "customer", AuditEvent.source == "import")
    ).one()
    assert (event.actor_name, event.reason) == ("Lucía", "clientes.csv")
