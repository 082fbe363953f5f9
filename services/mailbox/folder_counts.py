"""What a folder shows of its conversations: counted anew from the placements of those that were touched, never counted on."""

from collections.abc import Collection, Iterable

from sqlalchemy import text

from models.base import db
from services.mailbox.array_values import plain_array

# Whoever else counts the same conversation is waited for: what they have changed is then counted, too.
LOCK = text(
    "SELECT FROM folder_thread WHERE folder_id = ANY(CAST(:folders AS bigint[]))"
    " AND thread_id = ANY(CAST(:threads AS bigint[])) ORDER BY folder_id, thread_id FOR UPDATE"
)
# A conversation without a message left in the folder loses its row. OFFSET keeps the planner from joining all that lies
# in the folder: each of these conversations is looked up instead.
FORGET = text(
    "DELETE FROM folder_thread f WHERE f.folder_id = ANY(CAST(:folders AS bigint[])) AND f.thread_id = ANY(CAST(:threads AS bigint[]))"
    " AND NOT EXISTS (SELECT FROM message_placement p WHERE p.folder_id = f.folder_id AND p.thread_id = f.thread_id"
    " OFFSET 0)"
)
COUNT = text(
    "INSERT INTO folder_thread"
    " (organization_id, folder_id, thread_id, last_at, messages, unread, starred, last_message_id, snoozed_until, returned_at)"
    " SELECT p.organization_id, p.folder_id, p.thread_id, greatest(max(sent_at), s.back_at), count(*),"
    " count(*) FILTER (WHERE NOT is_read), count(*) FILTER (WHERE is_starred),"
    " (array_agg(message_id ORDER BY sent_at DESC, message_id DESC))[1], s.snoozed_until,"
    " CASE WHEN s.noticed_at IS NULL THEN s.back_at END"
    " FROM message_placement p LEFT JOIN snooze s ON s.folder_id = p.folder_id AND s.thread_id = p.thread_id"
    " WHERE p.folder_id = ANY(CAST(:folders AS bigint[])) AND p.thread_id = ANY(CAST(:threads AS bigint[]))"
    " GROUP BY 1, 2, 3, s.id"
    " ON CONFLICT (folder_id, thread_id) DO UPDATE SET last_at = excluded.last_at, messages = excluded.messages,"
    " unread = excluded.unread, starred = excluded.starred, last_message_id = excluded.last_message_id,"
    " snoozed_until = excluded.snoozed_until, returned_at = excluded.returned_at"
)


def recount(folder_id: int, thread_ids: Collection[int]) -> None:
    """Count these conversations in this folder; whoever changes placements calls it in the same transaction."""
    recount_in([folder_id], thread_ids)


def recount_in(folder_ids: Collection[int], thread_ids: Collection[int]) -> None:
    """The same in several folders, each of these conversations in each: by as many statements as for one."""
    if not folder_ids or not thread_ids:
        return
    values = {
        "folders": plain_array(sorted(set(folder_ids))),
        "threads": plain_array(sorted(set(thread_ids))),
    }
    for statement in (LOCK, FORGET, COUNT):
        db.session.execute(statement, values)


def recount_all(touched: Iterable[tuple[int, int]]) -> None:
    """The same for pairs of folder and conversation, after what was changed has reached the database."""
    db.session.flush()
    by_folder: dict[int, set[int]] = {}
    for folder_id, thread_id in touched:
        by_folder.setdefault(folder_id, set()).add(thread_id)
    for folder_id in sorted(by_folder):
        recount(folder_id, by_folder[folder_id])
