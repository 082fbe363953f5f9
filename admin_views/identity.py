"""The staff behind a request: from the cookie's token to a scope with rights, and back to the cookie."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask import current_app, g, has_request_context, request, session
from flask_login import current_user, login_user, logout_user

from models.base import db
from models.people.user import User
from models.tenancy import Actor, Scope, current_scope, enter
from services.people.credentials import is_open_to
from services.people.places import choose_place, only_place_of
from services.people.sign_in import Staff, end_session, open_session, staff_of_token
from settings import Settings

KEPT_IN_COOKIE = ("lang", "theme", "keys")  # a person's wishes outlive the session


def load_staff(token: str) -> Staff | None:
    """Called by Flask-Login once a request; enters the organization that the staff has chosen.

    When the database fails here, the error page must not ask again: it is then shown to nobody in particular.
    """
    if g.get("is_identity_unknown"):
        return None
    g.is_identity_unknown = True
    staff = staff_of_token(token, idle_minutes=settings().session_idle_minutes)
    g.is_identity_unknown = False
    if staff is not None:
        enter(_scope_of(staff))
    return staff


def current_staff() -> Staff:
    """The staff who asks; only behind a door that has checked that somebody is signed in, or in a job for them."""
    staff: Staff = g.get("acting_staff") or current_user._get_current_object()
    return staff


@contextmanager
def acting_as(staff: Staff, *, reason: str) -> Iterator[None]:
    """Work for somebody with their rights and in their place, in the audit for a reason; in a job or a request."""
    before = current_scope()
    source = "ui" if has_request_context() else "job"
    scope = _scope_of(staff)
    g.acting_staff = staff
    enter(replace(scope, actor=replace(scope.actor, source=source, reason=reason)))
    try:
        yield
    finally:
        g.pop("acting_staff")
        enter(before)


def enter_as_stranger() -> None:
    """What happens before anybody has signed in is told as such in the audit."""
    enter(Scope(actor=Actor(kind="stranger", source="ui", request_id=g.get("request_id"))))


def begin_session(user: User) -> bool:
    """Sign this user in here: a new session row, a new cookie, the only place if there is just one.

    Commits. False if the user was locked or switched off by a parallel request in the meantime.
    """
    if not is_open_to(user):
        db.session.rollback()
        return False
    before = current_user._get_current_object()
    actor = Actor(
        kind="user", id=user.id, name=user.name, source="ui", request_id=g.get("request_id")
    )
    enter(Scope(actor=actor))
    if isinstance(before, Staff):
        end_session(before.user, before.session.id)
    row, token = open_session(
        user,
        hours=settings().session_hours,
        ip=request.remote_addr,
        user_agent=request.user_agent.string,
    )
    if place := only_place_of(user):
        choose_place(user, row, *place)
    db.session.commit()
    _empty_cookie()
    login_user(Staff(user=user, session=row, token=token))
    return True


def leave_session() -> None:
    """End the session of this browser: the row and the cookie."""
    staff = current_staff()
    end_session(staff.user, staff.session.id)
    db.session.commit()
    logout_user()
    _empty_cookie()


def _empty_cookie() -> None:
    kept = {name: session[name] for name in KEPT_IN_COOKIE if name in session}
    session.clear()
    session.update(kept)


def _scope_of(staff: Staff) -> Scope:
    return Scope(
        organization_id=staff.organization.id if staff.organization else None,
        branch_id=staff.branch.id if staff.branch else None,
        actor=Actor(
            kind="user",
            id=staff.user.id,
            name=staff.user.name,
            source="ui",
            request_id=g.get("request_id"),
        ),
    )


def settings() -> Settings:
    """The settings of this installation."""
    found: Settings = current_app.extensions["settings"]
    return found
