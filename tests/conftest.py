"""What every test may ask for: real services, a clean database, an application, people."""

import dataclasses
import gc
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from psycopg import sql
from sqlalchemy.engine import make_url

from app import create_app
from embedded.services import ServiceUrls, running_services
from extensions import limiter
from models.base import db
from models.people.organization import Organization
from models.tenancy import Actor, Scope, enter
from services.system.database import prepare_database
from settings import Settings
from tests.browser import Browser, new_browser
from tests.database_rows import database_rows
from tests.factories.people import make_organization
from tests.hashing import costly_hashes, hash_cheaply
from tests.servers.ready_python import ReadyPython

UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
KEPT = {"role", "permission", "alembic_version"}

__all__ = ["costly_hashes"]  # a fixture
hash_cheaply()  # before the first test file hashes a password


def pytest_addoption(parser: pytest.Parser) -> None:
    """The server over which the journeys of the mail area run (`tests/journeys/mail_area/store.py`)."""
    parser.addoption("--mail-store", choices=("dovecot", "demo"), default="dovecot")


def services_folder(base: Path) -> Path:
    """One short path for all workers of a run, outside pytest's private folder."""
    return Path(tempfile.gettempdir()) / f"vt-{hashlib.sha256(str(base).encode()).hexdigest()[:10]}"


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """What is loaded by now stays to the end: ten thousand tests and the product are no garbage to be looked through."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)  # after the fixtures, also where a failure ends the run
def pytest_sessionfinish(session: pytest.Session) -> None:
    """The last one takes the services' folder away."""
    factory = getattr(session.config, "_tmp_path_factory", None)
    if factory is not None and "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(services_folder(factory.getbasetemp()), ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What failed at its first try, whole: a second try that holds hides nothing."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"failed at first: {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceUrls]:
    """PostgreSQL and Valkey of this run, shared by its parallel workers."""
    base = tmp_path_factory.getbasetemp()
    folder = services_folder(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)  # run by root, PostgreSQL works under another account
    env = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    with running_services(folder, env, postgres_settings=UNSAFE_BUT_FAST) as urls:
        yield urls


@pytest.fixture(scope="session")
def settings(services: ServiceUrls, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of this worker: a database of its own, migrated."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    number = int(worker.removeprefix("gw")) + 1 if worker.startswith("gw") else 0
    assert services.superuser_url
    owner = make_url(services.database_url)
    name = f"test_{worker}"
    dsn = services.superuser_url.replace("+psycopg", "")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(
                sql.Identifier(name), sql.Identifier(owner.username or "")
            )
        )
    data = tmp_path_factory.mktemp("data")
    redis_url = services.redis_url.partition("?")[0] + f"?db={number}"
    settings = Settings.from_env(
        {
            "DATABASE_URL": owner.set(database=name).render_as_string(hide_password=False),
            "REDIS_URL": redis_url,
            "VENTANILLA_DATA": str(data),
            "FILES_URL": f"file://{data / 'files'}",
            "PUBLIC_BASE_URL": "http://localhost",
            "MAIL_PORTS": "any",  # the servers of the tests take what is free
        }
    )
    prepare_database(settings.database_url, settings.logins())
    return settings


@pytest.fixture(scope="session")
def superuser_dsn(services: ServiceUrls, settings: Settings) -> str:
    """The way around all walls, for looking and cleaning up in tests."""
    assert services.superuser_url
    database = make_url(settings.database_url).database
    url = make_url(services.superuser_url).set(database=database, drivername="postgresql")
    return url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def application(settings: Settings) -> Flask:
    """The product, assembled once."""
    app = create_app(settings)
    app.config.update(TESTING=True)
    limiter.enabled = False  # tests of the limits switch it on
    return app


@pytest.fixture(scope="session")
def emptied(superuser_dsn: str) -> "psycopg.Connection[tuple[object, ...]]":
    """A connection that ignores triggers and keys."""
    connection = psycopg.connect(superuser_dsn, autocommit=True)
    connection.execute("SET session_replication_role = replica")
    return connection


@pytest.fixture
def app(application: Flask, emptied: "psycopg.Connection[tuple[object, ...]]") -> Iterator[Flask]:
    """The product on an empty database, inside an application context."""
    with application.app_context():
        yield application
        db.session.rollback()
        db.session.remove()
        db.engine.dispose()
    emptied.execute(_emptying())


@pytest.fixture
def without_valkey(settings: Settings, tmp_path: Path, app: Flask) -> Iterator[Flask]:
    """The same product with its rate limits, whose Valkey is away."""
    limiter.enabled = True
    lonely = create_app(
        dataclasses.replace(settings, redis_url=f"unix://{tmp_path / 'nobody.sock'}")
    )
    lonely.config.update(TESTING=True)
    yield lonely
    create_app(settings)  # the limiter is one for the process: give it back its Valkey
    limiter.enabled = False


@cache
def _emptying() -> sql.Composed:
    """One statement for all tables: a hundred, one after the other, took longer than most tests."""
    names = [table.name for table in reversed(db.metadata.sorted_tables)]
    each = [
        sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in names if name not in KEPT
    ]
    return sql.SQL(";").join(each)


@pytest.fixture
def digest(app: Flask, superuser_dsn: str) -> Callable[[], dict[str, str]]:
    """What the whole database holds, table by table; who was seen when does not count."""
    return lambda: database_rows(superuser_dsn)


@pytest.fixture
def organization(app: Flask) -> Organization:
    """A company to work in; the session is in its scope."""
    company = make_organization()
    db.session.commit()
    enter(Scope(organization_id=company.id, actor=Actor(kind="system", name="test")))
    return company


@pytest.fixture
def browser(app: Flask) -> Browser:
    """Somebody who has not signed in."""
    return new_browser(app)


@pytest.fixture(scope="session")
def ready_python() -> Iterator[ReadyPython]:
    """Processes of the product that need not load it first."""
    with ReadyPython() as ready:
        yield ready


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return Path(__file__).resolve().parent.parent
