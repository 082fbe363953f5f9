"""How PostgreSQL runs the lists that are used all day, on a table that is long enough to matter."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event

from models.base import db
from models.people.organization import Organization
from tests.admin_views.conftest import SignIn

# What reads half of the customers anyway (their number, a word that many names have) may read them in a row.
CUSTOMERS, DOCUMENTS = 20_000, 100_000
LONG = {"document", "customer"}
FILL = [
    """
    INSERT INTO customer (organization_id, number, name, tax_id, lang, currency, payment_terms_days, on_hold,
                          public_id, version, created_at, updated_at)
    SELECT %(organization)s, 'C' || n,
           (ARRAY['Ferretería','Almacenes','Óptica','Cooperativa','Hotelera','Laboratorios'])[1 + n %% 6] || ' '
           || (ARRAY['La Ñapa','Güemes','Peñafiel','Agropecuaria','Bahía','Cañadas','Muñoz'])[1 + n %% 7] || ' ' || n,
           '9' || lpad(n::text, 8, '0'), 'es', 'COP', 30, false, gen_random_uuid(), 1, now(), now()
    FROM generate_series(1, %(customers)s) n
    """,
    """
    INSERT INTO document (organization_id, kind, series, number, number_int, customer_id, state, issue_date, due_date,
                          currency, subtotal, tax_total, total, balance_due, bill_to, lang, posted_at,
                          public_id, version, created_at, updated_at)
    SELECT %(organization)s, 'invoice', 'FV', numbers.n::text, numbers.n, c.id,
           CASE WHEN numbers.n %% 10 < 7 THEN 'paid' WHEN numbers.n %% 50 = 9 THEN 'void' ELSE 'posted' END,
           date '2024-01-01' + numbers.n / 200, date '2024-01-31' + numbers.n / 200, 'COP',
           numbers.n %% 90000, 0, numbers.n %% 90000, CASE WHEN numbers.n %% 10 < 7 THEN 0 ELSE numbers.n %% 90000 END,
           jsonb_build_object('name', c.name, 'tax_id', c.tax_id), 'es', now(), gen_random_uuid(), 1, now(), now()
    FROM generate_series(1, %(documents)s) AS numbers(n) JOIN customer c ON c.number = 'C' || (1 + numbers.n * 7919 %% %(customers)s)
    ORDER BY numbers.n
    """,
]
LISTS = {
    "first page": "/admin/invoice/",
    "last page": "/admin/invoice/?last=1",
    "by state": "/admin/invoice/?flt_state=posted",
    "by customer": "/admin/invoice/?flt_customer={customer}",
    "by date": "/admin/invoice/?flt_issue_date=2025-01-10..2025-01-20",
    "by state and date": "/admin/invoice/?flt_state=posted&flt_issue_date=2025-01-10..2025-01-20",
    "overdue": "/admin/invoice/?flt_overdue=1&sort=due_date",
    "by number": "/admin/invoice/?search=FV-77777",
    "by a customer's name": "/admin/invoice/?search=canadas+19913",
    "by a name that many have": "/admin/invoice/?search=canadas",
    "by a name that nobody has": "/admin/invoice/?search=zzzyx",
    "by state and name": "/admin/invoice/?flt_state=posted&search=canadas",
    "a customer": "/admin/customer/?search=guemes+1415",
    "a look-up": "/admin/invoice/ajax/lookup/?name=customer&query=guemes+1415",
}


@pytest.fixture
def long_tables(app: Flask, organization: Organization, superuser_dsn: str) -> Iterator[int]:
    """Rows first and indexes after, which is quicker; gives the key of a customer."""
    values = {"organization": organization.id, "customers": CUSTOMERS, "documents": DOCUMENTS}
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        indexes = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE tablename IN ('document', 'customer') AND indexname LIKE 'ix_%'"
        ).fetchall()
        for name, _definition in indexes:
            connection.execute(f'DROP INDEX "{name}"')  # type: ignore[arg-type]
        try:
            connection.execute("SET session_replication_role = replica")
            for statement in FILL:
                connection.execute(statement, values)
        finally:
            for _name, definition in indexes:
                connection.execute(definition)
        connection.execute("VACUUM (ANALYZE) customer, document")
        row = connection.execute("SELECT max(id) FROM customer").fetchone()
        assert row
        yield int(str(row[0]))
        db.session.rollback()
        connection.execute("TRUNCATE customer CASCADE")
        connection.execute("ANALYZE")


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """What is sent to the database meanwhile, with its parameters."""
    found: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        found.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def whole_tables_read(statement: str, parameters: Any) -> list[str]:
    """The long tables that this statement would read from one end to the other."""
    asked = db.session.connection().exec_driver_sql(
        f"EXPLAIN (FORMAT JSON) {statement}", parameters
    )
    plan = asked.scalar_one()[0]["Plan"]
    return [
        f"{node['Relation Name']} in: {statement}"
        for node in nodes(plan)
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in LONG
    ]


def test_no_list_reads_a_long_table_from_end_to_end(
    app: Flask, sign_in: SignIn, long_tables: int
) -> None:
    """L-24: first and last page, filters and searches, as the screens really ask for them, behind row-level security."""
    client = sign_in("clerk")
    wrong = {}
    for name, address in LISTS.items():
        with statements() as sent:
            answer = client.get(address.format(customer=long_tables))
        assert answer.status_code == 200, name
        reads = [one for one in sent if one[0].lstrip().startswith(("SELECT", "WITH"))]
        assert any("document" in text or "customer" in text for text, _values in reads), name
        found = [told for one in reads for told in whole_tables_read(*one)]
        if found:
            wrong[name] = found
    assert not wrong, "\n\n".join(f"{name}: {found}" for name, found in wrong.items())
