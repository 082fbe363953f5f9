"""What looks odd in a mailing, as queries: each finds kind, message, customer, document and the facts of its sentence.

Each stands behind KEEP, which gives it the messages to look at as `messages` (all, or those that came late) and all of
the mailing's as `everything`, and runs over them at once.
`:organization` is named where a table is read at large, since the staff's role may read every organization.
"""

KEEP = """
INSERT INTO mailing_anomaly
  (organization_id, mailing_id, kind, delivery_id, customer_id, document_id, detail, created_at, updated_at)
WITH everything AS MATERIALIZED (
  SELECT d.* FROM delivery d
   WHERE d.organization_id = :organization AND d.mailing_id = :mailing AND d.kind IN ('bulk', 'single')
), messages AS MATERIALIZED (
  SELECT * FROM everything e WHERE CAST(:late AS bigint[]) IS NULL OR e.id = ANY (CAST(:late AS bigint[]))
), found (kind, delivery_id, customer_id, document_id, detail) AS (
"""
END = """
) SELECT :organization, :mailing, kind, delivery_id, customer_id, document_id, detail, now(), now() FROM found
"""

# Customers in the range to whom nothing goes. On hold is a decision, so it is not odd.
NO_ADDRESS = """
SELECT DISTINCT ON (x.customer_id) 'no_address', NULL::bigint, x.customer_id, NULL::bigint,
       jsonb_build_object('reason', x.reason_code)
  FROM mailing_exclusion x
 WHERE x.organization_id = :organization AND x.mailing_id = :mailing
   AND x.reason_code IN ('no_address', 'invalid_address', 'no_role', 'contact_inactive', 'suppressed')
   AND x.customer_id NOT IN (SELECT m.customer_id FROM messages m WHERE m.customer_id IS NOT NULL)
 ORDER BY x.customer_id, x.id
"""

# Left out because of it: told at another message of the same customer, if there is one.
BOUNCED_CONTACT = """
SELECT 'bounced_before', first.id, x.customer_id, NULL::bigint, jsonb_build_object('address', x.address, 'left_out', true)
  FROM mailing_exclusion x
  LEFT JOIN (SELECT m.customer_id, min(m.id) AS id FROM messages m GROUP BY m.customer_id) first
    ON first.customer_id = x.customer_id
 WHERE x.organization_id = :organization AND x.mailing_id = :mailing AND x.reason_code = 'bounced_before'
"""

# The address is good here, but came back before: at another contact, or before somebody called it good again.
BOUNCED_ADDRESS = """
WITH bounced AS (
  SELECT e.recipient_norm AS address, max(coalesce(s.bounced_at, e.created_at)) AS at
    FROM delivery_state s JOIN delivery e ON e.id = s.delivery_id
   WHERE s.organization_id = :organization
     AND (s.bounced_at IS NOT NULL OR (s.state = 'failed' AND s.reason_code = 'recipient_rejected'))
   GROUP BY e.recipient_norm
  UNION ALL
  SELECT c.address_norm, c.last_failure_at FROM contact_email c
   WHERE c.organization_id = :organization AND c.state IN ('bounced', 'complained', 'invalid')
)
SELECT 'bounced_before', m.id, m.customer_id, NULL::bigint,
       jsonb_build_object('address', m.recipient, 'at', max(b.at))
  FROM messages m JOIN bounced b ON b.address = m.recipient_norm
 GROUP BY m.id, m.customer_id, m.recipient
"""

# Of recipients and of contacts who get copies; addresses of our own get a copy of every message, and are nobody's.
SHARED_ADDRESS = """
WITH pairs AS MATERIALIZED (
  SELECT e.id, e.customer_id, e.recipient_norm AS norm, e.recipient AS address FROM everything e
  UNION ALL
  SELECT e.id, e.customer_id, c.address_norm, c.address FROM everything e JOIN delivery_copy c ON c.delivery_id = e.id
   WHERE c.n > 0 AND c.contact_id IS NOT NULL
), shared AS (
  SELECT p.norm, count(*) AS n, (array_agg(p.customer_id ORDER BY p.customer_id))[1:4] AS some
    FROM (SELECT DISTINCT norm, customer_id FROM pairs) p
   GROUP BY p.norm HAVING count(*) > 1
), named AS (
  SELECT s.norm, s.n, jsonb_object_agg(c.id, c.name) AS names
    FROM shared s JOIN customer c ON c.id = ANY (s.some) GROUP BY s.norm, s.n
)
SELECT 'shared_address', p.id, p.customer_id, NULL::bigint,
       jsonb_build_object('address', p.address, 'others', n.n - 1, 'names', n.names - p.customer_id::text)
  FROM pairs p JOIN named n ON n.norm = p.norm
 WHERE p.id IN (SELECT id FROM messages)
"""

# Everything that one document alone can tell, in one pass. A statement of account may well come to nothing or less,
# where the text does not speak of a debt (STATEMENT_ALONE).
DOCUMENTS = """
SELECT k.kind, m.id, m.customer_id, o.id, jsonb_build_object('document', o.label) || k.detail
  FROM messages m JOIN delivery_document dd ON dd.delivery_id = m.id JOIN document o ON o.id = dd.document_id
  CROSS JOIN LATERAL (VALUES
    ('zero_total', o.kind <> 'statement' AND o.total = 0, '{}'::jsonb),
    ('negative_total', o.kind <> 'statement' AND o.total < 0, jsonb_build_object('total', o.total::text, 'currency', o.currency)),
    ('past_due', o.kind = 'invoice' AND o.balance_due > 0 AND o.due_date < :today, jsonb_build_object('due', o.due_date)),
    ('missing_party', coalesce(btrim(o.bill_to->>'name'), '') = '' OR coalesce(btrim(o.bill_to->>'tax_id'), '') = '',
     jsonb_build_object('name', coalesce(btrim(o.bill_to->>'name'), '') = '',
                        'tax_id', coalesce(btrim(o.bill_to->>'tax_id'), '') = ''))
  ) k (kind, holds, detail)
 WHERE k.holds
"""

