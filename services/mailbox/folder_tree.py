"""Folders lie in folders by their names alone: whoever renames one names all that lie in it (RFC 3501, 6.3.5)."""

from collections.abc import Sequence

from sqlalchemy import select

from models.base import db
from models.mailbox.mail_folder import MailFolder


def folders_of(account_id: int, *, held: bool = False) -> Sequence[MailFolder]:
    """Those that are there; held against whoever else changes them, if one is going to."""
    query = (
        select(MailFolder)
        .where(MailFolder.account_id == account_id, MailFolder.gone_at.is_(None))
        .order_by(MailFolder.id)
    )
    return db.session.scalars(query.with_for_update() if held else query).all()


def below(folder: MailFolder, folders: Sequence[MailFolder]) -> list[MailFolder]:
    """Which of these lie in it, at whatever depth; the deepest last."""
    prefix = f"{folder.path}{folder.delimiter}"
    found = [each for each in folders if folder.delimiter and each.path.startswith(prefix)]
    return sorted(found, key=lambda each: len(each.path))


def show_as(folder: MailFolder, path: str, within: Sequence[MailFolder]) -> None:
    """It is to be called so, and with it what lies in it: shown at once, told to the server as one renaming."""
    shown, real = folder.shown_path, folder.path
    for each in (folder, *within):
        is_shown_there = each is folder or each.shown_path.startswith(f"{shown}{folder.delimiter}")
        # One that another program has put there meanwhile has no other name than the server's yet.
        rest = each.shown_path[len(shown) :] if is_shown_there else each.path[len(real) :]
        each.wanted_path = path + rest if path + rest != each.path else None


def is_called(folder: MailFolder, path: str, within: Sequence[MailFolder]) -> None:
    """The server calls it so now, and with it what lies in it."""
    before = folder.path
    for each in (folder, *within):
        now = path + each.path[len(before) :]
        if each.path != now:
            give_name_away(each.account_id, now)
            each.path = now
        if each.wanted_path == now:
            each.wanted_path = None


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
