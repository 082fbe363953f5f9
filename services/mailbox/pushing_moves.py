"""Moving messages on the server: said first, done once, and looked up after a crash."""

from collections.abc import Sequence

from mail.errors import FolderMissing
from models.base import db
from models.mailbox.mail_folder import MailFolder
from models.mailbox.mailbox_operation import MailboxOperation, OperationState
from services.mailbox.claiming import claim
from services.mailbox.ending_operations import drop_unnumbered, end, forward
from services.mailbox.sync_run import SyncRun

MADE_ID = "@without-id.invalid>"


def move_together(run: SyncRun, folder: MailFolder, together: Sequence[MailboxOperation]) -> None:
    """Operations of one open folder with one target; commits in between. Raises MailError."""
    target = db.session.get_one(MailFolder, together[0].target_folder_id)
    path, target_path = folder.path, target.path
    if together[0].state is OperationState.STARTED:
        there = run.mailbox.existing([each.uid for each in together if each.uid])
        if not run.mailbox.can("MOVE"):
            _finish_copies(run, target, [each for each in together if each.uid in there])
            run.mailbox.select(path, writes=True)
        _look_up(run, target, [each for each in together if each.uid not in there])
        together = [
            each for each in together if each.uid in there and each.state is not OperationState.DONE
        ]
        db.session.commit()
        if not together:
            return
        run.mailbox.select(path, writes=True)
    together = _say(run, target, together)
    there = run.mailbox.existing([each.uid for each in together if each.uid])
    present = [each for each in together if each.uid in there]
    placed: dict[int, int] = {}
    if present:
        placed = run.mailbox.move([each.uid for each in present if each.uid], target_path)
    for each in present:
        _arrived(run, target, each, placed.get(each.uid or 0))
    for each in together:
        if each not in present:
            _yield_to_others(each)


def _say(
    run: SyncRun, target: MailFolder, together: Sequence[MailboxOperation]
) -> list[MailboxOperation]:
    """Commits what is about to be done: what nobody has taken back."""
    try:
        status = run.mailbox.status(target.path)
    except FolderMissing:
        run.mailbox.create(target.path)
        status = run.mailbox.status(target.path)
    claimed = claim(together)
    for each in claimed:
        each.base_uidnext, each.base_uidvalidity = status.uidnext, status.uidvalidity
    db.session.commit()
    return claimed


def _look_up(run: SyncRun, target: MailFolder, missing: Sequence[MailboxOperation]) -> None:
    """It has left its folder: by our own command, if it lies in the target since."""
    for each in missing:
        uid = _find(run, target, each)
        if uid is not None:
            _arrived(run, target, each, uid)
        else:
            _yield_to_others(each)


def _finish_copies(run: SyncRun, target: MailFolder, present: Sequence[MailboxOperation]) -> None:
    """Without MOVE a crash may lie between the copy and the deletion."""
    copied = {each.uid: uid for each in present if (uid := _find(run, target, each)) is not None}
    if not copied:
        return
    run.mailbox.select(db.session.get_one(MailFolder, present[0].folder_id).path, writes=True)
    run.mailbox.expunge([uid for uid in copied if uid])
    for each in present:
        if each.uid in copied:
            _arrived(run, target, each, copied[each.uid])


def _find(run: SyncRun, target: MailFolder, operation: MailboxOperation) -> int | None:
    name = operation.message.message_id_header
    if name.endswith(MADE_ID) or operation.base_uidnext is None:
        return None
    if run.mailbox.selected != target.path:
        run.mailbox.select(target.path)
    found = run.mailbox.with_message_id(name, from_uid=operation.base_uidnext)
    return found[0] if found else None


def _arrived(
    run: SyncRun, target: MailFolder, operation: MailboxOperation, uid: int | None
) -> None:
    if uid is None:
        uid = _find(run, target, operation)
    if target.uidvalidity is None or operation.base_uidvalidity != target.uidvalidity:
        uid = None  # a number that does not count here: the pull finds the message
    end(operation, OperationState.DONE)
    forward(operation, target, uid)


def _yield_to_others(operation: MailboxOperation) -> None:
    """Somebody else has moved or deleted it: the server is right."""
    end(operation, OperationState.GONE, "Somebody else has moved or deleted the message.")
    drop_unnumbered(operation)
