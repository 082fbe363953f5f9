"""What readers want of folders is done on the server: made, renamed, deleted; each by looking first, so that it may be repeated.

A reading that died between the server's answer and our row is no harm: the next one finds what is so already.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import exists, or_, select

from mail.errors import CommandRefused
from mail.imap_folders import ListedFolder
from models.base import db, utc_now
from models.mailbox.mail_folder import MailFolder
from models.mailbox.mailbox_operation import MailboxOperation
from services.mailbox.folder_list import forget_placements
from services.mailbox.folder_tree import below, folders_of, is_called, show_as
from services.mailbox.open_operations import OPEN
from services.mailbox.sync_run import SyncRun

logger = logging.getLogger(__name__)
LONGEST_REFUSAL = 500


def folders_to_push(account_id: int) -> Sequence[MailFolder]:
    """Those of which somebody wants something that the server has not done.

    First the new names, from the outermost folder inwards: its own takes those in it along. Then the deletions, from the innermost.
    """
    found = db.session.scalars(
        select(MailFolder)
        .where(
            MailFolder.account_id == account_id,
            MailFolder.gone_at.is_(None),
            or_(MailFolder.wanted_path.is_not(None), MailFolder.is_unwanted),
        )
        .order_by(MailFolder.id)
    ).all()
    return sorted(
        found,
        key=lambda each: (each.is_unwanted, len(each.path) * (-1 if each.is_unwanted else 1)),
    )


def settle_folders(run: SyncRun, listed: Sequence[ListedFolder]) -> None:
    """What the server has done already; before anybody takes a folder under its new name for another one. The caller commits."""
    there = {each.path for each in listed}
    for folder in folders_to_push(run.account_id):
        wanted = folder.wanted_path
        if wanted and wanted in there and folder.path not in there - {wanted}:
            is_called(folder, wanted, _within(folder))
        if folder.is_unwanted and folder.path not in there:
            _is_gone(folder)
    db.session.flush()


def push_folders(run: SyncRun, listed: Sequence[ListedFolder]) -> bool:
    """Tell the server; whether it was told anything. Commits after each. Raises MailError if it cannot be talked to."""
    there, has_told = {each.path for each in listed}, False
    wanting = folders_to_push(run.account_id)
    present = {folder.id for folder in wanting if folder.path in there}
    for folder in wanting:
        if folder.is_unwanted and _is_awaited(folder):
            run.has_left_something = True  # its messages go to the trash first
            continue
        if not folder.is_unwanted and folder.wanted_path is None:
            continue  # it went with the one that it lies in
        try:
            _tell(run, folder, is_there=folder.id in present)
        except CommandRefused as problem:
            db.session.rollback()
            _refuse(folder, problem.message)
        has_told = True
        db.session.commit()
    return has_told


def _tell(run: SyncRun, folder: MailFolder, *, is_there: bool) -> None:
    if folder.is_unwanted:
        if is_there:
            _delete(run, folder)
        _is_gone(folder)
        return
    wanted = folder.wanted_path
    assert wanted is not None  # nothing else is asked for here
    if is_there:
        run.mailbox.rename(folder.path, wanted)
    else:
        run.mailbox.create(wanted)
    is_called(folder, wanted, _within(folder))


def _delete(run: SyncRun, folder: MailFolder) -> None:
    """Never with anything in it that is not in the trash. Raises CommandRefused."""
    if _within(folder):
        raise CommandRefused("There are folders in it that could not be deleted.")
    if (
        not folder.is_selectable
    ):  # a name that others stood below; most servers have forgotten it with them
        with suppress(CommandRefused):
            run.mailbox.delete(folder.path)
        return
    if run.mailbox.status(folder.path).messages:
        raise CommandRefused("There are messages in it that are not in the trash.")
    run.mailbox.delete(folder.path)


def _is_awaited(folder: MailFolder) -> bool:
    """Whether something still waits that takes messages out of it, or puts some in; or a folder in it waits to go."""
    if any(each.is_unwanted for each in _within(folder)):
        return True
    waits = exists().where(
        MailboxOperation.account_id == folder.account_id,
        MailboxOperation.state.in_(OPEN),
        or_(
            MailboxOperation.folder_id == folder.id,
            MailboxOperation.target_folder_id == folder.id,
        ),
    )
    return bool(db.session.scalar(select(waits)))


def _within(folder: MailFolder) -> list[MailFolder]:
    return below(folder, folders_of(folder.account_id))


def _refuse(folder: MailFolder, said: str) -> None:
    """The reader sees again what is there, and what the server said."""
    show_as(folder, folder.path, _within(folder))
    folder.refusal, folder.is_unwanted, folder.wanted_path = said[:LONGEST_REFUSAL], False, None
    logger.warning("mail folder %s: the server refused what was wanted of it", folder.id)


def _is_gone(folder: MailFolder) -> None:
    forget_placements(folder)
    folder.gone_at, folder.is_unwanted, folder.wanted_path = utc_now(), False, None
