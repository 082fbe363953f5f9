"""The folders of the server become folders here; one that is gone is forgotten after a while, not at once."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select

from mail.imap_folders import FolderStatus, ListedFolder
from models.base import db, utc_now
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.thread import FolderThread
from services.mailbox.renamed_folders import follow_renames
from services.mailbox.sync_run import SyncRun

FORGOTTEN_AFTER = timedelta(hours=1)
# A mailbox without one of these gets it when somebody first needs it.
PLANNED = {
    FolderRole.TRASH: "Trash",
    FolderRole.SENT: "Sent",
    FolderRole.DRAFTS: "Drafts",
    FolderRole.ARCHIVE: "Archive",
}


def poll_token(listed: Sequence[ListedFolder]) -> bytes:
    """A hash of all that the server says of its folders: the same as before, and there is nothing to do."""
    said = sorted(repr((each.path, each.is_selectable, each.status)) for each in listed)
    return hashlib.sha256("\n".join(said).encode("utf-8", "replace")).digest()


def keep_folders(run: SyncRun, listed: Sequence[ListedFolder]) -> dict[int, FolderStatus]:
    """Write the folders down; the state of each, by its key. The caller commits."""
    known = {
        folder.path: folder
        for folder in db.session.scalars(
            select(MailFolder).where(MailFolder.account_id == run.account_id)
        )
    }
    follow_renames(run, known, listed)
    known = {folder.path: folder for folder in known.values()}
    _change_roles(known, {each.path: FolderRole(each.role) for each in listed})
    for each in listed:
        folder = known.get(each.path)
        if folder is None:
            folder = known[each.path] = MailFolder(
                account_id=run.account_id, path=each.path, role=FolderRole(each.role)
            )
            db.session.add(folder)
        folder.delimiter, folder.gone_at = each.delimiter, None
        folder.is_selectable = each.is_selectable
    there = {each.path for each in listed}
    for path, folder in known.items():
        if path not in there and folder.uidvalidity is not None:
            _note_gone(folder)
    _plan(run, known, listed)
    db.session.flush()
    return {known[each.path].id: each.status for each in listed if each.status is not None}


def forget_placements(folder: MailFolder) -> None:
    """Nothing lies in this folder any more; the messages themselves stay."""
    for model in (MessagePlacement, FolderThread):
        db.session.execute(
            delete(model)
            .where(model.folder_id == folder.id)
            .execution_options(synchronize_session=False)
        )
    folder.uidvalidity = folder.uidnext = folder.highestmodseq = folder.first_run_below = None
    folder.server_messages, folder.server_unseen = 0, None


def _change_roles(known: dict[str, MailFolder], roles: dict[str, FolderRole]) -> None:
    """First those that lose a role, since a mailbox has each once."""
    taken = set(roles.values())
    for path, folder in known.items():
        wanted = roles.get(path, FolderRole.OTHER if folder.role in taken else folder.role)
        if folder.role is not FolderRole.OTHER and folder.role is not wanted:
            folder.role = FolderRole.OTHER
    db.session.flush()
    for path, role in roles.items():
        if path in known:
            known[path].role = role


def _note_gone(folder: MailFolder) -> None:
    """A server that is being repaired may hide its folders for a while."""
    if folder.gone_at is None:
        folder.gone_at = utc_now()
    elif folder.gone_at < utc_now() - FORGOTTEN_AFTER:
        forget_placements(folder)


def _plan(run: SyncRun, known: dict[str, MailFolder], listed: Sequence[ListedFolder]) -> None:
    """Places for what a mailbox has no folder for yet; made on the server by the first operation that goes there."""
    present = {folder.role for folder in known.values() if folder.gone_at is None}
    below_inbox = [each for each in listed if each.path.upper() != "INBOX"]
    delimiter = next((each.delimiter for each in listed if each.delimiter), None)
    prefix = f"INBOX{delimiter}" if delimiter else ""
    if not below_inbox or not all(each.path.startswith(prefix) for each in below_inbox):
        prefix = ""
    for role, name in PLANNED.items():
        path = f"{prefix}{name}"
        if role not in present and path not in known:
            known[path] = MailFolder(
                account_id=run.account_id, path=path, role=role, delimiter=delimiter
            )
            db.session.add(known[path])
