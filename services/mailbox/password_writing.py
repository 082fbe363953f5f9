"""The owner of a mail account writes its password: by the link of a message, or signed in (X4-06).

Looking at a link uses nothing up. Written is once; again only where the server has refused what was written, soon
after it, and a few times: a slip of the finger needs no second message.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import Select, select

from errors import Conflict, Invalid, NotFound
from models.audit_trail import record_event
from models.base import db, utc_now
from models.mailbox.account_check import AccountCheck, CheckState
from models.mailbox.account_password_link import AccountPasswordLink
from models.mailbox.mail_account import MailAccount
from models.people.user import User
from models.tenancy import across_organizations
from services.mailbox.cell_rules import password_in
from services.mailbox.checks import ask_check
from services.mailbox.password_asking import is_waited_for
from services.people.colleagues import works_here
from services.people.sign_in import token_hash

SHOWN_FOR = timedelta(hours=1)  # after it was used: how the test went, and another try
MOST_USES = 5
LONGEST_TOKEN = 100


@dataclass(frozen=True)
class AskedPassword:
    """A link as its owner finds it: `is_open` to write by it; `check` of what was written by it, if it was tested."""

    link: AccountPasswordLink
    account: MailAccount
    is_open: bool
    check: AccountCheck | None

    @property
    def lines(self) -> str:
        """Tells whether the servers that the password goes to are still those that the page has shown."""
        account = self.account
        parts = (
            *(account.address, account.login),
            *(account.smtp_host, account.smtp_port, account.smtp_security.value),
            *(account.imap_host, account.imap_port, account.imap_security.value),
        )
        return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


def organization_of_link(token: str) -> int:
    """In whose scope to go on; raises NotFound, with one sentence for all links that lead nowhere."""
    with across_organizations():
        found = (
            db.session.scalar(
                select(AccountPasswordLink.organization_id).where(
                    AccountPasswordLink.token_hash == token_hash(token)
                )
            )
            if len(token) <= LONGEST_TOKEN
            else None
        )
    if found is None:
        raise _no_such_link()
    return int(found)


def asked_by_link(token: str) -> AskedPassword:
    """What this link is about, within its organization. Raises NotFound."""
    return _found(
        select(AccountPasswordLink).where(AccountPasswordLink.token_hash == token_hash(token))
    )


def asked_of(user: User, public_id: UUID) -> AskedPassword:
    """The same for somebody who is signed in: only of an account of their own. Raises NotFound."""
    return _found(
        select(AccountPasswordLink)
        .join(MailAccount, MailAccount.id == AccountPasswordLink.account_id)
        .where(MailAccount.public_id == public_id, AccountPasswordLink.user_id == user.id)
    )


def waiting_for(user: User) -> set[int]:
    """The keys of the accounts whose password this user is asked for in the present organization."""
    return set(
        db.session.scalars(
            select(MailAccount.id)
            .join(AccountPasswordLink, AccountPasswordLink.account_id == MailAccount.id)
            .where(AccountPasswordLink.user_id == user.id, is_waited_for())
        )
    )


def write_password(asked: AskedPassword, password: str, *, lines: str, wants_test: bool) -> None:
    """Keep the password as the account's own, and have it tested if that is wished. The door commits and rings.

    `lines` is what the page has shown of the servers: Conflict if they are others now. Raises Invalid for what is no
    password, NotFound if the link was used meanwhile.
    """
    key = asked.link.id
    db.session.scalars(
        select(MailAccount)
        .where(MailAccount.id == asked.account.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    now = _found(
        select(AccountPasswordLink)
        .where(AccountPasswordLink.id == key)
        .execution_options(populate_existing=True)
    )
    if not now.is_open:
        raise _no_such_link()
    if now.lines != lines:
        raise Conflict(_("Where the password goes has changed meanwhile. Look at it again."))
    if not password_in(password):
        raise Invalid(_("The password is missing."), field="password")
    account, link = now.account, now.link
    account.password = password
    if account.login is None:
        account.login = account.address
    link.used_at, link.uses = account.password_set_at, link.uses + 1
    record_event(
        db.session(),
        entity="mail_account",
        entity_id=account.id,
        action="write_password",
        after={"user": link.user.name},
    )
    db.session.flush()
    if wants_test:
        ask_check([account], asked_by=link.user_id)


def _found(query: Select[Any]) -> AskedPassword:
    link: AccountPasswordLink | None = db.session.scalars(query).one_or_none()
    account = link and db.session.get(MailAccount, link.account_id)
    if link is None or account is None or not link.user.is_active or not works_here(link.user):
        raise _no_such_link()
    if link.used_at is None:
        waited_for = (
            select(MailAccount.id)
            .join(AccountPasswordLink, AccountPasswordLink.account_id == MailAccount.id)
            .where(AccountPasswordLink.id == link.id, is_waited_for())
        )
        if db.session.scalar(waited_for) is None:
            raise _no_such_link()
        return AskedPassword(link, account, is_open=True, check=None)
    is_its_own = account.password_set_at == link.used_at and account.owner_id == link.user_id
    if not is_its_own or not account.is_active or link.used_at < utc_now() - SHOWN_FOR:
        raise _no_such_link()
    check = db.session.scalars(
        select(AccountCheck)
        .where(AccountCheck.account_id == account.id, AccountCheck.created_at >= link.used_at)
        .order_by(AccountCheck.id.desc())
        .limit(1)
    ).one_or_none()
    is_refused = check is not None and check.state is CheckState.BAD
    return AskedPassword(link, account, is_open=is_refused and link.uses < MOST_USES, check=check)


def _no_such_link() -> NotFound:
    return NotFound(
        _("This link was used already, is too old, or a newer one took its place. Ask for another.")
    )
