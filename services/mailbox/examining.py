"""Received messages that are about something which we have sent: what came back, and what was answered.

The rows of `message` with `is_to_examine` are the queue, written when they are taken in. Each is looked at in a transaction of its
own, which takes the mark away; whoever dies leaves it, and twice does no harm.
"""

import logging
import time
from collections.abc import Iterator

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from errors import AppError, NotFound
from mail.parsing import parse_message
from models.base import db
from models.mailbox.message import Message
from models.tenancy import Actor, across_organizations, acting_in
from services.mailbox.answers import take_answer
from services.mailbox.bounce_reading import BounceReader
from services.mailbox.message_bytes import pack_store, raw_of
from services.mailings.bounces import note_bounce

AT_ONCE = 100
logger = logging.getLogger(__name__)


def examine_messages(*, seconds: float = 120) -> int:
    """Look at what waits in all organizations, for so long; commits each. Returns how many were looked at."""
    ends, count = time.monotonic() + seconds, 0
    with across_organizations():
        keys = db.session.scalars(
            select(Message.organization_id).where(Message.is_to_examine).distinct()
        ).all()
    db.session.rollback()
    for key in keys:
        with acting_in(key, actor=Actor(source="job")), BounceReader() as reader:
            for message_id in _waiting():
                count += _examine(message_id, reader)
                if time.monotonic() >= ends:
                    return count
    return count


def are_messages_to_examine() -> bool:
    """Whether any organization has some."""
    with across_organizations():
        found = db.session.scalar(select(Message.id).where(Message.is_to_examine).limit(1))
    db.session.rollback()
    return found is not None


def _waiting() -> Iterator[int]:
    """Once through all of them; what cannot be looked at now waits for the next time."""
    last = 0
    while True:
        keys = db.session.scalars(
            select(Message.id)
            .where(Message.is_to_examine, Message.id > last)
            .order_by(Message.id)
            .limit(AT_ONCE)
        ).all()
        db.session.rollback()
        yield from keys
        if len(keys) < AT_ONCE:
            return
        last = keys[-1]


def _examine(message_id: int, reader: BounceReader) -> bool:
    try:
        message = db.session.scalars(
            select(Message)
            .where(Message.id == message_id, Message.is_to_examine)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if message is not None:
            _look_at(message, reader)
            message.is_to_examine = False
        db.session.commit()
        return message is not None
    except NotFound:
        db.session.rollback()  # its bytes were deleted
    except AppError as problem:
        db.session.rollback()
        logger.warning("message %s cannot be examined yet: %s", message_id, problem.message)
        return False
    except OperationalError:
        raise  # the database is away: no message's fault
    except Exception:
        logger.exception("message %s cannot be examined", message_id)
        db.session.rollback()
    db.session.execute(
        update(Message)
        .where(Message.id == message_id)
        .values(is_to_examine=False)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return True


def _look_at(message: Message, reader: BounceReader) -> None:
    raw = raw_of(message)
    if message.is_bounce:
        noted = note_bounce(reader.read(raw), message_id=message.id, at=message.received_at)
        logger.info("message %s reports on %d deliveries", message.id, len(noted))
    else:
        take_answer(message, parse_message(raw), raw, pack_store())
