"""Registering a mailing: every invoice drawn, every message frozen and written, beside a bare typst loop over the same pages.

Before that a person presses *Register* for 2,000 invoices, and looks on while a worker prepares them.
Prints one JSON object: what the person waited for, messages a second of both loops, how busy the cores were, and memory.
"""

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import select

from app import create_app
from benchmarks.mail_load.resident import children_of, family_mb, growth
from benchmarks.mail_load.watched import watch_registering
from benchmarks.pdf import bare
from embedded.services import running_services
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import MailingRange
from models.people.organization import Organization
from models.sales.document import Document
from models.tenancy import Actor, Scope, enter
from services.mailings.draft import write_draft
from services.mailings.register import register_mailing
from services.sales.document_pages import pages_of
from services.sales.pdf import Workshop
from services.system.database import prepare_database
from settings import Settings
from tests.browser import new_browser
from tests.factories.people import make_mail_account, make_organization, make_user
from tests.services.mailings.faults.laboratory import Laboratory

INVOICES = 10_000
WATCHED = 2_000  # registered through the page
LINES = 12
SAMPLE = 600  # pages of the bare loop
WANTED = 0.8
PAGE_SECONDS = 2.0
MOST_GROWTH = 1.1

FILL = """
INSERT INTO customer (organization_id, number, name, lang, currency, payment_terms_days, on_hold, public_id, version,
                      created_at, updated_at)
SELECT %(organization)s, 'C' || n, 'Óptica Peñafiel ' || n, 'es', 'EUR', 30, false, gen_random_uuid(), 1, now(), now()
  FROM generate_series(1, %(count)s) n;
INSERT INTO contact (organization_id, name, is_active, source, public_id, version, created_at, updated_at)
SELECT %(organization)s, c.number, true, 'manual', gen_random_uuid(), 1, now(), now() FROM customer c;
INSERT INTO contact_email (organization_id, contact_id, address, address_norm, is_default, state, created_at, updated_at)
SELECT %(organization)s, k.id, lower(k.name) || '@example.com', lower(k.name) || '@example.com', true, 'ok', now(), now()
  FROM contact k;
INSERT INTO customer_contact (organization_id, customer_id, contact_id, is_primary, roles, cc_mode, created_at, updated_at)
SELECT %(organization)s, c.id, k.id, true, ARRAY['billing'], 'to', now(), now()
  FROM customer c JOIN contact k ON k.name = c.number;
INSERT INTO document (organization_id, kind, series, number, number_int, customer_id, state, issue_date, due_date,
                      currency, subtotal, tax_total, total, balance_due, bill_to, lang, posted_at,
                      public_id, version, created_at, updated_at)
SELECT %(organization)s, 'invoice', s.series, substr(c.number, 2), substr(c.number, 2)::bigint, c.id, 'posted',
       date '2026-07-15', date '2026-08-14', 'EUR', 177768, 37331.28, 215099.28, 215099.28,
       jsonb_build_object('name', c.name), 'es', now(), gen_random_uuid(), 1, now(), now()
  FROM customer c JOIN (VALUES ('FV', %(count)s), ('FW', %(watched)s)) s (series, most)
    ON substr(c.number, 2)::bigint <= s.most;
INSERT INTO document_line (organization_id, document_id, position, item_code, description, quantity, unit, unit_price,
                           discount_percent, tax_name, tax_rate, net, tax, created_at, updated_at)
SELECT %(organization)s, d.id, n, 'PAP-A4', 'Resma de papel A4, 75 g, señal ñ á € ' || n, 12, 'und', 1234.5,
       0, 'IVA', 21, 14814, 3110.94, now(), now()
  FROM document d, generate_series(1, %(lines)s) n;
"""


def run(arguments: argparse.Namespace | None = None) -> dict[str, Any]:
    """One registration on all cores, then the bare loop."""
    count = getattr(arguments, "messages", None) or INVOICES
    with tempfile.TemporaryDirectory(prefix="vt-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        env = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
        with running_services(folder / "data", env) as urls:
            settings = Settings.from_env({**env, **urls.as_environment(), "LOG_LEVEL": "WARNING"})
            prepare_database(settings.database_url, settings.logins())
            app = create_app(settings)
            with app.app_context():
                company = make_organization()
                clerk = make_user(company)
                db.session.commit()
                _fill(str(urls.superuser_url).replace("+psycopg", ""), company, count)
                enter(Scope(organization_id=company.id, actor=Actor(name="benchmark")))
                account = make_mail_account()
                client = new_browser(app).enter_as(clerk, company)
                db.session.commit()
                lab = Laboratory(settings, folder)
                try:
                    watched = watch_registering(client, lab, account.id, series="FW")
                finally:
                    lab.close()
                return _report(watched, _measured(settings, account))


def _fill(dsn: str, company: Organization, count: int) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        values = {
            "organization": company.id,
            "count": count,
            "watched": min(WATCHED, count),
            "lines": LINES,
        }
        for statement in filter(str.strip, FILL.split(";")):
            connection.execute(statement.encode(), values)
        connection.execute("ANALYZE")


def _measured(settings: Settings, account: MailAccount) -> dict[str, Any]:
    cores = len(os.sched_getaffinity(0))
    workshop = Workshop(files_url=settings.files_url, base_url=settings.public_base_url)
    mailing = write_draft(
        account,
        subject="Su factura {{ document.number }}",
        body_html="<p>Buenos días, {{ contact.name }}:</p>",
        ranges=[MailingRange(series="FV")],
    )
    db.session.commit()
    memory: dict[int, float] = {}
    services = children_of(os.getpid())  # the database fills its own memory meanwhile

    def note_memory(done: int, _of: int) -> None:
        memory[done] = family_mb(os.getpid(), without=services)

    before, began = _cpu_seconds(), time.perf_counter()
    registered = register_mailing(mailing, workshop, progress=note_memory)
    took = time.perf_counter() - began
    busy = (_cpu_seconds() - before) / took / cores
    keys = list(
        db.session.scalars(select(Document.id).where(Document.series == "FV").limit(SAMPLE))
    )
    pages = [
        page for _document, page in pages_of(keys, store=workshop.store, base_url=workshop.base_url)
    ]
    theirs, ours = bare(pages, cores), registered.messages / took
    return {
        "messages": registered.messages,
        "cores": cores,
        "load": round(os.getloadavg()[0], 1),
        "ours_per_second": round(ours, 1),
        "bare_typst_per_second": round(theirs, 1),
        "ratio": round(ours / theirs, 2),
        "busy": round(busy, 2),
        "memory": growth(memory),
    }


def _report(watched: dict[str, Any], registered: dict[str, Any]) -> dict[str, Any]:
    return {
        "benchmark": "register",
        "watched": {"messages": WATCHED, **watched},
        **registered,
        "wanted": {"ratio": WANTED, "page_seconds": PAGE_SECONDS, "memory": MOST_GROWTH},
        "met": registered["ratio"] >= WANTED
        and watched["page_seconds"] <= PAGE_SECONDS
        and registered["memory"]["ratio"] <= MOST_GROWTH,
    }


def _cpu_seconds() -> float:
    """Of this process and of those that drew for it; PostgreSQL's are not counted."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
