"""Putting a message of ours into a folder of the server, once: what was sent, and drafts."""

from mail.errors import FolderMissing
from models.base import db
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.mailbox_operation import MailboxOperation, OperationState
from models.mailbox.message_placement import MessagePlacement
from services.mailbox.claiming import claim
from services.mailbox.ending_operations import end, forward
from services.mailbox.message_bytes import raw_of
from services.mailbox.sync_run import SyncRun


def append_copy(run: SyncRun, operation: MailboxOperation) -> None:
    """Commits its intent before the command. Raises MailError."""
    target = db.session.get_one(MailFolder, operation.target_folder_id)
    uid = None
    if operation.state is OperationState.STARTED:
        uid = _find(run, target, operation, from_uid=operation.base_uidnext or 1)
    elif target.role is FolderRole.SENT:
        uid = _find(run, target, operation, from_uid=1)  # some providers file what they send
    if uid is None:
        is_taken_back, uid = _append(run, target, operation)
        if is_taken_back:
            return
    is_numbered = target.uidvalidity is not None and operation.base_uidvalidity in (
        None,
        target.uidvalidity,
    )
    end(operation, OperationState.DONE)
    forward(operation, target, uid if is_numbered else None)


def _append(
    run: SyncRun, target: MailFolder, operation: MailboxOperation
) -> tuple[bool, int | None]:
    """Whether it was taken back before the server was told, and the number that it has got there."""
    try:
        status = run.mailbox.status(target.path)
    except FolderMissing:
        run.mailbox.create(target.path)
        status = run.mailbox.status(target.path)
    if not claim([operation]):
        return True, None
    operation.base_uidnext, operation.base_uidvalidity = status.uidnext, status.uidvalidity
    raw, message = raw_of(operation.message), operation.message
    flags, at, path = _flags(target, operation), message.received_at, target.path
    db.session.commit()
    return False, run.mailbox.append(path, raw, flags=flags, at=at).uid


def _flags(target: MailFolder, operation: MailboxOperation) -> list[str]:
    placement = (
        db.session.get(MessagePlacement, operation.placement_id)
        if operation.placement_id is not None
        else None
    )
    is_draft = target.role is FolderRole.DRAFTS
    flags = [r"\Draft"] if is_draft else []
    if placement is None or placement.is_read:
        flags.append(r"\Seen")
    if placement is not None and placement.is_starred:
        flags.append(r"\Flagged")
    return flags


def _find(
    run: SyncRun, target: MailFolder, operation: MailboxOperation, *, from_uid: int
) -> int | None:
    try:
        run.mailbox.select(target.path)
    except FolderMissing:
        return None
    found = run.mailbox.with_message_id(operation.message.message_id_header, from_uid=from_uid)
    return found[-1] if found else None
