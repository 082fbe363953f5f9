"""The statements of the ledger: one of them records and fences together (`docs/architecture.md`).

`%b` sends parameters in binary form; `$1` is for statements that are sent past psycopg's cursors.
"""

ACCOUNT_LOCK = 7  # first key of the advisory lock; the second is the account

TAKE = "SELECT pg_try_advisory_lock(7, %b::int)"
RELEASE = "SELECT pg_advisory_unlock(7, %b::int)"

# The lock says that the account's sender is dead: what it was sending may have left.
REAP = """
WITH reaped AS (
  UPDATE delivery_state SET state = 'unconfirmed', reason_code = 'crash_in_data'
   WHERE account_id = ANY(%b::bigint[]) AND is_open AND state = 'sending'
  RETURNING delivery_id, organization_id, account_id, attempt_count, data_at, owner
)
INSERT INTO delivery_attempt
  (delivery_id, n, organization_id, account_id, started_at, ended_at, worker, phase, outcome)
SELECT delivery_id, attempt_count, organization_id, account_id, data_at, clock_timestamp(), owner, 'data', 'unconfirmed'
  FROM reaped ON CONFLICT DO NOTHING
"""

# Records of what was answered and fences of what is about to leave: one statement, one commit, one round trip.
# $1 records as JSON, $2 ids to fence, $3 owner, $4 most attempts, $5 waits in seconds.
# A record that comes late finds its row `unconfirmed`, and says what it was; only its own owner's.
# A message to several stays *sent* when it is tried again for those who were refused, and they are refused again.
SETTLE = """
WITH record AS (
  SELECT *, NOT fenced AND phase IS NOT NULL AS counts FROM json_to_recordset($1::json)
    AS r(id bigint, fenced bool, state text, reason text, detail text, code int, enhanced text, told text,
         queue_id text, phase text, began timestamptz, at timestamptz, wait float8, copies json)
), settled AS (
  UPDATE delivery_state s SET
    state = CASE WHEN r.state NOT IN ('queued', 'failed', 'skipped') THEN r.state
      WHEN r.state = 'queued' AND s.attempt_count - s.attempts_before + r.counts::int < $4::int THEN 'queued'
      WHEN EXISTS (SELECT FROM delivery_copy a WHERE a.delivery_id = s.delivery_id AND a.role = 'to' AND a.state = 'accepted')
        THEN 'sent'
      WHEN r.state = 'queued' THEN 'failed' ELSE r.state END,
    reason_code = r.reason, reason_detail = r.detail, smtp_code = r.code,
    sent_at = CASE WHEN r.state = 'sent' THEN r.at ELSE s.sent_at END,
    not_before = CASE WHEN r.state = 'queued' THEN r.at + make_interval(secs => CASE WHEN r.wait >= 0 THEN r.wait
        ELSE ($5::float8[])[least(s.attempt_count - s.attempts_before + r.counts::int, cardinality($5::float8[]))] * (0.8 + 0.4 * random()) END)
      ELSE s.not_before END,
    attempt_count = s.attempt_count + r.counts::int
  FROM record r
  WHERE s.delivery_id = r.id AND CASE WHEN r.fenced THEN s.state IN ('sending', 'unconfirmed') AND s.owner = $3
                                      ELSE s.state = 'queued' END
  RETURNING s.delivery_id, s.organization_id, s.account_id, s.attempt_count, coalesce(r.began, s.data_at) AS began, r.at,
    r.phase, r.code, r.enhanced, r.told, r.queue_id, s.state, r.state AS came_to, r.copies
), copied AS (
  UPDATE delivery_copy c SET smtp_code = k.code, smtp_text = k.told,
    state = CASE WHEN k.code >= 400 THEN 'refused' WHEN t.came_to <> 'sent' THEN c.state
      WHEN k.code IS NULL THEN 'left_out' ELSE 'accepted' END
  FROM settled t JOIN delivery_copy w ON w.delivery_id = t.delivery_id AND w.state = 'waiting'
    LEFT JOIN LATERAL json_to_recordset(t.copies) AS k(address text, code int, told text) ON k.address = w.address
  WHERE t.copies IS NOT NULL AND t.state IN ('sent', 'failed') AND c.delivery_id = w.delivery_id AND c.n = w.n
), noted AS (
  INSERT INTO delivery_attempt (delivery_id, n, organization_id, account_id, started_at, ended_at, worker, phase,
    smtp_code, enhanced_code, smtp_text, queue_id, outcome)
  SELECT delivery_id, attempt_count, organization_id, account_id, began, at, $3, phase, code, enhanced, told, queue_id,
    CASE WHEN came_to = 'sent' THEN 'ok' WHEN state = 'queued' THEN 'temp_fail' WHEN state = 'unconfirmed' THEN 'unconfirmed'
      ELSE 'perm_fail' END
  FROM settled WHERE phase IS NOT NULL
  ON CONFLICT (delivery_id, n) DO UPDATE SET ended_at = excluded.ended_at, phase = excluded.phase,
    smtp_code = excluded.smtp_code, enhanced_code = excluded.enhanced_code, smtp_text = excluded.smtp_text,
    queue_id = excluded.queue_id, outcome = excluded.outcome
)
UPDATE delivery_state s SET state = 'sending', owner = $3, data_at = clock_timestamp(), attempt_count = s.attempt_count + 1
 WHERE s.delivery_id = ANY($2::bigint[]) AND s.state = 'queued'
   AND (s.mailing_id IS NULL OR (SELECT m.state FROM mailing m WHERE m.id = s.mailing_id) = 'sending')
RETURNING s.delivery_id
"""

