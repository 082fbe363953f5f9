"""Who may read which mail account (S3-23); `docs/decisions/0035-who-reads-which-mail.md` says why.

- An account with an owner: the owner, and whoever has a grant to read.
- A shared one that nobody is named for: everybody who works in the organization; as soon as anybody is named, those.
- One without owner that is not shared (its owner has left): whoever is named.

Whoever may change mail accounts reads none by that: to read one they name themselves for it, which the audit keeps.
Every query for mail begins here; whether somebody may use the mail area at all is a right of their role.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from models.base import db
from models.mailbox.account_grant import AccountGrant
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from models.people.user import User
from services.people.colleagues import has_place_here


def readable_by(person: User) -> ColumnElement[bool]:
    """The rule, as a condition on `MailAccount`."""
    if not person.is_active:
        return MailAccount.id.is_(None)
    granted = exists().where(
        AccountGrant.account_id == MailAccount.id,
        AccountGrant.user_id == person.id,
        AccountGrant.can_read,
    )
    is_named_for = exists().where(AccountGrant.account_id == MailAccount.id)
    is_open = and_(MailAccount.is_shared, ~is_named_for)
    return and_(
        has_place_here(person),
        MailAccount.is_active,
        or_(MailAccount.owner_id == person.id, granted, is_open),
    )


def is_readable_by(person: User, *, hidden: Collection[FolderRole] = ()) -> ColumnElement[bool]:
    """The same as a condition on `Message`: it lies where they may look, and not only in folders for `hidden`."""
    return (
        exists()
        .where(
            MessagePlacement.message_id == Message.id,
            MessagePlacement.folder_id == MailFolder.id,
            MailFolder.account_id == MailAccount.id,
            MailFolder.gone_at.is_(None),
            MailFolder.role.not_in(hidden),
            readable_by(person),
        )
        .correlate(Message)
    )


def accounts_to_read(person: User) -> Sequence[MailAccount]:
    """Their own ones first, then the oldest first."""
    return db.session.scalars(
        select(MailAccount)
        .where(readable_by(person))
        .order_by(MailAccount.owner_id.is_(None), MailAccount.id)
    ).all()


def keys_to_read(person: User | None) -> Select[int]:
    """The keys of those accounts; of all where no person asks."""
    keys = select(MailAccount.id)
    return keys.where(readable_by(person)) if person else keys


def folders_to_read(person: User) -> Sequence[MailFolder]:
    """Every folder of those accounts that holds messages."""
    return db.session.scalars(
        select(MailFolder)
        .join(MailAccount, MailAccount.id == MailFolder.account_id)
        .where(is_open_to(person))
        .order_by(MailFolder.account_id, MailFolder.path)
    ).all()


def is_open_to(person: User) -> ColumnElement[bool]:
    """The same as a condition on `MailFolder` with its `MailAccount`."""
    return and_(
        readable_by(person),
        MailFolder.gone_at.is_(None),
        MailFolder.is_selectable,
        ~MailFolder.is_unwanted,
    )
