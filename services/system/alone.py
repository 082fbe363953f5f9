"""Work that only one worker may have in hand: an advisory lock that is gone with its connection, whatever ends it."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import text

from models.base import db

HELD = text(
    "SELECT classid::bigint, objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted"
    " AND classid::bigint = ANY(:kinds) AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


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


def held_locks(kinds: Collection[int]) -> set[tuple[int, int]]:
    """The locks of these kinds that somebody holds now, by kind and key."""
    rows = db.session.execute(HELD, {"kinds": list(kinds)})
    return {(kind, key) for kind, key in rows}
