"""Messages of a server become messages here: each stored once, placed in its folder, in its conversation (X3-08).

The bytes are kept before the rows that point to them. The caller commits, and with the rows the position up to which the
folder has been read.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from sqlalchemy import select

from mail.subjects import bare_subject
from models.base import db
from models.mailbox.mail_folder import MailFolder
from models.mailbox.message_placement import MessagePlacement
from services.mailbox.array_values import text_array
from services.mailbox.folder_counts import recount
from services.mailbox.letters import Letter, OpenedLetter, open_letter
from services.mailbox.linking import follow_links
from services.mailbox.message_bytes import packing
from services.mailbox.message_rows import message_row, write_details
from services.mailbox.placing import place_letters
from services.mailbox.snoozing import awaken
from services.mailbox.taking_in_sql import KNOWN, NEW_MESSAGES
from services.mailbox.threads import Ties, join_threads
from services.mailbox.words import Words, write_words


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
                [message_row(each, thread_of[each.key], places[each.key]) for each in fresh]
            ),
        },
    ).all()
    new_ids = {(row.message_id_header, bytes(row.content_sha256)): row.id for row in made}
    write_details(organization_id, [each for each in fresh if each.key in new_ids], new_ids)
    now = _Known(organization_id, opened)
    ids, thread_now = now.ids, now.threads
    follow_links(organization_id, tuple(new_ids.values()))
    placement_ids = place_letters(folder, opened, ids, thread_now)
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
