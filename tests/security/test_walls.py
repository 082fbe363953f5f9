"""Wall 2: what the database refuses when every filter of the application is gone."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from psycopg import sql

from models.base import db
from models.people.organization import Organization
from services.portal.portal_emails import validation_confirmed
from settings import Settings
from tests.factories.admin import Rows
from tests.factories.people import make_customer, make_mail_account
from tests.factories.portal import make_portal_user

OF_ORGANIZATIONS = sorted(
    table.name
    for table in db.metadata.sorted_tables
    if "organization_id" in table.c and not table.c.organization_id.nullable
)
SENDER_WRITES = {
    "delivery_state": {"UPDATE"},
    "delivery_attempt": {"INSERT", "UPDATE"},
    "delivery_copy": {"UPDATE"},
}
PORTAL_WRITES = {
    "address": {"INSERT", "UPDATE", "DELETE"},
    "audit_event": {"INSERT"},
    "comment": {"INSERT"},
    "comment_file": {"INSERT"},
    "document_forward": {"INSERT"},
    "payment_method": {"INSERT", "UPDATE", "DELETE"},
    "portal_event": {"INSERT"},
    "quote_answer": {"INSERT"},
    "review": {"INSERT"},
}
# Of these it changes some columns: what customers may correct, and what they withdraw.
PORTAL_CHANGES = {
    "contact": {
        "name",
        "job_title",
        "phone",
        "lang",
        "version",
        "updated_at",
        "updated_by_id",
    },
    "review": {"rating", "body", "version", "updated_at", "updated_by_id"},
    "share_link": {"revoked_at", "view_count", "last_viewed_at", "updated_at"},
}
VERBS = ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
MY_CUSTOMER = """
SELECT set_config('app.organization_id', %s, false), set_config('app.customer_id', %s, false)
"""


@pytest.fixture
def staff(
    settings: Settings, organization: Organization
) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """The role that serves the staff, in our organization, without any code of ours."""
    with psycopg.connect(settings.role_dsn("staff"), autocommit=True) as connection:
        connection.execute(
            "SELECT set_config('app.organization_id', %s, false)", (str(organization.id),)
        )
        yield connection


@pytest.mark.parametrize("table", OF_ORGANIZATIONS)
def test_no_foreign_row_is_changed_or_deleted(
    app: Flask,
    foreign: Rows,
    staff: "psycopg.Connection[tuple[object, ...]]",
    table: str,
) -> None:
    """T02: on every table of organizations, with raw SQL as the role that serves."""
    other = foreign.keys["organization"]
    name = sql.Identifier(table)
    for statement in (
        "UPDATE {} SET organization_id = organization_id WHERE organization_id = %s",
        "DELETE FROM {} WHERE organization_id = %s",
    ):
        assert staff.execute(sql.SQL(statement).format(name), (other,)).rowcount == 0


@pytest.mark.parametrize("table", OF_ORGANIZATIONS)
def test_no_row_is_made_for_another_organization_nor_moved_there(
    app: Flask,
    rows: Rows,
    foreign: Rows,
    staff: "psycopg.Connection[tuple[object, ...]]",
    superuser_dsn: str,
    table: str,
) -> None:
    """T02: the policies check the row after the change too."""
    other = foreign.keys["organization"]
    name = sql.Identifier(table)
    made = sql.SQL("INSERT INTO {} (organization_id) VALUES (%s)").format(name)
    with pytest.raises(psycopg.errors.Error) as refusal:
        staff.execute(made, (other,))
    assert "row-level security" in str(refusal.value) or isinstance(
        refusal.value, psycopg.errors.NotNullViolation
    )
    moved = sql.SQL("UPDATE {} SET organization_id = %s").format(name)
    with psycopg.connect(superuser_dsn) as everything:
        count = sql.SQL("SELECT count(*) FROM {} WHERE organization_id <> %s").format(name)
        ours = everything.execute(count, (other,)).fetchone()
    if ours and ours[0]:
        with pytest.raises(psycopg.errors.Error):
            staff.execute(moved, (other,))


def test_nothing_is_written_without_an_organization(
    app: Flask, rows: Rows, settings: Settings
) -> None:
    with psycopg.connect(settings.role_dsn("staff")) as nobody:
        for table in OF_ORGANIZATIONS:
            statement = sql.SQL("DELETE FROM {}").format(sql.Identifier(table))
            assert nobody.execute(statement).rowcount == 0, table


def test_the_portal_sees_its_customer_on_every_table(
    app: Flask, rows: Rows, foreign: Rows, settings: Settings, organization: Organization
) -> None:
    """T02: no table shows the portal another customer, or anything it was not given."""
    mine = rows.keys["customer"]
    with psycopg.connect(settings.role_dsn("portal"), autocommit=True) as portal:
        portal.execute(MY_CUSTOMER, (str(organization.id), str(mine)))
        for table in db.metadata.sorted_tables:
            asked = "SELECT has_table_privilege(%s, 'SELECT')"
            if portal.execute(asked, (f'"{table.name}"',)).fetchone() != (True,):
                continue
            of_organization = "id" if table.name == "organization" else "organization_id"
            of_customer = "id" if table.name == "customer" else "customer_id"
            columns = [name for name in (of_organization, of_customer) if name in table.c]
            wanted = sql.SQL("SELECT DISTINCT {} FROM {}").format(
                sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table.name)
            )
            expected = (organization.id, mine)[: len(columns)]
            assert set(portal.execute(wanted).fetchall()) <= {expected}, table.name


def test_the_portal_reads_no_notices_of_its_customer(
    organization: Organization, settings: Settings
) -> None:
    """Which colleague was sent a link, a reset or an answer is none of the others' business."""
    make_mail_account()
    user = make_portal_user(make_customer())
    validation_confirmed(user.memberships[0])
    db.session.commit()
    customer = user.memberships[0].customer_id
    with psycopg.connect(settings.role_dsn("portal"), autocommit=True) as portal:
        portal.execute(MY_CUSTOMER, (str(organization.id), str(customer)))
        assert portal.execute("SELECT count(*) FROM delivery").fetchone() == (0,)
        assert portal.execute("SELECT count(*) FROM delivery_state").fetchone() == (0,)


