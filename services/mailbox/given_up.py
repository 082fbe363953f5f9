"""Permissions that are not used any more: their tokens go, and the provider is told (X4-02).

This listens to sessions, as the audit does: whoever writes a password over a permission, in whichever form, and whoever
deletes the account, leaves no token behind. The provider is told once that is committed; if it cannot be reached, the
permission stays in its owner's list there, and nothing here remembers it.
"""

import logging
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from flask import current_app
from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.oauth import OAuthProvider, OAuthToken
from services.mailbox.oauth_client import PATIENCE_SECONDS, give_back
from services.mailbox.oauth_endpoints import OAuthEndpoints

logger = logging.getLogger(__name__)
GIVEN_UP = "given_up_tokens"  # in a session's `info`, until the end of the transaction
AT_ONCE = 8


def forget(account: MailAccount) -> None:
    """Take the account's own tokens away; whoever commits has the provider told."""
    row = db.session.scalar(select(OAuthToken).where(OAuthToken.account_id == account.id))
    if row is not None:
        _forget(db.session(), row)


def install() -> None:
    """Listen to every session of this process; called once by `create_app`."""
    for name, listener in (
        ("before_flush", _look_for_passwords),
        ("after_commit", _tell_providers),
        ("after_rollback", _keep_them),
    ):
        if not event.contains(Session, name, listener):
            event.listen(Session, name, listener)


def _look_for_passwords(session: Session, flush_context: Any, instances: Any) -> None:
    for account in [*session.dirty, *session.deleted]:
        if isinstance(account, MailAccount) and (
            account in session.deleted or _has_changed_its_way(account)
        ):
            wanted = select(OAuthToken).where(OAuthToken.account_id == account.id)
            for row in session.scalars(wanted):
                if row not in session.deleted:
                    _forget(session, row)


def _has_changed_its_way(account: MailAccount) -> bool:
    return inspect(account).attrs.sign_in_by.history.has_changes() and not account.uses_permission


def _forget(session: Session, row: OAuthToken) -> None:
    token = row.refresh or row.access
    if token is not None:
        session.info.setdefault(GIVEN_UP, []).append((row.application.provider, token))
    session.delete(row)


def _keep_them(session: Session) -> None:
    """What was taken back, even in part, is not told: a permission in use must not end by mistake."""
    session.info.pop(GIVEN_UP, None)


def _tell_providers(session: Session) -> None:
    if session.in_nested_transaction():
        return
    tokens: list[tuple[OAuthProvider, str]] = session.info.pop(GIVEN_UP, [])
    if not tokens:
        return
    endpoints = OAuthEndpoints(**current_app.extensions["settings"].oauth_urls())
    pool = ThreadPoolExecutor(max_workers=AT_ONCE)
    asked = [pool.submit(give_back, endpoints, provider, token) for provider, token in tokens]
    done, _late = wait(asked, timeout=PATIENCE_SECONDS)
    pool.shutdown(wait=False, cancel_futures=True)
    told = sum(each.result() for each in done)
    logger.info("gave %s of %s unused permissions back to their providers", told, len(tokens))
