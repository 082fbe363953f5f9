"""The list of conversations: a page of some folders, the newest first, from a place in it (S3-26)."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal_column, select, text

from models.any_of import is_any_of
from models.base import db
from models.mailbox.mail_folder import MailFolder
from models.mailbox.message import Message
from models.mailbox.snooze import Snooze
from models.mailbox.thread import FolderThread
from models.mailings.delivery import DeliveryState
from services.mailbox.conversation_details import (
    deliveries_of,
    messages_of,
    recipients_of,
    snoozes_of,
)
from services.mailbox.customer_ties import customer_names
from services.mailbox.list_mark import ListMark
from services.mailbox.unanswered_mail import is_unanswered

A_PAGE = 50
FILTERS = {
    "": "{row}.snoozed_until IS NULL",
    "unread": "{row}.unread > 0 AND {row}.snoozed_until IS NULL",
    "starred": "{row}.starred > 0 AND {row}.snoozed_until IS NULL",
    "snoozed": "({row}.snoozed_until IS NOT NULL OR {row}.returned_at IS NOT NULL)",
    "unanswered": is_unanswered("{row}"),
}


@dataclass(frozen=True, kw_only=True)
class ConversationRow:
    """A conversation in a folder, as the list shows it."""

    mark: ListMark
    last_at: datetime
    public_id: str
    folder_id: int
    message: Message
    unread: int
    starred: int
    messages: int  # of the whole conversation, wherever they lie in these mailboxes
    here: int  # of these in this folder: what is done with the row is done with them
    to: str
    customer: str | None
    delivery: DeliveryState | None = None
    snooze: Snooze | None = None  # while it waits, and until somebody has opened it again

    @property
    def key(self) -> str:
        return f"{self.folder_id}-{self.mark.thread_id}"


@dataclass(frozen=True)
class ConversationPage:
    """The rows, and the marks from which the pages beside begin."""

    rows: Sequence[ConversationRow]
    newer: ListMark | None = None
    older: ListMark | None = None


def conversations(
    folders: Sequence[MailFolder],
    *,
    only: str = "",
    after: ListMark | None = None,
    before: ListMark | None = None,
    counted_in: Sequence[MailFolder] = (),
    names_recipients: bool = False,
    size: int = A_PAGE,
) -> ConversationPage:
    """A page of these folders; `only` is one of FILTERS: what is snoozed in the order in which it comes back. A conversation stands there once, in however many of them it lies.

    `counted_in` are the folders whose messages make up the number behind a conversation; `names_recipients` where one's own messages are listed.
    """
    if not folders:
        return ConversationPage(())
    found = _marks([folder.id for folder in folders], only, after, before, size + 1)
    has_more = len(found) > size
    found = found[:size]
    if before is not None:
        found.reverse()
    marks = [mark for mark, *_more in found]
    newer = marks[0] if marks and (after is not None or (before is not None and has_more)) else None
    older = marks[-1] if marks and (before is not None or has_more) else None
    rows = _rows(found, folders, counted_in or folders, only, names_recipients=names_recipients)
    return ConversationPage(rows, newer, older)


Found = tuple[ListMark, datetime, int, int, int, int, uuid.UUID]


def listed(row: str, only: str) -> str:
    """The condition on this row of `folder_thread`, as SQL."""
    return FILTERS[only].format(row=row)


def _marks(
    folder_ids: Sequence[int],
    only: str,
    after: ListMark | None,
    before: ListMark | None,
    size: int,
) -> list[Found]:
    """Each folder gives its own newest ones, by its index; then the newest of all.

    What is listed in a folder that has had it later is left out: at the head of a list after the folders have given theirs,
    since a folder whose rows all stand elsewhere has as many there, all of them above its next one. Further down those may
    stand on another page, so each folder leaves them out itself.
    """
    is_down = (before is None) != (only == "snoozed")
    edge, order = ("<", "DESC") if is_down else (">", "ASC")
    at = "coalesce(t.snoozed_until, t.returned_at)" if only == "snoozed" else "t.last_at"
    place = before or after
    where, of_all = [listed("t", only)], "true"
    if place is not None:
        where.append(f"({at}, t.thread_id, t.folder_id) {edge} (:at, :thread, :folder)")
    if len(folder_ids) > 1:
        if place is None and only != "snoozed":
            of_all = _is_last_of_its_places("x", only)
        else:
            where.append(_is_last_of_its_places("t", only))
    statement = f"""
