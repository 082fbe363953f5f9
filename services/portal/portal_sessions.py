"""Who is in the portal: sessions are rows that can be listed and ended; the cookie holds only a token."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text, update

from models.base import db, utc_now
from models.portal.portal_session import PortalSession
from models.portal.portal_user import PortalMembership, PortalUser
from services.portal.share_links import hash_of

FIND = text("SELECT * FROM find_portal_session(:hash, :minutes)")
STAFF_LOOK_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody in the portal; without `customer_id` nobody has said yet for which customer.

    A member of staff who looks as the customer would (`staff_user_id`) changes nothing and leaves no trace there.
    """

    session_id: int
    organization_id: int
    portal_user_id: int | None
    portal_membership_id: int | None
    staff_user_id: int | None
    customer_id: int | None
    contact_id: int | None
    name: str
    login: str
    lang: str
    roles: list[str]
    is_primary: bool
    confirmed_at: datetime | None

    @property
    def is_staff(self) -> bool:
        return self.staff_user_id is not None


def visitor_of_token(token: str, *, idle_minutes: int) -> Visitor | None:
    """Whoever this cookie belongs to; None if the session has ended, or was idle for too long."""
    with db.engines["portal"].begin() as connection:
        row = connection.execute(
            FIND, {"hash": hash_of(token), "minutes": idle_minutes}
        ).one_or_none()
    return Visitor(*row) if row is not None else None


def open_session(
    user: PortalUser,
    membership: PortalMembership | None,
    *,
    hours: int,
    ip: str | None,
    user_agent: str | None,
) -> str:
    """A new session of this user at a customer, or before they have chosen one; returns the token for the cookie."""
    return _opened(
        PortalSession(
            portal_user_id=user.id,
            portal_membership_id=membership.id if membership else None,
            customer_id=membership.customer_id if membership else None,
            confirmed_at=utc_now(),
        ),
        timedelta(hours=hours),
        ip,
        user_agent,
    )


def open_staff_look(
    staff_user_id: int, customer_id: int, *, ip: str | None, user_agent: str | None
) -> str:
    """A look for a member of staff at what this customer sees; returns the token for the cookie."""
    return _opened(
        PortalSession(staff_user_id=staff_user_id, customer_id=customer_id),
        timedelta(minutes=STAFF_LOOK_MINUTES),
        ip,
        user_agent,
    )


def end_session(session_id: int) -> None:
    """End it; a second time changes nothing."""
    db.session.execute(
        update(PortalSession)
        .where(PortalSession.id == session_id, PortalSession.revoked_at.is_(None))
        .values(revoked_at=utc_now())
    )


def _opened(row: PortalSession, lifetime: timedelta, ip: str | None, user_agent: str | None) -> str:
    token = secrets.token_urlsafe(32)
    row.token_hash = hash_of(token)
    row.ends_at = utc_now() + lifetime
    row.ip = ip
    row.user_agent = (user_agent or "")[:300] or None
    db.session.add(row)
    db.session.flush()
    return token
