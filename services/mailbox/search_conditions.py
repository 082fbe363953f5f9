"""Which messages the fields of a question mean, and where its reader may look, as conditions of a query."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from mail.envelope import comparable
from models.any_of import is_any_of
from models.mailbox.attachment import Attachment
from models.mailbox.mail_folder import MailFolder
from models.mailbox.message import Message
from models.mailbox.message_party import MessageParty, PartyField
from models.mailbox.message_placement import MessagePlacement
from services.mailbox.search_question import ANY_FILE, Question


def conditions_of(question: Question, folders: Collection[MailFolder]) -> list[ColumnElement[bool]]:
    """The fields of the question, and that the message lies where its reader may look."""
    found: list[ColumnElement[bool]] = [
        exists().where(
            MessagePlacement.message_id == Message.id,
            MessagePlacement.organization_id == Message.organization_id,
            is_any_of(
                MessagePlacement.folder_id,
                [folder.id for folder in _of_accounts(question, folders)],
            ),
        )
    ]
    found += [_party((PartyField.FROM,), value) for value in question.values("sender")]
    to = (PartyField.TO, PartyField.CC, PartyField.BCC)
    found += [_party(to, value) for value in question.values("recipient")]
    found += [_says(Message.subject, value) for value in question.values("subject")]
    for value in question.values("file"):
        named = and_(Attachment.message_id == Message.id, ~Attachment.is_inline)
        if value.lower() not in ANY_FILE:
            named = and_(named, Attachment.file_name.icontains(value, autoescape=True))
        found += [Message.has_attachments.is_(True), exists().where(named).correlate(Message)]
    if question.since:
        found.append(Message.sent_at >= question.since)
    if question.until:
        found.append(Message.sent_at < question.until)
    return found


def _party(fields: Sequence[PartyField], value: str) -> ColumnElement[bool]:
    """Somebody in these fields by address, by a part of it, or by name."""
    if is_whole_address(value):  # its index names the messages
        whole = select(MessageParty.message_id).where(
            MessageParty.address_norm == comparable(value), MessageParty.field.in_(fields)
        )
        return Message.id.in_(whole)
    if PartyField.FROM in fields:  # the one sender stands in the message itself
        return _is_like(Message.from_address, Message.from_name, value)
    return exists().where(
        MessageParty.message_id == Message.id,
        MessageParty.field.in_(fields),
        _is_like(MessageParty.address, MessageParty.name, value),
    )


def is_whole_address(value: str) -> bool:
    """Whether it is all of an address."""
    return "@" in value.strip("@")


def _is_like(
    address: InstrumentedAttribute[str], name: InstrumentedAttribute[str], value: str
) -> ColumnElement[bool]:
    return or_(
        func.lower(address).contains(value.lower(), autoescape=True),
        _says(name, value),
    )


def _says(column: InstrumentedAttribute[str], value: str) -> ColumnElement[bool]:
    """Whatever the accents: to take them off costs ten times as much as the rest, so it is done where there may be any."""
    wanted = func.fold(value)
    return or_(
        func.strpos(func.lower(column), wanted) > 0,
        and_(
            func.octet_length(column) > func.char_length(column),
            func.strpos(func.fold(column), wanted) > 0,
        ),
    )


def _of_accounts(question: Question, folders: Collection[MailFolder]) -> list[MailFolder]:
    """Those of the accounts that the question names by a part of their address."""
    wanted = [value.lower() for value in question.values("account")]
    return [
        folder
        for folder in folders
        if all(value in folder.account.address_norm for value in wanted)
    ]
