"""The list of a million invoices: our admin beside Flask-Admin as it comes and Django's admin, on the same table.

Server time of whole pages through each framework's test client, interleaved, medians. Prints one JSON object.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import make_url

from app import create_app
from benchmarks.peers import stock_flask_admin
from embedded.services import running_services
from models.base import db
from models.people.organization import Organization
from models.tenancy import Actor, Scope, enter
from services.people.sign_in import open_session
from services.people.staff import create_user
from services.system.database import prepare_database
from settings import Settings

ROWS = 1_000_000
CUSTOMERS = 20_000
ROUNDS = 9
GOALS = {"stock": {"first": 4, "last": 15}, "django": {"first": 5, "last": 15}}
MOST_MS = 25
PEER = Path(__file__).resolve().parent / "peers" / "django_admin.py"

Page = Callable[[], float]

FILL = """
INSERT INTO customer (organization_id, number, name, tax_id, lang, currency, payment_terms_days, on_hold,
                      public_id, version, created_at, updated_at)
SELECT %(organization)s, 'C' || n,
       (ARRAY['Ferretería','Almacenes','Óptica','Cooperativa','Hotelera','Laboratorios'])[1 + n %% 6] || ' '
       || (ARRAY['La Ñapa','Güemes','Peñafiel','Agropecuaria','Bahía','Cañadas','Muñoz'])[1 + n %% 7] || ' ' || n,
       '9' || lpad(n::text, 8, '0'), 'es', 'COP', 30, false, gen_random_uuid(), 1, now(), now()
FROM generate_series(1, %(customers)s) n;
INSERT INTO document (organization_id, kind, series, number, number_int, customer_id, state, issue_date, due_date,
                      currency, subtotal, tax_total, total, balance_due, bill_to, lang, posted_at,
                      public_id, version, created_at, updated_at)
SELECT %(organization)s, 'invoice', 'FV', numbers.n::text, numbers.n, c.id,
       CASE WHEN numbers.n %% 10 < 7 THEN 'paid' WHEN numbers.n %% 50 = 9 THEN 'void' ELSE 'posted' END,
       date '2023-01-01' + (numbers.n / 800)::int, date '2023-01-31' + (numbers.n / 800)::int, 'COP',
       numbers.n %% 90000, (numbers.n %% 90000) * 0.19, (numbers.n %% 90000) * 1.19, CASE WHEN numbers.n %% 10 < 7 THEN 0 ELSE (numbers.n %% 90000) * 1.19 END,
       jsonb_build_object('name', c.name, 'tax_id', c.tax_id), 'es', now(), gen_random_uuid(), 1, now(), now()
