"""What a conversation is in a folder, counted anew from where its messages lie: never one more or one less."""

from collections.abc import Iterable

from sqlalchemy import text

from models.base import db
from models.tenancy import current_scope

# Whoever recounts the same row waits here, and counts what the other has left.
LOCK = text("""
SELECT 1 FROM folder_thread f JOIN unnest(CAST(:folders AS bigint[]), CAST(:threads AS bigint[])) AS touched (folder_id, thread_id)
  USING (folder_id, thread_id) WHERE f.organization_id = :organization ORDER BY folder_id, thread_id FOR UPDATE OF f
""")
COUNT = text("""
INSERT INTO folder_thread (organization_id, folder_id, thread_id, last_at, messages, unread, starred, last_message_id)
SELECT p.organization_id, p.folder_id, p.thread_id, max(p.sent_at), count(*), count(*) FILTER (WHERE NOT p.is_read),
       count(*) FILTER (WHERE p.is_starred), (array_agg(p.message_id ORDER BY p.sent_at DESC, p.id DESC))[1]
  FROM message_placement p JOIN unnest(CAST(:folders AS bigint[]), CAST(:threads AS bigint[])) AS touched (folder_id, thread_id)
    USING (folder_id, thread_id)
 WHERE p.organization_id = :organization GROUP BY 1, 2, 3 ORDER BY 2, 3
ON CONFLICT (folder_id, thread_id) DO UPDATE SET last_at = excluded.last_at, messages = excluded.messages,
       unread = excluded.unread, starred = excluded.starred, last_message_id = excluded.last_message_id
""")
DROP = text("""
DELETE FROM folder_thread f USING unnest(CAST(:folders AS bigint[]), CAST(:threads AS bigint[])) AS touched (folder_id, thread_id)
 WHERE f.organization_id = :organization AND f.folder_id = touched.folder_id AND f.thread_id = touched.thread_id
   AND NOT EXISTS (SELECT 1 FROM message_placement p WHERE p.folder_id = f.folder_id AND p.thread_id = f.thread_id)
""")


def recount(touched: Iterable[tuple[int, int]]) -> None:
    """Count these conversations, given as keys of folder and thread, in the transaction of what changed them."""
    pairs = sorted(set(touched))
    if not pairs:
        return
    db.session.flush()
    told = {
        "folders": [folder_id for folder_id, _thread_id in pairs],
        "threads": [thread_id for _folder_id, thread_id in pairs],
        "organization": current_scope().organization_id,
    }
    for statement in (LOCK, COUNT, DROP):
        db.session.execute(statement, told)
