"""The piece of a message that shows why it was found."""

import re
from collections.abc import Collection

from sqlalchemy import Text, cast, func, select, text

from models.any_of import is_any_of
from models.base import db
from models.mailbox.attachment import Attachment
from models.mailbox.message import Message
from models.mailbox.message_party import MessageParty
from models.mailbox.message_text import MessageText
from services.mailbox.searchable import shown_words

LOOKED_THROUGH = 3_000  # characters of a text, for the piece that is shown
MOST_NAMED = 50  # people, and files, whose names are searched
# What stands before the lines of a message that is repeated: no words of anybody.
QUOTE_MARKS = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
MARKS = {1: None, 2: None}
SPARED = 24  # characters that are shown rather than dots in their place
EXCERPTS = text(
    "SELECT i, ts_headline(CAST(l AS regconfig), t, CAST(:wanted AS tsquery),"
    ' \'MaxFragments=1, MaxWords=26, MinWords=12, StartSel="\x01", StopSel="\x02"\')'
    " FROM unnest(CAST(:ids AS bigint[]), CAST(:langs AS text[]), CAST(:texts AS text[])) AS u(i, l, t)"
)


def excerpts_of(messages: Collection[Message], wanted: str | None) -> dict[int, str]:
    """A piece of each text around the words (`Found.wanted`), which stand between U+0001 and U+0002; dots where it is cut out."""
    if wanted is None or not messages:
        return {}
    kept = db.session.execute(
        select(
            MessageText.message_id,
            cast(MessageText.lang, Text),
            func.left(MessageText.body, LOOKED_THROUGH),
        ).where(is_any_of(MessageText.message_id, [message.id for message in messages]))
    ).all()
    heads = _lines_before_text([message.id for message in messages])
    texts = {
        key: QUOTE_MARKS.sub("", body.split("\n", heads[key])[-1]).strip()
        for key, _lang, body in kept
    }
    told = {
        "wanted": wanted,
        "ids": list(texts),
        "langs": [lang for _id, lang, _body in kept],
        "texts": list(texts.values()),
    }
    pieces = db.session.execute(EXCERPTS, told)
    return {key: shown_words(_cut_out(piece, texts[key])) for key, piece in pieces}


def _cut_out(piece: str, whole: str) -> str:
    """With the little that is around it, or with dots where it begins or ends amid the text."""
    piece = piece.strip()
    plain = piece.translate(MARKS)
    if not plain or plain not in whole:
        return piece
    before, _plain, after = whole.partition(plain)
    head = "… " if len(before) > SPARED else before
    tail = " …" if len(after) > SPARED else after
    return f"{head}{piece}{tail}"


def _lines_before_text(message_ids: Collection[int]) -> dict[int, int]:
    """How many lines of what is searched are the subject, the people and the names of files."""
    found = dict.fromkeys(message_ids, 1)
    for counted in (MessageParty.message_id, Attachment.message_id):
        rows = (
            select(counted, func.count()).where(is_any_of(counted, message_ids)).group_by(counted)
        )
        for message_id, count in db.session.execute(rows):
            found[message_id] += min(count, MOST_NAMED)
    return found
