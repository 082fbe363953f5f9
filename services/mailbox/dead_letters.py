"""Messages that were set aside, and operations that a server refused: looked at, tried again, given up (X3-16).

Whoever may read a mailbox sees what they are. Whoever administers the accounts sees that they are, and why, of all
mailboxes: not from whom.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, func, select, true, update
from sqlalchemy.orm import contains_eager

from errors import Conflict, NotFound
from mail.errors import MailError
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_dead_letter import MailDeadLetter
from models.mailbox.mail_folder import MailFolder
from models.mailbox.mail_sync import MailSync
from models.people.user import User
from services.mailbox.readers import accounts_to_read, readable_by
from services.mailbox.sync_run import SyncRun, SyncTools

MOST_LISTED = 200
LARGEST_SOURCE = 100 * 1024 * 1024  # bytes that are fetched while somebody waits


@dataclass(frozen=True)
class SetAside:
    """A message that is not here; `may_read` says whether this person may know what it is."""

    letter: MailDeadLetter
    may_read: bool

    @property
    def folder(self) -> MailFolder:
        return self.letter.folder

    @property
    def account(self) -> MailAccount:
        return self.letter.folder.account


def messages_set_aside(person: User, *, administers: bool) -> Sequence[SetAside]:
    """The newest first."""
    own = {account.id for account in accounts_to_read(person)}
    letters = db.session.scalars(
        _waiting(_seen_by(person, administers=administers))
        .options(contains_eager(MailDeadLetter.folder).contains_eager(MailFolder.account))
        .order_by(MailDeadLetter.id.desc())
        .limit(MOST_LISTED)
    )
    return [SetAside(letter, letter.folder.account_id in own) for letter in letters]


def count_set_aside(person: User, *, administers: bool) -> int:
    """How many wait for somebody to decide."""
    return _count(_seen_by(person, administers=administers))


def count_all_set_aside() -> int:
    """Of all mailboxes: for whoever administers them."""
    return _count(true())


def set_aside_named(public_id: uuid.UUID, person: User, *, administers: bool) -> SetAside:
    """The one of this name. Raises NotFound for one that this person does not see, or that is settled."""
    letter = db.session.scalars(
        _waiting(_seen_by(person, administers=administers))
        .where(MailDeadLetter.public_id == public_id)
        .options(contains_eager(MailDeadLetter.folder).contains_eager(MailFolder.account))
    ).one_or_none()
    if letter is None:
        raise NotFound(_("This message is no longer waiting."))
    own = {account.id for account in accounts_to_read(person)}
    return SetAside(letter, letter.folder.account_id in own)


def try_again(letter: MailDeadLetter) -> None:
    """The next reading fetches it once more, three times at most."""
    letter.tries, letter.set_aside_at = 0, None
    db.session.execute(
        update(MailSync)
        .where(MailSync.account_id == letter.folder.account_id)
        .values(poll_token=None)
        .execution_options(synchronize_session=False)
    )
    db.session.flush()


def give_up(letter: MailDeadLetter, person: User) -> None:
    """It stays on the server, and is asked for no more; the nightly count still knows of it."""
    letter.settled_at, letter.settled_by_id = utc_now(), person.id
    db.session.flush()


def source_of(letter: MailDeadLetter, tools: SyncTools) -> bytes:
    """Its bytes, from the server now. Raises Conflict where that does not hand them over."""
    if (letter.size_bytes or 0) > LARGEST_SOURCE:
        raise Conflict(
            _("It is too large to be fetched here. Open the mailbox with another program.")
        )
    run = SyncRun(letter.folder.account, tools)
    try:
        seen = run.mailbox.select(letter.folder.path)
        uids = [letter.uid] if seen.uidvalidity == letter.uidvalidity else []
        found = run.mailbox.bodies(uids, expects=letter.size_bytes or 0) if uids else ()
        raw = next((each.raw for each in found), None)
    except MailError as problem:
        raise Conflict(
            _("The server does not hand it over: %(answer)s", answer=problem.message)
        ) from problem
    finally:
        run.drop_line()
    if raw is None:
        raise Conflict(_("The server no longer has it."))
    return bytes(raw)


def counts_of(person: User, *, administers: bool) -> Sequence[MailSync]:
    """What the last count of each mailbox found, those that differ first."""
    return db.session.scalars(
        select(MailSync)
        .join(MailSync.account)
        .where(_seen_by(person, administers=administers), MailSync.counted_at.is_not(None))
        .options(contains_eager(MailSync.account))
        .order_by((MailSync.counted_missing == 0), MailAccount.address_norm)
        .limit(MOST_LISTED)
    ).all()


def _count(are_seen: ColumnElement[bool]) -> int:
    return db.session.scalar(_waiting(are_seen).with_only_columns(func.count())) or 0


def _seen_by(person: User, *, administers: bool) -> ColumnElement[bool]:
    return true() if administers else readable_by(person)


def _waiting(are_seen: ColumnElement[bool]) -> Select[Any]:
    """Of folders that are still numbered as they were."""
    return (
        select(MailDeadLetter)
        .join(MailDeadLetter.folder)
        .join(MailFolder.account)
        .where(
            MailDeadLetter.set_aside_at.is_not(None),
            MailDeadLetter.settled_at.is_(None),
            MailDeadLetter.uidvalidity == MailFolder.uidvalidity,
            MailFolder.gone_at.is_(None),
            MailAccount.is_active,
            are_seen,
        )
    )
