"""What a person does with a message here: the view and what waits for the server, together; for tests of the sync alone."""

from sqlalchemy import select

from models.base import db
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind
from models.mailbox.message_placement import MessagePlacement
from services.mailbox.folder_counts import recount


def operate(
    account_id: int,
    kind: OperationKind,
    placement: MessagePlacement,
    *,
    to: FolderRole = FolderRole.TRASH,
) -> MailboxOperation:
    """The caller commits."""
    folder = db.session.get_one(MailFolder, placement.folder_id)
    operation = MailboxOperation(
        account_id=account_id,
        message_id=placement.message_id,
        placement_id=placement.id,
        kind=kind,
        folder_id=folder.id,
        uid=placement.uid,
        uidvalidity=folder.uidvalidity,
    )
    thread_id, touched = placement.thread_id, [folder.id]
    match kind:
        case OperationKind.READ | OperationKind.UNREAD:
            placement.is_read = kind is OperationKind.READ
        case OperationKind.STAR | OperationKind.UNSTAR:
            placement.is_starred = kind is OperationKind.STAR
        case OperationKind.MOVE:
            target = db.session.scalars(
                select(MailFolder).where(MailFolder.account_id == account_id, MailFolder.role == to)
            ).one()
            if target.id == folder.id:
                operation.kind = OperationKind.READ
                placement.is_read = True
            else:
                operation.target_folder_id = target.id
                placement.previous_folder_id, placement.folder_id = folder.id, target.id
                placement.uid = None
                touched.append(target.id)
        case OperationKind.PURGE:
            db.session.delete(placement)
    db.session.add(operation)
    db.session.flush()
    for folder_id in touched:
        recount(folder_id, [thread_id])
    return operation
