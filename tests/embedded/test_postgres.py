"""The embedded database as the product finds it."""

import psycopg
import pytest

from embedded.external import checked_database_url, checked_files_url, checked_redis_url


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""))


def test_owner_makes_roles_and_extensions_but_is_no_superuser(services):
    with connect(services.database_url) as connection:
        connection.execute("create extension if not exists pg_trgm")
        connection.execute("create extension if not exists unaccent")
        connection.execute("create role somebody")
        rights = connection.execute(
            "select rolname, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls"
            " from pg_roles where rolname = current_user"
        ).fetchone()
        name = connection.execute("select current_database()").fetchone()
        connection.rollback()

    assert rights == ("ventanilla_owner", False, True, False, False)
    assert name == ("ventanilla",)


def test_superuser_is_another_role(services):
    with connect(services.superuser_url) as connection:
        query = "select rolsuper from pg_roles where rolname = current_user"
        assert connection.execute(query).fetchone() == (True,)


def test_capitals_and_accents_are_folded_whatever_the_locale_of_the_machine(services):
    with connect(services.database_url) as connection:
        row = connection.execute("select lower('ÁÑÜ'), 'ñandú' ilike 'ÑANDÚ'").fetchone()
    assert row == ("áñü", True)


def test_nobody_signs_in_without_the_password(services):
    password = (services.data_dir / "secrets" / "postgres-ventanilla_owner").read_text()
    with pytest.raises(psycopg.OperationalError, match="password"):
        connect(services.database_url.replace(password, "guess"))


def test_nobody_else_reads_the_secrets_or_opens_the_sockets(services):
    folder = services.data_dir
    secrets = {file.stat().st_mode & 0o777 for file in (folder / "secrets").iterdir()}
    private = ["secrets", "lock", "log", "files", "valkey", "pg18", "run-postgres", "run-valkey"]
    assert secrets == {0o600}
    assert {(folder / name).stat().st_mode & 0o777 for name in private} == {0o700}


def test_server_listens_on_no_network(services):
    with connect(services.superuser_url) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)


def test_errors_in_the_log_tell_no_contents(services):
    secret = "nobody@example.com"
    with connect(services.database_url) as connection:
        connection.execute("create temporary table person (email text primary key)")
        connection.execute("insert into person values (%s)", (secret,))
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("insert into person values (%s)", (secret,))
    log = (services.data_dir / "log" / "postgres.log").read_text()
    assert "duplicate key" in log
    assert secret not in log


def test_checks_answer_addresses_that_work(services):
    assert checked_database_url(services.database_url) == services.database_url
    assert checked_redis_url(services.redis_url) == services.redis_url
    assert checked_files_url(services.files_url) == services.files_url


def test_addresses_do_not_show_passwords_when_printed(services):
    password = (services.data_dir / "secrets" / "postgres-postgres").read_text()
    assert password in services.superuser_url
    assert password not in repr(services)
