"""Renewing the encryption keys: a new key, every secret sealed by it, then the old keys dropped."""

import time
from dataclasses import dataclass

from sqlalchemy.exc import OperationalError

from errors import Conflict, Invalid
from models.audit_trail import record_event
from models.base import db
from services.system.key_file import add_key, drop_old_keys
from services.system.resealing import Progress, hold_writers, left_by_older_keys, reseal
from settings import Settings, read_keys

# What was sealed by the old key just before, in memory only so far, has been written or given up by then.
SETTLED_AFTER_SECONDS = 60.0


@dataclass(frozen=True)
class Rotation:
    """What happened: whether a key was made, how many secrets were sealed anew, how many keys were dropped."""

    has_new_key: bool
    resealed: int
    dropped: int = 0


def rotate(settings: Settings, progress: Progress = lambda where, count: None) -> Rotation:
    """Make a key, unless a rotation was interrupted, and seal everything by it. Commits as it goes.

    Raises Invalid if the keys come from the environment and only one is there.
    """
    if settings.key_file is None and len(settings.encryption_keys) == 1:
        raise Invalid(
            "ENCRYPTION_KEYS has one key: put a new one before it on every machine, start anew, and call this again."
        )
    has_new_key = settings.key_file is not None and not _is_under_way(settings)
    if settings.key_file is not None and has_new_key:
        add_key(settings.key_file)
    resealed = reseal(progress)
    _note("rotate", has_new_key=has_new_key, resealed=resealed)
    db.session.commit()
    return Rotation(has_new_key, resealed)


def drop_old(settings: Settings, *, settled_after: float = SETTLED_AFTER_SECONDS) -> int:
    """Drop all keys but the newest, with no secret left that needs them; returns how many went. Commits.

    Raises Conflict if secrets of older keys are left, Invalid if the keys come from the environment.
    """
    if settings.key_file is None:
        raise Invalid("The keys come from ENCRYPTION_KEYS: take the old ones out there.")
    if len(read_keys(settings.key_file)[0]) == 1:
        raise Conflict("There is only one key.")
    age = time.time() - settings.key_file.stat().st_mtime
    time.sleep(min(max(settled_after - age, 0), settled_after))
    try:
        hold_writers()
    except OperationalError:
        db.session.rollback()
        raise Conflict(
            "Somebody has been writing secrets for too long: call this again later."
        ) from None
    left = left_by_older_keys()
    if left:
        raise Conflict(f"{left} secrets are still sealed by an older key: rotate first.")
    dropped = drop_old_keys(settings.key_file, settings)
    _note("drop", dropped=dropped)
    db.session.commit()
    return dropped


def _is_under_way(settings: Settings) -> bool:
    """A key was made before, and not everything is sealed by it."""
    if settings.key_file is None or len(read_keys(settings.key_file)[0]) == 1:
        return False
    left = left_by_older_keys()
    db.session.rollback()
    return left > 0


def _note(action: str, **after: object) -> None:
    record_event(db.session(), entity="keys", entity_id=None, action=action, after=after)
