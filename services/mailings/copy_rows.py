"""The further addresses of messages that are sent again, and of those that a person knows to have arrived."""

from collections.abc import Sequence

from sqlalchemy import text

from models.base import db

# What some recipients got and others did not goes to the others only. Else a blind copy for our own archive goes once,
# if the mailing says so (X1-07); who did not get it still waits for it.
PUT_BACK = text("""
WITH partly AS (
  SELECT delivery_id FROM delivery_copy WHERE delivery_id = ANY(:deliveries) AND role = 'to' GROUP BY delivery_id
  HAVING bool_or(state = 'accepted') AND bool_or(state IN ('refused', 'left_out'))
)
UPDATE delivery_copy c SET smtp_code = NULL, smtp_text = NULL, bounced_at = NULL,
    state = CASE WHEN c.role = 'bcc' AND c.state IN ('accepted', 'left_out') AND coalesce(m.bcc_once, true)
                 THEN 'left_out' ELSE 'waiting' END
  FROM delivery d LEFT JOIN mailing m ON m.id = d.mailing_id
 WHERE d.id = c.delivery_id AND c.delivery_id = ANY(:deliveries)
   AND c.state <> 'replaced' AND (c.delivery_id NOT IN (SELECT delivery_id FROM partly)
        OR c.state = 'refused' OR (c.state = 'left_out' AND c.role = 'to'))
""")
TAKEN = text("""
UPDATE delivery_copy SET state = 'accepted' WHERE delivery_id = :delivery AND state = 'waiting'
""")


def put_copies_back(delivery_ids: Sequence[int]) -> None:
    """The copies of these messages go out again with them, except to who got theirs already."""
    if delivery_ids:
        db.session.execute(PUT_BACK, {"deliveries": list(delivery_ids)})


def note_taken(delivery_id: int) -> None:
    """A person knows that the message arrived: who it was offered to has it."""
    db.session.execute(TAKEN, {"delivery": delivery_id})
