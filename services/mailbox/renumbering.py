"""A folder whose UIDs are not valid any more (RFC 3501, UIDVALIDITY): what is known is found again, not fetched again.

By Message-ID and size, and here only: else whoever repeats both of an old message would hide a new one.
"""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import delete, select, update

from mail.imap_fetching import FetchedMessage
from mail.imap_selected import Selected
from mail.message_head import read_head
from models.base import db
from models.mailbox.mail_folder import MailFolder
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from services.mailbox.folder_counts import recount
from services.mailbox.open_operations import apply_flags, held_in, open_operations
from services.mailbox.sync_run import SyncRun

Key = tuple[str, int]


def renumber(run: SyncRun, folder: MailFolder, seen: Selected) -> None:
    """Give what lies here its new UIDs; the first run fetches what is not found again. The caller commits."""
    outlines = run.mailbox.outlines(1, seen.uidnext - 1)
    unclaimed: dict[Key, list[FetchedMessage]] = defaultdict(list)
    for each in sorted(outlines, key=lambda outline: -outline.uid):
        if each.head_fields and each.size:
            unclaimed[read_head(each.head_fields).message_id, each.size].append(each)
    placements = db.session.execute(
        select(MessagePlacement.id, MessagePlacement.thread_id, Message)
        .join(Message, Message.id == MessagePlacement.message_id)
        .where(MessagePlacement.folder_id == folder.id, MessagePlacement.uid.is_not(None))
        .order_by(MessagePlacement.uid)
    ).all()
    found: dict[int, FetchedMessage] = {}
    for placement_id, _thread_id, message in placements:
        outline = _claim(unclaimed, message)
        if outline is not None:
            found[placement_id] = outline
    _renumber_operations(run, folder, seen, found, unclaimed)
    _write(folder, [row[0] for row in placements], found)
    held = held_in(run.account_id, folder.id)
    apply_flags(folder.id, found.values(), held)
    recount(folder.id, [row[1] for row in placements])
    folder.uidvalidity, folder.uidnext = seen.uidvalidity, seen.uidnext
    folder.highestmodseq, folder.server_messages = seen.highestmodseq, seen.exists
    folder.first_run_below = seen.uidnext if seen.exists else None


def _claim(unclaimed: dict[Key, list[FetchedMessage]], message: Message) -> FetchedMessage | None:
    waiting = unclaimed.get((message.message_id_header, message.size_bytes))
    return waiting.pop() if waiting else None


def _write(
    folder: MailFolder, placement_ids: Sequence[int], found: dict[int, FetchedMessage]
) -> None:
    """First without numbers: an old one may be somebody else's new one."""
    own = MessagePlacement.id.in_(placement_ids)
    options = {"synchronize_session": False}
    lost = [key for key in placement_ids if key not in found]
    db.session.execute(
        delete(MessagePlacement).where(MessagePlacement.id.in_(lost)).execution_options(**options)
    )
    db.session.execute(
        update(MessagePlacement).where(own).values(uid=None).execution_options(**options)
    )
    if found:
        db.session.execute(
            update(MessagePlacement),
            [{"id": key, "uid": outline.uid} for key, outline in found.items()],
        )


def _renumber_operations(
    run: SyncRun,
    folder: MailFolder,
    seen: Selected,
    found: dict[int, FetchedMessage],
    unclaimed: dict[Key, list[FetchedMessage]],
) -> None:
    """What waits for the server has to name the new number; also of a message that lies elsewhere here already."""
    for operation in open_operations(run.account_id):
        if operation.folder_id == folder.id and operation.uid is not None:
            outline = found.get(operation.placement_id or 0) or _claim(unclaimed, operation.message)
            operation.uidvalidity = seen.uidvalidity
            operation.uid = outline.uid if outline is not None else 0  # 0: there is none
        if operation.target_folder_id == folder.id and operation.base_uidvalidity is not None:
            operation.base_uidvalidity, operation.base_uidnext = seen.uidvalidity, 1
    db.session.flush()
