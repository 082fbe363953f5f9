"""One token for all accounts of a tenant (X4-02): whoever comes first asks for it, and the others wait for the answer.

Microsoft gives an application one that is good for each of its mailboxes; Google's service accounts get one for each.
"""

import logging
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from mail.errors import ConsentLost
from models.base import db, utc_now
from models.mailbox.oauth import ApplicationToken, OAuthApplication, OAuthProvider
from services.mailbox.oauth_client import application_tokens
from services.mailbox.oauth_endpoints import OAuthEndpoints
from services.mailbox.token_life import is_still_good

logger = logging.getLogger(__name__)
# What a server says about one account within this time is not the shared token's fault, and a provider that has
# refused is not asked again.
SETTLED = timedelta(minutes=1)


def shares_token(application: OAuthApplication | None) -> bool:
    """Whether its accounts sign in by one token, once they sign in by the organization's permission."""
    return application is not None and application.provider is OAuthProvider.MICROSOFT


def shared_token_of(application: OAuthApplication) -> ApplicationToken | None:
    """The row of the token, if somebody has asked for one."""
    row: ApplicationToken | None = db.session.scalar(_of(application))
    return row


def shared_token(
    application: OAuthApplication, endpoints: OAuthEndpoints, *, refused: str | None = None
) -> str:
    """A token that is good for some minutes; what is renewed is locked until the caller commits.

    Raises ConsentLost, which is worth a commit too, or ServerUnreachable.
    """
    kept = _usable(shared_token_of(application), application, refused)
    if kept is not None:
        return kept
    row = _locked(application)
    kept = _usable(row, application, refused)  # somebody may have renewed it while we waited
    return kept if kept is not None else _renew(row, application, endpoints)


def _of(application: OAuthApplication) -> Select[Any]:
    return select(ApplicationToken).where(ApplicationToken.application_id == application.id)


def _locked(application: OAuthApplication) -> ApplicationToken:
    db.session.execute(
        insert(ApplicationToken)
        .values(organization_id=application.organization_id, application_id=application.id)
        .on_conflict_do_nothing(index_elements=["organization_id", "application_id"])
    )
    locked = _of(application).with_for_update().execution_options(populate_existing=True)
    row: ApplicationToken = db.session.scalars(locked).one()
    return row


def _usable(
    row: ApplicationToken | None, application: OAuthApplication, refused: str | None
) -> str | None:
    if row is None or row.access_sealed is None or row.registration != application.registration:
        return None
    if not is_still_good(row.obtained_at, row.expires_at):
        return None
    access = row.access
    is_new = row.obtained_at is not None and row.obtained_at > utc_now() - SETTLED
    return access if access != refused or is_new else None


def _renew(row: ApplicationToken, application: OAuthApplication, endpoints: OAuthEndpoints) -> str:
    if _was_just_refused(row, application):
        raise ConsentLost(row.refusal or "")
    row.registration = application.registration
    try:
        tokens = application_tokens(application, endpoints)
    except ConsentLost as problem:
        row.access, row.refused_at, row.refusal = None, utc_now(), problem.message
        db.session.flush()
        raise
    row.access, row.expires_at = tokens.access, tokens.expires_at
    row.obtained_at, row.refused_at, row.refusal = utc_now(), None, None
    db.session.flush()
    logger.info("renewed the token of OAuth application %s", application.id)
    return tokens.access


def _was_just_refused(row: ApplicationToken, application: OAuthApplication) -> bool:
    """By what is registered now: whoever has written another secret since has it tried at once."""
    if row.refused_at is None or row.registration != application.registration:
        return False
    return row.refused_at > max(utc_now() - SETTLED, application.updated_at)
