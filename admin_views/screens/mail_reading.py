"""The conversation that is read: its messages from the oldest to the newest, the newest open (S3-26)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from admin_views.reader_formats import full_moment, number
from admin_views.record_links import linked
from admin_views.screens.mail_door import allows, compose_url
from admin_views.screens.mail_folders import dot_of
from admin_views.screens.mail_header_words import (
    doubt_words,
    header_fields,
    header_words,
    missed_words,
    recipients_words,
)
from admin_views.screens.mail_list import waiting_words
from admin_views.screens.mail_place import MailPlace
from admin_views.screens.mail_times import mail_times
from admin_views.screens.mailing_recipient import badge_of
from admin_views.screens.mailing_words import size_words
from admin_views.sender_words import sender_addresses, sender_words
from admin_views.shell import initials
from mail.envelope import comparable
from mail.sender_doubts import doubts_about
from models.any_of import is_any_of
from models.base import db
from models.mailbox.attachment import Attachment
from models.mailbox.mail_folder import FolderRole
from models.mailbox.message_link import MessageLink
from models.people.customer import Customer
from models.people.user import User
from models.sales.document import Document
from services.mailbox.alike_conversations import alike
from services.mailbox.conversation import Conversation, conversation
from services.mailbox.conversation_list import deliveries_of, snoozes_of
from services.mailbox.customer_ties import customers_of_messages
from services.mailbox.known_domains import known_domains
from services.mailings.not_reached import not_reached

FILE_ICONS = (
    ("application/pdf", "file-type-pdf"),
    ("image/", "photo"),
    ("text/calendar", "calendar"),
    ("message/", "mail"),
)


@dataclass(frozen=True)
class FileLine:
    """A file of a message; it is only ever downloaded."""

    name: str
    size: str
    icon: str
    url: str


@dataclass(frozen=True, kw_only=True)
class MessageLine:
    """A message of the conversation."""

    public_id: str
    who: str
    address: str
    initials: str
    to: str
    header: Sequence[tuple[str, str]]
    snippet: str
    time: str
    exact_time: str
    is_open: bool
    is_unread: bool
    is_starred: bool
    body_url: str
    source_url: str
    files: Sequence[FileLine]
    warnings: Sequence[str]
    badge: Any
    folder: str
    continue_url: str | None  # of a draft that was begun elsewhere


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Everything that the right side of the page shows."""

    subject: str
    public_id: str
    messages: Sequence[MessageLine]
    earlier: str
    alike: Sequence[tuple[str, str]]  # address and words of what may belong to it
    customers: Sequence[tuple[Customer, Any]]  # and the link to them, or their name
    documents: Sequence[Any]  # links or names
    reply: Sequence[tuple[str, str, str, str]]  # key, icon, words, address
    first_name: str
    keys: Sequence[str]  # of its rows in the list: what is done to it is done to these
    unread_keys: Sequence[str]
    is_starred: bool
    waits: str
    is_waiting: bool
    dot: str
    account: str
    back_url: str


def reading_of(place: MailPlace, person: User) -> Reading | None:
    """The open conversation; NotFound where this person may read nothing of it."""
    assert place.open is not None
    found = conversation(place.open, person)
    own = {account.address_norm for account in place.mailboxes.accounts}
    newest = found.newest.message
    accounts = {p.folder.account_id: p.folder.account for p in found.placements}
    shown = place.mailboxes.shown
    account = next((each for each in shown if each.id in accounts), None) or next(
        iter(accounts.values())
    )
    write = partial(compose_url, beside=place.query)
    snoozes = snoozes_of([(p.folder_id, p.thread_id) for p in found.placements])
    here = {folder.id for folder in place.folders}
    back = {pair for pair, each in snoozes.items() if each.is_back}
    snooze = next((each for each in snoozes.values() if each.folder_id in here), None)
    return Reading(
        subject=found.messages[0].message.subject or _("(without subject)"),
        public_id=str(found.thread.public_id),
        messages=_lines(found, own),
        earlier=ngettext(
            "%(count)s earlier message is not shown",
            "%(count)s earlier messages are not shown",
            found.earlier,
            count=number(found.earlier),
        )
        if found.earlier
        else "",
        alike=[
            (
                place.url(open=each.thread.public_id),
                _(
                    "“%(subject)s” of %(when)s",
                    subject=each.subject,
                    when=full_moment(each.sent_at),
                ),
            )
            for each in alike(found, person, own=own)
        ],
        customers=_customers(found),
        documents=_documents(found),
        reply=[
            ("r", "arrow-back-up", _("Reply"), write("reply", newest)),
            ("a", "arrow-back-up-double", _("Reply to all"), write("reply_all", newest)),
            ("f", "arrow-forward-up", _("Forward"), write("forward", newest)),
        ]
        if allows("edit")
        else [],
        first_name=(newest.from_name or newest.from_address).split(" ")[0],
        keys=_keys(place, found),
        unread_keys=[
            f"{p.folder_id}-{p.thread_id}"
            for p in _once(found)
            if not p.is_read or (p.folder_id, p.thread_id) in back
        ],
        is_starred=any(each.is_starred for each in found.messages),
        waits=waiting_words(snooze),
        is_waiting=snooze is not None and not snooze.is_back,
        dot=dot_of(place.mailboxes, account.id) if len(place.mailboxes.accounts) > 1 else "",
        account=account.address,
        back_url=place.url(open=None),
    )