FROM generate_series(1, %(rows)s) AS numbers(n)
JOIN customer c ON c.number = 'C' || (1 + (numbers.n::bigint * 7919) %% %(customers)s)
ORDER BY numbers.n;
"""


def run(arguments: argparse.Namespace | None = None) -> dict[str, Any]:
    """The figures of this machine."""
    rows = getattr(arguments, "rows", ROWS)
    with tempfile.TemporaryDirectory(prefix="vt-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        env = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
        with running_services(folder / "data", env) as urls:
            env |= urls.as_environment()
            settings = Settings.from_env(env | {"VENTANILLA_DATA": str(folder / "settings")})
            prepare_database(settings.database_url, settings.logins())
            app = create_app(settings)
            organization_id, token = _staff(app)
            _fill(settings, urls.superuser_url or settings.database_url, organization_id, rows)
            ours = _our_pages(app, token)
            sql = _sql_times(app, ours)
            stock = _stock_pages(settings, organization_id, rows)
            django = _DjangoAdmin(folder, settings, organization_id, rows)
            try:
                figures = _measure({"ours": ours, "stock": stock, "django": django.pages()})
            finally:
                django.close()
            with app.app_context():
                db.engine.dispose()
    return {**_verdict(figures, rows, django.version), "sql_ms_ours": sql}


def _staff(app: Any) -> tuple[int, str]:
    """Somebody who may see the list; the organization and the token of the session."""
    with app.app_context():
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
        session, token = open_session(user, hours=4)
        session.organization_id = organization.id
        db.session.commit()
        return organization.id, token


def _fill(settings: Settings, superuser_url: str, organization_id: int, rows: int) -> None:
    """Write the rows first and their indexes after, which is quicker."""
    url = make_url(superuser_url).set(
        drivername="postgresql", database=make_url(settings.database_url).database
    )
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        later = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'document'"
            " AND indexname LIKE 'ix_document%%'"
        ).fetchall()
        for index, _definition in later:
            connection.execute(f'DROP INDEX "{index}"')
        values = {"organization": organization_id, "customers": CUSTOMERS, "rows": rows}
        for statement in FILL.split(";\n"):
            if statement.strip():
                connection.execute(statement, values)
        for _index, definition in later:
            connection.execute(definition)
        connection.execute("VACUUM (ANALYZE) customer")
        connection.execute("VACUUM (ANALYZE) document")


def _timed(client: Any, address: str, mark: bytes) -> Page:
    def page() -> float:
        begin = time.perf_counter()
        answer = client.get(address)
        body = answer.get_data()
        taken = (time.perf_counter() - begin) * 1000
        if answer.status_code != 200 or mark not in body:
            raise RuntimeError(f"{address} answered {answer.status_code}")
        return taken

    return page


def _our_pages(app: Any, token: str) -> dict[str, Page]:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True
    return {
        name: _timed(client, f"/admin/invoice/{query}", b'class="id"')
        for name, query in {
            "first": "",
            "last": "?last=1",
            "filtered": "?flt_state=posted",
            "searched": "?search=Cañadas",
            "searched_rare": "?search=19999",
        }.items()
    }


def _sql_times(app: Any, pages: dict[str, Page]) -> dict[str, float]:
    """How much of each page is spent waiting for the database: medians, in ms."""
    begun, spent = [0.0], [0.0]

    def begin(*_about: Any) -> None:
        begun[0] = time.perf_counter()

    def end(*_about: Any) -> None:
        spent[0] += (time.perf_counter() - begun[0]) * 1000

    with app.app_context():
        engine = db.engine
    found = {}
    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    try:
        for name, page in pages.items():
            page()
            taken = []
            for _round in range(ROUNDS):
                spent[0] = 0.0
                page()
                taken.append(spent[0])
            found[name] = round(statistics.median(taken), 1)
    finally:
        event.remove(engine, "before_cursor_execute", begin)
        event.remove(engine, "after_cursor_execute", end)
    return found


def _stock_pages(settings: Settings, organization_id: int, rows: int) -> dict[str, Page]:
    app, by_state = stock_flask_admin.make_app(settings.role_url("staff"), organization_id)
    client = app.test_client()
    last = (rows - 1) // 50
    return {
        name: _timed(client, f"/admin/invoice/{query}", b"<td")
        for name, query in {
            "first": "",
            "last": f"?page={last}",
            "filtered": f"?flt0_{by_state}=POSTED",
            "searched": "?search=canadas",
            "searched_rare": "?search=19999",
        }.items()
    }


class _DjangoAdmin:
    """Django in a process and a virtual environment of its own."""

    def __init__(self, folder: Path, settings: Settings, organization_id: int, rows: int) -> None:
        home = folder / "django"
        venv.create(home, with_pip=True)
        python = home / "bin" / "python"
        subprocess.run(
            [python, "-m", "pip", "install", "-q", "django~=5.2", "psycopg[binary]"], check=True
        )
        url = make_url(settings.role_url("staff"))
        database = {
            "NAME": url.database or "",
            "USER": url.username or "",
            "PASSWORD": url.password or "",
            "HOST": str(url.query.get("host", url.host or "")),
            "PORT": str(url.port or ""),
        }
        given = {
            "database": database,
            "sqlite": str(folder / "django.sqlite3"),
            "organization_id": organization_id,
        }
        self._process = subprocess.Popen(
            [python, PEER, json.dumps(given)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._last = (rows - 1) // 50 + 1
        self.version: str = self._answer()["django"]

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("Django ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _page(self, query: str) -> Page:
        def page() -> float:
            assert self._process.stdin
            self._process.stdin.write(f"/admin/auth/invoice/{query}\n")
            self._process.stdin.flush()
            answer = self._answer()
            if answer["status"] != 200 or not answer["rows"]:
                raise RuntimeError(f"Django answered {answer}")
            return float(answer["ms"])

        return page

    def pages(self) -> dict[str, Page]:
        return {
            "first": self._page(""),
            "last": self._page(f"?p={self._last}"),
            "filtered": self._page("?state__exact=posted"),
            "searched": self._page("?q=canadas"),
            "searched_rare": self._page("?q=19999"),
        }

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=30)


def _measure(pages: dict[str, dict[str, Page]]) -> dict[str, dict[str, float]]:
    """Two rounds to warm up, then one page of each in turn, so that all suffer the same neighbours."""
    taken: dict[str, dict[str, list[float]]] = {who: {} for who in pages}
    for number in range(-2, ROUNDS):
        for page in pages["ours"]:
            for who, of_them in pages.items():
                milliseconds = of_them[page]()
                if number >= 0:
                    taken[who].setdefault(page, []).append(milliseconds)
    return {
        who: {page: round(statistics.median(values), 1) for page, values in of_them.items()}
        for who, of_them in taken.items()
    }


def _verdict(figures: dict[str, dict[str, float]], rows: int, django: str) -> dict[str, Any]:
    ratio = {
        who: {
            page: round(figures[who][page] / figures["ours"][page], 1) for page in figures["ours"]
        }
        for who in ("stock", "django")
    }
    met = all(ratio[who][page] >= goal for who, of in GOALS.items() for page, goal in of.items())
    return {
        "benchmark": "admin",
        "rows": rows,
        "unit": "ms of server time, median",
        "rounds": ROUNDS,
        **figures,
        "ratio": ratio,
        "goals": {**GOALS, "ours_below_ms": MOST_MS},
        "met": met and max(figures["ours"][page] for page in GOALS["stock"]) < MOST_MS,
        "versions": {"django": django},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    print(json.dumps(run(parser.parse_args()), ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())
