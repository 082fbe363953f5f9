"""`script/restore`: bring what `script/backup` saved back into an empty data folder."""

import argparse
import contextlib
import json
import os
import re
import shutil
import sys
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, Any

from embedded.backup import (
    DATABASE,
    FILES,
    FORMAT,
    KEY_FILE,
    MANIFEST,
    ROLES,
    refuse_real_servers,
    run_client,
)
from embedded.binaries import postgres_major, postgres_programs
from embedded.data_folder import DataFolder
from embedded.postgres import DATABASE as DATABASE_NAME
from embedded.postgres import OWNER, SUPERUSER, Postgres
from embedded.services import running_services
from errors import AppError, Conflict, Invalid

_NAME = r'(?:[a-z_][a-z0-9_]*|"[^"\\;\x00-\x1f]+")'
_ROLE_LINE = re.compile(
    rf"(?:CREATE ROLE (?P<name>{_NAME})"
    r"|ALTER ROLE (?P<altered>" + _NAME + r")"
    r" WITH NOSUPERUSER (?:NO)?INHERIT NOCREATEROLE NOCREATEDB (?:NO)?LOGIN NOREPLICATION NOBYPASSRLS);"
)
_GRANT_LINE = re.compile(
    rf"GRANT (?P<name>{_NAME}) TO {_NAME}(?: WITH [A-Z]+ [A-Z]+(?:, [A-Z]+ [A-Z]+)*)?(?: GRANTED BY {_NAME})?;"
)


def main(arguments: Sequence[str]) -> int:
    """Restore a backup; answer the exit code."""
    parser = argparse.ArgumentParser(prog="script/restore", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE")
    backup = parser.parse_args(arguments).file
    folder = DataFolder.from_env(os.environ)
    try:
        restore(folder, backup)
    except AppError as error:
        print(error.message, file=sys.stderr)
        return 2
    print(f"Restored into {folder.path}.")
    if not (folder.path / KEY_FILE).exists():
        print(
            f"Before the first start, put the key file of that installation at {folder.path / KEY_FILE}: "
            "without it no password can be read."
        )
    return 0


def restore(folder: DataFolder, backup: Path) -> None:
    """Fill an empty data folder from a backup; what was begun is removed again when it fails."""
    refuse_real_servers("restore")
    try:
        with tarfile.open(backup, "r:") as tar:
            manifest = _manifest(tar, backup)
            with _emptied_on_failure(folder):
                folder.create()
                with running_services(folder.path, os.environ):
                    _restore_database(tar, folder)
                    _restore_files(tar, folder)
                # What was only ever used by commands is real too: no start shall add the demo to it.
                folder.note(**{"kind": "real", **manifest["installation"]})
    except (OSError, tarfile.TarError) as error:
        raise Invalid(f"{backup} cannot be restored: {error}") from error


@contextlib.contextmanager
def _emptied_on_failure(folder: DataFolder) -> Iterator[None]:
    """Make sure that nothing is overwritten, and that nothing half done stays."""
    if folder.path.exists() and any(found.name != KEY_FILE for found in folder.path.iterdir()):
        raise Conflict(
            f"The data folder {folder.path} is not empty; a restore never overwrites anything: "
            "choose another folder with VENTANILLA_DATA."
        )
    try:
        yield
    except BaseException:
        base = Postgres(folder, os.environ).base
        if base != folder.path:
            shutil.rmtree(base, ignore_errors=True)
        for found in folder.path.iterdir():
            if found.is_dir():
                shutil.rmtree(found, ignore_errors=True)
            elif found.name != KEY_FILE:
                found.unlink()
        raise


def _manifest(tar: tarfile.TarFile, backup: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(_text(tar, MANIFEST))
    except (KeyError, ValueError) as error:
        raise Invalid(f"{backup} was not made by script/backup.") from error
    if manifest.get("format") != FORMAT:
        raise Invalid(f"{backup} was made by a newer version of script/backup.")
    major = postgres_major(postgres_programs(os.environ))
    if manifest["postgres"] > major:
        raise Invalid(
            f"{backup} comes from PostgreSQL {manifest['postgres']}, the programs here are {major}."
        )
    return manifest


def _restore_database(tar: tarfile.TarFile, folder: DataFolder) -> None:
    """First the roles, as the superuser; then all else as the owner, to whom it belonged."""
    roles = folder.locks / ROLES
    roles.write_text(
        "".join(f"{line}\n" for line in _text(tar, ROLES).splitlines() if _is_ours(line))
    )
    run_client("psql", folder, SUPERUSER, ["-qX", "-v", "ON_ERROR_STOP=1", "-f", str(roles)])
    roles.unlink()
    dump = folder.locks / DATABASE
    with dump.open("wb") as file:
        shutil.copyfileobj(_member(tar, DATABASE), file)
    options = ["--exit-on-error", "--no-owner", f"--dbname={DATABASE_NAME}", str(dump)]
    run_client("pg_restore", folder, OWNER, options)
    dump.unlink()


def _is_ours(line: str) -> bool:
    """Whether a line of the roles' dump makes something that a new cluster does not have.

    psql runs what is left as the superuser, so nothing but a role without powers and its memberships passes:
    no command of psql (`\\!` starts any program), no second statement, no superuser.
    """
    made = _ROLE_LINE.fullmatch(line)
    if made:
        return (made["name"] or made["altered"]).strip('"') not in {OWNER, SUPERUSER}
    given = _GRANT_LINE.fullmatch(line)
    name = given["name"].strip('"') if given else ""
    return bool(name) and name not in {OWNER, SUPERUSER} and not name.startswith("pg_")


def _restore_files(tar: tarfile.TarFile, folder: DataFolder) -> None:
    for member in tar:
        path = PurePosixPath(member.name)
        if member.isfile() and path.parts[:1] == (FILES,) and ".." not in path.parts:
            target = folder.path / path
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with target.open("xb") as file:
                shutil.copyfileobj(_member(tar, member.name), file)


def _text(tar: tarfile.TarFile, name: str) -> str:
    return _member(tar, name).read().decode()


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    """The open content of a member; raises KeyError when there is none."""
    opened = tar.extractfile(name)
    if opened is None:
        raise KeyError(name)
    return opened


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
