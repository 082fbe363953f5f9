"""E-mails about the health of an account: it rests until somebody cures it, or it works again (X4-07).

To its owner and to everybody who may cure it; through another account, since this one cannot send.
"""

import logging
from collections.abc import Callable, Collection

from flask_babel import force_locale
from sqlalchemy import select

from errors import AppError
from mail.headers import Mailbox
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.reason import ReasonCode
from models.people.membership import UserMembership
from models.people.user import User
from services.mailings.notices import Notice, email
from services.mailings.reasons import sentence_for
from services.mailings.trouble_emails import other_account
from services.people.access import rights_of_role

logger = logging.getLogger(__name__)
MOST_READERS = 20


@email("account-suspended")
def tell_suspended(user: User, account: MailAccount, base_url: str) -> Notice:
    """Once for each time that the account begins to rest."""
    with force_locale(user.lang):
        why = sentence_for(ReasonCode(account.paused_reason or ReasonCode.CONNECT_FAILED))
    return _notice("account-suspended", user, account, base_url, reason=why)


@email("account-works-again")
def tell_works_again(user: User, account: MailAccount, base_url: str) -> Notice:
    """For who was told that it rests; nothing is left to do."""
    return _notice("account-works-again", user, account, base_url)


def notify_suspended(account_id: int, base_url: str, *, besides: Collection[int] = ()) -> None:
    """Tell who can do something, `besides` who knows it; nobody to write from stops nothing, the screens say it too."""
    _write(account_id, tell_suspended, base_url, besides)


def notify_works_again(account: MailAccount, base_url: str) -> None:
    """Through the account itself, which has just shown that it works."""
    _write(account.id, tell_works_again, base_url)


def _write(
    account_id: int,
    write: Callable[..., int | None],
    base_url: str,
    besides: Collection[int] = (),
) -> None:
    account = db.session.get_one(MailAccount, account_id, populate_existing=True)
    sender = other_account(account_id) or (None if account.is_paused else account)
    if sender is None:
        return
    for user in _readers(account):
        if user.id in besides:
            continue
        try:
            write(sender, user, account, base_url)
        except AppError as problem:
            logger.warning("somebody was not told: %s", type(problem).__name__)


def _readers(account: MailAccount) -> list[User]:
    """Its owner, and who may edit accounts here."""
    members = db.session.scalars(select(UserMembership).order_by(UserMembership.id)).all()
    roles = {member.role_id for member in members}
    may_cure = {role for role in roles if rights_of_role(role).allows("mail_account", "edit")}
    keys = {member.user_id for member in members if member.role_id in may_cure}
    keys |= {account.owner_id or 0}
    query = select(User).where(User.id.in_(keys), User.is_active).order_by(User.id)
    return list(db.session.scalars(query.limit(MOST_READERS)))


def _notice(kind: str, user: User, account: MailAccount, base_url: str, **values: object) -> Notice:
    since = account.paused_at or account.last_good_at
    return Notice(
        cause=f"{kind}:{account.id}:{since.isoformat() if since else ''}:{user.id}",
        to=Mailbox(user.email, user.name),
        lang=user.lang,
        values={
            "name": user.name,
            "address": account.address,
            "link": f"{base_url.rstrip('/')}/addons/mail-accounts/checks/{account.public_id}",
            **values,
        },
    )
