"""Whether the ledger of a mailing is in order: the invariants that the fault tests check, for production too."""

from collections.abc import Callable

from sqlalchemy import text

from models.base import db
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import ENDED, MailingState
from services.mailings.frozen_rows import content_hash_of
from services.mailings.status import counts_of

GRACE_SECONDS = 60
STOP_SLACK_SECONDS = 2

# Every query finds what is wrong; an invariant holds when it finds nothing.
INCOMPLETE = """
SELECT 1 FROM delivery d
  LEFT JOIN delivery_state s ON s.delivery_id = d.id LEFT JOIN delivery_body b ON b.delivery_id = d.id
 WHERE d.mailing_id = :mailing AND d.kind IN ('bulk', 'single')
   AND (s.delivery_id IS NULL OR b.delivery_id IS NULL OR s.mailing_id IS DISTINCT FROM d.mailing_id)
UNION ALL
SELECT 1 FROM delivery_document dd JOIN delivery d ON d.id = dd.delivery_id
  JOIN document o ON o.id = dd.document_id
 WHERE d.mailing_id = :mailing AND (o.customer_id <> d.customer_id OR o.organization_id <> d.organization_id)
"""
SENT_WITHOUT_ANSWER = """
SELECT 1 FROM delivery_state s WHERE s.mailing_id = :mailing AND s.state = 'sent'
   AND s.reason_code IS DISTINCT FROM 'manual'
   AND NOT EXISTS (SELECT FROM delivery_attempt a WHERE a.delivery_id = s.delivery_id AND a.outcome = 'ok'
                     AND a.smtp_code BETWEEN 200 AND 299)
"""
# Only a person sends something a second time that a server may have taken; of a message to several each time is for
# others.
TAKEN_TWICE = """
SELECT 1 FROM delivery_attempt a JOIN delivery d ON d.id = a.delivery_id
 WHERE d.mailing_id = :mailing AND a.outcome IN ('ok', 'unconfirmed')
 GROUP BY a.delivery_id, d.organization_id
HAVING count(*) > greatest(1, (SELECT count(*) FROM delivery_copy c WHERE c.delivery_id = a.delivery_id))
  + (SELECT count(*) FROM audit_event e WHERE e.organization_id = d.organization_id
  AND e.entity = 'delivery' AND e.entity_id = a.delivery_id AND e.action IN ('resolve', 'resend')
  AND e.after->>'as' = 'resend')
"""
DOUBT_UNEXPLAINED = """
SELECT 1 FROM delivery_state s WHERE s.mailing_id = :mailing AND s.state = 'unconfirmed'
   AND NOT EXISTS (SELECT FROM delivery_attempt a WHERE a.delivery_id = s.delivery_id AND a.n = s.attempt_count
                     AND a.outcome = 'unconfirmed' AND a.phase = 'data')
"""
ORPHANS = """
SELECT 1 FROM delivery_state s WHERE s.mailing_id = :mailing AND s.state = 'sending'
   AND s.data_at < clock_timestamp() - make_interval(secs => :grace)
   AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = 7 AND l.objid = s.account_id
                     AND l.objsubid = 2 AND l.granted)
"""
ENDED_WITH_OPEN_ROWS = """
SELECT 1 FROM delivery_state s JOIN mailing m ON m.id = s.mailing_id
 WHERE m.id = :mailing AND m.state IN ('finished', 'finished_with_errors', 'cancelled')
   AND s.state IN ('prepared', 'queued', 'sending')
"""
# Nothing open, nobody at work, and still not ended.
NEVER_ENDED = """
SELECT 1 FROM mailing m WHERE m.id = :mailing AND m.state IN ('sending', 'stopping')
   AND m.updated_at < now() - make_interval(secs => :grace)
   AND NOT EXISTS (SELECT FROM delivery_state s WHERE s.mailing_id = m.id AND s.state IN ('prepared', 'queued', 'sending'))
   AND NOT EXISTS (SELECT FROM delivery_attempt a JOIN delivery_state s ON s.delivery_id = a.delivery_id
     WHERE s.mailing_id = m.id AND a.ended_at > clock_timestamp() - make_interval(secs => :grace))
"""
IDLE_LOCKS = """
SELECT 1 FROM pg_locks l JOIN mailing m ON m.account_id = l.objid JOIN pg_stat_activity p ON p.pid = l.pid
 WHERE m.id = :mailing AND l.locktype = 'advisory' AND l.classid = 7 AND l.objsubid = 2 AND l.granted
   AND p.state = 'idle' AND p.state_change < clock_timestamp() - make_interval(secs => 10 * :grace)
   AND NOT EXISTS (SELECT FROM delivery_state s WHERE s.account_id = m.account_id AND s.is_open)
"""
SENT_AFTER_STOP = """
WITH moves AS (
  SELECT at, action, lead(at) OVER (ORDER BY id) AS until FROM audit_event
   WHERE organization_id = :organization AND entity = 'mailing' AND entity_id = :mailing
     AND action IN ('start', 'go_on', 'stop', 'reopen')
)
SELECT 1 FROM delivery_attempt a JOIN delivery_state s ON s.delivery_id = a.delivery_id JOIN moves v
    ON v.action = 'stop' AND a.started_at > v.at + make_interval(secs => :slack)
   AND (v.until IS NULL OR a.started_at < v.until)
 WHERE s.mailing_id = :mailing AND a.phase IN ('data', 'done')
"""
AUDITED = """
SELECT action, count(*) FROM audit_event
 WHERE organization_id = :organization AND entity = 'mailing' AND entity_id = :mailing GROUP BY action
"""
BY_STATE = "SELECT state, count(*) FROM delivery_state WHERE mailing_id = :mailing GROUP BY state"


