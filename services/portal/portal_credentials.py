"""Whether a portal user is who they say they are; waits and neutrality as at the staff's door."""

from sqlalchemy import func, or_, select

from models.base import db
from models.portal.portal_settings import PortalSettings
from models.portal.portal_user import PortalUser
from models.tenancy import across_organizations, acting_in
from services.people.credentials import NOBODY, note_failure, user_with_password
from services.people.passwords import password_fits

MOST_NAMES = 20  # of one address


def portal_user_with_password(written: str, password: str) -> PortalUser | None:
    """The user with this name (or address, if it leads to one user only) and password; None for all others.

    An unknown name, a wrong password, a locked and a switched-off user cannot be told apart: each costs one
    Argon2id and the same statements. The caller commits in both cases, so that failures count.
    """
    user = user_written(written)
    fits = password_fits(user, password)
    if user is None or not user.is_active or user.is_locked:
        note_failure(None, of=PortalUser)
        return None
    if not fits:
        note_failure(user)
        return None
    return user


def is_staff(written: str, password: str) -> bool:
    """Whether somebody of the staff stands at the wrong door: told only to who knows the password.

    Asked after every failure here, so that it costs the same whoever was written; it counts at their own door.
    """
    return user_with_password(written, password) is not None


def portal_where_known(written: str, password: str) -> str | None:
    """The name of the portal of a customer who stands at the staff's door: told only to who knows the password.

    Asked after every failure there; it costs one Argon2id and the same statements whoever was written, and a failure
    counts at the portal's door too.
    """
    norm = written.strip().lower()
    with across_organizations():
        user: PortalUser | None = db.session.scalar(
            select(PortalUser)
            .where(or_(PortalUser.login_norm == norm, PortalUser.email_norm == norm))
            .where(PortalUser.is_active, PortalUser.password_hash.is_not(None))
            .order_by(PortalUser.id)
            .limit(1)
        )
    with acting_in(user.organization_id if user else NOBODY):
        fits = password_fits(user, password)
        if user is None or user.is_locked:
            note_failure(None, of=PortalUser)
            return None
        if not fits:
            note_failure(user)
            return None
        return db.session.scalar(select(PortalSettings.name))


def user_written(written: str) -> PortalUser | None:
    """The user who is called this, or else the only one with this address."""
    norm = written.strip().lower()
    is_name = PortalUser.login_norm == norm
    found = db.session.scalars(
        select(PortalUser)
        .where(or_(is_name, PortalUser.email_norm == norm))
        .order_by(func.coalesce(is_name, False).desc(), PortalUser.id)
        .limit(2)
    ).all()
    if found and (found[0].login_norm == norm or len(found) == 1):
        return found[0]
    return None


def users_reached(written: str) -> list[PortalUser]:
    """All active users whom this address, or this name, means."""
    norm = written.strip().lower()
    return list(
        db.session.scalars(
            select(PortalUser)
            .where(or_(PortalUser.login_norm == norm, PortalUser.email_norm == norm))
            .where(PortalUser.is_active)
            .order_by(PortalUser.id)
            .limit(MOST_NAMES)
        )
    )
