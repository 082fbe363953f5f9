"""Conversations that may belong to one: the same person wrote about the same a few days apart, and no id says so (X3-07).

They are only ever suggested to whoever reads: the subject ties nothing (`threads.py`).
"""

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import select

from mail.envelope import comparable
from mail.subjects import bare_subject
from models.any_of import is_any_of
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import MailFolder
from models.mailbox.message import Message
from models.mailbox.message_party import MessageParty, PartyField
from models.mailbox.message_placement import MessagePlacement
from models.people.user import User
from services.mailbox.conversation import Conversation, is_copy_of_draft
from services.mailbox.mail_place import HIDDEN
from services.mailbox.readers import readable_by

APART = timedelta(days=14)
MOST_LOOKED_AT = 500  # messages of these senders, those that came last
MOST_SUGGESTED = 3


def alike(found: Conversation, person: User, *, own: Collection[str]) -> Sequence[Message]:
    """The newest message of each, the newest first; `own` are addresses of ours, who write to everybody."""
    written = [each.message for each in found.messages if not each.message.is_automatic]
    senders = {comparable(each.from_address) for each in written} - {*own, ""}
    subject = bare_subject(found.messages[0].message.subject).casefold()
    if not senders or not subject:
        return ()
    theirs = (
        select(MessageParty.message_id)
        .where(is_any_of(MessageParty.address_norm, senders), MessageParty.field == PartyField.FROM)
        .order_by(MessageParty.message_id.desc())
        .limit(MOST_LOOKED_AT)
    )
    is_shown = (
        select(MessagePlacement.id)
        .join(MailFolder, MailFolder.id == MessagePlacement.folder_id)
        .join(MailAccount, MailAccount.id == MailFolder.account_id)
        .where(
            MessagePlacement.message_id == Message.id,
            readable_by(person),
            MailFolder.gone_at.is_(None),
            MailFolder.role.not_in(HIDDEN),
            ~is_copy_of_draft(),
        )
        .exists()
    )
    near = select(Message.id, Message.subject).where(
        Message.id.in_(theirs),
        Message.thread_id != found.thread.id,
        Message.sent_at.between(
            found.messages[0].message.sent_at - APART, found.newest.message.sent_at + APART
        ),
        ~Message.is_automatic,
    )
    keys = [
        key
        for key, written_about in db.session.execute(near)
        if bare_subject(written_about).casefold() == subject
    ]
    if not keys:
        return ()
    candidates = db.session.scalars(
        select(Message)
        .where(is_any_of(Message.id, keys), is_shown)
        .order_by(Message.sent_at.desc())
    )
    newest: dict[int, Message] = {}
    for message in candidates:
        newest.setdefault(message.thread_id, message)
    return list(newest.values())[:MOST_SUGGESTED]
