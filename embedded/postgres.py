"""The embedded PostgreSQL: one cluster in the data folder, on a private unix socket."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO
from urllib.parse import quote

from embedded.account import can_enter, can_run, unprivileged_account
from embedded.binaries import copy_postgres, postgres_major, postgres_programs
from embedded.data_folder import DataFolder
from embedded.process import Account, spawn
from errors import Unavailable

DATABASE = "ventanilla"
OWNER = "ventanilla_owner"
SUPERUSER = "postgres"

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",  # disks without moving parts: an index is worth its while sooner
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    # Statements and details hold names and amounts; logs hold none.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# From PostgreSQL 17 the server brings its own locale; before that the system's C.UTF-8 must do.
_FIRST_WITH_BUILTIN_LOCALE = 17


class Postgres:
    """PostgreSQL that only our own account can reach; it belongs to the database's owner role."""

    name = "postgres"
    title = "PostgreSQL"
    # "Fast" closes the connections; "immediate" is a crash that the next start repairs.
    stops = ((signal.SIGINT, 4.0), (signal.SIGQUIT, 1.0))

    def __init__(
        self,
        folder: DataFolder,
        env: Mapping[str, str],
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._folder = folder
        self._env = env
        self._settings = _SETTINGS | dict(settings or {})
        self._programs = Path()
        self._account: Account | None = None

    @property
    def owner_url(self) -> str:
        """For SQLAlchemy, as the role that owns the database but is no superuser."""
        return self._url(OWNER)

    @property
    def superuser_url(self) -> str:
        """For backups and for making test databases; the product never uses it."""
        return self._url(SUPERUSER)

    def client_environment(self, role: str) -> dict[str, str]:
        """What PostgreSQL's own programs (`pg_dump`, `psql`) need to work on the database."""
        return {
            "PGHOST": str(self._socket_folder),
            "PGPORT": "5432",
            "PGDATABASE": DATABASE,
            "PGUSER": role,
            "PGPASSWORD": self._folder.secret(f"postgres-{role}"),
        }

    @property
    def base(self) -> Path:
        """The folder that holds the cluster: the data folder, or where root had to put it."""
        return Path(self._folder.recall().get("postgres_place") or self._folder.path)

    @property
    def data(self) -> Path:
        return self.base / f"pg{postgres_major(postgres_programs(self._env))}"

    @property
    def exists(self) -> bool:
        """Whether there is a database already."""
        return self.data.exists()

    def prepare(self) -> list[str]:
        """Make the cluster if there is none; answer what the person at the terminal should know.

        Raises Unavailable when the folder holds a cluster of another major version.
        """
        self._programs = postgres_programs(self._env)
        notes = self._find_place()
        self._refuse_other_majors()
        self._folder.prepare_socket_folder(self.name, self.base, self._account)
        if not self.exists:
            self._make_cluster()
        return notes

    def spawn(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server; `is_ready` tells when it accepts connections."""
        settings = self._settings | {"unix_socket_directories": _quoted(self._socket_folder)}
        argv: list[str | Path] = [self._programs / "postgres", "-D", self.data]
        for name, setting in settings.items():
            argv += ["-c", f"{name}={setting}"]
        return spawn(
            argv,
            cwd=Path("/"),
            env=_plain_environment(),
            output=log,
            account=self._account,
            death_signal=signal.SIGINT,
        )

    def is_ready(self) -> bool:
        """Whether the server says that it accepts connections, and something listens."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(str(self._socket_folder / ".s.PGSQL.5432"))
            return (self.data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready"
        except (OSError, IndexError):
            return False

    @property
    def _socket_folder(self) -> Path:
        return self._folder.socket_folder(self.name)

    def _url(self, role: str) -> str:
        password = quote(self._folder.secret(f"postgres-{role}"), safe="")
        where = quote(str(self._socket_folder), safe="")
        return f"postgresql+psycopg://{role}:{password}@/{DATABASE}?host={where}"

    def _find_place(self) -> list[str]:
        """As root, find programs and a place for the data that PostgreSQL's account can reach."""
        self._account = unprivileged_account(self.data)
        if self._account is None:
            return []
        notes = []
        if not can_enter(self.base, self._account):
            place = _free_place(self._folder.digest)
            self._folder.note(postgres_place=str(place))
            notes.append(
                f"PostgreSQL does not run as root, and the account {self._account.name!r} cannot reach "
                f"{self._folder.path}: its database lies in {place}."
            )
        if not can_run(self._programs / "postgres", self._account):
            if self._env.get("POSTGRES_BIN"):
                raise Unavailable(
                    f"PostgreSQL does not run as root, and the account {self._account.name!r} cannot "
                    f"run the programs in POSTGRES_BIN ({self._programs})."
                )
            place = self.base if self.base != self._folder.path else _place(self._folder.digest)
            self._programs = copy_postgres(self._programs, place)
        return notes

    def _refuse_other_majors(self) -> None:
        for found in sorted(self.base.glob("pg[0-9]*/PG_VERSION")):
            if found.parent != self.data or f"pg{found.read_text().strip()}" != self.data.name:
                raise Unavailable(
                    f"{found.parent} holds a database of PostgreSQL {found.read_text().strip()}, but the "
                    f"programs here are PostgreSQL {self.data.name.removeprefix('pg')}: make a backup with "
                    "the old programs and restore it with the new ones (docs/operations.md)."
                )

    def _make_cluster(self) -> None:
        """Make the cluster under another name first, so that an interrupted start leaves no half one."""
        fresh = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self._account:
            os.chown(fresh, self._account.uid, self._account.gid)
        locale = ["--locale=C.UTF-8"]
        if postgres_major(self._programs) >= _FIRST_WITH_BUILTIN_LOCALE:
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        # Nobody may sign in until the passwords are set and pg_hba.conf asks for them.
        identity = ["-U", SUPERUSER, "-A", "reject", "-E", "UTF8"]
        if self._settings.get("fsync") == "off":
            identity.append("--no-sync")
        self._run([self._programs / "initdb", "-D", fresh, *identity, *locale])
        (fresh / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        quietly: list[str | Path] = ["-c", "log_min_messages=fatal", "-c", "exit_on_error=true"]
        self._run(
            [self._programs / "postgres", "--single", "-D", fresh, *quietly, SUPERUSER],
            statements=(
                f"ALTER ROLE {SUPERUSER} PASSWORD '{self._folder.secret(f'postgres-{SUPERUSER}')}'",
                f"CREATE ROLE {OWNER} LOGIN CREATEROLE"
                f" PASSWORD '{self._folder.secret(f'postgres-{OWNER}')}'",
                f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
            ),
        )
        fresh.rename(self.data)

    def _run(self, argv: list[str | Path], statements: tuple[str, ...] = ()) -> None:
        """Run a program of PostgreSQL to its end, in its account."""
        done = subprocess.run(
            argv,
            cwd="/",
            env=_plain_environment(),
            input="".join(f"{statement};\n" for statement in statements),
            text=True,
            capture_output=True,
            user=self._account.uid if self._account else None,
            group=self._account.gid if self._account else None,
            extra_groups=[] if self._account else None,
            check=False,
        )
        if done.returncode != 0:
            print(done.stderr, file=sys.stderr)
            raise Unavailable(
                f"PostgreSQL's {Path(argv[0]).name} failed in {self.base}: "
                f"{(done.stderr.strip().splitlines() or ['no reason given'])[-1]}"
            )


def _place(name: str) -> Path:
    """A folder of ours that every account may pass through."""
    place = Path(f"/var/lib/ventanilla-{name}")
    place.mkdir(mode=0o711, parents=True, exist_ok=True)
    return place


def _free_place(name: str) -> Path:
    """The first place without a database: another's is never taken over, nor removed."""
    number = 1
    while any((place := _place(name if number == 1 else f"{name}-{number}")).glob("pg*")):
        number += 1
    return place


def _quoted(folder: Path) -> str:
    """A folder in a list of folders, where spaces and commas would separate."""
    return '"' + str(folder).replace('"', '""') + '"'


def _plain_environment() -> dict[str, str]:
    """PostgreSQL's programs must not pick up the caller's PGDATA, PGHOST or language."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
