"""What holds for every bulk change: each record by its own rules, nothing twice, wherever a worker dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import func, select, text, update

from errors import Conflict
from jobs.bulk import carry_out_bulk_run
from models.base import db
from models.people.customer import Customer
from models.people.membership import UserMembership
from models.people.organization import Organization
from models.people.role import Permission, Role
from models.people.user import User
from models.system.audit_event import AuditEvent
from models.system.bulk_run import BulkDeed, BulkOutcome, BulkRun, BulkRunRow, BulkRunState
from services.system.alone import alone
from services.system.bulk.begin import begin_undo
from services.system.bulk.carrying_out import BULK_LOCKS, MOST_STARTS, abandoned, carry_out
from services.system.bulk.runs import reasons_of, stop
from settings import Settings
from tests.factories.bulk import make_customers, make_run
from tests.factories.people import make_contact, make_customer, make_user


@pytest.fixture
def clerk(organization: Organization) -> User:
    user = make_user(organization, role="clerk")
    db.session.commit()
    return user


def carried_out(run: BulkRun) -> BulkRun:
    carry_out_bulk_run(run.id)
    db.session.refresh(run)
    return run


def undone(run: BulkRun) -> BulkRun:
    undo = begin_undo(run, opposite=None, lang="en")
    undo.created_by_id = run.created_by_id
    db.session.commit()
    return carried_out(undo)


def how_many(*conditions: object) -> int:
    return db.session.scalar(select(func.count(Customer.id)).where(*conditions)) or 0  # type: ignore[arg-type]


def events_of(run: BulkRun) -> int:
    told = select(func.count(AuditEvent.id)).where(
        AuditEvent.entity == "customer", AuditEvent.reason == f"Bulk change {run.id}"
    )
    return db.session.scalar(told) or 0


def test_every_record_gets_the_values_and_its_event(clerk: User) -> None:
    """L-08, L-12: who did it and in which run stands in the audit of each record."""
    make_customers(30, currency="EUR")
    make_customers(3, currency="COP")

    run = carried_out(make_run(clerk, {"currency": "COP", "payment_terms_days": 60}))

    assert (run.state, run.rows_changed) == (BulkRunState.DONE, 33)
    assert how_many(Customer.currency == "COP", Customer.payment_terms_days == 60) == 33
    assert events_of(run) == 33
    event = db.session.scalars(
        select(AuditEvent)
        .where(AuditEvent.entity == "customer", AuditEvent.before.has_key("currency"))
        .limit(1)
    ).one()
    assert (event.actor_name, event.before) == (
        clerk.name,
        {"currency": "EUR", "payment_terms_days": 30},
    )


def test_what_was_so_already_is_told_apart(clerk: User) -> None:
    make_customers(2, currency="EUR")
    make_customers(1, currency="COP")

    run = carried_out(make_run(clerk, {"currency": "COP"}))

    assert (run.rows_changed, run.rows_unchanged) == (2, 1)
    assert events_of(run) == 2


def test_one_that_the_database_refuses_does_not_hold_up_the_others(clerk: User) -> None:
    """L-08: each on its own savepoint, with a sentence."""
    make_customers(5)
    gone = make_customer()
    make_customer(name="Stays")
    run = make_run(clerk, {"payment_terms_days": 9999})
    db.session.delete(gone)
    db.session.commit()

    run = carried_out(run)

    assert (run.state, run.rows_changed, run.rows_refused) == (BulkRunState.DONE, 0, 7)
    assert dict(reasons_of(run)) == {
        "Payment terms are 0 to 3650 days.": 6,
        "It does not exist, or you have no access to it.": 1,
    }


def test_the_rules_of_the_screen_refuse_single_records(clerk: User) -> None:
    """The tax id of one does not fit its new kind; the others are changed."""
    make_customers(3)
    make_customer(tax_id="900482117-8", tax_id_type=None)
    run = make_run(clerk, {"currency": "COP"})
    db.session.execute(
        update(Customer).where(Customer.tax_id.is_not(None)).values(tax_id_type="co.nit")
    )
    db.session.commit()

    run = carried_out(run)

    assert (run.rows_changed, run.rows_refused) == (3, 1)
    assert how_many(Customer.currency == "COP") == 3


def test_undo_puts_back_what_still_stands(clerk: User) -> None:
    """L-08: what somebody changed since stays as it is, and is named."""
    make_customers(4, currency="EUR", payment_terms_days=15)
    run = carried_out(make_run(clerk, {"payment_terms_days": 60}))
    changed = db.session.scalars(select(Customer).order_by(Customer.id).limit(1)).one()
    changed.payment_terms_days = 90
    db.session.commit()

    undo = undone(run)

    assert (undo.rows_changed, undo.rows_refused) == (3, 1)
    assert reasons_of(undo) == [("It was changed since.", 1)]
    assert how_many(Customer.payment_terms_days == 15) == 3
    assert how_many(Customer.payment_terms_days == 90) == 1
    again = undone(undo)
    assert (again.rows_changed, how_many(Customer.payment_terms_days == 60)) == (3, 3)


def test_it_is_undone_once_and_not_while_it_runs(clerk: User) -> None:
    make_customers(2)
    run = make_run(clerk, {"payment_terms_days": 60})
    with force_locale("en"), pytest.raises(Conflict, match="under way"):
        begin_undo(run, opposite=None, lang="en")
    db.session.rollback()
    undone(carried_out(run))

    with force_locale("en"), pytest.raises(Conflict, match="already"):
        begin_undo(run, opposite=None, lang="en")


def test_a_worker_that_comes_twice_or_late_does_nothing(clerk: User) -> None:
    make_customers(3)
    run = make_run(clerk, {"payment_terms_days": 60})
    with alone(BULK_LOCKS, run.id):
        assert carried_out(run).rows_done == 0

    carried_out(run)
    carried_out(run)

    assert (run.rows_changed, events_of(run)) == (3, 3)


def test_a_run_that_is_stopped_leaves_the_rest(app: Flask, clerk: User) -> None:
    make_customers(6)
    run = make_run(clerk, {"payment_terms_days": 60})
    stop(run)
    db.session.commit()

    assert carried_out(run).state is BulkRunState.STOPPED
    assert how_many(Customer.payment_terms_days == 60) == 0
    with pytest.raises(Conflict):
        stop(run)


def test_who_may_not_do_it_any_more_is_not_worked_for(clerk: User) -> None:
    """A right that was taken away while the run waited counts at once."""
    make_customers(2)
    run = make_run(clerk, {"payment_terms_days": 60})
    with db.session.no_autoflush:
        membership = db.session.scalars(UserMembership.of_user(clerk)).one()
        reader = db.session.scalars(select(Role.id).where(Role.code == "reader")).one()
        membership.role_id = reader
    db.session.commit()

    run = carried_out(run)

    assert run.state is BulkRunState.FAILED
    assert run.problem == "Your role does not allow this."
    assert how_many(Customer.payment_terms_days == 60) == 0


def test_a_field_that_is_denied_is_not_written(clerk: User) -> None:
    role = db.session.scalars(select(Role.id).where(Role.code == "clerk")).one()
    denial = Permission(
        role_id=role, resource="customer", action="edit", field="on_hold", denied=True
    )
    db.session.add(denial)
    make_customers(2)
    db.session.commit()
    try:
        run = carried_out(make_run(clerk, {"on_hold": True}))
    finally:
        db.session.delete(denial)
        db.session.commit()

    assert run.state is BulkRunState.FAILED
    assert how_many(Customer.on_hold) == 0


def test_a_run_that_is_cut_off_at_the_same_place_is_given_up(clerk: User) -> None:
    make_customers(2)
    run = make_run(clerk, {"payment_terms_days": 60})
    db.session.execute(update(BulkRun).values(starts=MOST_STARTS))
    db.session.commit()

    assert carried_out(run).state is BulkRunState.FAILED
    assert "cut off" in (run.problem or "")


def test_what_is_checked_at_the_end_of_a_transaction_is_one_records_trouble(
    organization: Organization,
) -> None:
    """A customer with contacts needs a primary one: the database says so only at the end."""
    admin = make_user(organization, role="administrator")
    customer = make_customer()
    make_contact(customer)
    make_contact(customer, is_primary=False)
    other = make_contact(make_customer())
    db.session.commit()
    links = other.customers[0].__class__
    run = make_run(admin, {}, screen="customer_contact", deed=BulkDeed.VERB, verb="delete")
    db.session.execute(text("DELETE FROM bulk_run_row"))
    for link in db.session.scalars(select(links).where(links.is_primary)):
        db.session.add(BulkRunRow(bulk_run_id=run.id, target_id=link.id))
    db.session.commit()

    run = carried_out(run)

    assert (run.rows_changed, run.rows_refused) == (1, 1)


def test_a_killed_worker_loses_and_repeats_nothing(clerk: User, settings: Settings) -> None:
    """L-08: killed in the middle of a chunk; the clock finds the run, and the next worker goes on."""
    make_customers(1_000)
    run = make_run(clerk, {"payment_terms_days": 60})
    code = f"from app import create_app\napp = create_app()\nwith app.app_context():\n from jobs.bulk import carry_out_bulk_run\n carry_out_bulk_run({run.id})"
    env = {
        **{name: value for name, value in os.environ.items() if not name.endswith("_URL")},
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "VENTANILLA_DATA": str(settings.ventanilla_data),
        "PYTHONPATH": os.getcwd(),
    }
    worker = subprocess.Popen([sys.executable, "-c", code], env=env)
    patience = time.monotonic() + 120
    while run.rows_done == 0 and time.monotonic() < patience:
        time.sleep(0.01)
        db.session.commit()
        db.session.refresh(run)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    db.session.commit()
    db.session.refresh(run)

    assert run.state is BulkRunState.RUNNING
    assert 0 < run.rows_done < 1_000
    assert how_many(Customer.payment_terms_days == 60) == run.rows_done
    assert abandoned() == []
    db.session.execute(update(BulkRun).values(updated_at=text("now() - interval '31 seconds'")))
    db.session.commit()
    assert abandoned() == [run.id]
    run = carried_out(run)
    assert (run.state, run.rows_changed, events_of(run)) == (BulkRunState.DONE, 1_000, 1_000)


def test_a_surprise_is_told_and_what_was_done_stays(app: Flask, clerk: User) -> None:
    make_customers(4)
    run = make_run(clerk, {"payment_terms_days": 60})

    @contextmanager
    def desk(of: BulkRun) -> Iterator[Any]:
        with app.extensions["bulk_desk"](of) as rules:
            chunks = iter([rules.records])
            rules.records = lambda keys: next(chunks)(keys)
            yield rules

    with pytest.raises(StopIteration):
        carry_out(run.id, desk=desk, rows_a_chunk=2)

    db.session.refresh(run)
    assert (run.state, run.rows_changed) == (BulkRunState.FAILED, 2)
    assert run.problem == "Something went wrong on our side. What was changed so far stays."
    assert how_many(Customer.payment_terms_days == 60) == 2


def test_waiting_rows_are_the_queue(clerk: User) -> None:
    make_customers(3)
    run = make_run(clerk, {"payment_terms_days": 60})
    assert len(db.session.scalars(BulkRunRow.of(run.id, BulkOutcome.WAITING)).all()) == 3
    carried_out(run)
    assert len(db.session.scalars(BulkRunRow.of(run.id, BulkOutcome.CHANGED)).all()) == 3
