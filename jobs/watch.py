"""What a dead worker leaves is taken up within a second or two, whoever is free.

Whoever sends, registers or rehearses holds an advisory lock, and the database lets go of it with the connection of its
owner. So a lock that was there and is not any more says that nobody is at it now, sooner than any clock; whether there
is something left to do, the rows say. A bell too many finds nothing, and one too few is rung by the timetable.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from jobs.mailings import deliver_due, register, rehearse
from models.base import db
from services.mailings import registration, rehearsing
from services.mailings.due_accounts import accounts_left_behind, due_account_ids
from services.mailings.ledger_sql import ACCOUNT_LOCK
from services.mailings.register import REGISTERING_LOCK
from services.system.alone import held_locks

logger = logging.getLogger(__name__)
Keys = Collection[int]


@dataclass(frozen=True, slots=True)
class Watched:
    """A kind of lock: what of the keys that were let go of is still to be done, and the bell for it."""

    unfinished: Callable[[Keys], Keys]
    ring: Callable[[Keys], bool]


def _unsent(accounts: Keys) -> Keys:
    return {*due_account_ids(among=accounts), *accounts_left_behind(among=accounts)}


def _ring_each(ring: Callable[[int], bool]) -> Callable[[Keys], bool]:
    return lambda keys: sum(map(ring, keys)) > 0


WATCHED: Mapping[int, Watched] = {
    ACCOUNT_LOCK: Watched(_unsent, lambda _accounts: deliver_due.enqueue()),
    REGISTERING_LOCK: Watched(registration.left_behind_of, _ring_each(register.enqueue)),
    rehearsing.REHEARSAL_LOCK: Watched(rehearsing.left_behind_of, _ring_each(rehearse.enqueue)),
}


class Watch:
    """Remembers which locks were held when it looked last."""

    def __init__(self, watched: Mapping[int, Watched] = WATCHED) -> None:
        self._watched = watched
        self._held: set[tuple[int, int]] = set()

    def look(self) -> int:
        """Ring for what nobody is at any more; returns how many kinds of work that was."""
        try:
            return self._rung_for(self._let_go())
        finally:
            with suppress(DBAPIError):
                db.session.rollback()  # nothing to keep; a connection that idles in a transaction harms

    def _let_go(self) -> Mapping[int, Keys]:
        held = held_locks(self._watched)
        gone: dict[int, set[int]] = defaultdict(set)
        for kind, key in self._held - held:
            gone[kind].add(key)
        self._held = held
        return gone

    def _rung_for(self, gone: Mapping[int, Keys]) -> int:
        rung = 0
        for kind, keys in gone.items():
            unfinished = self._watched[kind].unfinished(keys)
            if unfinished and self._watched[kind].ring(unfinished):
                logger.info("rang for %s, which nobody is at any more", sorted(unfinished))
                rung += 1
        return rung
