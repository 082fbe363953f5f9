"""Messages of a server become messages here: each stored once, placed in its folder, in its conversation (X3-08).

The bytes are kept before the rows that point to them. The caller commits, and with the rows the position up to which the
folder has been read.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import select

from mail.delivery_marks import marks_in_ids
from mail.envelope import comparable
from mail.parsing import ParsedMessage, parse_message
from mail.subjects import bare_subject
from models.base import db
from models.mailbox.mail_folder import MailFolder
from models.mailbox.message_placement import MessagePlacement
from models.public_id import uuid7
from services.mailbox.array_values import plain_array, text_array
from services.mailbox.folder_counts import recount
from services.mailbox.linking import follow_links
from services.mailbox.message_bytes import packing
from services.mailbox.snoozing import awaken
from services.mailbox.taking_in_sql import (
    ADOPT,
    HAS_UNNUMBERED,
    KNOWN,
    NEW_FILES,
    NEW_MESSAGES,
    NEW_PARTIES,
    NEW_PLACEMENTS,
)
from services.mailbox.threads import Ties, join_threads
from services.mailbox.words import Words, write_words

SNIPPET = 200  # characters
SEEN, FLAGGED, ANSWERED = "\\Seen", "\\Flagged", "\\Answered"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as the server hands it over: `uid` is None for one that only we know yet.

    `flags` as the server writes them (`\\Seen`, `$Forwarded`).
    """

    uid: int | None
    flags: Collection[str]
    received_at: datetime
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenedLetter:
    """The same, parsed."""

    letter: Letter
    message: ParsedMessage

    @property
    def key(self) -> tuple[str, bytes]:
        """Which message it is."""
        return self.message.message_id, self.message.content_sha256

    @property
    def sent_at(self) -> datetime:
        """When it says that it was sent; a clock that goes ahead of the server's does not count."""
        said = self.message.sent_at
        return min(said, self.letter.received_at) if said else self.letter.received_at


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept: the placement and the message of each letter, and the words that are still to be written."""

    placement_ids: Sequence[int]
    message_ids: Sequence[int]
    new_message_ids: Collection[int]
    words: Sequence[Words]


def take_in(folder: MailFolder, letters: Sequence[Letter]) -> list[MessagePlacement]:
    """Keep and place these messages, with the words that are searched; placements in the order of the letters."""
    kept = keep(folder, [open_letter(each) for each in letters])
    write_words(folder.organization_id, kept.words)
    found = db.session.scalars(
        select(MessagePlacement)
        .where(MessagePlacement.id.in_(kept.placement_ids))
        .execution_options(populate_existing=True)
    )
    by_id = {each.id: each for each in found}
    return [by_id[key] for key in kept.placement_ids]


def open_letter(letter: Letter) -> OpenedLetter:
    """Parse it: needs no database."""
    return OpenedLetter(letter, parse_message(letter.raw))


def keep(folder: MailFolder, opened: Sequence[OpenedLetter]) -> Kept:
    """Everything but the words: those are written when the messages themselves are safe (`write_words`)."""
    if not opened:
        return Kept((), (), (), ())
    organization_id = folder.organization_id
    known = _Known(organization_id, opened)
    fresh = list({each.key: each for each in opened if each.key not in known.ids}.values())
    subjects = known.subjects_of(opened)
    with packing([each.letter.raw for each in fresh]) as packed:
        threads = join_threads(organization_id, [_ties(each, subjects) for each in fresh])
        places = dict(zip((each.key for each in fresh), packed(organization_id), strict=True))
    thread_of = dict(zip((each.key for each in fresh), threads, strict=True))
    made = db.session.execute(
        NEW_MESSAGES,
        {
            "organization": organization_id,
            "rows": json.dumps(
                [_message_row(each, thread_of[each.key], places[each.key]) for each in fresh]
            ),
        },
    ).all()
    new_ids = {(row.message_id_header, bytes(row.content_sha256)): row.id for row in made}
    _write_details(organization_id, [each for each in fresh if each.key in new_ids], new_ids)
    now = _Known(organization_id, opened)
    ids, thread_now = now.ids, now.threads
    follow_links(organization_id, tuple(new_ids.values()))
    placement_ids = _place(folder, opened, ids, thread_now)
    recount(folder.id, [thread_now[each.key] for each in opened])
    awaken(folder, thread_now.values(), ids.values())
    words = [Words(new_ids[each.key], each.message) for each in fresh if each.key in new_ids]
    message_ids = [ids[each.key] for each in opened]
    return Kept(placement_ids, message_ids, tuple(new_ids.values()), words)


class _Known:
    """Messages of the organization with the ids of these letters."""

    def __init__(self, organization_id: int, opened: Sequence[OpenedLetter]) -> None:
        found = db.session.execute(
            KNOWN,
            {
                "organization": organization_id,
                "ids": text_array(sorted({each.message.message_id for each in opened})),
            },
        )
        # The first with an id comes first: its subject says what that id is about.
        rows = sorted(found, key=attrgetter("id"))
        self.ids = {(row.message_id_header, bytes(row.content_sha256)): row.id for row in rows}
        self.threads = {
            (row.message_id_header, bytes(row.content_sha256)): row.thread_id for row in rows
        }
        self._subjects = [(row.message_id_header, row.subject) for row in rows]

    def subjects_of(self, opened: Sequence[OpenedLetter]) -> dict[str, str]:
        """What the first message with each id is about: one of these if none was known."""
        found = dict(reversed(self._subjects))
        for each in opened:
            found.setdefault(each.message.message_id, each.message.subject)
        return found


def _ties(opened: OpenedLetter, subjects: Mapping[str, str]) -> Ties:
    """Programs exist that give every message the same id: another message about something else is no part of it."""
    message = opened.message
    own, first = message.message_id, subjects[message.message_id]
    if first != message.subject and bare_subject(first) != bare_subject(message.subject):
        own = f"{own} {bare_subject(message.subject)}"
    return Ties((own, *message.references))


def _answers_us(message: ParsedMessage) -> bool:
    """Whether a person answers something that we may have sent (`examining.py`)."""
    return not message.is_automatic and bool(marks_in_ids(message.references))


def _message_row(opened: OpenedLetter, thread_id: int, place: Any) -> dict[str, object]:
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


def _write_details(
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


def _place(
    folder: MailFolder,
    opened: Sequence[OpenedLetter],
    ids: dict[tuple[str, bytes], int],
    threads: dict[tuple[str, bytes], int],
) -> list[int]:
    rows = [
        _placement_row(number, each, ids[each.key], threads[each.key])
        for number, each in enumerate(opened)
    ]
    # A server may name a UID twice: one row.
    first_of: dict[int, int] = {}
    for number, each in enumerate(opened):
        if each.letter.uid is not None:
            first_of.setdefault(each.letter.uid, number)
    wanted = [row for row in rows if first_of.get(row["uid"], row["n"]) == row["n"]]
    numbered = [row for row in wanted if row["uid"] is not None]
    if numbered and db.session.scalar(HAS_UNNUMBERED, {"folder": folder.id}):
        db.session.execute(
            ADOPT,
            {
                "folder": folder.id,
                "uids": [row["uid"] for row in numbered],
                "messages": [row["message_id"] for row in numbered],
            },
        )
    found = db.session.execute(
        NEW_PLACEMENTS,
        {"organization": folder.organization_id, "folder": folder.id, "rows": json.dumps(wanted)},
    )
    placed: dict[int, int] = {row.n: row.id for row in found}
    return [placed[first_of.get(row["uid"], row["n"])] for row in rows]


def _placement_row(
    number: int, opened: OpenedLetter, message_id: int, thread_id: int
) -> dict[str, Any]:
    flags = set(opened.letter.flags)
    return {
        "n": number,
        "uid": opened.letter.uid,
        "message_id": message_id,
        "thread_id": thread_id,
        "sent_at": opened.sent_at.isoformat(),
        "is_read": SEEN in flags,
        "is_starred": FLAGGED in flags,
        "is_answered": ANSWERED in flags,
        "keywords": sorted(flag for flag in flags if not flag.startswith("\\")),
    }
