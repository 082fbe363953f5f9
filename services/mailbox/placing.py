"""Messages get their place in a folder, one for each number that the server gave."""

import json
from collections.abc import Sequence
from typing import Any

from models.base import db
from models.mailbox.mail_folder import MailFolder
from services.mailbox.letters import ANSWERED, FLAGGED, SEEN, OpenedLetter
from services.mailbox.taking_in_sql import ADOPT, HAS_UNNUMBERED, NEW_PLACEMENTS


def place_letters(
    folder: MailFolder,
    opened: Sequence[OpenedLetter],
    ids: dict[tuple[str, bytes], int],
    threads: dict[tuple[str, bytes], int],
) -> list[int]:
    """The placement of each letter, in their order; `ids` and `threads` are those of the messages."""
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
