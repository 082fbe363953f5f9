"""A folder that was given another name on the server is the same folder: what lies in it, and what waits for it, stays with it.

It has kept its UIDVALIDITY and its messages (RFC 3501, 6.3.5). As servers may number all folders alike, one of its messages is
looked at, too.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from mail.errors import CommandRefused
from mail.imap_folders import ListedFolder
from mail.message_head import read_head
from models.base import db
from models.mailbox.mail_folder import MailFolder
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from services.mailbox.sync_run import SyncRun


def follow_renames(
    run: SyncRun, known: Mapping[str, MailFolder], listed: Iterable[ListedFolder]
) -> None:
    """Give folders here the names that they have there now. The caller flushes."""
    there = {each.path: each for each in listed}
    unknown = [each for path, each in there.items() if path not in known]
    missing = [folder for path, folder in known.items() if path not in there]
    for folder in missing:
        for each in unknown:
            if _may_be(folder, each) and _has_its_newest(run, folder, each):
                folder.path = each.path
                unknown.remove(each)
                break


def _may_be(folder: MailFolder, each: ListedFolder) -> bool:
    status = each.status
    return (
        status is not None
        and folder.uidvalidity is not None
        and status.uidvalidity == folder.uidvalidity
        and (status.uidnext or 0) >= (folder.uidnext or 1)
    )


def _has_its_newest(run: SyncRun, folder: MailFolder, each: ListedFolder) -> bool:
    """Whether the newest message that we know there has its number here; of an empty folder nothing has to follow."""
    newest = db.session.execute(
        select(MessagePlacement.uid, Message.message_id_header)
        .join(Message, Message.id == MessagePlacement.message_id)
        .where(MessagePlacement.folder_id == folder.id, MessagePlacement.uid.is_not(None))
        .order_by(MessagePlacement.uid.desc())
        .limit(1)
    ).one_or_none()
    if newest is None:
        return False
    try:
        run.mailbox.select(each.path)
        outlines = run.mailbox.outlines(newest.uid, newest.uid)
    except CommandRefused:
        return False
    return any(
        outline.uid == newest.uid
        and outline.head_fields is not None
        and read_head(outline.head_fields).message_id == newest.message_id_header
        for outline in outlines
    )
