"""What was done here is done on the server, in its order; each operation once, whatever dies in between.

Marks are deltas and repeat harmlessly. What does not, says first what it is about to do: `started`, with the UIDNEXT of its
target, committed before the command. Whoever finds it started looks at the server instead of repeating it.
"""

import logging
from collections.abc import Sequence

from sqlalchemy import select

from mail.errors import CommandRefused, FolderMissing
from models.base import db, utc_now
from models.mailbox.mail_folder import MailFolder
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind, OperationState
from models.mailbox.message_placement import MessagePlacement
from services.mailbox.claiming import claim
from services.mailbox.ending_operations import end, fail, put_off
from services.mailbox.open_operations import FLAGS, OPEN, open_operations
from services.mailbox.pushing_copies import append_copy
from services.mailbox.pushing_moves import move_together
from services.mailbox.sync_run import SyncRun

logger = logging.getLogger(__name__)
TOGETHER = 100
MOST_TRIES = 3
MOST_STARTS = 6  # of an operation whose command has broken the line each time


def push(run: SyncRun) -> None:
    """Carry out what waits; commits after each step. Raises MailError if the server cannot be talked to."""
    blocked: set[int] = set()  # messages of which an earlier operation waits
    waiting = list(open_operations(run.account_id))
    while waiting:
        together = _take_together(waiting, blocked)
        if together:
            _carry_out(run, together, blocked)


def _take_together(waiting: list[MailboxOperation], blocked: set[int]) -> list[MailboxOperation]:
    """The next operations that one command can do; none if the next has to wait."""
    first = waiting.pop(0)
    if first.state not in OPEN:
        return []  # taken back meanwhile
    if _has_to_wait(first, blocked):
        blocked.add(first.message_id)
        return []
    together, messages = [first], {first.message_id}
    if first.kind is OperationKind.APPEND:
        return together
    while waiting and len(together) < TOGETHER:
        each = waiting[0]
        is_alike = (
            each.kind,
            each.folder_id,
            each.uidvalidity,
            each.target_folder_id,
            each.state,
        ) == (
            first.kind,
            first.folder_id,
            first.uidvalidity,
            first.target_folder_id,
            first.state,
        )
        if not is_alike or each.message_id in messages or _has_to_wait(each, blocked):
            break
        together.append(waiting.pop(0))
        messages.add(each.message_id)
    return together


def _has_to_wait(operation: MailboxOperation, blocked: set[int]) -> bool:
    is_early = operation.not_before is not None and operation.not_before > utc_now()
    return is_early or operation.message_id in blocked


def _carry_out(run: SyncRun, together: list[MailboxOperation], blocked: set[int]) -> None:
    kind, tries = together[0].kind, {each.id: each.tries for each in together}
    try:
        if kind is OperationKind.APPEND:
            append_copy(run, together[0])
        else:
            _carry_out_in_folder(run, kind, together, blocked)
    except CommandRefused as problem:
        db.session.rollback()
        if len(together) > 1:  # one of them may be at fault
            for each in together:
                each.tries = tries[each.id]  # it was nobody's own try
                _carry_out(run, [each], blocked)
            return
        operation = together[0]
        operation.tries = tries[operation.id]  # counted below, claimed or not
        if operation.tries + 1 < MOST_TRIES:
            put_off(operation, problem.message)
            blocked.add(operation.message_id)
        else:
            fail(run, operation, problem.message)
    db.session.commit()


def _carry_out_in_folder(
    run: SyncRun, kind: OperationKind, together: list[MailboxOperation], blocked: set[int]
) -> None:
    ready = [each for each in together if _is_ready(run, each, blocked)]
    if not ready:
        return
    folder = db.session.get_one(MailFolder, ready[0].folder_id)
    try:
        seen = run.mailbox.select(folder.path, writes=True)
    except FolderMissing:
        for each in ready:
            end(each, OperationState.GONE, "Its folder is not there any more.")
        return
    valid = [each for each in ready if each.uidvalidity == seen.uidvalidity]
    for each in ready:
        if each not in valid:
            _wait_for_numbers(each, folder, blocked)
    if valid and kind is OperationKind.MOVE:
        move_together(run, folder, valid)
    elif valid and kind is OperationKind.PURGE:
        _purge(run, valid)
    elif valid:
        _mark(run, kind, valid, blocked)


