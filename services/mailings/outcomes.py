"""What follows from answers: addresses that bounced, documents that were sent. Set by set, safe to repeat."""

from collections.abc import Sequence

from sqlalchemy import text

from models.base import db

# 5.1.x is about the address; without an extended code 550, 551 and 553 at RCPT are (RFC 5321, section 4.2.3).
BOUNCES = text("""
WITH bounced AS (
  UPDATE delivery_state s SET bounced_at = coalesce(a.ended_at, now())
    FROM delivery d, delivery_attempt a
   WHERE s.organization_id = :organization AND s.mailing_id = ANY(:mailings) AND s.state = 'failed'
     AND s.reason_code = 'recipient_rejected' AND s.bounced_at IS NULL
     AND d.id = s.delivery_id AND a.delivery_id = s.delivery_id AND a.n = s.attempt_count AND a.phase = 'rcpt'
     AND (a.enhanced_code LIKE '5.1.%' OR (a.enhanced_code IS NULL AND a.smtp_code IN (550, 551, 553)))
  RETURNING d.recipient_norm, d.id, a.smtp_code, a.enhanced_code, s.bounced_at
), told AS (
  SELECT DISTINCT ON (recipient_norm) *, concat_ws(' ', smtp_code, enhanced_code) AS code FROM bounced
  ORDER BY recipient_norm, id
), marked AS (
  UPDATE contact_email e SET state = 'bounced', last_failure_at = t.bounced_at, last_failure_code = t.code,
      updated_at = now()
    FROM told t WHERE e.organization_id = :organization AND e.address_norm = t.recipient_norm
)
INSERT INTO suppression (organization_id, public_id, version, address_norm, scope, reason, source_delivery_id,
  created_at, updated_at)
SELECT :organization, gen_random_uuid(), 1, recipient_norm, 'all', 'SMTP ' || code, id, now(), now() FROM told
ON CONFLICT DO NOTHING
""")

# The same for those who were to get a copy; a server answers each address on its own.
COPY_BOUNCES = text("""
WITH bounced AS (
  UPDATE delivery_copy c SET bounced_at = now()
    FROM delivery_state s
   WHERE s.organization_id = :organization AND s.mailing_id = ANY(:mailings) AND c.delivery_id = s.delivery_id
     AND c.state = 'refused' AND c.bounced_at IS NULL
     AND (c.smtp_text LIKE '5.1.%' OR (c.smtp_text !~ '^5[.]' AND c.smtp_code IN (550, 551, 553)))
  RETURNING c.address_norm, c.delivery_id, c.smtp_code, substring(c.smtp_text FROM '^5[.][0-9]+[.][0-9]+') AS enhanced
), told AS (
  SELECT DISTINCT ON (address_norm) *, concat_ws(' ', smtp_code, enhanced) AS code FROM bounced
  ORDER BY address_norm, delivery_id
), marked AS (
  UPDATE contact_email e SET state = 'bounced', last_failure_at = now(), last_failure_code = t.code, updated_at = now()
    FROM told t WHERE e.organization_id = :organization AND e.address_norm = t.address_norm
)
INSERT INTO suppression (organization_id, public_id, version, address_norm, scope, reason, source_delivery_id,
  created_at, updated_at)
SELECT :organization, gen_random_uuid(), 1, address_norm, 'all', 'SMTP ' || code, delivery_id, now(), now() FROM told
ON CONFLICT DO NOTHING
""")

FIRST_SENT = text("""
UPDATE document o SET first_sent_at = t.sent_at
  FROM (SELECT dd.document_id, min(s.sent_at) AS sent_at
          FROM delivery_state s JOIN delivery d ON d.id = s.delivery_id AND d.kind IN ('bulk', 'single')
          JOIN delivery_document dd ON dd.delivery_id = s.delivery_id
         WHERE s.organization_id = :organization AND s.mailing_id = ANY(:mailings) AND s.state = 'sent'
         GROUP BY dd.document_id) t
 WHERE o.organization_id = :organization AND o.id = t.document_id AND o.first_sent_at IS NULL
""")


def note_outcomes(mailing_ids: Sequence[int], organization_id: int) -> None:
    """Mark what bounced, so that the next mailing leaves it out (X1-09), and when documents first left."""
    values = {"mailings": list(mailing_ids), "organization": organization_id}
    db.session.execute(BOUNCES, values)
    db.session.execute(COPY_BOUNCES, values)
    db.session.execute(FIRST_SENT, values)
