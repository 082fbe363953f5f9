"""What readers want of folders is done on the server: made, renamed, deleted; each by looking first, so that it may be repeated.

A reading that died between the server's answer and our row is no harm: the next one finds what is so already.
"""

import logging
from collections.abc import Sequence

from sqlalchemy import exists, or_, select

from mail.errors import CommandRefused
from mail.imap_folders import ListedFolder
from models.base import db, utc_now
from models.mailbox.mail_folder import MailFolder
from models.mailbox.mailbox_operation import MailboxOperation
from services.mailbox.folder_list import forget_placements
from services.mailbox.open_operations import OPEN
from services.mailbox.own_folders import give_name_away
from services.mailbox.sync_run import SyncRun

logger = logging.getLogger(__name__)
LONGEST_REFUSAL = 500


def folders_to_push(account_id: int) -> Sequence[MailFolder]:
    """Those of which somebody wants something that the server has not done."""
    return db.session.scalars(
        select(MailFolder)
        .where(
            MailFolder.account_id == account_id,
            MailFolder.gone_at.is_(None),
            or_(MailFolder.wanted_path.is_not(None), MailFolder.is_unwanted),
        )
        .order_by(MailFolder.id)
    ).all()


def settle_folders(run: SyncRun, listed: Sequence[ListedFolder]) -> None:
    """What the server has done already; before anybody takes a folder under its new name for another one. The caller commits."""
    there = {each.path for each in listed}
    for folder in folders_to_push(run.account_id):
        wanted = folder.wanted_path
        if wanted and wanted in there and folder.path not in there - {wanted}:
            _is_called(folder, wanted)
        if folder.is_unwanted and folder.path not in there:
            _is_gone(folder)
    db.session.flush()


def push_folders(run: SyncRun, listed: Sequence[ListedFolder]) -> bool:
    """Tell the server; whether it was told anything. Commits after each. Raises MailError if it cannot be talked to."""
    there, has_told = {each.path for each in listed}, False
    for folder in folders_to_push(run.account_id):
        if folder.is_unwanted and _is_awaited(folder):
            run.has_left_something = True  # its messages go to the trash first
            continue
        try:
            _tell(run, folder, is_there=folder.path in there)
        except CommandRefused as problem:
            db.session.rollback()
            _refuse(folder, problem.message)
        has_told = True
        db.session.commit()
    return has_told


def _tell(run: SyncRun, folder: MailFolder, *, is_there: bool) -> None:
    if folder.is_unwanted:
        if is_there and run.mailbox.status(folder.path).messages:
            raise CommandRefused("There are messages in it that are not in the trash.")
        if is_there:
            run.mailbox.delete(folder.path)
        _is_gone(folder)
        return
    wanted = folder.wanted_path
    assert wanted is not None  # nothing else is asked for here
    if is_there:
        run.mailbox.rename(folder.path, wanted)
    else:
        run.mailbox.create(wanted)
    _is_called(folder, wanted)


def _is_awaited(folder: MailFolder) -> bool:
    """Whether something still waits that takes messages out of it, or puts some in."""
    waits = exists().where(
        MailboxOperation.account_id == folder.account_id,
        MailboxOperation.state.in_(OPEN),
        or_(
            MailboxOperation.folder_id == folder.id,
            MailboxOperation.target_folder_id == folder.id,
        ),
    )
    return bool(db.session.scalar(select(waits)))


def _refuse(folder: MailFolder, said: str) -> None:
    """The reader sees again what is there, and what the server said."""
    folder.refusal, folder.is_unwanted, folder.wanted_path = said[:LONGEST_REFUSAL], False, None
    logger.warning("mail folder %s: the server refused what was wanted of it", folder.id)


def _is_called(folder: MailFolder, path: str) -> None:
    if folder.path != path:
        give_name_away(folder.account_id, path)
    folder.path, folder.wanted_path = path, None


def _is_gone(folder: MailFolder) -> None:
    forget_placements(folder)
    folder.gone_at, folder.is_unwanted, folder.wanted_path = utc_now(), False, None
