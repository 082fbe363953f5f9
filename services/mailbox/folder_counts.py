"""What a folder shows of its conversations: counted anew from the placements of those that were touched, never counted on."""

from collections.abc import Collection

from sqlalchemy import text

from models.base import db

# A conversation without a message left in the folder loses its row.
FORGET = text(
    "DELETE FROM folder_thread f WHERE f.folder_id = :folder AND f.thread_id = ANY(:threads)"
    " AND NOT EXISTS (SELECT FROM message_placement p WHERE p.folder_id = f.folder_id AND p.thread_id = f.thread_id)"
)
COUNT = text(
    "INSERT INTO folder_thread"
    " (organization_id, folder_id, thread_id, last_at, messages, unread, starred, last_message_id)"
    " SELECT organization_id, folder_id, thread_id, max(sent_at), count(*), count(*) FILTER (WHERE NOT is_read),"
    " count(*) FILTER (WHERE is_starred), (array_agg(message_id ORDER BY sent_at DESC, message_id DESC))[1]"
    " FROM message_placement WHERE folder_id = :folder AND thread_id = ANY(:threads) GROUP BY 1, 2, 3"
    " ON CONFLICT (folder_id, thread_id) DO UPDATE SET last_at = excluded.last_at, messages = excluded.messages,"
    " unread = excluded.unread, starred = excluded.starred, last_message_id = excluded.last_message_id"
)


def recount(folder_id: int, thread_ids: Collection[int]) -> None:
    """Count these conversations in this folder; whoever changes placements calls it in the same transaction."""
    if not thread_ids:
        return
    values = {"folder": folder_id, "threads": sorted(set(thread_ids))}
    db.session.execute(FORGET, values)
    db.session.execute(COUNT, values)
