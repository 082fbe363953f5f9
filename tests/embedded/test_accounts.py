"""As root and as a plain user, also where the other account cannot look."""

import os
import pwd
import shutil
import sys
from pathlib import Path

import psycopg
import pytest

from embedded.account import can_run
from embedded.binaries import postgres_programs, valkey_program
from embedded.data_folder import DataFolder
from embedded.process import Account
from embedded.services import running_services
from tests.embedded.conftest import ROOT, get, processes_of
from tests.servers.services import QUICK, short_folder

IS_ROOT = os.geteuid() == 0
NOBODY = pwd.getpwnam("nobody")


@pytest.fixture
def public_copy():
    """What the tiny server needs, where every account can read it."""
    copy = short_folder()
    copy.chmod(0o755)
    for name in ("embedded", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "errors.py", copy)
    copy_wheels(copy)
    yield copy
    shutil.rmtree(copy)


def copy_wheels(target: Path) -> None:
    """Copy the installed packages that hold the programs, as an installation would have them."""
    postgres = postgres_programs({}).parent.parent
    valkey = valkey_program({}).parent.parent.parent
    for package in (postgres, postgres.with_name(f"{postgres.name}.libs"), valkey):
        shutil.copytree(package, target / package.name, symlinks=True)


def python_for_everybody() -> str:
    """A Python that the account nobody may run: pyenv's own lies in a private home."""
    nobody = Account(NOBODY.pw_name, NOBODY.pw_uid, NOBODY.pw_gid)
    candidates = [sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"]
    return next(
        (path for path in candidates if not IS_ROOT or can_run(Path(path), nobody)),
        sys.executable,
    )


def test_plain_user_with_an_empty_home_runs_everything(data, env, start_server, public_copy):
    data.parent.chmod(0o777)
    home = data.parent / "home"
    home.mkdir()
    as_nobody = {"user": NOBODY.pw_uid, "group": NOBODY.pw_gid, "extra_groups": []}

    server = start_server(
        env={**env, "HOME": str(home), "PYTHONPATH": str(public_copy)},
        python=python_for_everybody(),
        cwd=public_copy,
        **(as_nobody if IS_ROOT else {}),
    )

    assert get(server.wait_until_ready())
    assert data.stat().st_mode & 0o777 == 0o700
    owners = {Path(f"/proc/{number}").stat().st_uid for number in processes_of(data)}
    assert owners == {NOBODY.pw_uid if IS_ROOT else os.geteuid()}


def test_database_runs_unprivileged_where_its_account_can_reach_nothing(data, env, capfd):
    """As root in a private home: the programs and the database move, and one line says so."""
    data.parent.chmod(0o700)
    copy_wheels(data.parent / "wheels")
    hidden = {**env, "PYTHONPATH": os.pathsep.join([str(data.parent / "wheels"), str(ROOT)])}

    for _ in range(2):
        with running_services(data, hidden, postgres_settings=QUICK) as urls:
            psycopg.connect(urls.database_url.replace("+psycopg", "")).close()
            place = DataFolder(data).recall().get("postgres_place", str(data))
            running = processes_of(Path(place)).values()
            programs = {line.split()[0] for line in running if " -D " in line}

    said = capfd.readouterr().err.splitlines()
    assert place.startswith("/var/lib/ventanilla-") is IS_ROOT
    assert [program.startswith(place) for program in programs] == [IS_ROOT]
    assert len([line for line in said if place in line]) == (1 if IS_ROOT else 0)
    assert data.parent.stat().st_mode & 0o777 == 0o700
