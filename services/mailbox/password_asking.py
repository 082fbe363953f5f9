"""Asking users for the password of their mail account: a link goes to each of them, and nobody else learns it (X4-06)."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, delete, or_, select

from errors import Conflict
from mail.envelope import EmailAddress
from mail.errors import InvalidAddress
from models.audit_trail import record_event
from models.base import db, utc_now
from models.mailbox.account_password_link import AccountPasswordLink
from models.mailbox.mail_account import MailAccount
from models.mailings.reason import ReasonCode
from models.people.organization import Organization
from models.people.user import User
from services.mailbox.default_senders import account_for_notices
from services.mailbox.password_emails import password_was_asked
from services.people.colleagues import works_here
from services.people.sign_in import token_hash

DAYS = 7
QUIET = timedelta(minutes=5)  # so that a second click writes no second message


@dataclass(frozen=True)
class Asked:
    """Whose password was asked for, by the key of the account; and how many accounts were passed over."""

    accounts: Sequence[MailAccount]
    passed_over: int


def lacks_password(account: MailAccount) -> bool:
    """Whether its owner could help: nobody has written one, or the server refuses the one that was."""
    is_refused = account.paused_reason == ReasonCode.AUTH_FAILED
    return not account.uses_permission and (account.password_sealed is None or is_refused)


def ask_passwords(accounts: Sequence[MailAccount], *, asked_by: User, base_url: str) -> Asked:
    """Send a link to the owner of each account that lacks a password; an earlier link of the account ends.

    Passed over: accounts that need none, that nobody owns who works here, whose owner has no address that can be
    written to, and that were asked for some minutes ago. Raises Conflict where no account can send the message.
    """
    keys = [account.id for account in accounts]
    locked = select(MailAccount).where(MailAccount.id.in_(keys)).order_by(MailAccount.id)
    found = db.session.scalars(
        locked.with_for_update().execution_options(populate_existing=True)
    ).all()
    lately = select(AccountPasswordLink.account_id).where(
        AccountPasswordLink.account_id.in_(keys),
        AccountPasswordLink.created_at > utc_now() - QUIET,
    )
    passed_over = set(db.session.scalars(lately))
    wanted = [each for each in found if each.id not in passed_over and can_be_asked(each)]
    if wanted and account_for_notices() is None:
        raise Conflict(
            _(
                "No mail account of the organization can send the message. Set up a shared one first."
            )
        )
    for account in wanted:
        _ask(account, asked_by, base_url)
    return Asked(wanted, len(accounts) - len(wanted))


def asked_at(account_ids: Collection[int]) -> dict[int, datetime]:
    """Since when a password is waited for, by account."""
    if not account_ids:
        return {}
    rows = db.session.execute(
        select(AccountPasswordLink.account_id, AccountPasswordLink.created_at)
        .join(MailAccount, MailAccount.id == AccountPasswordLink.account_id)
        .where(AccountPasswordLink.account_id.in_(account_ids), is_waited_for())
    )
    return {row.account_id: row.created_at for row in rows}


def is_waited_for() -> ColumnElement[bool]:
    """The link is good, as a condition on it and its account: nobody has written a password since it was made."""
    link = AccountPasswordLink
    return and_(
        link.used_at.is_(None),
        link.ends_at > utc_now(),
        link.user_id == MailAccount.owner_id,
        MailAccount.is_active,
        or_(
            MailAccount.password_set_at.is_(None),
            MailAccount.password_set_at < link.created_at,
        ),
    )


def can_be_asked(account: MailAccount) -> bool:
    """Whether a link helps: a password is wanted, and its owner works here and can be written to."""
    owner = account.owner
    if owner is None or not owner.is_active or not account.is_active:
        return False
    try:
        EmailAddress.parse(owner.email)
    except InvalidAddress:
        return False
    return lacks_password(account) and works_here(owner)


def _ask(account: MailAccount, asked_by: User, base_url: str) -> None:
    owner, sender = account.owner, account_for_notices()
    assert owner is not None and sender is not None  # looked at before
    earlier = delete(AccountPasswordLink).where(AccountPasswordLink.account_id == account.id)
    db.session.execute(earlier.execution_options(synchronize_session=False))
    token = secrets.token_urlsafe(32)
    link = AccountPasswordLink(
        account_id=account.id,
        user_id=owner.id,
        asked_by_id=asked_by.id,
        token_hash=token_hash(token),
        ends_at=utc_now() + timedelta(days=DAYS),
    )
    db.session.add(link)
    db.session.flush()
    password_was_asked(
        sender,
        owner,
        account,
        db.session.get_one(Organization, account.organization_id),
        asked_by=asked_by.name,
        link_id=link.id,
        url=f"{base_url.rstrip('/')}/mail-password/{token}",
        days=DAYS,
    )
    record_event(
        db.session(),
        entity="mail_account",
        entity_id=account.id,
        action="ask_password",
        after={"until": link.ends_at.isoformat(), "sent_from": sender.address},
    )
