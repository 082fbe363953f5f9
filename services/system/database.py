"""Get a database ready: the right PostgreSQL, our roles, the newest migration."""

import logging
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from errors import Unavailable
from settings import plain_dsn

logger = logging.getLogger(__name__)
MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
OLDEST_POSTGRES = 15
ROLES = ("staff", "portal", "sender")
MIGRATION_LOCK = 700_001


def prepare_database(
    owner_url: str,
    logins: dict[str, tuple[str, str]],
    *,
    to: str = "head",
    oldest: int = OLDEST_POSTGRES,
) -> None:
    """Migrate under a lock and let the roles that serve sign in; safe to call at every start.

    `logins` maps each of `staff`, `portal`, `sender` to its login and password. Raises Unavailable with one
    sentence if the server cannot be reached, is older than `oldest`, or lets the owner do too little.
    """
    engine = create_engine(make_url(owner_url), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            _check_server(connection, oldest)
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
            connection.commit()
            try:
                migrate(connection, to=to)
                connection.commit()
                with connection.begin():
                    _let_roles_sign_in(connection, logins)
            finally:
                connection.rollback()
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
                connection.commit()
    except OperationalError as problem:
        raise Unavailable(f"DATABASE_URL cannot be reached: {problem.orig}") from problem
    finally:
        engine.dispose()


def is_prepared(staff_url: str) -> bool:
    """Whether the role that serves can sign in and finds the newest migration."""
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    try:
        with psycopg.connect(plain_dsn(staff_url)) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.Error:
        return False  # preparing will say what is wrong
    return row is not None and row[0] == newest


def migrate(connection: Connection, *, to: str = "head", down: bool = False) -> None:
    """Run the migrations on this connection, up to `to` (or down to it)."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    (command.downgrade if down else command.upgrade)(config, to)


def _check_server(connection: Connection, oldest: int) -> None:
    version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    if version < oldest * 10_000:
        raise Unavailable(
            f"DATABASE_URL points to PostgreSQL {version // 10_000}; this product needs {oldest} or newer."
        )


def _let_roles_sign_in(connection: Connection, logins: dict[str, tuple[str, str]]) -> None:
    raw = connection.connection.driver_connection
    if raw is None:
        raise Unavailable("The connection to the database was closed.")
    with raw.cursor() as cursor:
        for role in ROLES:
            login, password = logins[role]
            names = {"login": sql.Identifier(login), "group": sql.Identifier(f"ventanilla_{role}")}
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (login,))
            verb = sql.SQL("ALTER" if cursor.fetchone() else "CREATE")
            cursor.execute(
                # No other attribute: only a superuser may name them for a role that exists, and a new
                # one has none of them.
                sql.SQL("{verb} ROLE {login} LOGIN PASSWORD {password}").format(
                    verb=verb, password=sql.Literal(password), **names
                )
            )
            cursor.execute(sql.SQL("GRANT {group} TO {login}").format(**names))


def refuse_powerful_role(url: str) -> None:
    """The roles that serve must feel the policies: no superuser, no BYPASSRLS, no owner of tables."""
    with psycopg.connect(plain_dsn(url)) as connection:
        row = connection.execute(
            "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT 1 FROM pg_tables WHERE tableowner = current_user"
            " AND schemaname = 'public') FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    if row is None or row[0]:
        raise Unavailable(
            "The database role of the server is a superuser, ignores row-level security or owns tables: "
            "the walls between customers would not hold, so the server does not start."
        )
