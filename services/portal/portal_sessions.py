"""Who is in the portal: sessions are rows that can be listed and ended; the cookie holds only a token."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import ColumnElement, PoolProxiedConnection, select, update
from sqlalchemy.exc import DBAPIError

from models.base import db, utc_now
from models.portal.portal_session import PortalSession
from models.portal.portal_user import PortalMembership, PortalUser
from models.tenancy import across_organizations, acting_in
from services.portal.share_links import hash_of

FIND = "SELECT * FROM find_visit(%(name)s, %(host)s, %(hash)s, %(minutes)s)"
STAFF_LOOK_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody in the portal; without `customer_id` nobody has said yet for which customer.

    A member of staff who looks as the customer would (`staff_user_id`) changes nothing and leaves no trace there;
    `contact_id` is then the contact as whom they look, if it is one in particular. `holds` says what there is for the
    customer, of what they may see or not.
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
    customer_name: str
    customer_currency: str
    has_other_customers: bool
    holds: list[str]

    @property
    def is_staff(self) -> bool:
        return self.staff_user_id is not None


@dataclass(frozen=True, slots=True)
class Visit:
    """A portal, and who is there; `stamp` changes with whatever is said of the company (`kept_companies.py`)."""

    organization_id: int
    portal_name: str
    stamp: str
    visitor: Visitor | None


def find_visit(name: str, host: str, token: str | None, *, idle_minutes: int) -> Visit | None:
    """The portal with this name and whoever the cookie belongs to there; None if there is no such portal.

    Nobody is there if the session has ended, was idle for too long, or is another organization's. One question, which is
    a transaction of its own: that somebody was seen stays, whatever becomes of the page.
    """
    known = {
        "name": name,
        "host": host,
        "hash": hash_of(token) if token else "",
        "minutes": idle_minutes,
    }
    # The driver itself is asked: this stands before every page, and SQLAlchemy's share was the larger part of it.
    pooled: PoolProxiedConnection | None = None
    try:
        pooled = db.engines["portal"].raw_connection()
        driver: Any = pooled.driver_connection
        row = driver.ask_alone(FIND, known)
    except psycopg.Error as problem:
        if pooled is not None:
            pooled.invalidate()
        raise DBAPIError.instance(
            FIND, None, problem, psycopg.Error, hide_parameters=True
        ) from problem
    finally:
        if pooled is not None:
            pooled.close()
    if row is None:
        return None
    organization_id, portal_name, stamp, *visitor = row
    return Visit(
        organization_id, portal_name, stamp, Visitor(*visitor) if visitor[0] is not None else None
    )


def open_session(
    user: PortalUser,
    membership: PortalMembership | None,
    *,
    hours: int,
    ip: str | None,
    user_agent: str | None,
    is_confirmed: bool = True,
) -> str:
    """A new session of this user at a customer, or before they have chosen one; returns the token for the cookie.

    `is_confirmed`: the password was asked for, which a link in an e-mail does not do.
    """
    return _opened(
        PortalSession(
            portal_user_id=user.id,
            portal_membership_id=membership.id if membership else None,
            customer_id=membership.customer_id if membership else None,
            confirmed_at=utc_now() if is_confirmed else None,
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


def sessions_of(user_id: int, *, idle_minutes: int) -> Sequence[PortalSession]:
    """The browsers in which this user is signed in now, the last used first."""
    now = utc_now()
    return db.session.scalars(
        select(PortalSession)
        .where(PortalSession.portal_user_id == user_id, PortalSession.revoked_at.is_(None))
        .where(PortalSession.ends_at > now)
        .where(PortalSession.last_seen_at >= now - timedelta(minutes=idle_minutes))
        .order_by(PortalSession.last_seen_at.desc(), PortalSession.id.desc())
    ).all()


def stand_at(session_id: int, membership: PortalMembership) -> None:
    """Go on at another customer of the same user."""
    db.session.execute(
        update(PortalSession)
        .where(PortalSession.id == session_id)
        .where(PortalSession.portal_user_id == membership.portal_user_id)
        .values(portal_membership_id=membership.id, customer_id=membership.customer_id)
    )


def look_as(session_id: int, contact_id: int | None) -> None:
    """Go on with a look as this contact of the customer, or as the customer in whole."""
    db.session.execute(
        update(PortalSession)
        .where(PortalSession.id == session_id, PortalSession.staff_user_id.is_not(None))
        .values(contact_id=contact_id)
    )


def end_session(session_id: int) -> None:
    """End it; a second time changes nothing."""
    _end(PortalSession.id == session_id)


def end_session_of(user_id: int, session_id: int) -> bool:
    """End one session of this user; False if it is not theirs or has ended."""
    return _end(PortalSession.portal_user_id == user_id, PortalSession.id == session_id) == 1


def end_sessions_of(user_id: int, *, keep: int | None = None) -> int:
    """Sign this user out everywhere, but for the session to keep; returns how many ended."""
    return _end(PortalSession.portal_user_id == user_id, PortalSession.id != (keep or 0))


def end_looks_of(staff_user_id: int) -> int:
    """End what this member of staff has open as a customer would, wherever; returns how many ended."""
    mine = (PortalSession.staff_user_id == staff_user_id, PortalSession.ends_at > utc_now())
    with across_organizations():
        places = db.session.scalars(
            select(PortalSession.organization_id)
            .where(PortalSession.revoked_at.is_(None), *mine)
            .distinct()
        ).all()
    ended = 0
    for organization_id in places:
        with acting_in(organization_id):
            ended += _end(*mine)
    return ended


def _end(*which: ColumnElement[bool]) -> int:
    ended = db.session.scalars(
        update(PortalSession)
        .where(PortalSession.revoked_at.is_(None), *which)
        .values(revoked_at=utc_now())
        .returning(PortalSession.id)
    ).all()
    return len(ended)


def _opened(row: PortalSession, lifetime: timedelta, ip: str | None, user_agent: str | None) -> str:
    token = secrets.token_urlsafe(32)
    row.token_hash = hash_of(token)
    row.ends_at = utc_now() + lifetime
    row.ip = ip
    row.user_agent = (user_agent or "")[:300] or None
    db.session.add(row)
    db.session.flush()
    return token
