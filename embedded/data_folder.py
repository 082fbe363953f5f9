"""The folder that holds everything an installation must keep, and where its parts lie."""

import contextlib
import hashlib
import json
import os
import secrets
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from embedded.file_lock import FileLock
from embedded.process import Account
from errors import Unavailable

CHECKOUT = Path(__file__).resolve().parent.parent
# The kernel's limit for the path of a unix socket, in bytes.
_LONGEST_SOCKET_PATH = 107
_LONGEST_SOCKET_NAME = len(b"/.s.PGSQL.5432")


def python_path(env: Mapping[str, str]) -> str:
    """`PYTHONPATH` for our children: the checkout first, then what was set."""
    others = [part for part in env.get("PYTHONPATH", "").split(os.pathsep) if part]
    return os.pathsep.join(dict.fromkeys([str(CHECKOUT), *others]))


class DataFolder:
    """Database, Valkey, files, secrets and logs of one installation (`VENTANILLA_DATA`)."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "DataFolder":
        """The folder that `VENTANILLA_DATA` names, else `var/` in the checkout."""
        return cls(Path(env.get("VENTANILLA_DATA") or CHECKOUT / "var"))

    def create(self) -> None:
        """Make the folder and its private parts where they are missing.

        Raises Unavailable when the folder cannot be made or belongs to somebody else.
        """
        try:
            # As root, PostgreSQL runs as another account that has to pass through (not read) this folder.
            self.path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
            for part in (self.logs, self.locks, self.secrets, self.files):
                part.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise Unavailable(
                f"The data folder {self.path} cannot be used ({error.strerror}); "
                "choose another with VENTANILLA_DATA."
            ) from error
        if not os.access(self.locks, os.W_OK | os.X_OK):
            raise Unavailable(
                f"The data folder {self.path} belongs to another user; "
                "choose another with VENTANILLA_DATA."
            )

    @property
    def logs(self) -> Path:
        return self.path / "log"

    @property
    def locks(self) -> Path:
        return self.path / "lock"

    @property
    def secrets(self) -> Path:
        return self.path / "secrets"

    @property
    def files(self) -> Path:
        return self.path / "files"

    @property
    def files_url(self) -> str:
        return self.files.as_uri()

    @property
    def digest(self) -> str:
        """A short name for this folder's path, for things that must lie elsewhere."""
        return hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]

    def lock(self, name: str) -> FileLock:
        """A lock that all who work on this folder know by its name."""
        return FileLock(self.locks / name)

    def open_log(self, name: str) -> IO[bytes]:
        """The log of one process, to append to."""
        path = self.logs / f"{name}.log"
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab", 0)

    def secret(self, name: str) -> str:
        """A password that is made up once and kept in a file that only its owner can read."""
        path = self.secrets / name
        if not path.exists():
            fresh = _private_file(path, secrets.token_urlsafe(24))
            # Of two who make one up at the same time, the first wins and both read the same.
            with contextlib.suppress(FileExistsError):
                os.link(fresh, path)
            fresh.unlink()
        return path.read_text()

    def recall(self) -> dict[str, str]:
        """What was noted about this folder: which places outside it belong to it, what it holds."""
        try:
            noted: dict[str, str] = json.loads((self.path / "installation.json").read_text())
        except (FileNotFoundError, NotADirectoryError):
            return {}
        return noted

    def note(self, **facts: str) -> None:
        """Remember facts about this folder, beside those already noted."""
        with self.lock("installation") as lock:
            lock.wait_for(lock.try_alone, seconds=10)
            text = json.dumps(self.recall() | facts, indent=1) + "\n"
            path = self.path / "installation.json"
            _private_file(path, text).replace(path)

    def socket_folder(self, service: str) -> Path:
        """Where the unix socket of a service lies."""
        return Path(self.recall().get(f"{service}_sockets") or self.path / f"run-{service}")

    def prepare_socket_folder(self, service: str, base: Path, account: Account | None) -> Path:
        """Make the private folder for a socket, under the temp folder where `base` will not do."""
        owner = account.uid if account else os.geteuid()
        wanted, noted = base / f"run-{service}", self.socket_folder(service)
        if _suits_a_socket(wanted):
            chosen = wanted
            chosen.mkdir(mode=0o700, exist_ok=True)
        elif _suits_a_socket(noted) and _is_private(noted, owner):
            chosen = noted
        else:
            chosen = Path(tempfile.mkdtemp(prefix="ventanilla-"))
            if not _suits_a_socket(chosen):
                raise Unavailable(
                    f"The path {chosen} is too long for a socket, or has a space or an equals sign; "
                    "set TMPDIR to another one."
                )
        if account:
            os.chown(chosen, account.uid, account.gid)
        if chosen != noted:
            self.note(**{f"{service}_sockets": str(chosen)})
        return chosen


def _private_file(beside: Path, text: str) -> Path:
    """A new file, readable by its owner only, in the folder of another."""
    descriptor, path = tempfile.mkstemp(dir=beside.parent, prefix=f".{beside.name}-")
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    return Path(path)


def _suits_a_socket(folder: Path) -> bool:
    """Whether the path is short enough, and Redis clients can read it back from `CLIENT INFO`."""
    is_short = len(os.fsencode(folder)) + _LONGEST_SOCKET_NAME <= _LONGEST_SOCKET_PATH
    return is_short and not any(sign.isspace() or sign == "=" for sign in str(folder))


def _is_private(folder: Path, owner: int) -> bool:
    """Whether a folder in a public place is still the one that we made there."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(found.st_mode)
        and stat.S_IMODE(found.st_mode) == 0o700
        and found.st_uid == owner
    )
