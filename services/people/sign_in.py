"""Who is signed in: sessions are rows that can be listed and ended; the cookie holds only a token."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from models.base import db, utc_now
from models.people.membership import UserMembership
from models.people.organization import Branch, Organization
from models.people.user import User
from models.people.user_session import UserSession
from models.tenancy import across_organizations
from services.people.access import ALL_RIGHTS, NO_RIGHTS, Rights, rights_of_role

SEEN_EVERY = timedelta(minutes=1)  # not a write per request


@dataclass
class Staff:
    """A signed-in member of staff, where they work at the moment and what they may do there."""

    user: User
    session: UserSession
    token: str
    organization: Organization | None = None
    branch: Branch | None = None
    rights: Rights = NO_RIGHTS

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        return self.token

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def lang(self) -> str:
        return self.user.lang

    @property
    def has_place(self) -> bool:
        return self.organization is not None


def token_hash(token: str) -> str:
    """What is stored of a token of 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(
    user: User, *, hours: int, ip: str | None = None, user_agent: str | None = None
) -> tuple[UserSession, str]:
    """A new session for this user; returns the row and the token for the cookie."""
    token = secrets.token_urlsafe(32)
    row = UserSession(
        user_id=user.id,
        token_hash=token_hash(token),
        ends_at=utc_now() + timedelta(hours=hours),
        ip=ip,
        user_agent=(user_agent or "")[:300] or None,
    )
    user.last_signed_in_at = utc_now()
    user.failed_sign_ins = 0
    user.locked_until = None
    db.session.add(row)
    db.session.flush()
    return row, token


def staff_of_token(token: str, *, idle_minutes: int) -> Staff | None:
    """The staff behind a cookie; None if the session was ended, is too old, or was idle for too long."""
    now = utc_now()
    row = db.session.scalar(select(UserSession).where(UserSession.token_hash == token_hash(token)))
    if row is None or row.revoked_at is not None or row.ends_at <= now:
        return None
    if row.last_seen_at < now - timedelta(minutes=idle_minutes):
        return None
    user = db.session.get(User, row.user_id)
    if user is None or not user.is_active:
        return None
    if row.last_seen_at < now - SEEN_EVERY:
        row.last_seen_at = now
        db.session.commit()
    staff = Staff(user=user, session=row, token=token)
    if row.organization_id is not None:
        _take_place(staff, row.organization_id, row.branch_id)
    return staff


def places_of(user: User) -> list[UserMembership]:
    """Every organization and branch where this user may work."""
    with across_organizations():
        return list(db.session.scalars(UserMembership.of_user(user)).all())


def _take_place(staff: Staff, organization_id: int, branch_id: int | None) -> None:
    """Rights come from the membership; without one any more, the staff has no place (and chooses again)."""
    with across_organizations():
        membership: Any = db.session.scalars(
            UserMembership.of_user(staff.user).where(
                UserMembership.organization_id == organization_id
            )
        ).all()
        chosen = next((m for m in membership if m.branch_id in (None, branch_id)), None)
        if chosen is None and not staff.user.is_global_admin:
            return
        staff.organization = db.session.get(Organization, organization_id)
        staff.branch = db.session.get(Branch, branch_id) if branch_id else None
    staff.rights = (
        ALL_RIGHTS
        if staff.user.is_global_admin or chosen is None
        else rights_of_role(chosen.role_id)
    )
