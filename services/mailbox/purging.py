"""Messages are deleted for good, here and on the server; what has to be kept stays (S3-21)."""

import uuid
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import delete

from errors import Conflict
from models.base import db
from models.mailbox.mail_folder import FolderRole
from models.mailbox.mailbox_operation import OperationKind
from models.mailbox.message_placement import MessagePlacement
from models.people.user import User
from services.mailbox.action_batch import Batch, locked, write_operations
from services.mailbox.folder_counts import recount_all
from services.mailbox.retention import kept_of


def purge(
    placements: Sequence[MessagePlacement], person: User | None, *, retention_years: int
) -> Batch:
    """Delete them for good, here and on the server; what belongs to a document that has to be kept stays (S3-21).

    Only what lies in the trash goes. Raises Conflict if there is nothing else.
    """
    batch = uuid.uuid4()
    in_trash = [p for p in locked(placements) if p.folder.role is FolderRole.TRASH]
    if placements and not in_trash:
        raise Conflict(_("Only what is in the trash can be deleted for good."))
    kept = kept_of({p.message_id for p in in_trash}, retention_years=retention_years)
    has_to_stay = {one.message_id for one in kept}
    gone = [p for p in in_trash if p.message_id not in has_to_stay]
    touched = [(p.folder_id, p.thread_id) for p in gone]
    write_operations(gone, OperationKind.PURGE, batch, person)
    keys = [p.id for p in gone]
    for placement in gone:
        db.session.expunge(placement)
    db.session.execute(delete(MessagePlacement).where(MessagePlacement.id.in_(keys)))
    recount_all(touched)
    return Batch(batch, len(gone), kept)