UNUSUAL_TOTAL = """
WITH mine AS MATERIALIZED (
  SELECT m.id AS delivery_id, o.id, o.customer_id, o.kind, o.currency, o.total, o.label
    FROM messages m JOIN delivery_document dd ON dd.delivery_id = m.id JOIN document o ON o.id = dd.document_id
), usual AS (
  SELECT h.customer_id, h.kind, h.currency, count(*) AS n,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY h.total) AS median
    FROM document h
   WHERE h.organization_id = :organization AND h.state NOT IN ('draft', 'void') AND h.issue_date >= :year_ago
     AND h.customer_id IN (SELECT customer_id FROM mine) AND h.id NOT IN (SELECT id FROM mine)
   GROUP BY h.customer_id, h.kind, h.currency HAVING count(*) >= 3
)
SELECT 'unusual_total', mine.delivery_id, mine.customer_id, mine.id,
       jsonb_build_object('document', mine.label, 'times', round((mine.total / u.median)::numeric), 'count', u.n,
                          'median', round(u.median::numeric, 2)::text, 'currency', mine.currency)
  FROM mine JOIN usual u USING (customer_id, kind, currency)
 WHERE mine.kind <> 'statement' AND u.median > 0 AND mine.total >= 10 * u.median
"""

OTHER_LANGUAGE = """
SELECT 'other_language', m.id, m.customer_id, NULL::bigint,
       jsonb_build_object('text', m.lang, 'wanted', coalesce(k.lang, c.lang))
  FROM messages m JOIN customer c ON c.id = m.customer_id LEFT JOIN contact k ON k.id = m.contact_id
 WHERE split_part(lower(coalesce(k.lang, c.lang)), '-', 1) <> split_part(lower(m.lang), '-', 1)
"""

# A message that may have left counts too.
SENT_BEFORE = """
SELECT DISTINCT ON (m.id, dd.document_id) 'sent_before', m.id, m.customer_id, dd.document_id,
       jsonb_build_object('document', o.label, 'number', other.number, 'mailing', other.public_id,
                          'at', coalesce(s.sent_at, s.data_at, e.created_at))
  FROM messages m
  JOIN delivery_document dd ON dd.delivery_id = m.id
  JOIN delivery_document earlier ON earlier.document_id = dd.document_id AND earlier.organization_id = :organization
  JOIN delivery e ON e.id = earlier.delivery_id AND e.organization_id = :organization AND e.kind = 'bulk'
    AND e.mailing_id <> :mailing
  JOIN delivery_state s ON s.delivery_id = e.id AND s.organization_id = :organization AND s.state IN ('sent', 'unconfirmed')
  JOIN mailing other ON other.id = e.mailing_id
  JOIN document o ON o.id = dd.document_id
 ORDER BY m.id, dd.document_id, coalesce(s.sent_at, s.data_at, e.created_at) DESC
"""

LARGE_MESSAGE = """
SELECT 'large_message', m.id, m.customer_id, NULL::bigint, jsonb_build_object('bytes', m.size_bytes)
  FROM messages m WHERE m.size_bytes > :large
"""

EXCLUSION_QUERIES = (NO_ADDRESS, BOUNCED_CONTACT)
MESSAGE_QUERIES = (
    *(BOUNCED_ADDRESS, SHARED_ADDRESS, DOCUMENTS, UNUSUAL_TOTAL),
    *(OTHER_LANGUAGE, SENT_BEFORE, LARGE_MESSAGE),
)

# Nothing but statements goes with the message, and what stands above them asks for money; `langs` are the languages whose
# text does.
STATEMENT_ALONE = """
SELECT CASE WHEN o.total = 0 THEN 'zero_total' ELSE 'negative_total' END, m.id, m.customer_id, o.id,
       jsonb_build_object('document', o.label, 'is_statement', true, 'total', o.total::text, 'currency', o.currency)
  FROM messages m JOIN delivery_document dd ON dd.delivery_id = m.id JOIN document o ON o.id = dd.document_id
 WHERE o.kind = 'statement' AND o.total <= 0 AND m.lang = ANY (CAST(:langs AS text[]))
   AND NOT EXISTS (SELECT FROM delivery_document beside JOIN document other ON other.id = beside.document_id
                    WHERE beside.delivery_id = m.id AND other.kind <> 'statement')
"""

# `langs` and `fields` stand side by side: the language of a text, and a field that is used in it.
EMPTY_FIELD = """
SELECT 'empty_field', m.id, m.customer_id, NULL::bigint, jsonb_build_object('field', f.field)
  FROM messages m
  JOIN unnest(CAST(:langs AS text[]), CAST(:fields AS text[])) f (lang, field) ON f.lang = m.lang
  JOIN customer c ON c.id = m.customer_id LEFT JOIN contact k ON k.id = m.contact_id
 WHERE coalesce(CASE f.field WHEN 'customer.name' THEN btrim(c.name) WHEN 'customer.number' THEN btrim(c.number)
                    WHEN 'customer.tax_id' THEN btrim(c.tax_id) WHEN 'contact.name' THEN btrim(k.name) END
           , '') = ''
"""
