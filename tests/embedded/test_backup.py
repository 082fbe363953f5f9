"""What was saved comes back whole; nothing is ever overwritten."""

import subprocess
import sys
import tarfile
from pathlib import Path

import psycopg
import pytest

import embedded.restore as restore_module
from embedded.data_folder import DataFolder
from embedded.services import running_services
from tests.embedded.conftest import ROOT, processes_of
from tests.servers.services import QUICK


def run(env: dict[str, str], module: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def filled(data, env):
    """An installation with a table behind row-level security, a role and a file."""
    with running_services(data, env, postgres_settings=QUICK) as urls:
        with psycopg.connect(urls.database_url.replace("+psycopg", "")) as connection:
            connection.execute("""
                create extension pg_trgm;
                create role ventanilla_staff;
                create table customer (id int primary key, name text not null);
                create index on customer using gin (name gin_trgm_ops);
                insert into customer select n, 'Ñandú ' || n from generate_series(1, 500) n;
                alter table customer enable row level security, force row level security;
                create policy nobody on customer for select to ventanilla_staff using (false);
                grant select on customer to ventanilla_staff;
            """)
    (data / "files" / "ab").mkdir()
    (data / "files" / "ab" / "abc.pdf").write_bytes(b"%PDF \x00\xff")
    (data / "secret.keys").write_text("a key")
    return data


def test_backup_comes_back_whole(filled, env, tmp_path):
    saved = run(env, "embedded.backup", tmp_path)
    backup = next(tmp_path.iterdir())
    fresh = filled.parent / "fresh folder"
    restored = run({**env, "VENTANILLA_DATA": str(fresh)}, "embedded.restore", backup)

    assert (saved.returncode, restored.returncode) == (0, 0), saved.stderr + restored.stderr
    assert str(backup) in saved.stdout
    assert str(fresh / "secret.keys") in restored.stdout
    assert backup.stat().st_mode & 0o777 == 0o600
    assert (fresh / "files" / "ab" / "abc.pdf").read_bytes() == b"%PDF \x00\xff"
    assert DataFolder(fresh).recall()["kind"] == "real"
    assert processes_of(fresh) == {}
    with running_services(fresh, env, postgres_settings=QUICK) as urls:
        assert urls.superuser_url is not None
        with psycopg.connect(urls.superuser_url.replace("+psycopg", "")) as connection:
            row = connection.execute("select count(*), min(name) from customer").fetchone()
            assert row == (500, "Ñandú 1")
        with psycopg.connect(urls.database_url.replace("+psycopg", "")) as connection:
            # The owner still owns all of it, so the next migrations can change it.
            connection.execute("alter table customer disable row level security")
            connection.execute("drop extension pg_trgm cascade")
            row = connection.execute(
                "select has_table_privilege('ventanilla_staff', 'customer', 'select')"
            ).fetchone()
            assert row == (True,)


def test_key_file_is_not_part_of_a_backup(filled, env, tmp_path):
    run(env, "embedded.backup", tmp_path / "one.tar")
    with tarfile.open(tmp_path / "one.tar") as tar:
        names = tar.getnames()
    assert names[:3] == ["manifest.json", "roles.sql", "database.dump"]
    assert "files/ab/abc.pdf" in names
    assert not [name for name in names if "secret" in name]
    assert b"a key" not in (tmp_path / "one.tar").read_bytes()


def test_backup_never_overwrites_a_file(filled, env, tmp_path):
    (tmp_path / "one.tar").write_text("precious")
    done = run(env, "embedded.backup", tmp_path / "one.tar")
    assert done.returncode == 2
    assert "exists already" in done.stderr
    assert (tmp_path / "one.tar").read_text() == "precious"
    assert list(tmp_path.iterdir()) == [tmp_path / "one.tar"]


def test_restore_never_overwrites_an_installation(filled, env, tmp_path):
    run(env, "embedded.backup", tmp_path / "one.tar")
    done = run(env, "embedded.restore", tmp_path / "one.tar")
    assert done.returncode == 2
    assert "not empty" in done.stderr
    assert (filled / "secret.keys").read_text() == "a key"


def test_backup_of_nothing_is_refused(env, tmp_path):
    done = run(env, "embedded.backup", tmp_path)
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "nothing to save" in done.stderr


def test_real_servers_are_saved_by_their_own_tools(env, tmp_path):
    done = run({**env, "DATABASE_URL": "postgresql://db/x"}, "embedded.backup", tmp_path)
    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr


@pytest.mark.parametrize("content", [b"", b"not a tar", b"\0" * 10240])
def test_file_that_is_no_backup_is_refused_and_leaves_nothing(data, env, tmp_path, content):
    (tmp_path / "one.tar").write_bytes(content)
    done = run(env, "embedded.restore", tmp_path / "one.tar")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert not data.exists()


def test_broken_backup_leaves_an_empty_folder(filled, env, tmp_path):
    run(env, "embedded.backup", tmp_path / "one.tar")
    whole = (tmp_path / "one.tar").read_bytes()
    broken = whole.replace(b"PGDMP", b"BROKE")
    (tmp_path / "two.tar").write_bytes(broken)
    fresh = filled.parent / "fresh"

    done = run({**env, "VENTANILLA_DATA": str(fresh)}, "embedded.restore", tmp_path / "two.tar")

    assert done.returncode == 2
    assert list(Path(fresh).iterdir()) == []
    assert processes_of(fresh) == {}


@pytest.mark.parametrize(
    "line",
    [
        "GRANT ventanilla_staff TO ventanilla_staff_login \\! touch stolen",
        "GRANT ventanilla_staff TO x; COPY t TO PROGRAM 'id';",
        "CREATE ROLE evil SUPERUSER;",
        "ALTER ROLE ventanilla_staff WITH SUPERUSER;",
        "ALTER ROLE postgres WITH PASSWORD 'x';",
        'CREATE ROLE "postgres";',
        "GRANT postgres TO ventanilla_staff_login;",
        "GRANT pg_execute_server_program TO ventanilla_staff_login;",
    ],
)
def test_a_backup_of_somebody_else_cannot_give_itself_powers(line):
    """The roles of a backup are made by the superuser, so only harmless lines of it are run."""
    assert not restore_module._is_ours(line)


@pytest.mark.parametrize(
    "line",
    [
        "CREATE ROLE ventanilla_staff;",
        "ALTER ROLE ventanilla_staff WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB NOLOGIN NOREPLICATION NOBYPASSRLS;",
        "GRANT ventanilla_staff TO ventanilla_staff_login WITH INHERIT TRUE GRANTED BY ventanilla_owner;",
        "GRANT ventanilla_staff TO ventanilla_owner WITH ADMIN OPTION, INHERIT FALSE, SET FALSE GRANTED BY postgres;",
    ],
)
def test_the_roles_that_serve_come_back(line):
    assert restore_module._is_ours(line)
