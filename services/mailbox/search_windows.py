"""From when on the newest so many messages were sent: a search looks at those first."""

from datetime import UTC, datetime

from sqlalchemy import select

from models.base import db
from models.mailbox.message_text import MessageText

WINDOWS = (8_000, 40_000)  # messages, from the newest on
# From which message to which one looks how close they lie; the newest ones may have come with a wrong clock.
SAMPLE = (500, 2_000)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def begins_of_windows(until: datetime) -> list[datetime]:
    """When about so many messages before this moment had been sent: to count them would take longer than to search them."""
    nearer, farther = (
        select(MessageText.sent_at)
        .where(MessageText.sent_at < until)
        .order_by(MessageText.sent_at.desc())
        .offset(messages)
        .limit(1)
        .scalar_subquery()
        for messages in SAMPLE
    )
    near, far = db.session.execute(select(nearer, farther)).one()
    if far is None:
        return []
    return [
        far - min((near - far) * ((window - SAMPLE[1]) / (SAMPLE[1] - SAMPLE[0])), far - BEGINNING)
        for window in WINDOWS
    ]
