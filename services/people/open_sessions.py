"""Where people are signed in now, for whoever looks after them; and signing somebody out.

Whoever administers the whole installation sees every session; others see those that stand in their own company.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from errors import NotFound
from models.base import db, utc_now
from models.people.organization import Branch, Organization
from models.people.user import User
from models.people.user_session import UserSession
from models.tenancy import current_scope
from services.people.sign_in import end_session
from services.people.workplaces import seen_by


@dataclass(frozen=True, kw_only=True)
class SessionScope:
    """Whose sessions the reader may see and end; `idle_minutes` is after how many a session counts no more."""

    everywhere: bool
    idle_minutes: int


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """A browser in which somebody is signed in, and where they work in it (nowhere yet: None)."""

    row: UserSession
    organization: str | None
    branch: str | None


def open_sessions(
    scope: SessionScope, *, words: str = "", user_id: int | None = None, offset: int = 0, limit: int
) -> Sequence[OpenSession]:
    """The sessions that are open now, the last used first; `words` are of a person's name or address."""
    query = (
        select(UserSession, Organization.name, Branch.name)
        .join(User, User.id == UserSession.user_id)
        .outerjoin(Organization, Organization.id == UserSession.organization_id)
        .outerjoin(Branch, Branch.id == UserSession.branch_id)
        .where(*_open(scope))
        .options(joinedload(UserSession.user))
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
        .offset(offset)
        .limit(limit)
    )
    if user_id is not None:
        query = query.where(UserSession.user_id == user_id)
    for word in words.split():
        query = query.where(
            or_(
                User.name.icontains(word, autoescape=True),
                User.email.icontains(word, autoescape=True),
            )
        )
    with seen_by(everywhere=scope.everywhere):
        return [
            OpenSession(row=row, organization=organization, branch=branch)
            for row, organization, branch in db.session.execute(query)
        ]


def sign_out(session_id: int, scope: SessionScope) -> User:
    """End one session; raises NotFound for one that has ended or is out of scope."""
    row: UserSession | None = db.session.scalar(_rows(scope).where(UserSession.id == session_id))
    if row is None or not end_session(row.user, row.id):
        raise NotFound(_("This session has ended already."))
    return row.user


def sign_out_everywhere(user_id: int, scope: SessionScope, *, keep: UserSession) -> int:
    """End all of a user's sessions within the scope, but for the one of who does it; returns how many ended."""
    rows = db.session.scalars(_rows(scope).where(UserSession.user_id == user_id))
    return sum(end_session(row.user, row.id) for row in rows.all() if row.id != keep.id)


def _rows(scope: SessionScope) -> Select[Any]:
    return select(UserSession).where(*_open(scope)).options(joinedload(UserSession.user))


def _open(scope: SessionScope) -> list[Any]:
    now = utc_now()
    conditions = [
        UserSession.revoked_at.is_(None),
        UserSession.ends_at > now,
        UserSession.last_seen_at >= now - timedelta(minutes=scope.idle_minutes),
    ]
    if not scope.everywhere:
        conditions.append(UserSession.organization_id == current_scope().organization_id)
    return conditions
