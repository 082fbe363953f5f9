"""From when on the newest so many messages were sent: a search looks at those first."""

from datetime import UTC, datetime

from sqlalchemy import select

from models.base import db
from models.mailbox.message_text import MessageText

WINDOWS = (8_000, 40_000)  # messages, from the newest on
# From this one to the end of the first window one looks how close they lie; the newest may have come with a wrong clock.
NEAR = 2_000
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def begins_of_windows(until: datetime) -> list[datetime]:
    """When the messages of each window before this moment had been sent; none where there are fewer than the first one holds.

    The first, which is always looked at, holds just so many. How far the second reaches is guessed from how close those lie:
    to count it would take longer than to search it.
    """
    nearer, farther = (
        select(MessageText.sent_at)
        .where(MessageText.sent_at < until)
        .order_by(MessageText.sent_at.desc())
        .offset(messages - 1)
        .limit(1)
        .scalar_subquery()
        for messages in (NEAR, WINDOWS[0])
    )
    near, far = db.session.execute(select(nearer, farther)).one()
    if far is None:
        return []
    as_close = (near - far) * ((WINDOWS[1] - WINDOWS[0]) / (WINDOWS[0] - NEAR))
    return [far, far - min(as_close, far - BEGINNING)]
