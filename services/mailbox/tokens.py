"""Access tokens of accounts: kept, and renewed shortly before they end, by one process at a time (X4-02).

Ten senders that ask at once cause one question to the provider: the row of the account's tokens is the lock, or that
of the token which all accounts of a tenant share.
"""

import logging
from dataclasses import dataclass

from flask import Flask, current_app
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from mail.bearer import Bearer
from mail.errors import ConsentLost, MailError
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import SignInBy
from models.mailbox.oauth import OAuthApplication, OAuthToken
from models.tenancy import acting_in
from services.mailbox.application_tokens import shared_token, shared_token_of, shares_token
from services.mailbox.oauth_client import Tokens, application_tokens, renewed_tokens
from services.mailbox.oauth_endpoints import OAuthEndpoints
from services.mailbox.providers import preset_of_domain, preset_of_server
from services.mailbox.token_life import is_still_good

logger = logging.getLogger(__name__)
BY_TOKEN = frozenset({SignInBy.CONSENT, SignInBy.APPLICATION})


@dataclass(frozen=True, slots=True)
class TokenSource:
    """Gives the account's access token, from any thread; `refused` is one that a server did not take."""

    app: Flask
    endpoints: OAuthEndpoints
    organization_id: int
    account_id: int

    def __call__(self, refused: str | None = None) -> str:
        with self.app.app_context(), acting_in(self.organization_id):
            return access_token(self.account_id, self.endpoints, refused=refused)


def bearer_of(account: MailAccount, endpoints: OAuthEndpoints) -> Bearer | None:
    """Where `mail/` gets the account's tokens from; None if it signs in otherwise."""
    if not has_permission(account):
        return None
    # The application itself, since lines are opened in threads of their own.
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return TokenSource(app, endpoints, account.organization_id, account.id)


def has_permission(account: MailAccount) -> bool:
    """Whether it signs in by a token, its owner's or the organization's."""
    return account.sign_in_by in BY_TOKEN


def has_token(account_id: int) -> bool:
    """Whether an access token of the account is kept, good or not."""
    application = _sharing(account_id)
    if application is not None:
        row = shared_token_of(application)
        return row is not None and row.access_sealed is not None
    query = select(OAuthToken.id).where(
        OAuthToken.account_id == account_id, OAuthToken.access_sealed.is_not(None)
    )
    return db.session.scalar(query) is not None


def access_token(account_id: int, endpoints: OAuthEndpoints, *, refused: str | None = None) -> str:
    """An access token that is good for some minutes; commits what it renews.

    Raises ConsentLost if a person has to give the permission again, ServerUnreachable if the provider cannot be
    asked now.
    """
    application = _sharing(account_id)
    if application is not None:
        return _shared_token(account_id, application, endpoints, refused)
    query = select(OAuthToken).where(OAuthToken.account_id == account_id)
    kept = _usable(db.session.scalar(query), refused)
    if kept is not None:
        db.session.rollback()
        return kept
    account = db.session.get_one(MailAccount, account_id)
    if account.sign_in_by is SignInBy.APPLICATION:
        _make_room(account)
    db.session.commit()
    locked = query.with_for_update().execution_options(populate_existing=True)
    row = db.session.scalar(locked)
    kept = _usable(row, refused)  # somebody may have renewed it while we waited
    if kept is None:
        kept = _renew(row, account, endpoints)
    db.session.commit()
    return kept


def keep(row: OAuthToken, tokens: Tokens) -> None:
    """Write down what the provider gave; it names a new refresh token only when it changes."""
    row.access = tokens.access
    row.refresh = tokens.refresh or row.refresh
    row.expires_at = tokens.expires_at
    row.obtained_at = utc_now()


def application_for(account: MailAccount) -> OAuthApplication | None:
    """What the organization has registered for the account: at its provider, or the only one that there is."""
    preset = preset_of_server(account.smtp_host) or preset_of_domain(
        account.address_norm.rpartition("@")[2]
    )
    registered = db.session.scalars(select(OAuthApplication).order_by(OAuthApplication.id)).all()
    if preset is not None and preset.oauth is not None:
        return next((each for each in registered if each.provider is preset.oauth), None)
    return registered[0] if len(registered) == 1 else None


def _sharing(account_id: int) -> OAuthApplication | None:
    """The application by whose one token the account signs in; None if it has tokens of its own."""
    account = db.session.get_one(MailAccount, account_id)
    if account.sign_in_by is not SignInBy.APPLICATION:
        return None
    application = application_for(account)
    return application if shares_token(application) else None


def _shared_token(
    account_id: int, application: OAuthApplication, endpoints: OAuthEndpoints, refused: str | None
) -> str:
    try:
        token = shared_token(application, endpoints, refused=refused)
    except ConsentLost as problem:
        logger.warning("mail account %s lost its permission", account_id)
        _pause(account_id=account_id, problem=problem)
        db.session.commit()  # the refusal too: the next account need not hear it from the provider
        raise
    except MailError:
        db.session.rollback()  # lets go of the row
        raise
    db.session.commit()
    return token


def _usable(row: OAuthToken | None, refused: str | None) -> str | None:
    if row is None or row.access_sealed is None:
        return None
    if not is_still_good(row.obtained_at, row.expires_at):
        return None
    access = row.access
    return access if access != refused else None


def _make_room(account: MailAccount) -> None:
    """A row to lock, for an account that nobody had to agree for."""
    application = application_for(account)
    if application is None:
        raise ConsentLost("The organization has registered no application at the provider.")
    db.session.execute(
        insert(OAuthToken)
        .values(
            organization_id=account.organization_id,
            account_id=account.id,
            application_id=application.id,
        )
        .on_conflict_do_nothing(index_elements=["organization_id", "account_id"])
    )


def _renew(row: OAuthToken | None, account: MailAccount, endpoints: OAuthEndpoints) -> str:
    if row is None:
        raise ConsentLost("Nobody has given the permission for this account yet.")
    try:
        if account.sign_in_by is SignInBy.APPLICATION:
            tokens = application_tokens(row.application, endpoints, address=account.address)
        elif row.refresh_sealed is not None:
            tokens = renewed_tokens(row.application, endpoints, row.refresh or "")
        else:
            raise ConsentLost("The permission for this account has ended.")
    except ConsentLost as problem:
        logger.warning("mail account %s lost its permission", account.id)
        row.access_sealed = row.refresh_sealed = None  # asking again would be in vain
        _pause(account_id=account.id, problem=problem)
        db.session.commit()
        raise
    except MailError:
        db.session.rollback()  # lets go of the row
        raise
    keep(row, tokens)
    logger.info("renewed the token of mail account %s", account.id)
    return tokens.access


def _pause(*, account_id: int, problem: ConsentLost) -> None:
    """Whoever edits the account at this moment keeps their lock: it is not this that they would overwrite."""
    db.session.execute(
        update(MailAccount)
        .where(MailAccount.id == account_id)
        .values(paused_reason=problem.reason_code, paused_detail=problem.message, paused_until=None)
        .execution_options(synchronize_session=False)
    )
