"""Folders that readers make, rename and delete: seen at once, and carried out on the server afterwards (`pushing_folders.py`).

What they want stands at the folder itself; its `path` is what the server calls it until it has done so, so that whatever else waits for
that server finds the folder all the time.
"""

import re
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import func, select

from errors import Conflict, Invalid
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.message_placement import MessagePlacement
from models.people.user import User
from services.mailbox.actions import AT_ONCE, trash

LONGEST_NAME = 100
# Controls, and the two signs that ask a server for many folders (RFC 3501, 6.3.8).
NEVER = re.compile(r"[\x00-\x1f\x7f%*]")


def make_folder(account: MailAccount, name: str) -> MailFolder:
    """A new folder beside the others. Raises Invalid for a name that is none, Conflict for one that is taken."""
    folders = _folders(account.id)
    delimiter = next((each.delimiter for each in folders if each.delimiter), None)
    others = [each.path for each in folders if each.role is not FolderRole.INBOX]
    prefix = f"INBOX{delimiter}" if delimiter else ""
    if not others or not all(path.startswith(prefix) for path in others):
        prefix = ""
    path = _free_path(folders, prefix, name, delimiter)
    give_name_away(account.id, path)
    folder = MailFolder(account_id=account.id, path=path, wanted_path=path, delimiter=delimiter)
    db.session.add(folder)
    db.session.flush()
    return folder


def rename_folder(folder: MailFolder, name: str) -> None:
    """Give it another name where it stands. Raises Conflict for a folder of the mailbox itself, or one with others in it."""
    _require_own(folder)
    folders = _folders(folder.account_id)
    if _below(folder, folders):
        raise Conflict(_("There are folders in this one. Rename it in your mail program."))
    shown, delimiter = folder.shown_path, folder.delimiter
    parent, cut, _last = shown.rpartition(delimiter) if delimiter else ("", "", shown)
    others = [each for each in folders if each.id != folder.id]
    folder.wanted_path = _free_path(others, parent + cut, name, delimiter)
    folder.refusal = None
    db.session.flush()


def delete_folder(folder: MailFolder, person: User) -> int:
    """Delete it; what lies in it goes to the trash first: how many messages.

    Raises Conflict for a folder of the mailbox itself, one with others in it, and one with too many messages.
    """
    _require_own(folder)
    if _below(folder, _folders(folder.account_id)):
        raise Conflict(_("There are folders in this one. Delete those first."))
    lying = messages_in(folder)
    if lying > AT_ONCE or folder.first_run_below is not None:
        raise Conflict(_("There are too many messages in this folder. Move them elsewhere first."))
    placements = db.session.scalars(
        select(MessagePlacement).where(MessagePlacement.folder_id == folder.id)
    ).all()
    if placements:
        trash(placements, person)
    folder.is_unwanted, folder.refusal = True, None
    db.session.flush()
    return lying


def give_name_away(account_id: int, path: str) -> None:
    """A folder that is gone leaves its name to the one that gets it now."""
    gone = db.session.scalars(
        select(MailFolder).where(
            MailFolder.account_id == account_id,
            MailFolder.path == path,
            MailFolder.gone_at.is_not(None),
        )
    ).one_or_none()
    if gone is not None:
        gone.path = f"{path} ({gone.public_id})"
        db.session.flush()


def messages_in(folder: MailFolder) -> int:
    """How many lie in it."""
    count = select(func.count()).where(MessagePlacement.folder_id == folder.id)
    return db.session.scalar(count) or 0


def forget_refusal(folder: MailFolder) -> None:
    """Somebody has read of it."""
    folder.refusal = None
    db.session.flush()


def _require_own(folder: MailFolder) -> None:
    if folder.role is not FolderRole.OTHER:
        raise Conflict(_("This folder belongs to the mailbox itself: it keeps its name and stays."))


def _below(folder: MailFolder, folders: Sequence[MailFolder]) -> list[MailFolder]:
    prefix = f"{folder.path}{folder.delimiter}"
    return [each for each in folders if folder.delimiter and each.path.startswith(prefix)]


def _folders(account_id: int) -> Sequence[MailFolder]:
    return db.session.scalars(
        select(MailFolder)
        .where(MailFolder.account_id == account_id, MailFolder.gone_at.is_(None))
        .order_by(MailFolder.id)
        .with_for_update()
    ).all()


def _free_path(
    folders: Sequence[MailFolder], prefix: str, typed: str, delimiter: str | None
) -> str:
    """The path of this name. Raises Invalid or Conflict, in words for who typed it."""
    name = " ".join(typed.split())
    if not name:
        raise Invalid(_("Write the name of the folder."), field="name")
    if len(name) > LONGEST_NAME:
        raise Invalid(
            _("The name of a folder has %(most)s characters at most.", most=LONGEST_NAME),
            field="name",
        )
    if NEVER.search(name) or (delimiter and delimiter in name):
        raise Invalid(
            _(
                "The name of a folder has none of these characters: %(signs)s",
                signs=f"% * {delimiter or ''}",
            ),
            field="name",
        )
    path = f"{prefix}{name}"
    taken = {text.casefold() for each in folders for text in (each.path, each.shown_path)}
    if path.casefold() in taken:
        raise Conflict(_("There is a folder «%(name)s» already.", name=name))
    return path
