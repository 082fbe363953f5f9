"""How PostgreSQL runs the list and the console of one mailing, among many others that were sent before."""

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import update

from models.base import db
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from tests.admin_views.conftest import SignIn
from tests.admin_views.test_plans import nodes, statements
from tests.factories.mailings import make_registered

MESSAGES, OTHERS = 3_000, 5  # and five times as many in the other mailings
TABLES = {"delivery", "delivery_state", "delivery_document", "document", "customer"}
FILL = [
    "TRUNCATE delivery CASCADE",  # the keys of a mailing stand together
    """
    INSERT INTO customer (organization_id, public_id, number, name, lang, currency, payment_terms_days, on_hold, version,
                          created_at, updated_at)
    SELECT %(organization)s, gen_random_uuid(), 'Z' || g, 'Comercial ' || g || ' de ' || md5(g::text), 'es', 'EUR', 30,
           false, 1, now(), now() FROM generate_series(1, %(messages)s) g
    """,
    """
    INSERT INTO document (organization_id, kind, series, number, number_int, customer_id, state, issue_date, due_date, currency,
                          subtotal, tax_total, total, balance_due, bill_to, lang, posted_at, public_id, version, created_at,
                          updated_at)
    SELECT c.organization_id, 'invoice', 'FV', m.id || lpad(substr(c.number, 2), 6, '0'),
           m.id * 1000000 + substr(c.number, 2)::bigint, c.id, 'posted', date '2026-07-15', date '2026-08-14', 'EUR', 1, 0, 1, 1, '{}', 'es',
           now(), gen_random_uuid(), 1, now(), now()
      FROM mailing m JOIN customer c ON c.number LIKE 'Z%%'
    """,
    """
    INSERT INTO delivery (organization_id, public_id, mailing_id, kind, customer_id, account_id, idempotency_key,
                          envelope_from, recipient, recipient_norm, subject, message_id_header, size_bytes, lang,
                          created_at, updated_at)
    SELECT m.organization_id, gen_random_uuid(), m.id, 'bulk', c.id, m.account_id, 'k' || m.id || '-' || c.id, 'a@b.c',
           c.number || '@x.test', lower(c.number) || '@x.test', 'Su factura', '<' || m.id || '-' || c.id || '@x>', 60000,
           'es', now(), now()
      FROM mailing m JOIN customer c ON c.number LIKE 'Z%%' ORDER BY m.id, c.id
    """,
    """
    INSERT INTO delivery_document (organization_id, delivery_id, document_id, file_sha256)
    SELECT d.organization_id, d.id, o.id, '' FROM delivery d
      JOIN document o ON o.customer_id = d.customer_id AND o.number_int / 1000000 = d.mailing_id
     WHERE d.idempotency_key LIKE 'k%%'
    """,
    """
    INSERT INTO delivery_state (organization_id, delivery_id, mailing_id, account_id, state, reason_code, priority,
                                attempt_count, sent_at, not_before)
    SELECT d.organization_id, d.id, d.mailing_id, d.account_id, CASE WHEN d.id %% 97 = 0 THEN 'failed' ELSE 'sent' END,
           CASE WHEN d.id %% 97 = 0 THEN 'quota' END, 5, 1, now() - interval '1 hour', now()
      FROM delivery d WHERE d.idempotency_key LIKE 'k%%'
    """,
]
SEARCHES = {
    "a word that many have": "comercial",
    "a word that one in ten has": "comercial 1",
    "a word that some have": "comercial 77",
    "a number": "FV-{mailing}000777",
    "an address": "z777@",
    "an address that all have": "x.test",
    "nobody": "zzzyx",
}


@pytest.fixture
def mailing(app: Flask, organization: Any, settings: Any, superuser_dsn: str) -> Iterator[Mailing]:
    """One of six mailings to everybody, which is still being sent."""
    mailings = [make_registered(settings, customers=1) for _ in range(1 + OTHERS)]
    db.session.execute(update(Mailing).values(state=MailingState.SENDING))
    db.session.commit()
    values = {"organization": organization.id, "messages": MESSAGES}
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in FILL:
            connection.execute(statement, values)
        connection.execute("VACUUM (ANALYZE) " + ", ".join(TABLES))
        yield mailings[OTHERS // 2]
        db.session.rollback()
        connection.execute("TRUNCATE customer, mailing CASCADE")
        connection.execute("ANALYZE")


def whole_tables_read(statement: str, parameters: Any) -> list[str]:
    """The tables of all mailings that this statement would read from one end to the other."""
    asked = db.session.connection().exec_driver_sql(
        f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters
    )
    plan = asked.scalar_one()[0]["Plan"]
    return [
        f"{node['Relation Name']} in: {re.sub(chr(10), ' ', statement)}"
        for node in nodes(plan)
        if node.get("Relation Name") in TABLES and rows_looked_at(node) > 2 * MESSAGES
    ]


def rows_looked_at(node: dict[str, Any]) -> float:
    """What a scan has read, also what it threw away."""
    thrown = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    rows: float = node["Actual Rows"] + sum(node.get(name, 0) for name in thrown)
    return rows * float(node["Actual Loops"])


def test_no_page_of_a_mailing_reads_the_others(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-16, S1-18: what a page costs follows from its own mailing, whatever is searched for."""
    client = sign_in("clerk")
    address = f"/mailings/{mailing.public_id}"
    pages = {
        "list": f"{address}/recipients",
        "failed": f"{address}/recipients?show=failed",
        "progress": f"{address}/progress?state=sending",
        **{name: f"{address}/recipients?search={words}" for name, words in SEARCHES.items()},
    }
    client.get(pages["progress"])  # how much it sends is counted once
    wrong = {}
    for name, page in pages.items():
        with statements() as sent:
            answer = client.get(page.format(mailing=mailing.id))
        assert answer.status_code == 200, name
        reads = [one for one in sent if one[0].lstrip().startswith(("SELECT", "WITH"))]
        assert any("delivery_state" in text for text, _values in reads), name
        found = [told for one in reads for told in whole_tables_read(*one)]
        if found:
            wrong[name] = found

    assert not wrong, "\n\n".join(f"{name}: {found}" for name, found in wrong.items())


def test_a_search_finds_each_message_once(sign_in: SignIn, mailing: Mailing) -> None:
    """The list is that of the mailing, not of the customers who were found."""
    page = sign_in("clerk").get(f"/mailings/{mailing.public_id}/recipients?search=comercial 777")

    assert page.text.count('<td role="cell" class="c-who">') == 1
