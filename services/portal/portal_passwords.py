"""A portal user's password: set by a link (S0-27), or changed by who knows the present one."""

from models.audit_trail import record_event
from models.base import db
from models.portal.portal_session import PortalTokenKind
from models.portal.portal_user import PortalUser
from services.people.passwords import set_password
from services.portal.portal_keys import forget_keys, use_key
from services.portal.portal_sessions import end_sessions_of

WAYS_IN = (
    PortalTokenKind.MAGIC_LINK,
    PortalTokenKind.PASSWORD_RESET,
    PortalTokenKind.SPOKEN_CODE,
)


def reset_password(token: str, password: str) -> PortalUser:
    """Set the password and use the link up; all sessions of the user end, and all other links.

    Raises NotFound, or Invalid for a password that will not do (roll back, and the link stays good).
    """
    user = use_key(token, PortalTokenKind.PASSWORD_RESET).portal_user
    set_password(user, password)
    user.failed_sign_ins, user.locked_until = 0, None
    _end_all_else(user, keep=None)
    _tell(user, "link")
    return user


def change_password(user: PortalUser, password: str, *, keep: int) -> int:
    """Set another password; other sessions and all links end. Returns how many sessions. Raises Invalid."""
    set_password(user, password)
    ended = _end_all_else(user, keep=keep)
    _tell(user, "user")
    return ended


def _end_all_else(user: PortalUser, *, keep: int | None) -> int:
    forget_keys(user, *WAYS_IN, PortalTokenKind.EMAIL_CHANGE)
    return end_sessions_of(user.id, keep=keep)


def _tell(user: PortalUser, by: str) -> None:
    record_event(
        db.session(),
        entity="portal_user",
        entity_id=user.id,
        action="set_password",
        after={"by": by},
    )
    db.session.flush()
