"""Messages that lie in no folder any more, since somebody has deleted them for good: a month later they go, too.

A folder that is away for a while, or a mailbox that is read anew, gives them a place again until then.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from models.base import db, utc_now
from models.mailbox.message import Message
from models.tenancy import Actor, across_organizations, acting_in

KEPT_FOR = timedelta(days=30)
AT_ONCE = 500
MOST = 20_000  # of an organization, in one night

LIES = "EXISTS (SELECT FROM message_placement p WHERE p.organization_id = m.organization_id AND p.message_id = m.id)"
PLACED = text(
    "UPDATE message m SET unplaced_at = NULL WHERE m.organization_id = :organization"
    f" AND m.unplaced_at IS NOT NULL AND {LIES}"  # nosec B608
)
UNPLACED = text(
    "UPDATE message SET unplaced_at = now() WHERE id IN (SELECT m.id FROM message m"
    f" WHERE m.organization_id = :organization AND m.unplaced_at IS NULL AND NOT {LIES}"  # nosec B608
    " LIMIT :most FOR UPDATE SKIP LOCKED)"
)
# What speaks of a message holds it: a document or a delivery of one, a comment, a report, what is still to be done, what is being written.
DUE = text(
    "SELECT m.id FROM message m WHERE m.organization_id = :organization AND m.unplaced_at <= :before"
    f" AND NOT m.is_to_examine AND NOT {LIES}"  # nosec B608
    " AND NOT EXISTS (SELECT FROM message_link l WHERE l.message_id = m.id AND l.document_id IS NOT NULL)"
    " AND NOT EXISTS (SELECT FROM delivery_document d WHERE d.delivery_id = m.delivery_id)"
    " AND NOT EXISTS (SELECT FROM comment c WHERE c.message_id = m.id)"
    " AND NOT EXISTS (SELECT FROM delivery_report r WHERE r.message_id = m.id)"
    " AND NOT EXISTS (SELECT FROM mail_draft f WHERE f.follows_id = m.id AND f.state IN ('writing', 'leaving'))"
    " AND NOT EXISTS (SELECT FROM mailbox_operation o WHERE o.organization_id = m.organization_id AND o.message_id = m.id"
    " AND (o.state IN ('pending', 'started') OR (o.state IN ('gone', 'failed') AND o.noticed_at IS NULL)))"
    " ORDER BY m.unplaced_at, m.id LIMIT :most FOR UPDATE SKIP LOCKED"
)
FORGET = (
    text("UPDATE mail_draft SET follows_id = NULL WHERE follows_id = ANY(:messages)"),
    text(
        "DELETE FROM mailbox_operation WHERE organization_id = :organization AND message_id = ANY(:messages)"
    ),
    text("DELETE FROM message WHERE id = ANY(:messages)"),
)


def organizations_with_messages() -> Sequence[int]:
    """Those that have read mail."""
    with across_organizations():
        found = db.session.scalars(select(Message.organization_id).distinct()).all()
    db.session.rollback()
    return found


def delete_unplaced(organization_id: int) -> int:
    """Note what lies nowhere, and delete what has done so for long; how many. Commits as it goes, and may die anywhere."""
    here, count = {"organization": organization_id}, 0
    with acting_in(organization_id, actor=Actor(source="job")):
        db.session.execute(PLACED, here)
        db.session.execute(UNPLACED, here | {"most": MOST})
        db.session.commit()
        while count < MOST and (some := _delete_due(organization_id)):
            count += some
    return count


def _delete_due(organization_id: int) -> int:
    here = {"organization": organization_id}
    told = here | {"before": utc_now() - KEPT_FOR, "most": AT_ONCE}
    messages = db.session.scalars(DUE, told).all()
    try:
        for statement in FORGET if messages else ():
            wanted = {name: here.get(name, messages) for name in statement.compile().params}
            db.session.execute(statement, wanted)
    except IntegrityError:  # one of them is spoken of again: the next night looks anew
        db.session.rollback()
        return 0
    db.session.commit()
    return len(messages)
