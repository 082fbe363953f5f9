"""A million documents of 20,000 customers, written by SQL; one of them has 50,000."""

import psycopg
from sqlalchemy.engine import make_url

from settings import Settings

CUSTOMERS = 20_000
OF_THE_LARGEST = 50_000
LARGEST, SMALLEST = "C1", "C2"  # the second has five documents

FILL = """
INSERT INTO customer (organization_id, number, name, tax_id, lang, currency, payment_terms_days, on_hold,
                      public_id, version, created_at, updated_at)
SELECT %(organization)s, 'C' || n, 'Ferretería ' || n, '9' || lpad(n::text, 8, '0'), 'es', 'COP', 30, false,
       gen_random_uuid(), 1, now(), now()
  FROM generate_series(1, %(customers)s) n;
INSERT INTO contact (organization_id, name, lang, is_active, source, public_id, version, created_at, updated_at)
SELECT %(organization)s, c.number, 'es', true, 'manual', gen_random_uuid(), 1, now(), now()
  FROM customer c WHERE c.organization_id = %(organization)s ORDER BY c.id;
INSERT INTO customer_contact (organization_id, customer_id, contact_id, is_primary, roles, cc_mode, created_at, updated_at)
SELECT %(organization)s, c.id, k.id, true, '{billing}', 'to', now(), now()
  FROM customer c JOIN contact k ON k.organization_id = c.organization_id AND k.name = c.number
 WHERE c.organization_id = %(organization)s;
INSERT INTO document (organization_id, kind, series, number, number_int, customer_id, state, issue_date, due_date,
                      currency, subtotal, tax_total, total, balance_due, bill_to, lang, posted_at, public_id, version,
                      created_at, updated_at)
SELECT %(organization)s, d.kind, upper(left(d.kind, 2)), numbers.n::text, numbers.n, c.id,
       CASE WHEN d.kind IN ('invoice', 'credit_note') AND numbers.n %% 10 < 8 THEN 'paid' ELSE 'posted' END,
       date '2023-01-01' + (numbers.n / 720), date '2023-01-31' + (numbers.n / 720), 'COP', 1000, 190, 1190,
       CASE WHEN numbers.n %% 10 < 8 THEN 0 ELSE 1190 END, jsonb_build_object('name', c.name, 'tax_id', c.tax_id), 'es', now(),
       gen_random_uuid(), 1, now(), now()
  FROM generate_series(1, %(rows)s) AS numbers(n)
 CROSS JOIN LATERAL (SELECT CASE WHEN numbers.n < 6 THEN 'invoice'
                                 ELSE (ARRAY['invoice','invoice','invoice','invoice','invoice','invoice','invoice',
                                             'quote','sales_order','credit_note'])[1 + (numbers.n / 7) %% 10] END AS kind) d
  JOIN customer c ON c.organization_id = %(organization)s
   AND c.number = 'C' || CASE WHEN numbers.n < 6 THEN 2 WHEN numbers.n <= %(largest)s + 5 THEN 1
                              ELSE 3 + (numbers.n::bigint * 7919) %% (%(customers)s - 2) END
 ORDER BY numbers.n;
INSERT INTO document_line (organization_id, document_id, position, description, quantity, unit_price, discount_percent,
                           tax_name, tax_rate, net, tax, created_at, updated_at)
SELECT %(organization)s, d.id, 1, 'Cemento gris de uso general, saco de 50 kg', 10, 100, 0, 'IVA', 19, 1000, 190, now(), now()
  FROM document d WHERE d.organization_id = %(organization)s ORDER BY d.id;
INSERT INTO payment (organization_id, customer_id, paid_on, method, reference, amount, unallocated, currency, public_id, version,
                     created_at, updated_at)
SELECT %(organization)s, d.customer_id, d.issue_date + 20, 'transfer', 'TR-' || d.number, 1190, 0, 'COP', gen_random_uuid(), 1,
       now(), now()
  FROM document d WHERE d.organization_id = %(organization)s AND d.kind = 'invoice' AND d.state = 'paid' ORDER BY d.id;
INSERT INTO payment_allocation (organization_id, payment_id, document_id, amount, created_at, updated_at)
SELECT %(organization)s, p.id, d.id, 1190, now(), now()
  FROM document d JOIN payment p ON p.organization_id = d.organization_id AND p.reference = 'TR-' || d.number
 WHERE d.organization_id = %(organization)s AND d.kind = 'invoice' AND d.state = 'paid';
"""
TABLES = (
    "customer",
    "contact",
    "customer_contact",
    "document",
    "document_line",
    "payment",
    "payment_allocation",
)
WALLED = (
    "SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r'"
    " AND relnamespace = 'public'::regnamespace"
)


def superuser(settings: Settings, url: str) -> psycopg.Connection[tuple[object, ...]]:
    """A connection around all walls, to the database of the settings."""
    found = make_url(url).set(
        drivername="postgresql", database=make_url(settings.database_url).database
    )
    return psycopg.connect(found.render_as_string(hide_password=False), autocommit=True)


def fill(
    connection: psycopg.Connection[tuple[object, ...]], organization_id: int, rows: int
) -> None:
    """Write the rows first and the indexes of documents after, which is quicker; triggers rest meanwhile."""
    later = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'document'"
        " AND indexname LIKE 'ix_document%%'"
    ).fetchall()
    for index, _definition in later:
        connection.execute(f'DROP INDEX "{index}"'.encode())
    connection.execute("SET session_replication_role = replica")
    values = {
        "organization": organization_id,
        "customers": CUSTOMERS,
        "rows": rows,
        "largest": OF_THE_LARGEST,
    }
    for statement in FILL.split(";\n"):
        if statement.strip():
            connection.execute(statement.encode(), values)
            connection.execute(f"ANALYZE {statement.split()[2]}".encode())  # for the next join
    connection.execute("SET session_replication_role = origin")
    for _index, definition in later:
        connection.execute(str(definition).encode())
    for table in TABLES:
        connection.execute(f"VACUUM (ANALYZE) {table}".encode())


def put_walls(connection: psycopg.Connection[tuple[object, ...]], *, up: bool) -> None:
    """Take row-level security away, or put it back."""
    for (table,) in WALLS.setdefault("tables", connection.execute(WALLED).fetchall()):
        verb = "ENABLE" if up else "DISABLE"
        connection.execute(f'ALTER TABLE "{table}" {verb} ROW LEVEL SECURITY'.encode())


WALLS: dict[str, list[tuple[object, ...]]] = {}
