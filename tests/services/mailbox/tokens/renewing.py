"""Tokens of an account, and how they grow old."""

from datetime import timedelta

from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from services.mailbox.consent import tokens_of
from services.mailbox.oauth_endpoints import OAuthEndpoints
from services.mailbox.tokens import TokenSource, bearer_of


def source_of(account: MailAccount, endpoints: OAuthEndpoints) -> TokenSource:
    source = bearer_of(account, endpoints)
    assert isinstance(source, TokenSource)
    return source


def age(account: MailAccount, *, ends_in: timedelta) -> None:
    """Let the account's token be nearly an hour old."""
    row = tokens_of(account)
    assert row is not None
    row.obtained_at, row.expires_at = utc_now() - timedelta(minutes=57), utc_now() + ends_in
    db.session.commit()
