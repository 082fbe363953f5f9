"""Which messages belong together: everybody whom a Message-ID, an answer or a reference ties to another (X3-07).

A union-find in the database. Each id belongs to one conversation, also an id whose message has not been seen yet, so that
a parent which comes late falls into its place. When a message ties two conversations, the older one takes the other in.
The subject never ties anything.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from models.base import db
from models.public_id import uuid7
from services.mailbox.array_values import plain_array
from services.mailbox.folder_counts import recount_in

THREADS_LOCK = 77  # first key of the advisory lock; the second is the organization
ID_BYTES = 8

LOCK = text("SELECT pg_advisory_xact_lock(:kind, :organization)")
KNOWN = text(
    "SELECT ref_hash, thread_id FROM thread_ref WHERE organization_id = :organization AND ref_hash = ANY(CAST(:refs AS bigint[]))"
)
NEW_THREADS = text(
    "INSERT INTO thread (organization_id, public_id, created_at, updated_at)"
    " SELECT :organization, public_id, now(), now() FROM unnest(CAST(:public_ids AS uuid[])) AS u(public_id)"
    " RETURNING id"
)
NEW_REFS = text(
    "INSERT INTO thread_ref (organization_id, ref_hash, thread_id)"
    " SELECT :organization, r, t FROM unnest(CAST(:refs AS bigint[]), CAST(:threads AS bigint[])) AS u(r, t)"
    " ON CONFLICT DO NOTHING"
)
# What has been taken in: (loser, winner). Old links lead on by `merged_into_id`.
MERGES = (
    "UPDATE thread SET merged_into_id = m.winner, updated_at = now() {m} WHERE thread.organization_id = :organization"
    " AND thread.merged_into_id = m.loser",
    "UPDATE thread SET merged_into_id = m.winner, updated_at = now() {m} WHERE thread.organization_id = :organization"
    " AND thread.id = m.loser",
    "UPDATE thread_ref SET thread_id = m.winner {m} WHERE thread_ref.organization_id = :organization"
    " AND thread_ref.thread_id = m.loser",
    "UPDATE message SET thread_id = m.winner {m} WHERE message.organization_id = :organization"
    " AND message.thread_id = m.loser",
    "UPDATE message_placement p SET thread_id = m.winner {m} JOIN folder_thread f"
    " ON f.organization_id = :organization AND f.thread_id = m.loser"
    " WHERE p.folder_id = f.folder_id AND p.thread_id = m.loser",
    # What waits goes on waiting, under the name of the whole.
    "INSERT INTO snooze (organization_id, folder_id, thread_id, snoozed_until, after_message_id, back_at, came_back_by,"
    " noticed_at, user_id, created_at, updated_at) SELECT DISTINCT ON (s.folder_id, m.winner) s.organization_id,"
    " s.folder_id, m.winner, s.snoozed_until, s.after_message_id, s.back_at, s.came_back_by, s.noticed_at, s.user_id,"
    " s.created_at, now() {m} JOIN snooze s ON s.organization_id = :organization AND s.thread_id = m.loser"
    " ORDER BY s.folder_id, m.winner, s.snoozed_until NULLS LAST ON CONFLICT (folder_id, thread_id) DO UPDATE"
    " SET snoozed_until = coalesce(snooze.snoozed_until, excluded.snoozed_until), updated_at = now()",
    "DELETE FROM snooze USING unnest(CAST(:losers AS bigint[])) AS m(loser)"
    " WHERE snooze.organization_id = :organization AND snooze.thread_id = m.loser",
)
FOLDERS_OF = text(
    "SELECT DISTINCT folder_id FROM folder_thread WHERE organization_id = :organization"
    " AND thread_id = ANY(CAST(:threads AS bigint[]))"
)
PAIRS = "FROM unnest(CAST(:losers AS bigint[]), CAST(:winners AS bigint[])) AS m(loser, winner)"


@dataclass(frozen=True, slots=True)
class Ties:
    """The ids that one message ties together; the first is its own."""

    ids: Sequence[str]


def ref_hash(message_id: str) -> int:
    """The key of an id: 8 bytes of BLAKE2b, signed."""
    digest = hashlib.blake2b(message_id.encode("utf-8", "replace"), digest_size=ID_BYTES).digest()
    return int.from_bytes(digest, "big", signed=True)


def join_threads(organization_id: int, messages: Sequence[Ties]) -> list[int]:
    """The conversation of each message; makes new ones and joins old ones, with all that lies in them.

    Holds the lock of the organization's conversations until the transaction ends: call it late.
    """
    if not messages:
        return []
    db.session.execute(LOCK, {"kind": THREADS_LOCK, "organization": organization_id})
    hashes = [[ref_hash(each) for each in message.ids] for message in messages]
    wanted = sorted({each for refs in hashes for each in refs})
    rows = db.session.execute(KNOWN, {"organization": organization_id, "refs": plain_array(wanted)})
    known = {row.ref_hash: row.thread_id for row in rows}
    groups = _Groups()
    for refs in hashes:
        groups.tie(refs)
    threads = _threads_of_groups(organization_id, groups, known)
    fresh = [each for each in wanted if each not in known]
    db.session.execute(
        NEW_REFS,
        {
            "organization": organization_id,
            "refs": plain_array(fresh),
            "threads": plain_array(threads[groups.root(each)] for each in fresh),
        },
    )
    return [threads[groups.root(refs[0])] for refs in hashes]


def _threads_of_groups(
    organization_id: int, groups: "_Groups", known: dict[int, int]
) -> dict[int, int]:
    """The conversation of each group: the oldest of those that its ids belong to, else a new one."""
    parts = _Groups()
    found: dict[int, int] = {}  # root of a group -> one of its conversations
    for each, thread_id in known.items():
        root = groups.root(each)
        parts.tie([thread_id, found.setdefault(root, thread_id)])
    winners = {thread_id: parts.root(thread_id) for thread_id in set(known.values())}
    _merge(organization_id, {loser: winner for loser, winner in winners.items() if loser != winner})
    threads = {root: winners[thread_id] for root, thread_id in found.items()}
    missing = [root for root in groups.roots() if root not in threads]
    if missing:
        made = db.session.execute(
            NEW_THREADS,
            {
                "organization": organization_id,
                "public_ids": plain_array(uuid7() for _root in missing),
            },
        )
        threads.update(zip(missing, made.scalars(), strict=True))
    return threads


def _merge(organization_id: int, winner_of: dict[int, int]) -> None:
    if not winner_of:
        return
    values = {
        "organization": organization_id,
        "losers": plain_array(winner_of),
        "winners": plain_array(winner_of.values()),
    }
    folders = db.session.execute(
        FOLDERS_OF,
        {
            "organization": organization_id,
            "threads": plain_array([*winner_of, *winner_of.values()]),
        },
    ).scalars()
    touched = list(folders)
    for statement in MERGES:
        db.session.execute(text(statement.format(m=PAIRS)), values)
    recount_in(touched, [*winner_of, *winner_of.values()])


class _Groups:
    """Numbers that belong together; the smallest stands for its group."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}

    def root(self, number: int) -> int:
        parent = self._parent
        parent.setdefault(number, number)
        while parent[number] != number:
            parent[number] = number = parent[parent[number]]
        return number

    def tie(self, numbers: Iterable[int]) -> None:
        roots = [self.root(number) for number in numbers]
        first = min(roots)
        for each in roots:
            self._parent[each] = first

    def roots(self) -> list[int]:
        return [number for number in self._parent if self.root(number) == number]
