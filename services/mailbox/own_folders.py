"""Folders that readers make, rename and delete: seen at once, and carried out on the server afterwards (`pushing_folders.py`).

What they want stands at the folder itself; its `path` is what the server calls it until it has done so, so that whatever else waits for
that server finds the folder all the time.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import func, select

from errors import Conflict, Invalid
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.message_placement import MessagePlacement
from models.people.user import User
from services.mailbox.action_batch import AT_ONCE
from services.mailbox.folder_tree import below, folders_of, give_name_away, show_as
from services.mailbox.moving import trash

LONGEST_NAME = 100
# Controls, and the two signs that ask a server for many folders (RFC 3501, 6.3.8).
NEVER = re.compile(r"[\x00-\x1f\x7f%*]")


@dataclass(frozen=True)
class Contents:
    """What goes with a folder: messages in it and in the folders below it, and how many of those there are."""

    messages: int
    folders: int


def make_folder(account: MailAccount, name: str) -> MailFolder:
    """A new folder beside the others. Raises Invalid for a name that is none, Conflict for one that is taken."""
    folders = folders_of(account.id, held=True)
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
    """Give it another name where it stands, with the folders in it. Raises Conflict for one that the mailbox itself needs."""
    folders = folders_of(folder.account_id, held=True)
    within = below(folder, folders)
    _require_own(folder, within)
    shown, delimiter = folder.shown_path, folder.delimiter
    parent, cut, _last = shown.rpartition(delimiter) if delimiter else ("", "", shown)
    others = [each for each in folders if each.id != folder.id and each not in within]
    show_as(folder, _free_path(others, parent + cut, name, delimiter), within)
    folder.refusal = None
    db.session.flush()


def delete_folder(folder: MailFolder, person: User) -> Contents:
    """Delete it and the folders in it; what lies in them goes to the trash first: what that was.

    Raises Conflict for a folder of the mailbox itself, one with such in it, and one with too many messages.
    """
    within = below(folder, folders_of(folder.account_id, held=True))
    _require_own(folder, within)
    going = [folder, *within]
    contents = contents_of(folder)
    if contents.messages > AT_ONCE or any(each.first_run_below is not None for each in going):
        raise Conflict(_("There are too many messages in this folder. Move them elsewhere first."))
    placements = db.session.scalars(
        select(MessagePlacement).where(MessagePlacement.folder_id.in_([each.id for each in going]))
    ).all()
    if placements:
        trash(placements, person)
    for each in going:
        each.is_unwanted, each.refusal = True, None
    db.session.flush()
    return contents


def contents_of(folder: MailFolder) -> Contents:
    """What would go with it."""
    within = below(folder, folders_of(folder.account_id))
    keys = [folder.id, *(each.id for each in within)]
    count = select(func.count()).where(MessagePlacement.folder_id.in_(keys))
    return Contents(db.session.scalar(count) or 0, len([f for f in within if not f.is_unwanted]))


def _require_own(folder: MailFolder, within: Sequence[MailFolder]) -> None:
    if folder.role is not FolderRole.OTHER:
        raise Conflict(_("This folder belongs to the mailbox itself: it keeps its name and stays."))
    needed = next((each for each in within if each.role is not FolderRole.OTHER), None)
    if needed is not None:
        raise Conflict(
            _(
                "“%(name)s” lies in this folder and belongs to the mailbox itself: both keep their names and stay.",
                name=needed.name,
            )
        )


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
    prefix = f"{path}{delimiter}".casefold()
    if path.casefold() in taken or (delimiter and any(each.startswith(prefix) for each in taken)):
        raise Conflict(_("There is a folder “%(name)s” already.", name=name))
    return path