def _wait_for_numbers(operation: MailboxOperation, folder: MailFolder, blocked: set[int]) -> None:
    """The folder was numbered anew: the pull finds out which message this is, or has found that there is none."""
    if operation.uidvalidity == folder.uidvalidity and operation.tries + 1 >= MOST_TRIES:
        end(operation, OperationState.GONE, "The server does not know the message any more.")
        return
    put_off(operation, "The folder was numbered anew.", seconds=0)
    blocked.add(operation.message_id)


def _is_ready(run: SyncRun, operation: MailboxOperation, blocked: set[int]) -> bool:
    """Whether it is known where on the server the message lies."""
    if operation.uid is None:
        placement = _placement_of(operation)
        if placement is not None and placement.uid is not None:
            _take_place_of(operation, placement)
        elif operation.tries + 1 < MOST_TRIES:
            put_off(operation, "The server has not numbered the message yet.")
            blocked.add(operation.message_id)
            return False
        else:
            end(operation, OperationState.GONE, "The server does not know the message.")
            return False
    if operation.tries >= MOST_STARTS:
        fail(run, operation, "The mail server hangs up each time.")
        return False
    return operation.folder_id is not None


def _placement_of(operation: MailboxOperation) -> MessagePlacement | None:
    if operation.placement_id is None:
        return None
    return db.session.get(MessagePlacement, operation.placement_id, populate_existing=True)


def _take_place_of(operation: MailboxOperation, placement: MessagePlacement) -> None:
    folder = db.session.get_one(MailFolder, placement.folder_id)
    operation.folder_id, operation.uid = folder.id, placement.uid
    operation.uidvalidity = folder.uidvalidity


def _mark(
    run: SyncRun, kind: OperationKind, together: Sequence[MailboxOperation], blocked: set[int]
) -> None:
    there = run.mailbox.existing([each.uid for each in together if each.uid])
    for each in together:
        if each.uid not in there:
            _follow_message(run, each, blocked)
    present = claim([each for each in together if each.uid in there])
    uids = [each.uid for each in present if each.uid]
    db.session.commit()
    if uids:
        adds, flag = FLAGS[kind]
        run.mailbox.store(uids, add=adds, flags=[flag])
    for each in present:
        end(each, OperationState.DONE)


def _follow_message(run: SyncRun, operation: MailboxOperation, blocked: set[int]) -> None:
    """Marks go after a message that somebody has moved."""
    newest = db.session.scalar(
        select(MessagePlacement)
        .join(MailFolder, MailFolder.id == MessagePlacement.folder_id)
        .where(
            MailFolder.account_id == run.account_id,
            MessagePlacement.message_id == operation.message_id,
            MessagePlacement.uid.is_not(None),
            (MessagePlacement.folder_id != operation.folder_id)
            | (MessagePlacement.uid != operation.uid),
        )
        .order_by(MessagePlacement.id.desc())
        .limit(1)
    )
    if operation.tries + 1 >= MOST_TRIES:
        end(operation, OperationState.GONE, "Somebody else has deleted the message.")
        return
    if newest is not None:
        _take_place_of(operation, newest)
    put_off(operation, "The message is not where it was.", seconds=0)
    blocked.add(operation.message_id)


def _purge(run: SyncRun, together: Sequence[MailboxOperation]) -> None:
    there = run.mailbox.existing([each.uid for each in together if each.uid])
    present = [each for each in together if each.uid in there]
    for each in present:
        each.state, each.tries = OperationState.STARTED, each.tries + 1
    db.session.commit()
    if present:
        run.mailbox.expunge([each.uid for each in present if each.uid])
    for each in together:
        is_ours = each in present or each.state is OperationState.STARTED
        end(each, OperationState.DONE if is_ours else OperationState.GONE)