def verify_mailing(mailing: Mailing) -> dict[str, bool]:
    """The invariants I1 to I10, as far as the database alone can tell; True where one holds."""
    checks: dict[str, Callable[[], bool]] = {
        "I1": lambda: _is_whole(mailing),
        "I2": lambda: _finds_nothing(mailing, SENT_WITHOUT_ANSWER),
        "I3": lambda: _finds_nothing(mailing, TAKEN_TWICE),
        "I4": lambda: _finds_nothing(mailing, DOUBT_UNEXPLAINED),
        "I5": lambda: _finds_nothing(mailing, ORPHANS),
        "I6": lambda: _is_audited(mailing),
        "I7": lambda: (
            _finds_nothing(mailing, ENDED_WITH_OPEN_ROWS) and _finds_nothing(mailing, NEVER_ENDED)
        ),
        "I8": lambda: _screens_agree(mailing),
        "I9": lambda: _finds_nothing(mailing, IDLE_LOCKS),
        "I10": lambda: _finds_nothing(mailing, SENT_AFTER_STOP),
    }
    return {name: check() for name, check in checks.items()}


def _is_whole(mailing: Mailing) -> bool:
    """Every message has its row and its body, documents are the customer's, and nothing frozen has changed."""
    if not _finds_nothing(mailing, INCOMPLETE):
        return False
    return mailing.content_hash is None or mailing.content_hash == content_hash_of(mailing.id)


def _is_audited(mailing: Mailing) -> bool:
    """One start; one end for each time that it was begun or opened again and has come to its end."""
    said = _counted(mailing, AUDITED)
    starts = said.get("start", 0)
    if starts != (1 if mailing.started_at else 0):
        return False
    ends = said.get("finish", 0)
    begun = starts + said.get("reopen", 0)
    is_finished = mailing.state in ENDED - {MailingState.CANCELLED}
    return ends == begun if is_finished else ends <= begun


def _screens_agree(mailing: Mailing) -> bool:
    """What is shown, summed up here once more in another way."""
    rows = _counted(mailing, BY_STATE)
    shown = counts_of(mailing.id)
    return all(shown[state] == rows.get(state, 0) for state in shown if state != "skipped")


def _counted(mailing: Mailing, query: str) -> dict[str, int]:
    return {name: int(count) for name, count in db.session.execute(text(query), _names(mailing))}


def _finds_nothing(mailing: Mailing, query: str) -> bool:
    found = db.session.execute(text(f"{query} LIMIT 1"), _names(mailing))  # nosec B608  # constants
    return found.first() is None


def _names(mailing: Mailing) -> dict[str, int]:
    return {
        "mailing": mailing.id,
        "organization": mailing.organization_id,
        "grace": GRACE_SECONDS,
        "slack": STOP_SLACK_SECONDS,
    }
