"""What is written down of a new message: itself, who is named in it, which files it has."""

from collections.abc import Sequence
from typing import Any

from mail.delivery_marks import marks_in_ids
from mail.envelope import comparable
from mail.parsing import ParsedMessage
from models.base import db
from models.public_id import uuid7
from services.mailbox.array_values import plain_array, text_array
from services.mailbox.letters import OpenedLetter
from services.mailbox.taking_in_sql import NEW_FILES, NEW_PARTIES

SNIPPET = 200  # characters


def message_row(opened: OpenedLetter, thread_id: int, place: Any) -> dict[str, object]:
    """As the statement that writes several at once wants it; `place` is where its bytes are kept."""
    message, sender = opened.message, opened.message.sender
    acting = message.sent_by
    return {
        "public_id": str(uuid7()),
        "thread_id": thread_id,
        "header": message.message_id,
        "sha256": message.content_sha256.hex(),
        "in_reply_to": message.in_reply_to,
        "from_name": sender.name,
        "from_address": sender.address,
        "sender_name": acting.name if acting else "",
        "sender_address": acting.address if acting else "",
        "subject": message.subject,
        "sent_at": opened.sent_at.isoformat(),
        "received_at": opened.letter.received_at.isoformat(),
        "snippet": " ".join(message.text[: 2 * SNIPPET].split())[:SNIPPET],
        "size_bytes": len(opened.letter.raw),
        "has_attachments": message.has_files,
        "is_automatic": message.is_automatic,
        "is_bounce": message.is_bounce,
        "is_to_examine": message.is_bounce or _answers_us(message),
        "pack_id": place.pack_id,
        "pack_offset": place.offset,
        "pack_length": place.length,
    }


def write_details(
    organization_id: int, opened: Sequence[OpenedLetter], ids: dict[tuple[str, bytes], int]
) -> None:
    """Who is named in new messages, and which files they have."""
    parties = [
        (ids[each.key], position, party)
        for each in opened
        for position, party in enumerate(each.message.parties)
    ]
    if parties:
        db.session.execute(
            NEW_PARTIES,
            {
                "organization": organization_id,
                "messages": plain_array(key for key, _position, _party in parties),
                "positions": plain_array(position for _key, position, _party in parties),
                "fields": text_array(party.field for _key, _position, party in parties),
                "names": text_array(party.name for _key, _position, party in parties),
                "addresses": text_array(party.address for _key, _position, party in parties),
                "norms": text_array(
                    comparable(party.address) for _key, _position, party in parties
                ),
            },
        )
    files = [(ids[each.key], file) for each in opened for file in each.message.attachments]
    if files:
        db.session.execute(
            NEW_FILES,
            {
                "organization": organization_id,
                "messages": plain_array(key for key, _file in files),
                "parts": plain_array(file.part for _key, file in files),
                "names": text_array(file.file_name for _key, file in files),
                "types": text_array(file.media_type for _key, file in files),
                "sizes": plain_array(file.size_bytes for _key, file in files),
                "content_ids": text_array(file.content_id for _key, file in files),
                "inline": plain_array(file.is_inline for _key, file in files),
            },
        )


def _answers_us(message: ParsedMessage) -> bool:
    """Whether a person answers something that we may have sent (`examining.py`)."""
    return not message.is_automatic and bool(marks_in_ids(message.references))
