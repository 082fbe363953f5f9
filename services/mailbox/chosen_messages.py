"""The messages behind what was chosen in the list: conversations of folders that somebody may read."""

import re
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select, tuple_
from sqlalchemy.orm import selectinload

from models.any_of import is_any_of
from models.base import db
from models.mailbox.mail_folder import MailFolder
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.thread import FolderThread
from services.mailbox.action_batch import AT_ONCE
from services.mailbox.unanswered_mail import is_unanswered

KEY = re.compile(r"(\d{1,18})-(\d{1,18})")
IS_IN_LIST = FolderThread.snoozed_until.is_(None)
# A parameter could be anything to whoever plans it, and would find no partial index.
NONE: ColumnElement[int] = literal_column("0")
# What of a folder is listed; the same conditions as those of `conversation_list.FILTERS`.
LISTED = {
    "": IS_IN_LIST,
    "unread": and_(FolderThread.unread > NONE, IS_IN_LIST),
    "starred": and_(FolderThread.starred > NONE, IS_IN_LIST),
    "snoozed": or_(~IS_IN_LIST, FolderThread.returned_at.is_not(None)),
    "unanswered": literal_column(is_unanswered("folder_thread")),
}

Pair = tuple[int, int]


def pairs_of(keys: Iterable[str], folders: Collection[MailFolder]) -> list[Pair]:
    """Folder and conversation of each key; what is in none of these folders is left out."""
    readable = {folder.id for folder in folders}
    found = (KEY.fullmatch(key) for key in keys)
    pairs = [(int(each[1]), int(each[2])) for each in found if each]
    return [pair for pair in dict.fromkeys(pairs) if pair[0] in readable][:AT_ONCE]


def standing_for(
    pairs: Collection[Pair], folders: Collection[MailFolder], only: str = ""
) -> list[Pair]:
    """These, and the same conversations wherever else they are listed in these folders: one row stands for all of them (X3-08)."""
    keys = [folder.id for folder in folders]
    threads = {thread_id for folder_id, thread_id in pairs if folder_id in keys}
    if len(keys) < 2 or not threads:
        return list(pairs)
    elsewhere = db.session.execute(
        select(FolderThread.folder_id, FolderThread.thread_id).where(
            is_any_of(FolderThread.thread_id, threads),
            is_any_of(FolderThread.folder_id, keys),
            LISTED[only],
        )
    )
    return list(dict.fromkeys([*pairs, *((folder, thread) for folder, thread in elsewhere)]))


def all_pairs(folders: Collection[MailFolder], only: str = "") -> list[Pair]:
    """The newest conversations of these folders, as many as go at once, in each of the folders that list them."""
    is_listed = and_(FolderThread.folder_id.in_([folder.id for folder in folders]), LISTED[only])
    newest = (
        select(FolderThread.thread_id, func.max(FolderThread.last_at).label("last_at"))
        .where(is_listed)
        .group_by(FolderThread.thread_id)
        .order_by(func.max(FolderThread.last_at).desc())
        .limit(AT_ONCE)
        .subquery()
    )
    found = (
        select(FolderThread.folder_id, FolderThread.thread_id)
        .join(newest, newest.c.thread_id == FolderThread.thread_id)
        .where(is_listed)
        .order_by(newest.c.last_at.desc())
    )
    return [(folder_id, thread_id) for folder_id, thread_id in db.session.execute(found)]


def count_all(folders: Collection[MailFolder], only: str = "") -> int:
    """How many conversations `all_pairs` would be, at most one more than go at once."""
    found = select(FolderThread.thread_id).where(
        is_any_of(FolderThread.folder_id, [folder.id for folder in folders]), LISTED[only]
    )
    if len(folders) > 1:
        found = found.distinct()
    some = found.limit(AT_ONCE + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def messages_of(pairs: Collection[Pair]) -> Sequence[MessagePlacement]:
    """All messages of these conversations in these folders."""
    if not pairs:
        return ()
    return db.session.scalars(
        select(MessagePlacement)
        .where(tuple_(MessagePlacement.folder_id, MessagePlacement.thread_id).in_(list(pairs)))
        .options(selectinload(MessagePlacement.folder).selectinload(MailFolder.account))
        .order_by(MessagePlacement.id)
        .limit(AT_ONCE)
    ).all()


def newest_of(placements: Sequence[MessagePlacement]) -> list[MessagePlacement]:
    """The newest message of each conversation, wherever among these it lies: the one that a star is for (S3-17)."""
    newest: dict[int, MessagePlacement] = {}
    for placement in placements:
        before = newest.get(placement.thread_id)
        if before is None or (placement.sent_at, placement.message_id) > (
            before.sent_at,
            before.message_id,
        ):
            newest[placement.thread_id] = placement
    return [each for each in placements if each.message_id == newest[each.thread_id].message_id]
