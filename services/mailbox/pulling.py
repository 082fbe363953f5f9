"""What has changed on the server comes here, folder by folder; the position moves in the transaction of the rows it covers.

By UID and by UIDVALIDITY, never by "unseen": what was read in another program comes all the same (X3-09). A server with
QRESYNC says what has changed and vanished, one with CONDSTORE what has changed; with any other all marks are read.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import delete, func, or_, select

from mail.errors import FolderMissing
from mail.imap_fetching import FetchedMessage
from mail.imap_folders import FolderStatus
from mail.imap_selected import Selected
from models.base import db, utc_now
from models.mailbox.mail_folder import MailFolder
from models.mailbox.message_placement import MessagePlacement
from services.mailbox.bringing_in import BringingIn
from services.mailbox.folder_counts import recount
from services.mailbox.open_operations import apply_flags, held_in
from services.mailbox.quarantine import uids_to_retry
from services.mailbox.renumbering import renumber
from services.mailbox.sync_run import SyncRun
from services.mailbox.words_writing import WordsWriter

MANY = 500  # new messages: read newest first, as in a first run
SCANNED_EVERY = timedelta(
    minutes=5
)  # marks, where the server does not say whether they have changed


def pull_folder(
    run: SyncRun, folder: MailFolder, status: FolderStatus | None, words: WordsWriter
) -> None:
    """Bring the folder to what the server says now, but for the first run; commits. Raises MailError."""
    to_retry = uids_to_retry(folder)
    if status is not None and not to_retry and _is_unchanged(folder, status):
        return
    since = None
    if folder.uidvalidity is not None and folder.highestmodseq is not None:
        since = (folder.uidvalidity, folder.highestmodseq)
    try:
        seen = run.mailbox.select(folder.path, since=since)
    except FolderMissing:
        return  # deleted since the folders were listed
    if folder.uidvalidity is None:
        _begin(folder, seen)
    elif folder.uidvalidity != seen.uidvalidity:
        renumber(run, folder, seen)
    else:
        _follow(run, folder, seen, words)
    folder.server_unseen = status.unseen if status is not None else None
    folder.synced_at = utc_now()
    db.session.commit()
    if to_retry and folder.uidvalidity == seen.uidvalidity:
        BringingIn(run, folder, words).retry(to_retry)


def _is_unchanged(folder: MailFolder, status: FolderStatus) -> bool:
    position = (folder.uidvalidity, folder.uidnext, folder.server_messages)
    if position != (status.uidvalidity, status.uidnext, status.messages):
        return False
    if status.highestmodseq is not None:
        return folder.highestmodseq == status.highestmodseq
    is_recent = folder.synced_at is not None and folder.synced_at > utc_now() - SCANNED_EVERY
    return is_recent and folder.server_unseen == status.unseen


def _begin(folder: MailFolder, seen: Selected) -> None:
    """All that is there now is for the first run, which goes down from here."""
    folder.uidvalidity, folder.uidnext = seen.uidvalidity, seen.uidnext
    folder.highestmodseq, folder.server_messages = seen.highestmodseq, seen.exists
    folder.first_run_below = seen.uidnext if seen.exists else None


def _follow(run: SyncRun, folder: MailFolder, seen: Selected, words: WordsWriter) -> None:
    mailbox = run.mailbox
    before = folder.uidnext or 1
    known_modseq, known_messages = folder.highestmodseq, folder.server_messages
    newer = _newer(run, folder, seen)
    new = sorted({each.uid for each in newer})
    changed, gone = list(seen.changed), list(seen.vanished)
    if not (known_modseq is not None and mailbox.can("QRESYNC")):
        if known_modseq is not None and seen.highestmodseq is not None:
            if seen.highestmodseq != known_modseq:
                changed = mailbox.flags(1, before - 1, changed_since=known_modseq)
            if seen.exists != known_messages + len(new):
                gone = _missing_from(folder, mailbox.uids())
        else:
            changed = mailbox.flags(1, before - 1)
            gone = _missing_from(folder, [*(each.uid for each in changed), *new])
    held = held_in(run.account_id, folder.id)
    # What we have moved here ourselves is known already, though it lies beyond the position.
    touched = apply_flags(folder.id, [*changed, *newer], held)
    touched += _forget(folder, gone)
    recount(folder.id, touched)
    folder.highestmodseq, folder.server_messages = seen.highestmodseq, seen.exists
    bringing = BringingIn(run, folder, words)
    wanted = [uid for uid in bringing.wanted(new) if uid not in held.leaving]
    if len(wanted) > MANY and folder.first_run_below is None:
        folder.first_run_below = folder.uidnext = seen.uidnext
        return
    db.session.commit()

    def moved_on(uids: Sequence[int]) -> bool:
        folder.uidnext = max(folder.uidnext or 1, max(uids) + 1)
        return True

    bringing.bring(wanted, moved_on, first=run.tools.batch)
    folder.uidnext = max(folder.uidnext or 1, seen.uidnext)


def _newer(run: SyncRun, folder: MailFolder, seen: Selected) -> list[FetchedMessage]:
    """What has come since the position; what the server mentions beyond its own UIDNEXT comes next time."""
    before = folder.uidnext or 1
    if seen.uidnext <= before:
        return []
    return run.mailbox.flags(before, seen.uidnext - 1)


def _missing_from(folder: MailFolder, there: Collection[int]) -> list[tuple[int, int]]:
    known = db.session.scalars(
        select(MessagePlacement.uid).where(
            MessagePlacement.folder_id == folder.id, MessagePlacement.uid.is_not(None)
        )
    )
    present = set(there)
    return [(uid, uid) for uid in known if uid is not None and uid not in present]


def _forget(folder: MailFolder, ranges: Sequence[tuple[int, int]]) -> list[int]:
    """Take the placements away that the server has not any more; the conversations they were in."""
    touched: list[int] = []
    single = [first for first, last in ranges if first == last]
    wide = [(first, last) for first, last in ranges if first != last]
    conditions = [MessagePlacement.uid == func.any(single)] if single else []
    conditions += [MessagePlacement.uid.between(first, last) for first, last in wide]
    for start in range(0, len(conditions), 500):
        gone = db.session.execute(
            delete(MessagePlacement)
            .where(MessagePlacement.folder_id == folder.id, or_(*conditions[start : start + 500]))
            .returning(MessagePlacement.thread_id)
            .execution_options(synchronize_session=False)
        )
        touched += gone.scalars()
    return touched
