"""500 mail accounts tested 32 at a time against a server that takes half a second for each, while somebody uses the pages.

The worker and the mail server are processes of their own; pages are fetched over HTTP the whole time, one after the
other. Prints one JSON object.
"""

import argparse
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from sqlalchemy import func, select

from app import create_app
from embedded.services import running_services
from jobs.checks import check_accounts
from jobs.worker import somebody_works
from models.base import db, utc_now
from models.mailbox.account_check import AccountCheck, CheckState
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import MailSecurity
from models.people.organization import Organization
from models.tenancy import Actor, Scope, enter
from services.mailbox.checks import ask_check
from services.people.sign_in import open_session
from services.people.staff import create_user
from services.system.database import prepare_database
from settings import Settings
from tests.journeys.product import web_server, workers
from tests.servers.smtp_rules import Rule, ServerOptions

ACCOUNTS = 500
SECONDS_EACH = 0.5
MOST_SECONDS = 30
PATIENCE_SECONDS = 180
QUIET_SECONDS = 5
PAGES = {"healthz": "/healthz", "accounts": "/admin/mail_account/"}
ROOT = Path(__file__).resolve().parent.parent


def run(_arguments: argparse.Namespace | None = None) -> dict[str, Any]:
    """The figures of this machine."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="vt-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        env = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
        with running_services(folder / "data", env) as urls, _mail_server(folder) as port:
            env |= urls.as_environment() | {"MAIL_PORTS": "any", "LOG_LEVEL": "WARNING"}
            settings = Settings.from_env(env | {"VENTANILLA_DATA": str(folder / "settings")})
            prepare_database(settings.database_url, settings.logins())
            app = create_app(settings)
            with app.app_context(), web_server(app) as base_url, workers(settings):
                token = _company_with_accounts(port)
                while not somebody_works("checks"):
                    time.sleep(0.1)
                pages = Pages(base_url, _cookie(app, token))
                quiet = pages.watched(lambda: time.sleep(QUIET_SECONDS))
                begin = time.perf_counter()
                busy = pages.watched(_tested)
                seconds = time.perf_counter() - begin
                figures = _outcome()
                db.session.remove()
                db.engine.dispose()
    return {
        "benchmark": "accounts",
        "accounts": ACCOUNTS,
        "seconds_each": SECONDS_EACH,
        "seconds": round(seconds, 1),
        **figures,
        "median_ms_quiet": quiet,
        "median_ms_meanwhile": busy,
        "met": seconds < MOST_SECONDS and figures["good"] == ACCOUNTS,
    }


class Pages:
    """Somebody who opens one page after the other."""

    def __init__(self, base_url: str, cookie: str) -> None:
        self._base_url = base_url
        self._cookie = cookie

    def watched(self, deed: Any) -> dict[str, float]:
        """The median of each page in ms while the deed is done."""
        is_over = threading.Event()
        taken: dict[str, list[float]] = {name: [] for name in PAGES}

        def look() -> None:
            while not is_over.is_set():
                for name, path in PAGES.items():
                    taken[name].append(self._fetched(path))
                is_over.wait(0.2)

        looking = threading.Thread(target=look)
        looking.start()
        try:
            deed()
        finally:
            is_over.set()
            looking.join()
        return {name: round(statistics.median(times), 1) for name, times in taken.items()}

    def _fetched(self, path: str) -> float:
        request = Request(self._base_url + path, headers={"Cookie": self._cookie})
        begin = time.perf_counter()
        # No clock runs here, so /healthz answers with 503.
        with suppress(HTTPError), urlopen(request, timeout=30) as answer:  # nosec B310
            answer.read()
        return (time.perf_counter() - begin) * 1000


def _tested() -> None:
    """Ask for all of them, and wait until the last one has its result."""
    accounts = db.session.scalars(select(MailAccount).order_by(MailAccount.id)).all()
    ask_check(accounts)
    db.session.commit()
    check_accounts.enqueue()
    ends = time.monotonic() + PATIENCE_SECONDS
    open_now = select(func.count()).where(AccountCheck.ended_at.is_(None))
    while db.session.scalar(open_now) and time.monotonic() < ends:
        db.session.rollback()
        time.sleep(0.2)


def _outcome() -> dict[str, Any]:
    counts = dict(
        db.session.execute(
            select(AccountCheck.state, func.count()).group_by(AccountCheck.state)
        ).all()
    )
    span = db.session.execute(
        select(func.min(AccountCheck.started_at), func.max(AccountCheck.ended_at))
    ).one()
    return {
        "good": counts.get(CheckState.GOOD, 0),
        "others": {str(state): n for state, n in counts.items() if state is not CheckState.GOOD},
        "seconds_from_first_to_last": round((span[1] - span[0]).total_seconds(), 1),
    }


def _company_with_accounts(port: int) -> str:
    """The token of somebody who may see the accounts."""
    organization = Organization(code="BENCH", name="Benchmark")
    db.session.add(organization)
    db.session.flush()
    enter(Scope(organization_id=organization.id, actor=Actor(name="benchmark")))
    user = create_user(
        "bench@example.com",
        "Bench",
        password="a long enough pass phrase",
        role_code="administrator",
        organization=organization,
    )
    for number in range(ACCOUNTS):
        account = MailAccount(
            address=f"user{number}@bench.example",
            smtp_host="127.0.0.1",
            smtp_port=port,
            smtp_security=MailSecurity.NONE,
            login="user",
            created_at=utc_now(),
        )
        account.password = "secret"
        db.session.add(account)
    session, token = open_session(user, hours=1)
    session.organization_id = organization.id
    db.session.commit()
    return token


def _cookie(app: Any, token: str) -> str:
    """What the browser of a signed-in user sends."""
    serializer = app.session_interface.get_signing_serializer(app)
    return f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps({'_user_id': token, '_fresh': True})}"


@contextmanager
def _mail_server(folder: Path) -> Iterator[int]:
    """A server in a process of its own that thinks for half a second before it greets."""
    slow = Rule(point="banner", action="delay", seconds=SECONDS_EACH)
    options = ServerOptions(login="user", password="secret", rules=[slow])
    port_file = folder / "port"
    command = [sys.executable, "-m", "tests.servers.smtp_server", "--port-file", str(port_file)]
    command += ["--record", str(folder / "record"), "--options", options.as_json()]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        while not port_file.exists() and process.poll() is None:
            time.sleep(0.05)
        yield int(port_file.read_text())
    finally:
        process.terminate()
        process.wait(10)