def _once(found: Conversation) -> list[Any]:
    """One placement for each folder in which something is unread, and one for each of the others."""
    by_folder: dict[int, Any] = {}
    for placement in found.placements:
        before = by_folder.get(placement.folder_id)
        if before is None or (before.is_read and not placement.is_read):
            by_folder[placement.folder_id] = placement
    return list(by_folder.values())


def _keys(place: MailPlace, found: Conversation) -> list[str]:
    """The rows of the place one stands at; for what was found elsewhere, all that are not in the trash."""
    here = {folder.id for folder in place.folders}
    rows = _once(found)
    at_place = [row for row in rows if row.folder_id in here] or rows
    return [f"{row.folder_id}-{row.thread_id}" for row in at_place]


def _lines(found: Conversation, own: set[str]) -> list[MessageLine]:
    deliveries = deliveries_of([each.message for each in found.messages])
    missed = not_reached(deliveries.values())
    senders = {
        comparable(address)
        for each in found.messages
        for address in (each.message.from_address, each.message.sender_address)
        if address
    } - own
    domains = known_domains() if senders else ()
    times, words = mail_times(), header_words()
    lines = []
    for each in found.messages:
        message = each.message
        exact_time = times.full(message.sent_at)
        # Those of its text, source and files are below it (`mail_message.py`).
        address = url_for("mail_area.message", public_id=message.public_id)
        delivery = deliveries.get(message.delivery_id or 0)
        is_own = comparable(message.from_address) in own
        doubts = [] if is_own else doubts_about(message.from_name, message.from_address, domains)
        if message.sender_address and comparable(message.sender_address) not in own:
            doubts += doubts_about(message.sender_name, message.sender_address, domains)
        lines.append(
            MessageLine(
                public_id=str(message.public_id),
                who=sender_words(message),
                address=sender_addresses(message),
                initials=initials(message.from_name or message.from_address),
                to=recipients_words(each.parties, own),
                header=header_fields(each, exact_time, words),
                snippet=message.snippet,
                time=times.short(message.sent_at),
                exact_time=exact_time,
                is_open=each is found.newest or not each.is_read,
                is_unread=not each.is_read,
                is_starred=each.is_starred,
                body_url=f"{address}/body",
                source_url=f"{address}/message.eml",
                files=[_file(address, one) for one in each.attachments if not one.is_inline],
                warnings=[
                    *(doubt_words(doubt) for doubt in doubts),
                    *(missed_words(one) for one in missed.get(message.delivery_id or 0, ())),
                ],
                badge=badge_of(
                    delivery.state, delivery.reason_code, bounced=delivery.bounced_at is not None
                )
                if delivery
                else None,
                continue_url=url_for("mail_area.continue_message", public_id=message.public_id)
                if any(p.folder.role is FolderRole.DRAFTS for p in each.placements)
                else None,
                folder=", ".join(dict.fromkeys(p.folder.name for p in each.placements)),
            )
        )
    return lines


def _file(address: str, attachment: Attachment) -> FileLine:
    symbol = next(
        (symbol for kind, symbol in FILE_ICONS if attachment.media_type.startswith(kind)),
        "paperclip",
    )
    return FileLine(
        attachment.file_name or _("Attachment %(number)s", number=attachment.part),
        size_words(attachment.size_bytes),
        symbol,
        f"{address}/files/{attachment.part}",
    )


def _customers(found: Conversation) -> list[tuple[Customer, Any]]:
    """Those that it is with."""
    by_message = customers_of_messages([each.message for each in found.messages])
    customers = {each.id: each for tied in by_message.values() for each in tied}
    return [(each, linked(each, each.name)) for each in customers.values()]


def _documents(found: Conversation) -> list[Any]:
    """Those that it is about."""
    documents = db.session.scalars(
        select(Document)
        .join(MessageLink, MessageLink.document_id == Document.id)
        .where(is_any_of(MessageLink.message_id, [each.message.id for each in found.messages]))
        .order_by(Document.id)
        .distinct()
    )
    return [linked(each, str(each)) for each in documents]
