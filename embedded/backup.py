"""`script/backup`: the embedded database and the files of an installation, in one tar file.

The key file is left out on purpose: whoever finds a backup shall not be able to read the passwords of
the mail accounts in it.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from embedded.binaries import postgres_major, postgres_programs
from embedded.data_folder import DataFolder
from embedded.postgres import SUPERUSER, Postgres
from embedded.services import running_services
from errors import AppError, Conflict, Invalid, Unavailable

MANIFEST, DATABASE, ROLES, FILES = "manifest.json", "database.dump", "roles.sql", "files"
KEY_FILE = "secret.keys"
FORMAT = 1


def main(arguments: Sequence[str]) -> int:
    """Make a backup; answer the exit code."""
    parser = argparse.ArgumentParser(prog="script/backup", description=__doc__)
    parser.add_argument("target", type=Path, metavar="DIR|FILE")
    target = parser.parse_args(arguments).target
    folder = DataFolder.from_env(os.environ)
    try:
        written = back_up(folder, target)
    except AppError as error:
        print(error.message, file=sys.stderr)
        return 2
    print(f"Saved in {written} ({written.stat().st_size:,} bytes).")
    print(
        f"Keep {folder.path / KEY_FILE} too, in another place: without it no password can be read."
    )
    return 0


def back_up(folder: DataFolder, target: Path) -> Path:
    """Write the backup to a new file, or to a new file in a folder; answer which."""
    refuse_real_servers("backup")
    if not Postgres(folder, os.environ).exists:
        raise Invalid(f"There is nothing to save in {folder.path}.")
    if target.is_dir():
        target = target / f"ventanilla-{datetime.now(UTC):%Y-%m-%d-%H%M%S}.tar"
    if target.exists():
        raise Conflict(f"{target} exists already; a backup never overwrites anything.")
    if not target.parent.is_dir():
        raise Invalid(f"The folder {target.parent} does not exist.")
    with (
        running_services(folder.path, os.environ),
        tempfile.TemporaryDirectory(dir=target.parent, prefix=".ventanilla-backup-") as draft,
    ):
        unfinished = Path(draft) / "backup.tar"
        with tarfile.open(unfinished, "w") as tar:
            _add_text(tar, MANIFEST, json.dumps(_manifest(folder), indent=1) + "\n")
            # As the superuser, whom no row-level security hides anything from.
            roles = ["--roles-only", "--no-role-passwords"]
            _add_text(tar, ROLES, run_client("pg_dumpall", folder, SUPERUSER, roles))
            # Before the files: a file is stored before the row that names it, and never changed.
            dump = ["--format=custom", f"--file={Path(draft) / DATABASE}"]
            run_client("pg_dump", folder, SUPERUSER, dump)
            tar.add(Path(draft) / DATABASE, DATABASE)
            tar.add(folder.files, FILES)
        unfinished.chmod(0o600)
        # Like a rename, but never over a file that somebody else has made in the meantime.
        os.link(unfinished, target)
    return target


def refuse_real_servers(deed: str) -> None:
    """We bring along only the embedded database; real servers have their own tools."""
    for name in ("DATABASE_URL", "FILES_URL"):
        if os.environ.get(name):
            raise Unavailable(
                f"script/{deed} is for the embedded services, but {name} names another: "
                "use that server's own tools (docs/operations.md)."
            )


def run_client(program: str, folder: DataFolder, role: str, options: Sequence[str]) -> str:
    """What one of PostgreSQL's own programs writes when it works on our database as a role."""
    done = subprocess.run(
        [postgres_programs(os.environ) / program, *options],
        # The password by the environment: everybody may read a process's arguments.
        env=os.environ | Postgres(folder, os.environ).client_environment(role),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Unavailable(f"{program} failed: {done.stderr.strip()}")
    return done.stdout


def _manifest(folder: DataFolder) -> dict[str, object]:
    noted = folder.recall()
    return {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "postgres": postgres_major(postgres_programs(os.environ)),
        "installation": {name: noted[name] for name in ("kind", "is_seeded") if name in noted},
    }


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(text.encode())
    member.mode = 0o600
    tar.addfile(member, io.BytesIO(text.encode()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
