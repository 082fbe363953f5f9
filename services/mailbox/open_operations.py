"""Operations that the server has not carried out yet: what the reader sees goes before what the server says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, text

from mail.imap_fetching import FetchedMessage
from models.base import db
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind, OperationState

OPEN = (OperationState.PENDING, OperationState.STARTED)
# What a kind says about a placement: the column, and its value.
MARKS = {
    OperationKind.READ: ("is_read", True),
    OperationKind.UNREAD: ("is_read", False),
    OperationKind.STAR: ("is_starred", True),
    OperationKind.UNSTAR: ("is_starred", False),
    OperationKind.ANSWERED: ("is_answered", True),
}
COLUMNS = ("is_read", "is_starred", "is_answered")
FLAGS = {
    OperationKind.READ: (True, "\\Seen"),
    OperationKind.UNREAD: (False, "\\Seen"),
    OperationKind.STAR: (True, "\\Flagged"),
    OperationKind.UNSTAR: (False, "\\Flagged"),
    OperationKind.ANSWERED: (True, "\\Answered"),
}
# Column by column, but for those that an open operation has set.
APPLY = text(
    "WITH said AS (SELECT * FROM unnest(CAST(:uids AS bigint[]), CAST(:reads AS boolean[]), CAST(:stars AS boolean[]),"
    " CAST(:answers AS boolean[]), CAST(:keywords AS text[])) AS u(uid, r, s, a, k)), changed AS ("
    " UPDATE message_placement p SET updated_at = now(), keywords = string_to_array(said.k, ' '),"
    " is_read = CASE WHEN p.id = ANY(:held_reads) THEN p.is_read ELSE said.r END,"
    " is_starred = CASE WHEN p.id = ANY(:held_stars) THEN p.is_starred ELSE said.s END,"
    " is_answered = CASE WHEN p.id = ANY(:held_answers) THEN p.is_answered ELSE said.a END"
    " FROM said WHERE p.folder_id = :folder AND p.uid = said.uid"
    " AND (p.is_read, p.is_starred, p.is_answered, p.keywords) IS DISTINCT FROM"
    " (said.r, said.s, said.a, string_to_array(said.k, ' '))"
    " RETURNING p.thread_id) SELECT DISTINCT thread_id FROM changed"
)


@dataclass
class Held:
    """Placements whose marks wait for the server, by column; and messages of the server that are on their way."""

    columns: dict[str, set[int]] = field(default_factory=lambda: {name: set() for name in COLUMNS})
    leaving: set[int] = field(default_factory=set)  # UIDs of the folder that lie elsewhere here


def open_operations(account_id: int) -> Sequence[MailboxOperation]:
    """In the order in which they were done here."""
    return db.session.scalars(
        select(MailboxOperation)
        .where(MailboxOperation.account_id == account_id, MailboxOperation.state.in_(OPEN))
        .order_by(MailboxOperation.id)
    ).all()


def held_in(account_id: int, folder_id: int) -> Held:
    """What the reader has done in this folder that the server does not know."""
    held = Held()
    for each in open_operations(account_id):
        if each.kind in MARKS and each.placement_id is not None:
            held.columns[MARKS[each.kind][0]].add(each.placement_id)
        elif each.folder_id == folder_id and each.uid is not None:
            held.leaving.add(each.uid)
    return held


def apply_flags(folder_id: int, said: Iterable[FetchedMessage], held: Held) -> list[int]:
    """Let placements have the server's flags, except where the reader has others; the conversations that changed."""
    rows = {each.uid: set(each.flags) for each in said if each.flags is not None}
    if not rows:
        return []
    changed = db.session.execute(
        APPLY,
        {
            "folder": folder_id,
            "uids": list(rows),
            "reads": ["\\Seen" in flags for flags in rows.values()],
            "stars": ["\\Flagged" in flags for flags in rows.values()],
            "answers": ["\\Answered" in flags for flags in rows.values()],
            "keywords": [
                " ".join(sorted(flag for flag in flags if not flag.startswith("\\")))
                for flags in rows.values()
            ],
            "held_reads": list(held.columns["is_read"]),
            "held_stars": list(held.columns["is_starred"]),
            "held_answers": list(held.columns["is_answered"]),
        },
    )
    return list(changed.scalars())