# Sub-selects of one row, so that each looks one key up: joins would read whole tables for a hundred rows.
# Read only: no claim is written. Whether the documents are the customer's and in force, whether the customer is on hold,
# and whether the addresses may be written to, is looked at again here. `own` is null for a message to one address, else
# whether that one waits for it: another may have been refused, and is tried again alone.
MESSAGE = """
SELECT d.id, s.mailing_id, d.envelope_from, d.recipient, d.size_bytes, b.head, b.parts, s.attempt_count,
  d.kind IN ('bulk', 'single') AND coalesce((SELECT x.until IS NULL OR x.until > now() FROM suppression x
    WHERE x.organization_id = d.organization_id AND x.address_norm = d.recipient_norm AND x.scope = 'all'), false)
    AS is_suppressed,
  CASE WHEN EXISTS (SELECT FROM delivery_document dd WHERE dd.delivery_id = d.id
    AND (SELECT o.customer_id FROM document o WHERE o.id = dd.document_id AND o.organization_id = d.organization_id)
      IS DISTINCT FROM d.customer_id) THEN 'document_excluded'
    WHEN d.kind IN ('bulk', 'single') AND EXISTS (SELECT FROM delivery_document dd WHERE dd.delivery_id = d.id
    AND (SELECT o.state FROM document o WHERE o.id = dd.document_id AND o.organization_id = d.organization_id) = 'void')
      THEN 'document_void'
    WHEN d.kind IN ('bulk', 'single') AND (SELECT k.on_hold FROM customer k WHERE k.id = d.customer_id
      AND k.organization_id = d.organization_id) THEN 'on_hold' END AS objection,
  (SELECT c.state = 'waiting' FROM delivery_copy c WHERE c.delivery_id = d.id AND c.n = 0) AS own,
  ARRAY(SELECT c.address FROM delivery_copy c WHERE c.delivery_id = d.id AND c.n > 0 AND c.state = 'waiting'
    AND NOT EXISTS (SELECT FROM suppression x WHERE x.organization_id = d.organization_id AND x.scope = 'all'
      AND x.address_norm = c.address_norm AND (x.until IS NULL OR x.until > now()))
    ORDER BY c.role <> 'to', c.n) AS copies,
  (SELECT count(*)::int FROM delivery_copy c WHERE c.delivery_id = d.id AND c.n > 0 AND c.state = 'waiting' AND c.role = 'to'
    AND NOT EXISTS (SELECT FROM suppression x WHERE x.organization_id = d.organization_id AND x.scope = 'all'
      AND x.address_norm = c.address_norm AND (x.until IS NULL OR x.until > now()))) AS beside,
  ARRAY(SELECT c.address FROM delivery_copy c WHERE c.delivery_id = d.id AND c.state = 'waiting' AND c.role = 'to'
    AND EXISTS (SELECT FROM suppression x WHERE x.organization_id = d.organization_id AND x.scope = 'all'
      AND x.address_norm = c.address_norm AND (x.until IS NULL OR x.until > now())) ORDER BY c.n) AS held
"""

FEED_ROWS = """
FROM (
  SELECT q.delivery_id, q.mailing_id, q.attempt_count - q.attempts_before AS attempt_count, q.priority, q.not_before
    FROM delivery_state q
   WHERE q.account_id = %b AND q.is_open AND q.state = 'queued' AND q.not_before <= now()
     AND NOT q.delivery_id = ANY(%b::bigint[])
     AND (q.mailing_id IS NULL OR (SELECT m.state FROM mailing m WHERE m.id = q.mailing_id) = 'sending')
   ORDER BY q.priority, q.not_before, q.delivery_id LIMIT %b
) s
JOIN delivery d ON d.id = s.delivery_id
JOIN delivery_body b ON b.delivery_id = d.id
ORDER BY s.priority, s.not_before, s.delivery_id
"""
FEED = MESSAGE + FEED_ROWS

# What a mailing would hand to the feed if it was started, from one delivery on.
WAITING_ROWS = """
FROM (
  SELECT q.delivery_id, q.mailing_id, q.attempt_count - q.attempts_before AS attempt_count
    FROM delivery m JOIN delivery_state q ON q.delivery_id = m.id
   WHERE m.mailing_id = %b AND m.id > %b AND q.mailing_id = m.mailing_id AND q.state IN ('prepared', 'queued')
   ORDER BY m.id LIMIT %b
) s
JOIN delivery d ON d.id = s.delivery_id
JOIN delivery_body b ON b.delivery_id = d.id
ORDER BY s.delivery_id
"""
WAITING = MESSAGE + WAITING_ROWS

# Seconds since the end of every attempt of the last day: what the limits' windows begin with.
RECENT_ATTEMPTS = """
SELECT extract(epoch FROM clock_timestamp() - ended_at)::float8 FROM delivery_attempt
 WHERE account_id = %b AND started_at > clock_timestamp() - make_interval(secs => %b)
"""
