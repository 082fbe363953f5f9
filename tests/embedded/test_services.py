"""Services are shared by all who use a data folder, and end with the last one."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from embedded.external import checked_database_url
from embedded.services import running_services
from errors import Unavailable
from tests.embedded.conftest import ROOT, processes_of, wait_until
from tests.servers.services import QUICK, remove

HOLD = """
import os, sys, time
from pathlib import Path
from embedded.services import running_services
with running_services(None, os.environ):
    print("up", flush=True)
    time.sleep(600)
"""


def hold(env: dict[str, str], **how: object) -> subprocess.Popen[str]:
    """Another process that uses the services, as a command does."""
    user = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        text=True,
        **how,
    )
    assert user.stdout is not None
    assert user.stdout.readline() == "up\n"
    return user


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""))


def test_services_start_for_the_first_user_and_end_with_the_last(data, env):
    with running_services(data, env, postgres_settings=QUICK) as urls:
        with connect(urls.database_url) as connection:
            connection.execute("create table kept (number int)")
        assert redis.Redis.from_url(urls.redis_url).ping()
    assert processes_of(data) == {}

    with running_services(data, env, postgres_settings=QUICK) as urls:
        with connect(urls.database_url) as connection:
            assert connection.execute("select count(*) from kept").fetchone() == (0,)


def test_second_user_shares_and_the_first_may_go(data, env):
    first = hold(env)
    with running_services(data, env) as urls:
        keepers = [line for line in processes_of(data).values() if "keeper postgres" in line]
        first.kill()
        first.wait()
        with connect(urls.database_url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        assert len(keepers) == 1
    assert processes_of(data) == {}


def test_two_users_at_the_same_moment_start_one_server(data, env):
    users = [
        subprocess.Popen(
            [sys.executable, "-c", HOLD], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    assert [user.stdout.readline() for user in users] == ["up\n", "up\n"]
    keepers = [line for line in processes_of(data).values() if "keeper postgres" in line]
    for user in users:
        user.kill()
        user.communicate()
    assert len(keepers) == 1
    wait_until(lambda: not processes_of(data))


def test_killed_user_leaves_no_process_and_no_stale_lock(data, env):
    user = hold(env)

    user.kill()
    user.communicate()

    wait_until(lambda: not processes_of(data))
    with running_services(data, env) as urls:
        assert redis.Redis.from_url(urls.redis_url).ping()


@pytest.mark.parametrize("victim", ["postgres -D", "valkey-server"])
def test_killed_service_comes_back(data, env, victim):
    with running_services(data, env) as urls:
        number = next(number for number, line in processes_of(data).items() if victim in line)

        os.kill(number, signal.SIGKILL)

        def is_back() -> bool:
            try:
                connect(urls.database_url).close()
                return bool(redis.Redis.from_url(urls.redis_url).ping())
            except (psycopg.OperationalError, redis.ConnectionError):
                return False

        wait_until(lambda: number not in processes_of(data))
        wait_until(is_back)


def test_folder_with_spaces_and_a_very_long_path_works(data, env):
    deep = data / "a folder, with 'quotes'" / ("long" * 30)
    with running_services(deep, env, postgres_settings=QUICK) as urls:
        with connect(urls.database_url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        assert redis.Redis.from_url(urls.redis_url).ping()
        sockets = Path(
            redis.Redis.from_url(urls.redis_url).connection_pool.connection_kwargs["path"]
        )
        assert sockets.parent.stat().st_mode & 0o777 == 0o700
    with running_services(deep, env, postgres_settings=QUICK) as again:
        assert again.redis_url == urls.redis_url
    remove(deep)


def test_valkey_tells_its_clients_who_they_are_in_a_folder_with_spaces(data, env):
    """What a worker asks when it starts; the answer holds the path of the socket."""
    folder = data / "a=b and c"
    with running_services(folder, env, postgres_settings=QUICK) as urls:
        assert redis.Redis.from_url(urls.redis_url).client_info()["db"] == 0
    remove(folder)


def test_database_of_another_major_version_is_refused(data, env):
    (data / "pg17").mkdir(parents=True)
    (data / "pg17" / "PG_VERSION").write_text("17\n")
    with pytest.raises(Unavailable, match=r"PostgreSQL 17.*PostgreSQL 18.*operations\.md"):
        with running_services(data, env):
            pass
    assert processes_of(data) == {}


@pytest.mark.parametrize("name", ["POSTGRES_BIN", "VALKEY_BIN"])
def test_programs_that_are_missing_are_named(data, env, name):
    with pytest.raises(Unavailable, match=name):
        with running_services(data, {**env, name: "/nowhere"}):
            pass
    assert processes_of(data) == {}


def test_folder_that_cannot_be_made_is_named(data, env):
    data.write_text("a file")
    with pytest.raises(Unavailable, match="VENTANILLA_DATA"):
        with running_services(data, env):
            pass


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "postgresql://ann:secret@127.0.0.1:1/ventanilla"),
        ("DATABASE_URL", "postgresql://ann:secret%zz@127.0.0.1:1/ventanilla"),
        ("DATABASE_URL", "mysql://127.0.0.1/ventanilla"),
        ("REDIS_URL", "redis://:secret@127.0.0.1:1/0"),
        ("REDIS_URL", "nonsense"),
        ("FILES_URL", "file:///nowhere/at/all"),
        ("FILES_URL", "nonsense"),
    ],
)
def test_real_server_that_cannot_be_reached_is_named_in_one_sentence(data, env, name, url):
    with pytest.raises(Unavailable, match=name) as refused:
        with running_services(data, {**env, name: url}):
            pass
    assert "\n" not in refused.value.message
    assert "secret" not in refused.value.message
    assert processes_of(data) == {}


def test_real_database_that_is_too_old_is_refused(services):
    """Against a real server: the oldest that will do is put above it."""
    url = services.database_url

    with pytest.raises(Unavailable, match=r"DATABASE_URL is PostgreSQL \d+;.* 99 or newer"):
        checked_database_url(url, oldest=99)
    assert checked_database_url(url) == url


def test_real_servers_are_used_in_place_of_ours(data, env, tmp_path):
    with running_services(data / "theirs", env, postgres_settings=QUICK) as theirs:
        given = {
            "DATABASE_URL": theirs.database_url.replace("postgresql+psycopg", "postgresql"),
            "REDIS_URL": theirs.redis_url,
            "FILES_URL": tmp_path.as_uri(),
        }
        with running_services(data / "ours", {**env, **given}) as ours:
            assert ours.database_url == theirs.database_url
            assert ours.redis_url == theirs.redis_url
            assert ours.files_url == tmp_path.as_uri()
            assert ours.superuser_url is None
            assert processes_of(data / "ours") == {}
