"""The list of third parties of a mailing of 100,000, its progress, and "Why did they not receive it?".

Server time of whole pages through the test client, medians. Prints one JSON object.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask

from app import create_app
from embedded.services import running_services
from models.base import db
from models.mailings.mailing import Mailing
from models.tenancy import Actor, Scope, enter
from services.mailings.progress import progress_of
from services.system.database import prepare_database
from settings import Settings
from tests.browser import new_browser
from tests.factories.mailings import make_registered
from tests.factories.people import make_organization, make_user

DELIVERIES = 100_000
ROUNDS = 7
MOST_MS = 150
PROGRESS_MS = 10
SEARCHES = ("comercial+77", "comercial", "comercial+99", "z77777", "x.test", "nobody")

FILL = """
INSERT INTO customer (organization_id, public_id, number, name, lang, currency, payment_terms_days, on_hold, version,
                      created_at, updated_at)
SELECT m.organization_id, gen_random_uuid(), 'Z' || g, 'Comercial ' || g || ' de ' || md5(g::text), 'es', 'EUR', 30, false, 1,
       now(), now() FROM mailing m, generate_series(1, %(count)s) g WHERE m.id = %(mailing)s;
INSERT INTO delivery (organization_id, public_id, mailing_id, kind, customer_id, account_id, idempotency_key, envelope_from,
                      recipient, recipient_norm, contact_role, subject, message_id_header, size_bytes, lang, created_at, updated_at)
SELECT m.organization_id, gen_random_uuid(), m.id, 'bulk', c.id, m.account_id, 'k' || c.id, 'a@b.c', c.number || '@x.test',
       lower(c.number) || '@x.test', 'billing', 'Su factura', '<d' || c.id || '@x>', 60000, 'es', now(), now()
  FROM mailing m, customer c WHERE m.id = %(mailing)s AND c.number LIKE 'Z%%';
INSERT INTO delivery_body (organization_id, delivery_id, head, parts)
SELECT organization_id, id, repeat('x', 1500)::bytea, '["a"]' FROM delivery WHERE idempotency_key LIKE 'k%%';
INSERT INTO delivery_state (organization_id, delivery_id, mailing_id, account_id, state, priority, attempt_count, not_before)
SELECT d.organization_id, d.id, d.mailing_id, d.account_id, 'queued', 5, 0, now()
  FROM delivery d WHERE d.idempotency_key LIKE 'k%%';
UPDATE mailing SET state = 'sending', started_at = now() - interval '30 minutes' WHERE id = %(mailing)s;
"""
# Messages leave in the order of their keys; some failed, some are in doubt, and some in between wait for another try.
SEND = """
UPDATE delivery_state s SET state = x.state, reason_code = x.reason, attempt_count = 1,
       sent_at = CASE x.state WHEN 'sent' THEN now() - interval '30 minutes' * (1 - d.place / (%(count)s * 0.667)) END
  FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM delivery WHERE idempotency_key LIKE 'k%%') d, LATERAL (SELECT
    CASE WHEN d.id %% 97 = 0 THEN 'failed' WHEN d.id %% 499 = 0 THEN 'unconfirmed' WHEN d.id %% 1009 = 0 THEN 'queued' ELSE 'sent' END,
    CASE WHEN d.id %% 97 = 0 THEN 'quota' WHEN d.id %% 499 = 0 THEN 'crash_in_data' WHEN d.id %% 1009 = 0 THEN 'throttled' END
    ) AS x(state, reason)
 WHERE s.delivery_id = d.id AND d.place < %(count)s * 0.667;
"""


def run(arguments: argparse.Namespace | None = None) -> dict[str, Any]:
    """The figures of this machine."""
    count = getattr(arguments, "messages", None) or DELIVERIES
    with tempfile.TemporaryDirectory(prefix="vt-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        env = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
        with running_services(folder / "data", env) as urls:
            settings = Settings.from_env({**env, **urls.as_environment(), "LOG_LEVEL": "WARNING"})
            prepare_database(settings.database_url, settings.logins())
            app = create_app(settings)
            with app.app_context():
                return _measured(app, settings, str(urls.superuser_url), count)


def _measured(app: Flask, settings: Settings, superuser_url: str, count: int) -> dict[str, Any]:
    company = make_organization()
    clerk = make_user(company)
    db.session.commit()
    enter(Scope(organization_id=company.id, actor=Actor(name="benchmark")))
    mailing = make_registered(settings, customers=1)
    db.session.commit()
    dsn = superuser_url.replace("+psycopg", "")
    first, last = _fill(dsn, mailing, count)
    begin = _median(lambda: progress_of(mailing))
    _execute(dsn, SEND, mailing, count)
    db.session.rollback()
    first_look = _once(lambda: progress_of(mailing))
    progress = _median(lambda: progress_of(mailing))
    client = new_browser(app).enter_as(clerk, company)
    address = f"/mailings/{mailing.public_id}/recipients"
    pages = {
        "first": address,
        "middle": f"{address}?after=m{(first + last) // 2}",
        "last": f"{address}?before=m{last + 1}",
        "failed": f"{address}?show=failed",
        "not_received": f"{address}?show=not_received",
        "waiting": f"{address}?show=waiting",
        **{f"search {words}": f"{address}?search={words}" for words in SEARCHES},
        "search from the middle": f"{address}?search=comercial&after=m{(first + last) // 2}",
        "gallery": f"/mailings/{mailing.public_id}/gallery",
        "poll": f"/mailings/{mailing.public_id}/progress?state=sending",
    }
    figures = {name: _median(lambda url=url: client.get(url)) for name, url in pages.items()}
    return {
        "benchmark": "recipients",
        "deliveries": count,
        "load": round(os.getloadavg()[0], 1),
        "page_ms": figures,
        "progress_ms": {"begin": begin, "first look": first_look, "two thirds": progress},
        "wanted": {"page_ms": MOST_MS, "progress_ms": PROGRESS_MS},
        "met": max(figures.values()) < MOST_MS and max(begin, progress) < PROGRESS_MS,
    }


def _fill(dsn: str, mailing: Mailing, count: int) -> tuple[int, int]:
    """The first and the last key of the deliveries."""
    _execute(dsn, FILL, mailing, count)
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT min(id), max(id) FROM delivery").fetchone()
        assert row
        return row[0], row[1]


def _execute(dsn: str, statements: str, mailing: Mailing, count: int) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in filter(str.strip, statements.split(";")):
            connection.execute(statement.encode(), {"mailing": mailing.id, "count": count})
        connection.execute("VACUUM ANALYZE")


def _median(page: Callable[[], Any]) -> float:
    """Milliseconds; the first one warms up."""
    return statistics.median([_once(page) for _ in range(ROUNDS + 1)][1:])


def _once(page: Callable[[], Any]) -> float:
    began = time.perf_counter()
    answer = page()
    took = (time.perf_counter() - began) * 1000
    assert getattr(answer, "status_code", 200) == 200
    return round(took, 1)
