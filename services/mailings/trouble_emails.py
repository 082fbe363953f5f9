"""E-mails to whoever started a mailing that does not go on: it stopped by itself, or its account rests (X1-04).

They leave through another account, since what has just failed would hold them back; without one the screen says it.
"""

import logging
from collections.abc import Callable, Sequence
from functools import partial

from flask_babel import force_locale
from sqlalchemy import select

from errors import AppError
from mail.headers import Mailbox
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.people.user import User
from services.mailbox.default_senders import account_for_notices
from services.mailings.notices import Notice, email
from services.mailings.reasons import sentence_for

logger = logging.getLogger(__name__)


@email("mailing-stopped")
def tell_stopped(user: User, mailing: Mailing, base_url: str) -> Notice:
    """So many of its last messages were refused."""
    return Notice(
        cause=f"mailing-stopped:{mailing.id}:{mailing.version}:{user.id}",
        to=Mailbox.of(user.email, user.name),
        lang=user.lang,
        values={
            "name": user.name,
            "number": mailing.number,
            "title": mailing.title or mailing.subject,
            "refused": mailing.refused_answers,
            "answers": mailing.last_answers,
            "link": _console(mailing, base_url),
        },
    )


@email("account-paused")
def tell_paused(user: User, mailing: Mailing, reason: ReasonCode, base_url: str) -> Notice:
    """Once for each mailing and reason: an account that is throttled pauses again and again."""
    with force_locale(user.lang):
        why = sentence_for(reason)
    return Notice(
        cause=f"account-paused:{mailing.account_id}:{reason.value}:{mailing.id}:{user.id}",
        to=Mailbox.of(user.email, user.name),
        lang=user.lang,
        values={
            "name": user.name,
            "number": mailing.number,
            "title": mailing.title or mailing.subject,
            "address": mailing.account.address,
            "reason": why,
            "link": _console(mailing, base_url),
        },
    )


def notify_stopped(mailing_id: int, base_url: str) -> None:
    """Write to who started it, if there is an account to write from."""
    mailing = db.session.get_one(Mailing, mailing_id, populate_existing=True)
    user, account = _starter(mailing), other_account(mailing.account_id)
    if user is not None and account is not None:
        _written(partial(tell_stopped, account, user, mailing, base_url))


def notify_paused(account_id: int, reason: ReasonCode, base_url: str) -> set[int]:
    """The same for each mailing that the account was sending; returns the keys of who was told."""
    told: set[int] = set()
    account = other_account(account_id)
    if account is None:
        return told
    for mailing in _under_way(account_id):
        user = _starter(mailing)
        if user is not None:
            _written(partial(tell_paused, account, user, mailing, reason, base_url))
            told.add(user.id)
    return told


def _written(write: Callable[[], int | None]) -> None:
    """An address that cannot be written to stops nothing: the screen says it in any case."""
    try:
        write()
    except AppError as problem:
        logger.warning("somebody was not told: %s", type(problem).__name__)


def _starter(mailing: Mailing) -> User | None:
    user = db.session.get(User, mailing.started_by_id or 0)
    return user if user is not None and user.is_active else None


def other_account(account_id: int) -> MailAccount | None:
    """One of this organization that may send now."""
    return account_for_notices(besides=account_id)


def _under_way(account_id: int) -> Sequence[Mailing]:
    return db.session.scalars(
        select(Mailing)
        .where(Mailing.account_id == account_id, Mailing.state == MailingState.SENDING)
        .order_by(Mailing.id)
    ).all()


def _console(mailing: Mailing, base_url: str) -> str:
    return f"{base_url.rstrip('/')}/mailings/?mailing={mailing.public_id}"