def test_the_portal_and_the_sender_write_what_they_must_and_nothing_else(
    app: Flask, superuser_dsn: str
) -> None:
    """Least privilege: rights are counted table by table, verb by verb."""
    found: dict[str, dict[str, set[str]]] = {"portal": {}, "sender": {}}
    with psycopg.connect(superuser_dsn) as connection:
        for role, given in found.items():
            for table in db.metadata.sorted_tables:
                for verb in VERBS:
                    asked = (f"ventanilla_{role}", f'"{table.name}"', verb)
                    row = connection.execute("SELECT has_table_privilege(%s, %s, %s)", asked)
                    if row.fetchone() == (True,):
                        given.setdefault(table.name, set()).add(verb)

    assert found == {"portal": PORTAL_WRITES, "sender": SENDER_WRITES}


def test_the_portal_changes_some_columns_of_some_tables(app: Flask, superuser_dsn: str) -> None:
    """Least privilege, column by column."""
    asked = """
    SELECT table_name, column_name FROM information_schema.role_column_grants
     WHERE grantee = 'ventanilla_portal' AND privilege_type = 'UPDATE'
    """
    found: dict[str, set[str]] = {}
    with psycopg.connect(superuser_dsn) as connection:
        for table, column in connection.execute(asked).fetchall():
            found.setdefault(table, set()).add(column)
    whole = {table for table, verbs in PORTAL_WRITES.items() if "UPDATE" in verbs}

    assert {name: columns for name, columns in found.items() if name not in whole} == PORTAL_CHANGES


def test_no_role_that_serves_may_make_or_become_anything(app: Flask, settings: Settings) -> None:
    for role in ("staff", "portal", "sender"):
        with psycopg.connect(settings.role_dsn(role), autocommit=True) as connection:
            for statement in (
                "CREATE TABLE stolen (id int)",
                "CREATE FUNCTION stolen() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "ALTER TABLE customer DISABLE ROW LEVEL SECURITY",
                "SELECT protect_table('customer')",
                "SET ROLE ventanilla_owner",
                "SET session_replication_role = replica",
                "COPY role TO PROGRAM 'cat'",
                "SELECT pg_read_file('PG_VERSION')",
                "SELECT lo_import('/etc/passwd')",
            ):
                with pytest.raises(psycopg.Error):
                    connection.execute(statement)
