"""Searching the mail that somebody may read: from the newest to the oldest, in windows, until there is a page or time is up.

One query over everything takes seconds for a common word, since every hit is read before the newest are known; by
windows of messages the first page takes milliseconds, and what is rare is found by the index in one large window. What is
common is looked for window by window, since time is looked at in between.
"""

import re
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    cast,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import InstrumentedAttribute

from mail.envelope import comparable
from models.any_of import is_any_of
from models.base import db
from models.mailbox.attachment import Attachment
from models.mailbox.mail_folder import MailFolder
from models.mailbox.message import Message
from models.mailbox.message_party import MessageParty, PartyField
from models.mailbox.message_placement import MessagePlacement
from models.tenancy import current_scope
from services.mailbox.search_question import ANY_FILE, Question
from services.mailbox.search_windows import BEGINNING, begins_of_windows
from services.mailbox.searchable import ENGLISH, SPANISH, searched_words

A_PAGE = 50
HITS_AT_ONCE = (500, 2_000)  # first, and then
BUDGET_SECONDS = 0.05
MOST_FILES_LOOKED_AT = 2_000
END = datetime(9999, 1, 1, tzinfo=UTC)
# Who writes without accents finds what is written with them, and the other way round. The stemmer drops accents itself, but
# looks for endings first, which it knows with theirs only. An ñ is a letter of its own: “anos” are not “años”.
ENDINGS = (
    (re.compile(r"(?i)([cs])ion\b"), r"\1ión"),
    (re.compile(r"(?i)ia(s?)\b"), r"ía\1"),
)
PLAIN = str.maketrans("áéíóúÁÉÍÓÚ", "aeiouAEIOU")
BOTH_LANGUAGES = (SPANISH, ENGLISH)


@dataclass(frozen=True)
class Found:
    """Messages from the newest to the oldest; `older` is where the search goes on, if it has not reached the end.

    `wanted` are the words as the index was asked for them.
    """

    messages: Sequence[Message]
    older: datetime | None = None
    wanted: str | None = None


@dataclass(frozen=True)
class FoundFile:
    """A file with the message that it came in."""

    attachment: Attachment
    message: Message


def search_messages(
    question: Question,
    folders: Collection[MailFolder],
    *,
    before: datetime | None = None,
    size: int = A_PAGE,
    budget_seconds: float = BUDGET_SECONDS,
) -> Found:
    """What of these folders answers the question; the first window is always looked at, whatever it takes.

    None is begun that would be late if it took as long as the one before.
    """
    wanted = tsquery_of(question.words)
    if wanted is None and not question.terms:
        return Found(())
    late = time.monotonic() + budget_seconds
    until = min(moment for moment in (before, question.until, END) if moment)
    since = question.since or BEGINNING
    found: list[Message] = []
    begins, is_rare = begins_of_windows(until), True
    while True:
        if not begins:
            begins = [BEGINNING] if is_rare else begins_of_windows(until)[-1:] or [BEGINNING]
        start, began = max(begins.pop(0), since), time.monotonic()
        more, is_rare = _in_window(question, wanted, folders, start, until, size + 1 - len(found))
        found += more
        until = start
        if len(found) > size:
            return Found(found[:size], found[size - 1].sent_at, wanted)
        if until <= since:
            return Found(found, wanted=wanted)
        now = time.monotonic()
        if now + (now - began) > late:
            return Found(found, until, wanted)


def search_files(
    question: Question, folders: Collection[MailFolder], *, size: int = A_PAGE
) -> list[FoundFile]:
    """Files by their names, the newest first; one more than a page where there are more."""
    names = [*question.words.split(), *(v for v in question.values("file") if v not in ANY_FILE)]
    if not names and not question.values("file"):
        return []
    hits = (
        select(Attachment.id)
        .where(
            ~Attachment.is_inline,
            *(Attachment.file_name.icontains(name, autoescape=True) for name in names),
        )
        .order_by(Attachment.message_id.desc())
        .limit(MOST_FILES_LOOKED_AT)
        .cte("hits")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    rows = db.session.execute(
        select(Attachment, Message)
        .join(hits, hits.c.id == Attachment.id)
        .join(Message, Message.id == Attachment.message_id)
        .where(*_conditions(question, folders))
        .order_by(Message.sent_at.desc(), Attachment.id)
        .limit(size + 1)
    )
    return [FoundFile(attachment, message) for attachment, message in rows]


def tsquery_of(words: str) -> str | None:
    """The question for the index, in both languages; None where it has no word that is kept there."""
    if not words:
        return None
    written = searched_words(words)
    spellings = {written, written.translate(PLAIN), _with_accents(written)}
    parts = [
        func.websearch_to_tsquery(language, spelling)
        for spelling in sorted(spellings)
        for language in BOTH_LANGUAGES
    ]
    found = db.session.execute(select(*parts)).one()
    kept = list(dict.fromkeys(query for query in found if query))
    if not kept:
        return None
    return " | ".join(f"({query})" for query in kept)


def _with_accents(words: str) -> str:
    for ending, accented in ENDINGS:
        words = ending.sub(accented, words)
    return words


def _in_window(
    question: Question,
    wanted: str | None,
    folders: Collection[MailFolder],
    since: datetime,
    until: datetime,
    size: int,
) -> tuple[list[Message], bool]:
    """What is found there, and whether an index names so few messages that all older ones can be looked at together."""
    query = select(Message).where(*_conditions(question, folders))
    if wanted is None:
        newest_first = query.where(Message.sent_at >= since, Message.sent_at < until).order_by(
            Message.sent_at.desc()
        )
        found = list(db.session.scalars(newest_first.limit(size)))
        people = (*question.values("sender"), *question.values("recipient"))
        return found, any(_is_whole(value) for value in people)
    found = []
    ordered = query.order_by(Message.sent_at.desc(), Message.id.desc())
    hits = db.session.scalars(_hits(wanted, since, until)).all()
    for some in _by_turns(hits):
        named = ordered.where(is_any_of(Message.id, some))
        found += db.session.scalars(named.limit(size - len(found)))
        if len(found) >= size:
            break
    return found, len(hits) <= HITS_AT_ONCE[0]


def _by_turns(hits: Sequence[int]) -> Iterator[Sequence[int]]:
    first, then = HITS_AT_ONCE
    yield hits[:first]
    yield from (hits[at : at + then] for at in range(first, len(hits), then))


def _hits(wanted: str, since: datetime, until: datetime) -> Select[Any]:
    """The keys of what has the words, the newest first."""
    organization_id = current_scope().organization_id
    if since == BEGINNING:
        return select(func.mail_hits_before(organization_id, cast(wanted, TSQUERY), until))
    return select(func.mail_hits(organization_id, cast(wanted, TSQUERY), since, until))


def _conditions(question: Question, folders: Collection[MailFolder]) -> list[ColumnElement[bool]]:
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
    if _is_whole(value):  # its index names the messages
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


def _is_whole(value: str) -> bool:
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
