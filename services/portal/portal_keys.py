"""Keys of the portal that work once: links in e-mails. Looking at one does not use it; the row knows its hash only."""

import secrets
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, select, update

from errors import NotFound
from models.base import db, utc_now
from models.portal.portal_session import PortalToken, PortalTokenKind
from models.portal.portal_user import PortalMembership, PortalUser
from services.portal.share_links import hash_of

LIFETIMES = {
    PortalTokenKind.INVITATION: timedelta(days=14),
    PortalTokenKind.MAGIC_LINK: timedelta(minutes=15),
    PortalTokenKind.PASSWORD_RESET: timedelta(minutes=60),
    PortalTokenKind.EMAIL_CHANGE: timedelta(minutes=60),
    PortalTokenKind.SPOKEN_CODE: timedelta(minutes=15),
}
# Of these an earlier one stays good, so that nobody can spoil another person's link by asking for one.
MANY = frozenset({PortalTokenKind.MAGIC_LINK})


def make_key(
    user: PortalUser,
    kind: PortalTokenKind,
    *,
    membership: PortalMembership | None = None,
    browser_hash: str | None = None,
    new_email: str | None = None,
) -> str:
    """A new key, in place of an earlier one of its kind; returns the token, which is told once."""
    lock_user(user.id)  # two at once make two keys, one after the other; the second one stays
    if kind not in MANY:
        _forget(user, PortalToken.kind == kind, _same(membership))
    token = secrets.token_urlsafe(32)
    add_key(
        user,
        kind,
        hash_of(token),
        portal_membership_id=membership.id if membership else None,
        browser_hash=browser_hash,
        new_email=new_email,
    )
    return token


def add_key(user: PortalUser, kind: PortalTokenKind, token_hash: str, **about: object) -> None:
    """Keep a key by its hash."""
    db.session.add(
        PortalToken(
            portal_user_id=user.id,
            kind=kind,
            token_hash=token_hash,
            ends_at=utc_now() + LIFETIMES[kind],
            **about,
        )
    )
    db.session.flush()


def key_with_token(token: str, kind: PortalTokenKind) -> PortalToken:
    """The key, if it can be used; looking does not use it up. Raises NotFound."""
    found: PortalToken | None = db.session.scalar(
        select(PortalToken)
        .join(PortalUser, PortalUser.id == PortalToken.portal_user_id)
        .where(PortalToken.token_hash == hash_of(token), PortalToken.kind == kind)
        .where(PortalToken.used_at.is_(None), PortalToken.ends_at > utc_now())
        .where(PortalUser.is_active)
    )
    if found is None:
        raise no_such_key()
    return found


def use_key(token: str, kind: PortalTokenKind) -> PortalToken:
    """Use the key up. Two requests at once: the second waits for the first and finds it used. Raises NotFound."""
    user = lock_user(key_with_token(token, kind).portal_user_id)
    used: PortalToken | None = db.session.scalar(
        update(PortalToken)
        .where(PortalToken.token_hash == hash_of(token), PortalToken.kind == kind)
        .where(PortalToken.used_at.is_(None), PortalToken.ends_at > utc_now())
        .values(used_at=utc_now())
        .returning(PortalToken)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if used is None or not user.is_active:
        raise no_such_key()
    return used


def forget_keys(user: PortalUser, *kinds: PortalTokenKind) -> None:
    """End the user's unused keys of these kinds, such as when the address that they went to is another one now."""
    _forget(user, PortalToken.kind.in_(kinds))


def lock_user(user_id: int) -> PortalUser:
    """The user's row, ours until the transaction ends."""
    return db.session.scalars(
        select(PortalUser)
        .where(PortalUser.id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def no_such_key() -> NotFound:
    return NotFound(
        _("This link was used already, is too old, or a newer one took its place. Ask for another.")
    )


def _same(membership: PortalMembership | None) -> object:
    return PortalToken.portal_membership_id.is_not_distinct_from(
        membership.id if membership else None
    )


def _forget(user: PortalUser, *which: object) -> None:
    unused = delete(PortalToken).where(
        PortalToken.portal_user_id == user.id, PortalToken.used_at.is_(None)
    )
    db.session.execute(
        unused.where(*which).execution_options(synchronize_session=False)  # type: ignore[arg-type]
    )
