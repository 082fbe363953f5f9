"""The statements that take in a batch of messages: one each, however many there are.

Rows come as arrays or as JSON and not by COPY, which row-level security does not allow.
"""

from sqlalchemy import text

# In no order: asked for one, the planner may go through all messages of the organization in it.
KNOWN = text(
    "SELECT id, message_id_header, content_sha256, thread_id, subject FROM message"
    " WHERE organization_id = :organization AND message_id_header = ANY(CAST(:ids AS text[]))"
)
NEW_MESSAGES = text(
    "INSERT INTO message (organization_id, public_id, thread_id, message_id_header, content_sha256, in_reply_to,"
    " from_name, from_address, sender_name, sender_address, subject, sent_at, received_at, snippet, size_bytes,"
    " has_attachments, is_automatic, is_bounce, is_to_examine, pack_id, pack_offset, pack_length, created_at, updated_at)"
    " SELECT :organization, public_id, thread_id, header, decode(sha256, 'hex'), in_reply_to, from_name, from_address,"
    " sender_name, sender_address, subject, sent_at, received_at, snippet, size_bytes, has_attachments, is_automatic,"
    " is_bounce, is_to_examine, pack_id, pack_offset, pack_length, now(), now()"
    " FROM json_to_recordset(CAST(:rows AS json)) AS r(public_id uuid, thread_id bigint, header text, sha256 text,"
    " in_reply_to text, from_name text, from_address text, sender_name text, sender_address text, subject text,"
    " sent_at timestamptz, received_at timestamptz, snippet text, size_bytes bigint, has_attachments boolean,"
    " is_automatic boolean, is_bounce boolean, is_to_examine boolean, pack_id bigint, pack_offset bigint, pack_length bigint)"
    " ON CONFLICT (organization_id, message_id_header, content_sha256) DO NOTHING"
    " RETURNING id, message_id_header, content_sha256"
)
NEW_PARTIES = text(
    "INSERT INTO message_party (organization_id, message_id, position, field, name, address, address_norm)"
    " SELECT :organization, m, p, f, n, a, o FROM unnest(CAST(:messages AS bigint[]), CAST(:positions AS bigint[]),"
    " CAST(:fields AS text[]), CAST(:names AS text[]), CAST(:addresses AS text[]), CAST(:norms AS text[]))"
    " AS u(m, p, f, n, a, o)"
)
NEW_FILES = text(
    "INSERT INTO attachment (organization_id, message_id, part, file_name, media_type, size_bytes, content_id, is_inline,"
    " created_at, updated_at)"
    " SELECT :organization, m, p, n, t, s, c, i, now(), now() FROM unnest(CAST(:messages AS bigint[]),"
    " CAST(:parts AS bigint[]), CAST(:names AS text[]), CAST(:types AS text[]), CAST(:sizes AS bigint[]),"
    " CAST(:content_ids AS text[]), CAST(:inline AS boolean[])) AS u(m, p, n, t, s, c, i)"
)
# Put here by its reader before the server has numbered it: now it has.
HAS_UNNUMBERED = text(
    "SELECT EXISTS (SELECT FROM message_placement WHERE folder_id = :folder AND uid IS NULL)"
)
ADOPT = text(
    "WITH r AS (SELECT u, m, row_number() OVER (PARTITION BY m ORDER BY u) AS n"
    " FROM unnest(CAST(:uids AS bigint[]), CAST(:messages AS bigint[])) AS r(u, m)"
    " WHERE NOT EXISTS (SELECT FROM message_placement WHERE folder_id = :folder AND uid = u)),"
    " p AS (SELECT id, message_id, row_number() OVER (PARTITION BY message_id ORDER BY id) AS n"
    " FROM message_placement WHERE folder_id = :folder AND uid IS NULL AND message_id = ANY(:messages))"
    " UPDATE message_placement SET uid = r.u, updated_at = now() FROM r JOIN p ON p.message_id = r.m AND p.n = r.n"
    " WHERE message_placement.id = p.id"
)
# A placement that is here already keeps what its reader sees. The keys come back in the order of the rows, those without
# a UID by their message: one equality, since an OR would compare each row with each.
NEW_PLACEMENTS = text(
    "WITH r AS (SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS r(n int, uid bigint, message_id bigint,"
    " thread_id bigint, sent_at timestamptz, is_read boolean, is_starred boolean, is_answered boolean, keywords text[])),"
    " made AS (INSERT INTO message_placement (organization_id, folder_id, uid, message_id, thread_id, sent_at, is_read,"
    " is_starred, is_answered, keywords, created_at, updated_at)"
    " SELECT :organization, :folder, uid, message_id, thread_id, sent_at, is_read, is_starred, is_answered, keywords,"
    " now(), now() FROM r ORDER BY n"
    " ON CONFLICT (folder_id, uid) DO UPDATE SET updated_at = now() RETURNING id, uid, message_id)"
    " SELECT n, id FROM (SELECT made.id, r.n, row_number() OVER (PARTITION BY r.n ORDER BY made.id) AS nth,"
    " row_number() OVER (PARTITION BY made.id ORDER BY r.n) AS nth_row"
    " FROM r JOIN made ON coalesce(made.uid, -made.message_id) = coalesce(r.uid, -r.message_id)"
    ") AS pairs WHERE nth = nth_row"
)
NEW_WORDS = text(
    "INSERT INTO message_text (organization_id, message_id, sent_at, body, lang)"
    " SELECT :organization, m, sent_at, b, CAST(l AS regconfig) FROM unnest(CAST(:messages AS bigint[]),"
    " CAST(:bodies AS text[]), CAST(:langs AS text[])) AS u(m, b, l) JOIN message ON message.id = m"
    " ON CONFLICT (message_id) DO NOTHING"
)
