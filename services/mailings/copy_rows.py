"""The further addresses of messages that are sent again."""

from collections.abc import Sequence

from sqlalchemy import text

from models.base import db

# A blind copy for our own archive goes once, if the mailing says so (X1-07); who did not get it still waits for it.
PUT_BACK = text("""
UPDATE delivery_copy c SET smtp_code = NULL, smtp_text = NULL, bounced_at = NULL,
    state = CASE WHEN c.role = 'bcc' AND c.state IN ('accepted', 'left_out') AND coalesce(m.bcc_once, true)
                 THEN 'left_out' ELSE 'waiting' END
  FROM delivery d LEFT JOIN mailing m ON m.id = d.mailing_id
 WHERE d.id = c.delivery_id AND c.delivery_id = ANY(:deliveries)
""")


def put_copies_back(delivery_ids: Sequence[int]) -> None:
    """The copies of these messages go out again with them, except what goes with the first sending only."""
    if delivery_ids:
        db.session.execute(PUT_BACK, {"deliveries": list(delivery_ids)})
