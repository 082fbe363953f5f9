"""How many conversations of each folder wait to be read, and how many are starred."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select

from models.any_of import is_any_of
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import DraftState, MailDraft
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.thread import FolderThread
from models.people.user import User
from services.mailbox.chosen_messages import LISTED
from services.mailbox.readers import is_open_to


@dataclass(frozen=True)
class Badges:
    """Of the folders that are alike in every mailbox."""

    starred: int  # conversations, each once
    snoozed: int  # that wait for their time, and those that are back and nobody has opened
    drafts: int


def unread_of(folder_ids: Collection[int]) -> Mapping[int, int]:
    """By folder; those without any are left out."""
    if not folder_ids:
        return {}
    rows = db.session.execute(
        select(FolderThread.folder_id, func.count())
        .where(is_any_of(FolderThread.folder_id, folder_ids), LISTED["unread"])
        .group_by(FolderThread.folder_id)
    )
    return dict(rows.all())


def unread_in(folders: Sequence[MailFolder]) -> int:
    """Conversations, each once."""
    keys = [folder.id for folder in folders]
    count = select(func.count(FolderThread.thread_id.distinct())).where(
        is_any_of(FolderThread.folder_id, keys), LISTED["unread"]
    )
    return db.session.scalar(count) or 0


def unread_by(person: User) -> int:
    """Unread conversations in the inboxes of all the mailboxes that this person may read, each once."""
    count = (
        select(func.count(FolderThread.thread_id.distinct()))
        .select_from(FolderThread)
        .join(MailFolder, MailFolder.id == FolderThread.folder_id)
        .join(MailAccount, MailAccount.id == MailFolder.account_id)
        .where(is_open_to(person), MailFolder.role == FolderRole.INBOX, LISTED["unread"])
    )
    return db.session.scalar(count) or 0


def badges_of(person: User, folders: Sequence[MailFolder]) -> Badges:
    """Of these folders, and of what this person is writing; asked together."""
    lies_there = is_any_of(FolderThread.folder_id, [folder.id for folder in folders])
    starred = select(func.count(FolderThread.thread_id.distinct())).where(
        lies_there, LISTED["starred"]
    )
    snoozed = select(func.count()).where(lies_there, LISTED["snoozed"])
    drafts = select(func.count(MailDraft.id)).where(_is_written_by(person))
    counts = select(*(each.scalar_subquery() for each in (starred, snoozed, drafts)))
    return Badges(*db.session.execute(counts).one())


def drafts_of(person: User) -> Sequence[MailDraft]:
    """What this person is writing, the newest first."""
    return db.session.scalars(
        select(MailDraft)
        .where(_is_written_by(person))
        .order_by(MailDraft.saved_at.desc())
        .limit(200)
    ).all()


def _is_written_by(person: User) -> ColumnElement[bool]:
    return and_(
        MailDraft.user_id == person.id,
        MailDraft.state.in_((DraftState.WRITING, DraftState.LEAVING)),
    )


def copies_in(folders: Sequence[MailFolder]) -> set[int]:
    """Messages of these folders that are copies of what somebody writes here, or wrote: those wait to be taken away."""
    keys = [folder.id for folder in folders]
    return set(
        db.session.scalars(
            select(MessagePlacement.message_id)
            .join(MailDraft, MailDraft.placement_id == MessagePlacement.id)
            .where(is_any_of(MessagePlacement.folder_id, keys))
        )
    )
