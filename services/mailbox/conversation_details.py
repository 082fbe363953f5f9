"""What a list says beside a conversation: how many messages, to whom they go, what became of them, until when it waits."""

from collections.abc import Collection, Mapping

from sqlalchemy import and_, exists, func, or_, select

from models.any_of import is_any_of
from models.base import db
from models.mailbox.message import Message
from models.mailbox.message_party import MessageParty, PartyField
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.snooze import Snooze
from models.mailings.delivery import DeliveryState


def messages_of(thread_ids: Collection[int], folder_ids: Collection[int]) -> Mapping[int, int]:
    """How many messages of each conversation lie in these folders, each once."""
    lies_there = exists().where(
        MessagePlacement.message_id == Message.id,
        MessagePlacement.organization_id == Message.organization_id,
        is_any_of(MessagePlacement.folder_id, folder_ids),
    )
    rows = db.session.execute(
        select(Message.thread_id, func.count())
        .where(is_any_of(Message.thread_id, thread_ids), lies_there)
        .group_by(Message.thread_id)
    )
    return dict(rows.all())


def recipients_of(message_ids: Collection[int]) -> Mapping[int, str]:
    """To whom each message goes, as a list of one's own messages says it."""
    rows = db.session.execute(
        select(MessageParty.message_id, MessageParty.name, MessageParty.address)
        .where(is_any_of(MessageParty.message_id, message_ids), MessageParty.field == PartyField.TO)
        .order_by(MessageParty.message_id, MessageParty.position)
    )
    found: dict[int, list[str]] = {}
    for message_id, name, address in rows:
        found.setdefault(message_id, []).append(name or address)
    return {message_id: ", ".join(names[:3]) for message_id, names in found.items()}


def snoozes_of(pairs: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], Snooze]:
    """Of these folders and conversations, those that wait, and those that are back and nobody has opened."""
    asked = set(pairs)
    found = select(Snooze).where(
        is_any_of(Snooze.folder_id, {folder_id for folder_id, _thread in asked}),
        is_any_of(Snooze.thread_id, {thread_id for _folder, thread_id in asked}),
        or_(
            Snooze.snoozed_until.is_not(None),
            and_(Snooze.back_at.is_not(None), Snooze.noticed_at.is_(None)),
        ),
    )
    by_pair = {(each.folder_id, each.thread_id): each for each in db.session.scalars(found)}
    return {pair: each for pair, each in by_pair.items() if pair in asked}


def deliveries_of(messages: Collection[Message]) -> Mapping[int, DeliveryState]:
    """What became of those that left from here (S3-19), by delivery."""
    keys = {message.delivery_id for message in messages if message.delivery_id is not None}
    if not keys:
        return {}
    found = select(DeliveryState).where(is_any_of(DeliveryState.delivery_id, keys))
    return {state.delivery_id: state for state in db.session.scalars(found)}
