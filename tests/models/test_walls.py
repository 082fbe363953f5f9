"""The two walls: what the session filters, and what the database refuses by itself."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import DBAPIError

from models.base import db
from models.people.customer import Customer
from models.people.organization import Organization
from models.tenancy import (
    OutOfScope,
    Scope,
    across_organizations,
    acting_in,
    column_rows,
    enter,
    kept,
)
from settings import Settings
from tests.factories.people import make_customer, make_organization

UNPROTECTED = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm')
  AND (has_table_privilege('ventanilla_portal', c.oid, 'select') OR EXISTS (
    SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organization_id' AND a.attnotnull))
  AND ((c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)) OR c.relkind = 'm'
    OR (c.relkind = 'v' AND coalesce(array_to_string(c.reloptions, ','), '') NOT LIKE '%security_invoker=true%'))
"""


@pytest.fixture
def two(app: Flask) -> tuple[Organization, Organization]:
    ours, theirs = make_organization(), make_organization()
    for company in (ours, theirs):
        with acting_in(company.id):
            make_customer(number="1")
    db.session.commit()
    enter(Scope(organization_id=ours.id))
    return ours, theirs


def test_reads_see_one_organization(two: tuple[Organization, Organization]) -> None:
    ours, _theirs = two

    found = db.session.scalars(select(Customer)).all()

    assert [customer.organization_id for customer in found] == [ours.id]


def test_a_kept_statement_sees_the_organization_that_asks(
    two: tuple[Organization, Organization],
) -> None:
    statement = kept(select(Customer).where(Customer.number == bindparam("number")))
    seen = []
    for company in (*two, *two):
        with acting_in(company.id):
            seen += [one.organization_id for one in db.session.scalars(statement, {"number": "1"})]

    assert seen == [company.id for company in (*two, *two)]


@pytest.mark.parametrize("keep", [kept, lambda statement: statement], ids=["kept", "asked once"])
def test_rows_of_columns_are_those_of_the_organization_that_asks(
    two: tuple[Organization, Organization], keep: Callable[[Any], Any]
) -> None:
    """Also in what stands inside another statement, and where PostgreSQL itself would show all."""
    inner = select(Customer.organization_id, Customer.number).subquery()
    statements = [
        keep(select(Customer.organization_id).where(Customer.number == bindparam("number"))),
        keep(select(inner.c.organization_id).where(inner.c.number == bindparam("number"))),
    ]
    seen = []
    for company in (*two, *two):
        with acting_in(company.id):
            seen += [column_rows(each, {"number": "1"}) for each in statements]

    assert seen == [[(company.id,)] for company in (*two, *two) for _each in statements]


def test_rows_of_columns_have_what_was_changed_here(
    two: tuple[Organization, Organization],
) -> None:
    customer = db.session.scalars(select(Customer)).one()
    customer.number = "2"

    assert column_rows(select(Customer.number), {}) == [("2",)]


def test_rows_of_columns_without_a_scope_are_refused(
    two: tuple[Organization, Organization],
) -> None:
    enter(Scope())

    with pytest.raises(OutOfScope):
        column_rows(select(Customer.id), {})


def test_a_foreign_id_finds_nothing(two: tuple[Organization, Organization]) -> None:
    _ours, theirs = two
    with across_organizations():
        foreign_id = db.session.scalars(
            select(Customer.id).where(Customer.organization_id == theirs.id)
        ).one()
    db.session.expunge_all()

    assert db.session.get(Customer, foreign_id) is None


def test_reading_without_a_scope_is_refused(two: tuple[Organization, Organization]) -> None:
    enter(Scope())

    with pytest.raises(OutOfScope):
        db.session.scalars(select(Customer)).all()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE customer SET name = 'x' WHERE organization_id = :theirs",
        "DELETE FROM customer WHERE organization_id = :theirs",
    ],
)
def test_the_database_ignores_foreign_writes(
    two: tuple[Organization, Organization], statement: str
) -> None:
    _ours, theirs = two

    touched = db.session.execute(text(statement), {"theirs": theirs.id}).rowcount  # type: ignore[attr-defined]

    assert touched == 0


def test_the_database_refuses_a_row_for_another_organization(
    two: tuple[Organization, Organization],
) -> None:
    _ours, theirs = two
    db.session.add(Customer(number="2", name="Foreign", organization_id=theirs.id))

    with pytest.raises(DBAPIError, match="row-level security"):
        db.session.flush()


def test_a_row_cannot_point_into_another_organization(
    two: tuple[Organization, Organization],
) -> None:
    ours, theirs = two
    with acting_in(theirs.id):
        theirs_group = db.session.execute(
            text(
                "INSERT INTO customer_group (organization_id, code, name, uses_portal, version, public_id, created_at, updated_at)"
                " VALUES (:org, 'G', 'G', false, 1, gen_random_uuid(), now(), now()) RETURNING id"
            ),
            {"org": theirs.id},
        ).scalar_one()

    with pytest.raises(DBAPIError, match="foreign key"):
        db.session.execute(
            text("UPDATE customer SET customer_group_id = :group WHERE organization_id = :org"),
            {"group": theirs_group, "org": ours.id},
        )


def test_every_table_of_organizations_is_protected(superuser_dsn: str, app: Flask) -> None:
    with psycopg.connect(superuser_dsn) as connection:
        assert connection.execute(UNPROTECTED).fetchall() == []


def test_the_portal_role_sees_one_customer(
    two: tuple[Organization, Organization], settings: Settings
) -> None:
    ours, _theirs = two
    mine = db.session.scalars(select(Customer.id)).one()
    make_customer(number="77")
    db.session.commit()

    with psycopg.connect(settings.role_dsn("portal")) as portal:
        assert portal.execute("SELECT count(*) FROM customer").fetchone() == (0,)
        portal.execute(
            "SELECT set_config('app.organization_id', %s, true), set_config('app.customer_id', %s, true)",
            (str(ours.id), str(mine)),
        )
        assert portal.execute("SELECT id FROM customer").fetchall() == [(mine,)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            portal.execute("SELECT * FROM audit_event")


def test_audit_events_cannot_be_changed(organization: Organization, settings: Settings) -> None:
    make_customer()
    db.session.commit()

    with psycopg.connect(settings.role_dsn("staff")) as staff:
        assert staff.execute("SELECT count(*) > 0 FROM audit_event").fetchone() == (True,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            staff.execute("UPDATE audit_event SET action = 'nothing'")
        staff.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            staff.execute("DELETE FROM audit_event")
