"""A draft that was begun in another program is continued here: it becomes one of ours, which its copy in the mailbox stands for."""

import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from errors import Conflict, NotFound
from files.store import FileStore
from mail.address_list import write_addresses
from mail.parsing import ParsedMessage
from models.base import db, utc_now
from models.mailbox.mail_draft import DraftKind, DraftState, MailDraft
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from models.people.user import User
from models.public_id import uuid7
from services.mailbox.customer_ties import customers_of_messages
from services.mailbox.draft_files import keep_parts, keep_pictures
from services.mailbox.drafts import TEXTS, UNSENT
from services.mailbox.quoted_original import html_of, parsed_original
from services.mailbox.readers import is_readable_by, readable_by
from services.mailbox.senders import accounts_to_send_as


def draft_behind(message: Message) -> MailDraft | None:
    """The draft that this message is the copy of, while it is written."""
    found: MailDraft | None = db.session.scalar(
        select(MailDraft)
        .join(MessagePlacement, MessagePlacement.id == MailDraft.placement_id)
        .where(MessagePlacement.message_id == message.id, MailDraft.state.in_(UNSENT))
        .limit(1)
    )
    return found


def own_draft_behind(public_id: uuid.UUID, person: User) -> MailDraft | None:
    """The same by the name of the message, if it is this person's."""
    message = db.session.scalar(select(Message).where(Message.public_id == public_id))
    draft = draft_behind(message) if message is not None else None
    return draft if draft is not None and draft.user_id == person.id else None


def continue_draft(message: Message, person: User, store: FileStore) -> MailDraft:
    """The draft of ours for this one. Raises NotFound where it lies in no drafts, Conflict while somebody else writes it."""
    placement = db.session.scalars(
        select(MessagePlacement)
        .join(MessagePlacement.folder)
        .join(MailFolder.account)
        .where(
            MessagePlacement.message_id == message.id,
            MailFolder.role == FolderRole.DRAFTS,
            MailFolder.gone_at.is_(None),
            readable_by(person),
        )
        .order_by(MessagePlacement.id)
        .limit(1)
        .with_for_update(of=MessagePlacement)
    ).one_or_none()
    read = parsed_original(message)
    if placement is None or read is None:
        raise NotFound("There is no such draft in a mailbox of this person.")
    known = draft_behind(message)
    if known is not None:
        if known.user_id != person.id and known.state is DraftState.LEAVING:
            raise Conflict(_("Somebody else has sent this message: it is about to leave."))
        if known.user_id != person.id:
            raise Conflict(_("Somebody else is writing this message."))
        return known
    parsed, raw = read
    senders = {each.id for each in accounts_to_send_as(person)}
    account_id = placement.folder.account_id
    customers = customers_of_messages([message])[message.id]
    follows = _followed(parsed, person)
    draft = MailDraft(
        public_id=uuid7(),
        user_id=person.id,
        account_id=account_id if account_id in senders else None,
        kind=DraftKind.REPLY if follows is not None else DraftKind.NEW,
        state=DraftState.WRITING,
        follows=follows,
        customer_id=customers[0].id if customers else None,
        revision=1,
        synced_revision=1,
        placement_id=placement.id,
        saved_at=utc_now(),
        fields=_fields(parsed),
    )
    db.session.add(draft)
    db.session.flush()
    if parsed.html:
        html, pictures = html_of(parsed, raw)
        draft.fields = draft.fields | {"body_html": html}
        keep_pictures(draft, pictures, store)
    keep_parts(draft, message, raw, store)
    return draft


def _fields(parsed: ParsedMessage) -> dict[str, Any]:
    fields: dict[str, Any] = dict.fromkeys(TEXTS, "")
    fields |= {"is_plain": not parsed.html, "quotes": False, "subject": parsed.subject}
    for name in ("to", "cc", "bcc"):
        people = [(each.name, each.address) for each in parsed.parties if each.field == name]
        fields[name] = write_addresses(people)
    if not parsed.html:
        fields["body_text"] = parsed.text
    return fields


def _followed(parsed: ParsedMessage, person: User) -> Message | None:
    """The message that it answers, if this person may read it."""
    if not parsed.in_reply_to:
        return None
    found: Message | None = db.session.scalar(
        select(Message)
        .where(Message.message_id_header == parsed.in_reply_to, is_readable_by(person))
        .order_by(Message.id)
        .limit(1)
    )
    return found
