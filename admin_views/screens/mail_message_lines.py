"""The messages of a conversation as it is read: who, to whom, what may be wrong with it, and its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from admin_views.screens.mail_header_words import (
    doubt_words,
    header_fields,
    header_words,
    missed_words,
    recipients_words,
)
from admin_views.screens.mail_times import mail_times
from admin_views.screens.mailing_recipient import badge_of
from admin_views.screens.mailing_words import size_words
from admin_views.sender_words import sender_addresses, sender_words
from admin_views.shell import initials
from mail.envelope import comparable
from mail.sender_doubts import doubts_about
from models.mailbox.attachment import Attachment
from models.mailbox.mail_folder import FolderRole
from services.mailbox.conversation import Conversation
from services.mailbox.conversation_details import deliveries_of
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


def message_lines(found: Conversation, own: set[str]) -> list[MessageLine]:
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
