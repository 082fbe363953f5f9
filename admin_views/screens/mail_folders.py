"""The folders at the left, with what waits in each (S3-05), and the box of mailboxes (S3-23)."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from admin_views.screens.mail_door import allows, waiting
from admin_views.screens.mail_place import ALWAYS, WORDS, MailPlace
from models.mailbox.mail_account import MailAccount
from models.people.user import User
from services.mailbox.folder_badges import badges_of, unread_in, unread_of
from services.mailbox.mail_place import ROLES, Box, Mailboxes

COLOURS = 6  # of accounts, one after the other; the name stands beside it always


@dataclass(frozen=True)
class FolderLine:
    """A folder of the list."""

    icon: str
    name: str
    url: str
    count: int
    is_current: bool
    dot: str = ""
    depth: int = 0
    manage_url: str = ""
    refusal: str = ""  # what the server said to what was wanted of it


@dataclass(frozen=True)
class FolderList:
    """The folders that every mailbox has, and those that people have made."""

    main: Sequence[FolderLine]
    own: Sequence[FolderLine]
    make_url: str
    waiting: int  # unread in all inboxes, whatever is shown: what the menu says


def folder_list(place: MailPlace, person: User) -> FolderList:
    """With the conversations that nobody has read, the starred ones, and what is being written."""
    boxes = place.mailboxes
    own_folders = boxes.own_folders()
    unread = unread_of([folder.id for folder in own_folders])
    badges = badges_of(person, boxes.folders_of(Box.STARRED))
    counts = {
        Box.STARRED: badges.starred,
        Box.SNOOZED: badges.snoozed,
        Box.DRAFTS: badges.drafts,
        # Of all mailboxes it is what the menu says, which every page counts.
        Box.INBOX: unread_in(boxes.folders_of(Box.INBOX)) if boxes.chosen else waiting(),
    }

    def line(box: Box) -> FolderLine:
        symbol, name = WORDS[box]
        return FolderLine(
            symbol,
            str(name),
            MailPlace(boxes, box).url(),
            counts.get(box, 0),
            place.box is box,
        )

    may_edit = allows("edit")
    own = [
        FolderLine(
            "folder",
            folder.name,
            MailPlace(boxes, Box.FOLDER, folder).url(),
            unread.get(folder.id, 0),
            place.folder is not None and place.folder.id == folder.id,
            "" if boxes.chosen else dot_of(boxes, folder.account_id),
            min(folder.path.count(folder.delimiter), 4) if folder.delimiter else 0,
            url_for("mail_area.own_folder", public_id=folder.public_id) if may_edit else "",
            folder.refusal or "",
        )
        for folder in own_folders
    ]
    more = [line(box) for box in (Box.ARCHIVE, Box.JUNK) if boxes.has(ROLES[box])]
    return FolderList(
        [line(box) for box in ALWAYS],
        [*own, *more],
        url_for("mail_area.new_folder") if may_edit else "",
        waiting(),
    )


def dot_of(boxes: Mailboxes, account_id: int) -> str:
    """The colour of a mailbox: the same wherever it is named."""
    rank = boxes.ranks.get(account_id)
    return f"d{rank % COLOURS + 1}" if rank is not None else ""


def mailbox_choices(boxes: Mailboxes) -> list[tuple[str, str, bool]]:
    """Value, words and whether it is the present one, for the box at the top right."""
    chosen = boxes.chosen
    choices = [
        (str(account.public_id), account.address, chosen is not None and account.id == chosen.id)
        for account in boxes.accounts
    ]
    if len(boxes.accounts) > 1:
        choices.append(("all", _("All accounts"), chosen is None))
    return choices


def account_named(boxes: Mailboxes, public_id: str) -> MailAccount | None:
    """The mailbox of this name, if this reader may read it."""
    return next((each for each in boxes.accounts if str(each.public_id) == public_id), None)