SELECT x.at, x.thread_id, x.folder_id, x.last_at, x.unread, x.starred, x.last_message_id, x.messages,
       (SELECT h.public_id FROM thread h WHERE h.id = x.thread_id) FROM (
       SELECT y.* FROM unnest(CAST(:folders AS bigint[])) AS f (id) CROSS JOIN LATERAL (
              SELECT t.*, {at} AS at FROM folder_thread t WHERE t.folder_id = f.id AND {" AND ".join(where)}
               ORDER BY {at} {order}, t.thread_id {order} LIMIT :size) y
        ORDER BY y.at {order}, y.thread_id {order}, y.folder_id {order} LIMIT :most) x
 WHERE {of_all} ORDER BY x.at {order}, x.thread_id {order}, x.folder_id {order} LIMIT :size
"""  # nosec B608  # of our own words only
    told = {"folders": list(folder_ids), "size": size, "most": size * len(folder_ids)}
    if place is not None:
        told |= {"at": place.at, "thread": place.thread_id, "folder": place.folder_id}
    return [
        (ListMark(mark, thread_id, folder_id), *counts)
        for mark, thread_id, folder_id, *counts in db.session.execute(text(statement), told)
    ]


def _is_last_of_its_places(row: str, only: str) -> str:
    return (
        f"NOT EXISTS (SELECT FROM folder_thread o WHERE o.thread_id = {row}.thread_id AND o.folder_id = ANY(:folders)"  # nosec B608  # of our own words only
        f" AND {listed('o', only)} AND o.organization_id = {row}.organization_id"
        f" AND (o.last_at, o.folder_id) > ({row}.last_at, {row}.folder_id))"
    )


def _rows(
    found: Sequence[Found],
    folders: Sequence[MailFolder],
    counted_in: Sequence[MailFolder],
    only: str,
    *,
    names_recipients: bool,
) -> list[ConversationRow]:
    message_ids = [last for _mark, _at, _unread, _starred, last, *_more in found]
    thread_ids = [mark.thread_id for mark, *_more in found]
    messages = {
        message.id: message
        for message in db.session.scalars(select(Message).where(is_any_of(Message.id, message_ids)))
    }
    counts = messages_of(thread_ids, [folder.id for folder in counted_in])
    to = recipients_of(message_ids) if names_recipients else {}
    customers = customer_names(messages.values())
    deliveries = deliveries_of(messages.values())
    snoozes = snoozes_of([(mark.folder_id, mark.thread_id) for mark, *_more in found])
    marked = _marked_in(thread_ids, folders, only)
    return [
        ConversationRow(
            mark=mark,
            last_at=last_at,
            public_id=str(public_id),
            folder_id=mark.folder_id,
            message=messages[last],
            unread=max(unread, marked[mark.thread_id][0]),
            starred=max(starred, marked[mark.thread_id][1]),
            messages=counts.get(mark.thread_id, 1),
            here=here,
            to=to.get(last, ""),
            customer=customers.get(last),
            delivery=deliveries.get(messages[last].delivery_id or 0),
            snooze=snoozes.get((mark.folder_id, mark.thread_id)),
        )
        for mark, last_at, unread, starred, last, here, public_id in found
        if last in messages
    ]


def _marked_in(
    thread_ids: Collection[int], folders: Sequence[MailFolder], only: str
) -> Mapping[int, tuple[int, int]]:
    """How many messages of each conversation are unread, and starred, in the folder that has most of them, of those that list it."""
    found = dict.fromkeys(thread_ids, (0, 0))
    if len(folders) > 1:
        rows = db.session.execute(
            select(
                FolderThread.thread_id,
                func.max(FolderThread.unread),
                func.max(FolderThread.starred),
            )
            .where(
                is_any_of(FolderThread.thread_id, thread_ids),
                is_any_of(FolderThread.folder_id, [folder.id for folder in folders]),
                literal_column(listed("folder_thread", only)),
            )
            .group_by(FolderThread.thread_id)
        )
        found |= {thread_id: (unread, starred) for thread_id, unread, starred in rows}
    return found
