"""The pages of the mail area at 500,000 messages: server time of lists, conversations and searches, 95th percentile.

Whole pages through the test client, as a clerk who may read all twenty mailboxes; `python` is the processor time of a page
here, the rest is PostgreSQL's. Prints one JSON object.
"""

import argparse
import contextvars
import gc
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import create_app
from benchmarks.mailbox_load.rows import COMMON, MEDIUM, RARE, fill
from benchmarks.portal_load.rows import superuser
from embedded.services import running_services
from extensions import limiter
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.thread import FolderThread, Thread
from models.people.organization import Organization
from models.tenancy import Actor, Scope, enter
from services.people.sign_in import open_session
from services.people.staff import create_user
from services.system.database import prepare_database
from settings import Settings

ROWS = 500_000
ROUNDS = 20
MOST_MS = 150
SEARCHES = {
    "search_rare": RARE,
    "search_medium": MEDIUM,
    "search_common": COMMON,
    "search_two_common": f"{COMMON} comun9",
    "search_common_and_rare": f"{COMMON} {RARE}",
    "search_without_hit": "inexistente",
    "search_address": "de:persona77@empresa77.test",
    "search_domain": "de:empresa77.test",
    "search_file_and_date": f"{COMMON} adjunto:documento fecha:2024",
}


def run(arguments: argparse.Namespace | None = None) -> dict[str, Any]:
    """The figures of this machine."""
    rows = getattr(arguments, "messages", None) or ROWS
    with tempfile.TemporaryDirectory(prefix="vt-m-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        env = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
        with running_services(folder / "data", env) as urls:
            env |= urls.as_environment() | {"PUBLIC_BASE_URL": "http://localhost"}
            settings = Settings.from_env({**env, "LOG_LEVEL": "ERROR"})
            prepare_database(settings.database_url, settings.logins())
            app = create_app(settings)
            limiter.enabled = False
            gc.freeze()  # as `embedded/gunicorn_settings.py` does it
            with app.app_context(), superuser(settings, urls.superuser_url or "") as around:
                organization_id, token = _company()
                db.session.remove()  # whose open snapshot would keep VACUUM from marking any page
                began = time.perf_counter()
                fill(around, organization_id, rows)
                filled = time.perf_counter() - began
                enter(Scope(organization_id=organization_id, actor=Actor(name="benchmark")))
                pages = _pages(app, token)
                db.session.remove()
                server = {name: _percentiles(page) for name, page in pages.items()}
                db.engine.dispose()
    return {
        "benchmark": "mailbox_pages",
        "messages": rows,
        "filled_in_s": round(filled),
        "server_ms": server,
        "load_average": os.getloadavg()[0],
        "wanted": {"p95_ms": MOST_MS},
        "met": {name: each["p95"] < MOST_MS for name, each in server.items()},
    }


def _company() -> tuple[int, str]:
    organization = Organization(code="BENCH", name="Distribuidora Peñalba")
    db.session.add(organization)
    db.session.commit()
    enter(Scope(organization_id=organization.id, actor=Actor(name="benchmark")))
    user = create_user(
        email="bench@example.com",
        name="Lucía Ordóñez",
        password="a long enough pass phrase",
        role_code="clerk",
        organization=organization,
    )
    session, token = open_session(user, hours=4)
    session.organization_id = organization.id
    db.session.commit()
    return organization.id, token


def _pages(app: Any, token: str) -> dict[str, Callable[[], float]]:
    """Each by its name; all of them first look at all mailboxes, then at the largest."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True
    largest = db.session.scalars(select(MailAccount).order_by(MailAccount.id).limit(1)).one()
    inbox = db.session.scalars(
        select(MailFolder).where(
            MailFolder.account_id == largest.id, MailFolder.role == FolderRole.INBOX
        )
    ).one()
    usual = db.session.scalars(
        select(Thread.public_id)
        .join(FolderThread, FolderThread.thread_id == Thread.id)
        .where(FolderThread.folder_id == inbox.id)
        .order_by(FolderThread.last_at.desc())
        .limit(1)
    ).one()
    long = db.session.scalars(
        select(Thread.public_id)
        .join(FolderThread, FolderThread.thread_id == Thread.id)
        .group_by(Thread.id)
        .order_by(func.sum(FolderThread.messages).desc())
        .limit(1)
    ).one()
    row = db.session.scalars(
        select(FolderThread)
        .where(FolderThread.folder_id == inbox.id)
        .order_by(FolderThread.last_at)
        .offset(50_000)
        .limit(1)
    ).first()
    deep = f"{int(row.last_at.timestamp() * 1e6)}.{row.thread_id}.{row.folder_id}" if row else ""
    addresses = {
        "list": "/mail/",
        "list_deep_inside": f"/mail/?folder={inbox.public_id}&after={deep}",
        "list_of_folder": f"/mail/?folder={inbox.public_id}",
        "list_unread": "/mail/?only=unread",
        "list_starred": "/mail/?folder=starred",
        "conversation": f"/mail/?open={usual}",
        "longest_conversation": f"/mail/?open={long}",
    }
    addresses |= {name: f"/mail/search?q={words}" for name, words in SEARCHES.items()}
    return {name: _timed(client, address) for name, address in addresses.items()}


def _timed(client: FlaskClient, address: str) -> Callable[[], float]:
    def visit() -> float:
        began = time.perf_counter()
        answer = client.get(address)
        taken = (time.perf_counter() - began) * 1000
        assert answer.status_code == 200, (address, answer.status_code)
        return taken

    return lambda: contextvars.Context().run(visit)


def _percentiles(page: Callable[[], float]) -> dict[str, float]:
    for _warm in range(3):
        page()
    worked = time.process_time()
    taken = [page() for _round in range(ROUNDS)]
    worked = (time.process_time() - worked) * 1000 / ROUNDS
    return {
        "least": round(min(taken), 1),
        "python": round(worked, 1),
        "p50": round(statistics.median(taken), 1),
        "p95": round(statistics.quantiles(taken, n=20)[-1], 1),
    }
