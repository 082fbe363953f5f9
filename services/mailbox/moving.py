"""Messages are put into another folder of their mailbox, into the trash and out of it (S3-20)."""

import uuid
from collections.abc import Callable, Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from errors import Conflict
from models.base import db
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.mailbox_operation import OperationKind
from models.mailbox.message_placement import MessagePlacement
from models.people.user import User
from services.mailbox.action_batch import Batch, locked, write_operations
from services.mailbox.folder_counts import recount_all


def move(placements: Sequence[MessagePlacement], target: MailFolder, person: User | None) -> Batch:
    """Put them into another folder of their mailbox. Raises Conflict for one of another mailbox."""
    return _move(placements, lambda _placement: target, person)


def trash(placements: Sequence[MessagePlacement], person: User | None) -> Batch:
    """Put them into the trash, from which they can be restored. Raises Conflict where there is no trash."""
    return move_to_role(placements, FolderRole.TRASH, person)


def move_to_role(
    placements: Sequence[MessagePlacement], role: FolderRole, person: User | None
) -> Batch:
    """Each into the folder with this role of its own mailbox. Raises Conflict where one has none."""
    targets = _folders_with(role, placements)
    return _move(placements, lambda placement: targets[placement.folder.account_id], person)


def restore(placements: Sequence[MessagePlacement], person: User | None) -> Batch:
    """Take them out of the trash, to where they came from; else into the inbox (S3-20)."""
    in_trash = [p for p in placements if p.folder.role is FolderRole.TRASH]
    inboxes = _folders_with(FolderRole.INBOX, in_trash)
    came_from = {
        folder.id: folder
        for folder in db.session.scalars(
            select(MailFolder).where(
                MailFolder.id.in_({p.previous_folder_id for p in in_trash} - {None}),
                MailFolder.gone_at.is_(None),
            )
        )
    }

    def home_of(placement: MessagePlacement) -> MailFolder:
        inbox = inboxes[placement.folder.account_id]
        return came_from.get(placement.previous_folder_id or 0, inbox)

    return _move(in_trash, home_of, person)


def _move(
    placements: Sequence[MessagePlacement],
    target_of: Callable[[MessagePlacement], MailFolder],
    person: User | None,
) -> Batch:
    batch = uuid.uuid4()
    targets = {p.id: target_of(p) for p in placements}
    moved = [p for p in locked(placements) if targets[p.id].id != p.folder_id]
    if any(targets[p.id].account_id != p.folder.account_id for p in moved):
        raise Conflict(_("A message stays in its mailbox. Forward it to have it in another one."))
    write_operations(
        moved, OperationKind.MOVE, batch, person, {p.id: targets[p.id].id for p in moved}
    )
    touched = []
    for placement in moved:
        target = targets[placement.id]
        touched += [(placement.folder_id, placement.thread_id), (target.id, placement.thread_id)]
        is_thrown = target.role is FolderRole.TRASH
        placement.previous_folder_id = placement.folder_id if is_thrown else None
        placement.folder, placement.uid = target, None
    recount_all(touched)
    return Batch(batch, len(moved))


def _folders_with(
    role: FolderRole, placements: Sequence[MessagePlacement]
) -> dict[int, MailFolder]:
    """The folder with this role of each mailbox concerned, by account. Raises Conflict where one has none."""
    accounts = {p.folder.account_id: p.folder.account for p in placements}
    found = {
        folder.account_id: folder
        for folder in db.session.scalars(
            select(MailFolder).where(
                MailFolder.account_id.in_(accounts),
                MailFolder.role == role,
                MailFolder.gone_at.is_(None),
            )
        )
    }
    for account_id, account in accounts.items():
        if account_id not in found:
            name = str(FolderRole.labels()[role])
            raise Conflict(
                _(
                    "The mailbox %(address)s has no folder “%(name)s”.",
                    address=account.address,
                    name=name,
                )
            )
    return found
