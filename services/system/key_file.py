"""The key file: a new key in front, old ones dropped; replaced whole, so that readers see one or the other."""

import os
from pathlib import Path

from cryptography.fernet import Fernet

from errors import Conflict
from settings import KEPT, Settings, cookie_secret, read_keys

ROLES = ("staff", "portal", "sender")


def add_key(file: Path) -> None:
    """Make a new key; what is sealed from now on is sealed by it, and the old ones still open."""
    keys, kept = read_keys(file)
    _replace(file, (Fernet.generate_key().decode(), *keys), kept)


def drop_old_keys(file: Path, settings: Settings) -> int:
    """Keep only the newest key; returns how many went.

    The passwords of the database's roles and the signature of cookies followed from the oldest one: they are
    written down as they are, since processes that run would not know others.
    """
    keys, kept = read_keys(file)
    if len(keys) == 1:
        raise Conflict("There is only one key.")
    derived = {role: settings.role_password(role) for role in ROLES}
    derived["cookies"] = cookie_secret(keys)
    _replace(file, keys[:1], {**derived, **kept})
    return len(keys) - 1


def _replace(file: Path, keys: tuple[str, ...], kept: dict[str, str]) -> None:
    lines = [*keys, *(f"{KEPT}{name}:{value}" for name, value in kept.items())]
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as written:
        written.write("\n".join(lines) + "\n")
        written.flush()
        os.fsync(written.fileno())
    owner = file.stat()
    os.chown(draft, owner.st_uid, owner.st_gid)
    draft.replace(file)
