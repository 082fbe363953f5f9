"""Work that only one worker may have in hand: an advisory lock that is gone with its connection."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from models.base import db


@contextmanager
def alone(kind: int, key: int) -> Iterator[bool]:
    """Whether this is the only one at work on `key`; `kind` keeps the keys of different tables apart."""
    with db.engine.connect() as connection:
        keys = {"kind": kind, "key": key % 2**31}
        locked = connection.execute(text("SELECT pg_try_advisory_lock(:kind, :key)"), keys)
        is_alone = bool(locked.scalar())
        connection.commit()
        try:
            yield is_alone
        finally:
            if is_alone:
                connection.execute(text("SELECT pg_advisory_unlock(:kind, :key)"), keys)
                connection.commit()
