"""How an operation ends, is put off, or fails: then the reader's view is what the server has."""

import logging
from datetime import timedelta

from sqlalchemy import func, select, update

from mail.errors import CommandRefused
from models.base import db, utc_now
from models.mailbox.mail_folder import MailFolder
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind, OperationState
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from services.mailbox.folder_counts import recount
from services.mailbox.open_operations import OPEN, Held, apply_flags
from services.mailbox.sync_run import SyncRun

logger = logging.getLogger(__name__)
LATER_SECONDS = 60
LONGEST_NOTE = 500


def end(operation: MailboxOperation, state: OperationState, note: str | None = None) -> None:
    """It is over; the caller commits."""
    operation.state, operation.ended_at = state, utc_now()
    operation.note = note[:LONGEST_NOTE] if note else None
    if state is OperationState.GONE:
        logger.info("mailbox operation %s: gone", operation.id)


def put_off(operation: MailboxOperation, note: str, *, seconds: int = LATER_SECONDS) -> None:
    """Not now."""
    operation.tries += 1
    operation.note = note[:LONGEST_NOTE]
    operation.not_before = utc_now() + timedelta(seconds=seconds)


def fail(run: SyncRun, operation: MailboxOperation, note: str) -> None:
    """The server will not do it: the reader sees again what is there. The caller commits."""
    end(operation, OperationState.FAILED, note)
    logger.warning("mailbox operation %s failed", operation.id)
    if operation.folder_id is None or not operation.uid:
        return
    folder = db.session.get_one(MailFolder, operation.folder_id)
    if operation.kind in (OperationKind.MOVE, OperationKind.PURGE):
        _put_back(operation, folder)
    try:
        if run.mailbox.selected != folder.path:
            run.mailbox.select(folder.path)
        said = run.mailbox.flags(operation.uid, operation.uid)
    except CommandRefused:
        return
    recount(folder.id, apply_flags(folder.id, said, Held()))


def forward(operation: MailboxOperation, folder: MailFolder, uid: int | None) -> None:
    """A message has got a new number: its placement and what waits for it are told. The caller commits."""
    if operation.placement_id is None:
        return
    placement = db.session.get(MessagePlacement, operation.placement_id, populate_existing=True)
    if placement is not None and placement.folder_id == folder.id and placement.uid is None:
        _number(placement, folder, uid)
    next_move = (
        select(func.min(MailboxOperation.id))
        .where(
            MailboxOperation.placement_id == operation.placement_id,
            MailboxOperation.id > operation.id,
            MailboxOperation.kind == OperationKind.MOVE,
            MailboxOperation.state.in_(OPEN),
        )
        .scalar_subquery()
    )
    db.session.execute(
        update(MailboxOperation)
        .where(
            MailboxOperation.placement_id == operation.placement_id,
            MailboxOperation.id > operation.id,
            MailboxOperation.uid.is_(None),
            MailboxOperation.state.in_(OPEN),
            MailboxOperation.kind != OperationKind.APPEND,
            MailboxOperation.id <= func.coalesce(next_move, 2**62),
        )
        .values(folder_id=folder.id, uid=uid, uidvalidity=folder.uidvalidity)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()


def drop_unnumbered(operation: MailboxOperation) -> None:
    """What was shown in the target does not come there."""
    placement = (
        db.session.get(MessagePlacement, operation.placement_id, populate_existing=True)
        if operation.placement_id is not None
        else None
    )
    if placement is not None and placement.uid is None:
        folder_id, thread_id = placement.folder_id, placement.thread_id
        db.session.delete(placement)
        db.session.flush()
        recount(folder_id, [thread_id])


def _number(placement: MessagePlacement, folder: MailFolder, uid: int | None) -> None:
    """A pull may have been first: then its placement gives way to the one that operations and readers know."""
    if uid is None:
        return  # the pull finds it
    other = db.session.scalar(
        select(MessagePlacement).where(
            MessagePlacement.folder_id == folder.id, MessagePlacement.uid == uid
        )
    )
    if other is not None:
        db.session.execute(
            update(MailboxOperation)
            .where(MailboxOperation.placement_id == other.id)
            .values(placement_id=placement.id)
            .execution_options(synchronize_session=False)
        )
        db.session.delete(other)
        db.session.flush()
    placement.uid = uid
    if uid >= (folder.uidnext or 1):
        # The pull has not counted it: should it vanish before, the numbers must not seem to fit.
        folder.server_messages += 1
    db.session.flush()
    recount(folder.id, [placement.thread_id])


def _put_back(operation: MailboxOperation, folder: MailFolder) -> None:
    """Where it lies on the server."""
    if operation.uidvalidity != folder.uidvalidity:
        return
    taken = select(MessagePlacement.id).where(
        MessagePlacement.folder_id == folder.id, MessagePlacement.uid == operation.uid
    )
    if db.session.scalar(taken) is not None:
        drop_unnumbered(operation)
        return
    placement = (
        db.session.get(MessagePlacement, operation.placement_id, populate_existing=True)
        if operation.placement_id is not None
        else None
    )
    if placement is None:
        message = db.session.get_one(Message, operation.message_id)
        placement = MessagePlacement(
            message_id=message.id, thread_id=message.thread_id, sent_at=message.sent_at
        )
        db.session.add(placement)
    shown_in = placement.folder_id
    placement.folder_id, placement.uid = folder.id, operation.uid
    db.session.flush()
    for folder_id in {folder.id, shown_in or folder.id}:
        recount(folder_id, [placement.thread_id])
