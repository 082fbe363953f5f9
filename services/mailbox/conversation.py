"""A whole conversation, as far as somebody may read it, with where its messages lie."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select

from errors import NotFound
from models.any_of import is_any_of
from models.base import db
from models.mailbox.attachment import Attachment
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import MailDraft
from models.mailbox.mail_folder import MailFolder
from models.mailbox.message import Message
from models.mailbox.message_party import MessageParty
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.thread import Thread
from models.people.user import User
from services.mailbox.readers import readable_by

MOST_MESSAGES = 200  # of one conversation that are shown: the newest


@dataclass(frozen=True)
class ReadMessage:
    """A message of a conversation with everything around its text."""

    message: Message
    placements: Sequence[MessagePlacement]
    parties: Sequence[MessageParty]
    attachments: Sequence[Attachment]

    @property
    def is_read(self) -> bool:
        return all(placement.is_read for placement in self.placements)

    @property
    def is_starred(self) -> bool:
        return any(placement.is_starred for placement in self.placements)


@dataclass(frozen=True)
class Conversation:
    """The messages from the oldest to the newest; `earlier` ones are not shown."""

    thread: Thread
    messages: Sequence[ReadMessage]
    earlier: int = 0

    @property
    def newest(self) -> ReadMessage:
        return self.messages[-1]

    @property
    def placements(self) -> Sequence[MessagePlacement]:
        return [placement for each in self.messages for placement in each.placements]


def conversation(public_id: uuid.UUID, person: User) -> Conversation:
    """The conversation of this name. Raises NotFound if this person may read nothing of it.

    Its folders and accounts are few, and whoever shows their names has read them for the menu: they are not asked for with it.
    """
    thread = _whole(db.session.scalar(select(Thread).where(Thread.public_id == public_id)))
    placements = (
        db.session.scalars(
            _readable(person)
            .where(MessagePlacement.thread_id == thread.id)
            .order_by(MessagePlacement.sent_at.desc(), MessagePlacement.id.desc())
        ).all()
        if thread
        else ()
    )
    if thread is None or not placements:
        raise NotFound("There is no such conversation for this person.")
    places: dict[int, list[MessagePlacement]] = {}
    for placement in placements:
        places.setdefault(placement.message_id, []).append(placement)
    keys = list(places)
    shown = keys[:MOST_MESSAGES]
    messages = {
        message.id: message
        for message in db.session.scalars(select(Message).where(is_any_of(Message.id, shown)))
    }
    parties: dict[int, list[MessageParty]] = {}
    for party in db.session.scalars(
        select(MessageParty)
        .where(is_any_of(MessageParty.message_id, shown))
        .order_by(MessageParty.message_id, MessageParty.position)
    ):
        parties.setdefault(party.message_id, []).append(party)
    files: dict[int, list[Attachment]] = {}
    for attachment in db.session.scalars(
        select(Attachment)
        .where(is_any_of(Attachment.message_id, shown))
        .order_by(Attachment.message_id, Attachment.part)
    ):
        files.setdefault(attachment.message_id, []).append(attachment)
    return Conversation(
        thread,
        [
            ReadMessage(
                messages[key],
                places[key],
                parties.get(key, ()),
                files.get(key, ()),
            )
            for key in reversed(shown)
            if key in messages
        ],
        len(keys) - len(shown),
    )


def message_to_read(public_id: uuid.UUID, person: User) -> Message:
    """The message of this name. Raises NotFound unless it lies in a folder that this person may read."""
    message: Message | None = db.session.scalar(
        select(Message).where(
            Message.public_id == public_id,
            _readable(person).where(MessagePlacement.message_id == Message.id).exists(),
        )
    )
    if message is None:
        raise NotFound("There is no such message for this person.")
    return message


def thread_to_read(public_id: uuid.UUID, person: User) -> Thread:
    """The conversation of this name, or the one it has become part of, without its messages. Raises NotFound like `conversation`."""
    thread = _whole(db.session.scalar(select(Thread).where(Thread.public_id == public_id)))
    if thread is None or not db.session.scalar(
        select(_readable(person).where(MessagePlacement.thread_id == thread.id).exists())
    ):
        raise NotFound("There is no such conversation for this person.")
    return thread


def thread_of(message: Message) -> Thread:
    """The conversation of this message."""
    thread: Thread = db.session.get_one(Thread, message.thread_id)
    return thread


def name_to_read(message_id: int, person: User) -> uuid.UUID | None:
    """The name of this message if this person may read it."""
    found: uuid.UUID | None = db.session.scalar(
        select(Message.public_id).where(
            Message.id == message_id,
            _readable(person).where(MessagePlacement.message_id == Message.id).exists(),
        )
    )
    return found


def attachment_to_read(public_id: uuid.UUID, part: int, person: User) -> tuple[Message, Attachment]:
    """The file at this part of the message. Raises NotFound like `message_to_read`, and where there is none."""
    message = message_to_read(public_id, person)
    attachment = db.session.scalar(
        select(Attachment).where(Attachment.message_id == message.id, Attachment.part == part)
    )
    if attachment is None:
        raise NotFound("There is no such file in this message.")
    return message, attachment


def _readable(person: User) -> Select[Any]:
    return (
        select(MessagePlacement)
        .join(MailFolder, MailFolder.id == MessagePlacement.folder_id)
        .join(MailAccount, MailAccount.id == MailFolder.account_id)
        .where(readable_by(person), MailFolder.gone_at.is_(None), ~is_copy_of_draft())
    )


def is_copy_of_draft() -> ColumnElement[bool]:
    """Of one that somebody writes here, as a condition on `MessagePlacement`: it is found as what it is, by its writer.

    Nor is that of one which has left or was given up a message: it waits to be taken away.
    """
    return exists().where(MailDraft.placement_id == MessagePlacement.id)


def _whole(thread: Thread | None) -> Thread | None:
    """The conversation that this one was found to belong to."""
    while thread is not None and thread.merged_into_id is not None:
        thread = db.session.get(Thread, thread.merged_into_id)
    return thread
