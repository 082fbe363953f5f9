"""A code that staff read out to somebody whose mail does not arrive (pains A3): 15 minutes, once, audited."""

import secrets

from sqlalchemy import select, update

from models.audit_trail import record_event
from models.base import db, utc_now
from models.portal.portal_session import PortalToken, PortalTokenKind
from models.portal.portal_user import PortalMembership, PortalUser
from services.people.credentials import NOBODY, note_failure
from services.portal.memberships import open_membership
from services.portal.portal_credentials import user_written
from services.portal.portal_keys import LIFETIMES, add_key, forget_keys, lock_user
from services.portal.share_links import hash_of

DIGITS = 8
MOST_TRIES = 5
MINUTES = int(LIFETIMES[PortalTokenKind.SPOKEN_CODE].total_seconds() // 60)


def read_out(membership: PortalMembership) -> str:
    """A new code for this person, in place of an earlier one; it is shown once, and who made it is in the audit."""
    user = lock_user(membership.portal_user_id)
    forget_keys(user, PortalTokenKind.SPOKEN_CODE)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    add_key(
        user,
        PortalTokenKind.SPOKEN_CODE,
        _hash(user.id, code),
        portal_membership_id=membership.id,
    )
    record_event(
        db.session(),
        entity="portal_user",
        entity_id=user.id,
        action="spoken_code",
        after={"minutes": MINUTES},
    )
    return code


def user_with_spoken_code(written: str, code: str) -> tuple[PortalUser, PortalMembership] | None:
    """Whoever the code was read out to, and at which customer; None for all others, by the same statements.

    The caller commits in both cases, so that failures count.
    """
    user = user_written(written)
    if user is not None and (not user.is_active or user.is_locked):
        user = None
    membership_id = _used(user.id if user else NOBODY, "".join(code.split()))
    membership = open_membership(user, membership_id) if user and membership_id else None
    if user is None or membership is None:
        note_failure(user, of=PortalUser)
        return None
    return user, membership


def _used(user_id: int, code: str) -> int | None:
    """The membership of the code, which is used up; a wrong one counts, and the fifth ends it."""
    _lock(user_id)
    found: PortalToken | None = db.session.scalar(
        select(PortalToken).where(
            PortalToken.portal_user_id == user_id,
            PortalToken.kind == PortalTokenKind.SPOKEN_CODE,
            PortalToken.used_at.is_(None),
            PortalToken.ends_at > utc_now(),
            PortalToken.tries < MOST_TRIES,
        )
    )
    known = found.token_hash if found is not None else ""
    if found is None or not secrets.compare_digest(known, _hash(user_id, code)):
        db.session.execute(
            update(PortalToken)
            .where(PortalToken.id == (found.id if found is not None else NOBODY))
            .values(tries=PortalToken.tries + 1)
            .execution_options(synchronize_session=False)
        )
        return None
    found.used_at = utc_now()
    db.session.flush()
    return found.portal_membership_id


def _lock(user_id: int) -> None:
    """Two at once use one code one after the other."""
    db.session.execute(select(PortalUser.id).where(PortalUser.id == user_id).with_for_update())


def _hash(user_id: int, code: str) -> str:
    return hash_of(f"spoken:{user_id}:{code}")
