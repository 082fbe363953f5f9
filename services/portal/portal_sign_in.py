"""The moment in which a portal user gets in: the session, the counters, the audit and the customer's timeline."""

from sqlalchemy import update

from models.audit_trail import record_event
from models.base import db, utc_now
from models.portal.portal_event import EventActor, PortalEvent, PortalEventKind
from models.portal.portal_user import PortalMembership, PortalUser
from services.people.credentials import is_open_to
from services.portal.memberships import open_memberships
from services.portal.portal_sessions import open_session


def sign_in(
    user: PortalUser,
    *,
    at: PortalMembership | None = None,
    is_confirmed: bool,
    hours: int,
    ip: str | None,
    user_agent: str | None,
) -> str | None:
    """Open a session at this customer, else at the only one; returns the token for the cookie.

    None for a user who was locked or switched off by a parallel request in the meantime.
    """
    if not is_open_to(user):
        return None
    membership = at or _only_one(user)
    token = open_session(
        user,
        membership,
        hours=hours,
        ip=ip,
        user_agent=user_agent,
        is_confirmed=is_confirmed,
    )
    _note_success(user)
    record_event(db.session(), entity="portal_user", entity_id=user.id, action="sign_in")
    if membership is not None:
        note_entrance(membership, ip)
    return token


def note_entrance(membership: PortalMembership, ip: str | None) -> None:
    """Tell the customer's timeline that somebody came in."""
    user = membership.portal_user
    db.session.add(
        PortalEvent(
            customer_id=membership.customer_id,
            kind=PortalEventKind.SIGNED_IN,
            actor=EventActor.PORTAL_USER,
            portal_user_id=user.id,
            actor_name=user.name,
            ip=ip,
        )
    )
    db.session.flush()


def _only_one(user: PortalUser) -> PortalMembership | None:
    memberships = open_memberships(user)
    return memberships[0] if len(memberships) == 1 else None


def _note_success(user: PortalUser) -> None:
    """Bookkeeping of the door, past the audit of every column: the sign-in has an event of its own."""
    values = {"last_signed_in_at": utc_now(), "failed_sign_ins": 0, "locked_until": None}
    db.session.execute(
        update(PortalUser)
        .where(PortalUser.id == user.id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(user, list(values))
