"""Answers to what we have sent are tied to what they answer; from a contact of that customer they become a comment there (P-06).

The sender of an e-mail can be forged, but not the name of a message that only its recipients know: together they are as good
as the address itself. The message stays in its mailbox, whatever becomes of it here.
"""

import re
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from errors import Invalid
from files.store import FileStore
from mail.envelope import normalised
from mail.errors import InvalidAddress
from mail.parsing import ParsedMessage, part_of
from mail.written_words import written_words
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.message import Message
from models.mailbox.message_link import LinkedBy, MessageLink
from models.mailbox.message_placement import MessagePlacement
from models.people.contact import Contact, ContactEmail, CustomerContact
from models.portal.portal_event import PortalEventKind
from models.portal.portal_user import MembershipState, PortalMembership, PortalUser
from models.sales.document import Document
from models.sales.document_state import DocumentState
from models.tenancy import current_scope
from models.work.comment import MOST_FILES, Comment
from models.work.project import Project
from services.mailbox.answered import Answered, answered_by
from services.portal.events import note_answered
from services.system.uploads import MOST_BYTES, Upload, receive
from services.work.mailed_comments import is_commented_by, mailed_since, write_mailed_comment

MOST_DOCUMENTS = 5  # that one answer is written at, if it names none of them
MOST_A_DAY = 200  # comments of a contact, as in the portal
MOST_TRIED = 20  # files
NOT_RECEIVED = (FolderRole.SENT, FolderRole.DRAFTS, FolderRole.JUNK, FolderRole.TRASH)


def take_answer(message: Message, parsed: ParsedMessage, raw: bytes, store: FileStore) -> None:
    """Tie it, and comment; twice does no harm. Nothing for what we have written ourselves."""
    address = _norm(message.from_address)
    if address is None or parsed.is_automatic or _is_ours(address):
        return
    answered = answered_by(parsed.references)
    if answered is None:
        return
    _link(message, answered)
    contact = _contact_at(answered, address)
    if contact is None or not answered.is_nearest or not _is_received(message):
        return
    day_before = message.received_at - timedelta(days=1)
    if is_commented_by(message.id) or mailed_since(contact.id, day_before) >= MOST_A_DAY:
        return
    words = written_words(parsed)
    subjects = _subjects(answered, f"{message.subject}\n{words}")
    if subjects:
        _comment(message, subjects, contact, words, _files(parsed, raw, store))


def _comment(
    message: Message,
    subjects: Sequence[Document | Project],
    contact: Contact,
    words: str,
    files: Sequence[Upload],
) -> None:
    body = words or ", ".join(file.name for file in files)
    if not body:
        return
    written: list[Comment] = [
        write_mailed_comment(
            subject,
            body,
            contact=contact,
            message_id=message.id,
            at=message.received_at,
            files=files,
        )
        for subject in subjects
    ]
    first = written[0]
    about = {"project": first.project.name} if first.project is not None else {}
    # Staff hear of it as of a comment in the portal, once.
    note_answered(
        PortalEventKind.COMMENTED,
        first.customer_id,
        first.document,
        contact.name,
        comment=first.id,
        **about,
    )


def _subjects(answered: Answered, words: str) -> Sequence[Document | Project]:
    """Of several documents those that are named, else all of a few."""
    if answered.project is not None:
        return [answered.project]
    documents = [each for each in answered.documents if each.state is not DocumentState.DRAFT]
    named = [each for each in documents if _is_named(each, words)]
    return (named or documents)[:MOST_DOCUMENTS]


def _is_named(document: Document, words: str) -> bool:
    label = re.escape(document.label)
    return re.search(rf"(?<![\w-]){label}(?![\w-])", words, re.IGNORECASE) is not None


def _files(parsed: ParsedMessage, raw: bytes, store: FileStore) -> list[Upload]:
    """What a comment may have; the others are in the mailbox."""
    kept: list[Upload] = []
    for file in parsed.attachments[:MOST_TRIED]:
        if file.is_inline or file.size_bytes > 2 * MOST_BYTES or len(kept) == MOST_FILES:
            continue
        try:
            kept.append(receive(part_of(raw, file.part), file.file_name, store=store))
        except Invalid:
            continue  # as the portal would not take it
    return kept


def _link(message: Message, answered: Answered) -> None:
    now = func.now()
    document_ids: list[int | None] = [each.id for each in answered.documents]
    rows = [
        {
            "organization_id": current_scope().organization_id,
            "message_id": message.id,
            "customer_id": answered.customer_id,
            "document_id": document_id,
            "linked_by": LinkedBy.ANSWER,
            "created_at": now,
            "updated_at": now,
        }
        for document_id in document_ids or [None]
    ]
    db.session.execute(insert(MessageLink).values(rows).on_conflict_do_nothing())


def _contact_at(answered: Answered, address: str) -> Contact | None:
    """The active contact of the customer with this address, their own or that of their way into the portal."""
    has_address: ColumnElement[bool] = exists().where(
        ContactEmail.contact_id == Contact.id, ContactEmail.address_norm == address
    )
    signs_in: ColumnElement[bool] = exists().where(
        PortalMembership.contact_id == Contact.id,
        PortalMembership.customer_id == answered.customer_id,
        PortalMembership.state == MembershipState.VALIDATED,
        PortalUser.id == PortalMembership.portal_user_id,
        PortalUser.email_norm == address,
        PortalUser.is_active,
    )
    wrote_to = case((Contact.id == answered.contact_id, 0), else_=1)
    return db.session.scalars(
        select(Contact)
        .join(
            CustomerContact,
            and_(
                CustomerContact.contact_id == Contact.id,
                CustomerContact.customer_id == answered.customer_id,
            ),
        )
        .where(Contact.is_active, or_(has_address, signs_in))
        .order_by(wrote_to, Contact.id)
        .limit(1)
    ).one_or_none()


def _is_received(message: Message) -> bool:
    """Whether it lies where people find what came for them."""
    query = (
        select(MessagePlacement.id)
        .join(MailFolder, MailFolder.id == MessagePlacement.folder_id)
        .where(MessagePlacement.message_id == message.id, MailFolder.role.not_in(NOT_RECEIVED))
        .limit(1)
    )
    return db.session.scalar(query) is not None


def _is_ours(address: str) -> bool:
    query = select(MailAccount.id).where(MailAccount.address_norm == address).limit(1)
    return db.session.scalar(query) is not None


def _norm(address: str) -> str | None:
    try:
        return normalised(address)
    except InvalidAddress:
        return None
