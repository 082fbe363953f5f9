"""Which account PostgreSQL runs as: it refuses to run as root."""

import contextlib
import os
import pwd
import subprocess
from pathlib import Path

from embedded.process import Account
from errors import Unavailable

# Accounts that exist on every machine; we never add one.
_UNPRIVILEGED = ("postgres", "nobody")


def unprivileged_account(data: Path) -> Account | None:
    """The account for PostgreSQL, or None where we are a plain user anyway.

    A database that exists already is run by whom it belongs to.
    """
    if os.geteuid() != 0:
        return None
    found = []
    if data.exists() and (owner := data.stat().st_uid) != 0:
        found.append(Account(f"number {owner}", owner, data.stat().st_gid))
    for name in _UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            found.append(Account(name, entry.pw_uid, entry.pw_gid))
    if not found:
        raise Unavailable(
            "PostgreSQL does not run as root and there is no account 'postgres' or 'nobody' here; "
            "start as a plain user, or set DATABASE_URL."
        )
    return found[0]


def can_run(program: Path, account: Account) -> bool:
    """Whether the account may run a program where it lies; the kernel knows best, so we ask it."""
    return _succeeds([str(program), "--version"], account)


def can_enter(folder: Path, account: Account) -> bool:
    """Whether the account may pass through a folder and all that lead to it."""
    return _succeeds(["test", "-x", str(folder)], account)


def _succeeds(argv: list[str], account: Account) -> bool:
    try:
        return (
            subprocess.run(
                argv,
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                user=account.uid,
                group=account.gid,
                extra_groups=[],
                check=False,
            ).returncode
            == 0
        )
    except OSError:
        return False
