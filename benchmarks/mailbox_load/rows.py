"""Half a million messages of twenty mailboxes in 225,000 conversations, written by SQL.

One inbox holds 140,000; every tenth message lies in a folder of its own. A text has some 60 words: 20 of the 300 most
frequent ones, the rest of 27,000 that are rarer the higher their number.
"""

from typing import Any

import psycopg

ACCOUNTS = 20
INDEXES = (
    "ix_message_thread_id",
    "ix_message_sent_at",
    "ix_message_party_address",
    "ix_message_placement_message_id",
    "ix_message_placement_thread_id",
    "ix_folder_thread_list",
    "ix_folder_thread_unread",
    "ix_folder_thread_starred",
    "ix_folder_thread_thread_id",
    "ix_message_text_words",
    "ix_message_text_sent_at",
    "ix_attachment_file_name",
)
RARE, MEDIUM, COMMON = "palabra26999", "palabra90", "comun7"

FILL = """
INSERT INTO mail_account (organization_id, address, address_norm, is_shared, display_name, smtp_host, smtp_port, smtp_security,
       sign_in_by, imap_host, imap_port, imap_security, folders, connections, wants_burst, is_active, consecutive_failures,
       public_id, version, created_at, updated_at)
SELECT %(organization)s, 'buzon' || n || '@penalba.example', 'buzon' || n || '@penalba.example', true, '', 'localhost', 25, 'none',
       'nothing', 'localhost', 143, 'none', '{}', 2, false, true, 0, gen_random_uuid(), 1, now(), now()
  FROM generate_series(1, %(accounts)s) n;
INSERT INTO mail_folder (organization_id, public_id, account_id, role, path, delimiter, is_selectable, uidvalidity, uidnext,
       server_messages, is_unwanted, synced_at, created_at, updated_at)
SELECT %(organization)s, gen_random_uuid(), a.id, r.role, r.path, '/', true, 1, 1, 0, false, now(), now(), now()
  FROM mail_account a CROSS JOIN (VALUES ('inbox', 'INBOX'), ('sent', 'Sent'), ('drafts', 'Drafts'), ('trash', 'Trash'),
       ('archive', 'Archive'), ('other', 'Reclamos')) r (role, path)
 WHERE a.organization_id = %(organization)s;
INSERT INTO thread (organization_id, public_id, created_at, updated_at)
SELECT %(organization)s, gen_random_uuid(), now(), now() FROM generate_series(1, %(threads)s);
INSERT INTO message (organization_id, public_id, thread_id, message_id_header, content_sha256, from_name, from_address, subject,
       sent_at, received_at, snippet, size_bytes, has_attachments, is_automatic, is_bounce, pack_offset, pack_length, created_at,
       updated_at)
SELECT %(organization)s, gen_random_uuid(), t.first + CASE WHEN n <= 78 THEN 0 ELSE n %% %(threads)s END, '<' || n || '@x.test>',
       decode(md5(n::text), 'hex'), 'Persona ' || n %% 5000, 'persona' || n %% 5000 || '@empresa' || n %% 700 || '.test',
       'Consulta sobre el pedido ' || n %% 90000, timestamptz '2024-01-01' + n * interval '2 minutes', now(),
       'Buenos días, le escribo por el pedido ' || n, 4000, n %% 9 = 0, false, false, 0, 0, now(), now()
  FROM generate_series(1, %(rows)s) n CROSS JOIN (SELECT min(id) AS first FROM thread WHERE organization_id = %(organization)s) t;
INSERT INTO message_party (organization_id, message_id, position, field, name, address, address_norm)
SELECT %(organization)s, m.id, p.position, p.field, CASE p.field WHEN 'from' THEN m.from_name ELSE '' END,
       CASE p.field WHEN 'from' THEN m.from_address ELSE 'buzon1@penalba.example' END,
       CASE p.field WHEN 'from' THEN m.from_address ELSE 'buzon1@penalba.example' END
  FROM message m CROSS JOIN (VALUES (0, 'from'), (1, 'to')) p (position, field) WHERE m.organization_id = %(organization)s;
INSERT INTO message_placement (organization_id, folder_id, uid, message_id, thread_id, sent_at, is_read, is_starred, is_answered,
       keywords, created_at, updated_at)
SELECT %(organization)s, f.id, m.id, m.id, m.thread_id, m.sent_at, m.id %% 50 <> 0, m.id %% 200 = 0, false, '{}', now(), now()
  FROM message m
  JOIN (SELECT id, row_number() OVER (ORDER BY id) AS nth FROM mail_account WHERE organization_id = %(organization)s) a
    ON a.nth = CASE WHEN m.id %% 100 < 28 THEN 1 ELSE 2 + m.id %% (%(accounts)s - 1) END
  JOIN mail_folder f ON f.account_id = a.id
   AND f.role = CASE m.id %% 100 / 28 WHEN 0 THEN 'inbox' WHEN 1 THEN 'inbox' WHEN 2 THEN 'sent' ELSE 'other' END
 WHERE m.organization_id = %(organization)s;
INSERT INTO folder_thread (organization_id, folder_id, thread_id, last_at, messages, unread, starred, last_message_id)
SELECT organization_id, folder_id, thread_id, max(sent_at), count(*), count(*) FILTER (WHERE NOT is_read),
       count(*) FILTER (WHERE is_starred), (array_agg(message_id ORDER BY sent_at DESC))[1]
  FROM message_placement WHERE organization_id = %(organization)s GROUP BY 1, 2, 3;
INSERT INTO attachment (organization_id, message_id, part, file_name, media_type, size_bytes, is_inline, created_at, updated_at)
SELECT %(organization)s, id, 1, 'documento ' || id || '.pdf', 'application/pdf', 80000, false, now(), now()
  FROM message WHERE organization_id = %(organization)s AND has_attachments;
INSERT INTO message_text (organization_id, message_id, sent_at, body, lang)
SELECT %(organization)s, m.id, m.sent_at, m.subject || E'\\n' || m.from_name || ' ' || m.from_address || E'\\nbuzon1@penalba.example\\n' || w.words,
       'mail_es'
  FROM message m CROSS JOIN LATERAL (
       SELECT string_agg(CASE WHEN k <= 20 THEN 'comun' || (m.id * k * 7919) %% 300
              ELSE 'palabra' || floor(27000 * power(((m.id * k * 104729) %% 1000003) / 1000003.0, 2))::int END, ' ') AS words
         FROM generate_series(1, 60) k) w
 WHERE m.organization_id = %(organization)s;
"""


def fill(connection: "psycopg.Connection[Any]", organization_id: int, rows: int) -> None:
    """The rows first and their indexes after, which is quicker; triggers rest meanwhile."""
    found = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY(%s)", [list(INDEXES)]
    ).fetchall()
    for index, _definition in found:
        connection.execute(f"DROP INDEX {index}")
    values = {
        "organization": organization_id,
        "accounts": ACCOUNTS,
        "rows": rows,
        "threads": rows * 9 // 20,
    }
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET search_path = public")
    for statement in FILL.split(";\n"):
        if statement.strip():
            connection.execute(statement, values)
    connection.execute("SET session_replication_role = origin")
    connection.execute("SET maintenance_work_mem = '512MB'")
    for _index, definition in found:
        connection.execute(definition)
    connection.execute("VACUUM ANALYZE")
