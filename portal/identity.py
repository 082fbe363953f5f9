"""Who comes in at the portal's door: from a right password or link to a session, by way of the second step."""

import hashlib
import secrets
import time

from flask import current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from models.base import db
from models.portal.portal_user import PortalMembership, PortalUser
from models.tenancy import Actor, Scope, enter
from portal.guard import keep_token
from portal.next_page import asked_page, next_page
from services.portal.portal_sessions import end_session
from services.portal.portal_sign_in import sign_in
from services.portal.share_links import hash_of
from settings import Settings

PATIENCE_SECONDS = 300  # between the first step and the second
FIRST_STEP = "portal_first_step"
BROWSER = "portal_browser"


def settings() -> Settings:
    """The settings of this installation."""
    found: Settings = current_app.extensions["settings"]
    return found


def let_in(
    user: PortalUser,
    *,
    is_confirmed: bool,
    at: PortalMembership | None = None,
    wanted: str | None = None,
) -> ResponseReturnValue | None:
    """Commit, and lead on: to the second step, or inside. None for who was locked in the meantime.

    `is_confirmed`: the password was asked for.
    """
    page = asked_page(wanted)
    if user.needs_totp:
        session[FIRST_STEP] = {
            "user": user.id,
            "at": int(time.time()),
            "mark": _mark_of(user),
            "is_confirmed": is_confirmed,
            "membership": at.id if at else None,
            "next": page,
        }
        db.session.commit()
        return redirect(url_for("portal-sign_in.second_step"))
    return enter_as(user, is_confirmed=is_confirmed, at=at, wanted=page)


def enter_as(
    user: PortalUser,
    *,
    is_confirmed: bool,
    at: PortalMembership | None = None,
    wanted: str = "",
) -> ResponseReturnValue | None:
    """A new session and a new cookie; what the browser held before opens nothing afterwards."""
    enter(
        Scope(
            organization_id=g.portal.organization_id,
            actor=Actor(
                kind="portal_user",
                id=user.id,
                name=user.name,
                source="portal",
                request_id=g.get("request_id"),
            ),
        )
    )
    token = sign_in(
        user,
        at=at,
        is_confirmed=is_confirmed,
        hours=settings().session_hours,
        ip=request.remote_addr,
        user_agent=request.user_agent.string,
    )
    if token is None:
        db.session.rollback()
        return None
    if g.visitor is not None:
        end_session(g.visitor.session_id)
    db.session.commit()
    session.pop(FIRST_STEP, None)
    response = redirect(next_page(wanted))
    keep_token(response, token)
    return response


def user_of_first_step() -> tuple[PortalUser, PortalMembership | None, dict[str, object]] | None:
    """Who has passed the first step in this browser some minutes ago at most, and has not changed since."""
    first = session.get(FIRST_STEP)
    if not first or not 0 <= time.time() - first["at"] <= PATIENCE_SECONDS:
        return None
    user = db.session.get(PortalUser, first["user"])
    if user is None or not user.needs_totp or _mark_of(user) != first["mark"]:
        return None
    place = db.session.get(PortalMembership, first["membership"]) if first["membership"] else None
    return user, place, first


def browser_hash(*, is_new: bool = False) -> str | None:
    """What is known of this browser from a link that it asked for before; `is_new` makes it known."""
    if BROWSER not in session and is_new:
        session[BROWSER] = secrets.token_urlsafe(24)
    return hash_of(session[BROWSER]) if BROWSER in session else None


def _mark_of(user: PortalUser) -> str:
    return hashlib.sha256(f"mark:{user.password_hash}".encode()).hexdigest()[:16]
