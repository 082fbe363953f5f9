"""Who is signed in: sessions are rows that can be listed and ended; the cookie holds only a token."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from models.audit_trail import record_event
from models.base import db, utc_now
from models.people.organization import Branch, Organization
from models.people.role import Role
from models.people.user import User
from models.people.user_session import UserSession
from services.people.access import NO_RIGHTS, Rights
from services.people.places import Place, place_of
from services.portal.portal_sessions import end_looks_of

SEEN_EVERY = timedelta(minutes=1)  # not a write per request


@dataclass
class Staff:
    """A signed-in member of staff, where they work at the moment and what they may do there."""

    user: User
    session: UserSession
    token: str = ""  # none where nobody sits at a browser
    organization: Organization | None = None
    branch: Branch | None = None
    role: Role | None = None
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
    db.session.add(row)
    db.session.flush()
    _update_user(user, last_signed_in_at=utc_now(), failed_sign_ins=0, locked_until=None)
    record_event(
        db.session(), entity="user", entity_id=user.id, action="sign_in", after={"session": row.id}
    )
    return row, token


def staff_of_token(token: str, *, idle_minutes: int) -> Staff | None:
    """The staff behind a cookie; None if the session was ended, is too old, or was idle for too long."""
    now = utc_now()
    row = db.session.scalar(
        select(UserSession)
        .where(UserSession.token_hash == token_hash(token))
        .options(joinedload(UserSession.user))
    )
    if row is None or row.revoked_at is not None or row.ends_at <= now:
        return None
    if row.last_seen_at < now - timedelta(minutes=idle_minutes):
        return None
    user = row.user
    if user is None or not user.is_active:
        return None
    if row.last_seen_at < now - SEEN_EVERY:
        row.last_seen_at = now
        db.session.commit()
    staff = Staff(user=user, session=row, token=token)
    if row.organization_id is not None:
        _stand_at(staff, place_of(user, row.organization_id, row.branch_id))
    return staff


def staff_without_browser(user: User, organization_id: int, branch_id: int | None) -> Staff | None:
    """Somebody for whom work goes on after they have left; None if they may not work there any more."""
    place = place_of(user, organization_id, branch_id) if user.is_active else None
    if place is None:
        return None
    staff = Staff(user=user, session=UserSession(user_id=user.id))
    _stand_at(staff, place)
    return staff


def sessions_of(user: User, *, idle_minutes: int) -> Sequence[UserSession]:
    """The browsers in which this user is signed in now, the last used first."""
    now = utc_now()
    return db.session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user.id, UserSession.revoked_at.is_(None))
        .where(UserSession.ends_at > now)
        .where(UserSession.last_seen_at >= now - timedelta(minutes=idle_minutes))
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
    ).all()


def end_session(user: User, session_id: int) -> bool:
    """End one session of this user; False if it is not theirs or has ended."""
    return _end(user, UserSession.id == session_id) == 1


def end_other_sessions(user: User, keep: UserSession | None = None) -> int:
    """Sign this user out everywhere, but for the session to keep; returns how many ended."""
    return _end(user, UserSession.id != (keep.id if keep else 0))


def _end(user: User, which: object) -> int:
    ended = db.session.scalars(
        update(UserSession)
        .where(UserSession.user_id == user.id, UserSession.revoked_at.is_(None), which)  # type: ignore[arg-type]
        .values(revoked_at=utc_now())
        .returning(UserSession.id)
    ).all()
    for session_id in ended:
        record_event(
            db.session(),
            entity="user",
            entity_id=user.id,
            action="sign_out",
            after={"session": session_id},
        )
    if ended:
        end_looks_of(user.id)
    return len(ended)


def _stand_at(staff: Staff, place: Place | None) -> None:
    """Without a membership any more, the staff has no place (and chooses again)."""
    if place is not None:
        staff.organization, staff.branch = place.organization, place.branch
        staff.role, staff.rights = place.role, place.rights


def _update_user(user: User, **values: object) -> None:
    """Bookkeeping of the door, past the audit of every column: the sign-in has an event of its own."""
    db.session.execute(
        update(User)
        .where(User.id == user.id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(user, list(values))
