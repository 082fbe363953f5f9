"""The staff behind a request: from the cookie's token to a scope with rights."""

from flask import current_app, g
from flask_login import current_user

from models.tenancy import Actor, Scope, enter
from services.people.sign_in import Staff, staff_of_token
from settings import Settings


def load_staff(token: str) -> Staff | None:
    """Called by Flask-Login once a request; enters the organization that the staff has chosen."""
    settings: Settings = current_app.extensions["settings"]
    staff = staff_of_token(token, idle_minutes=settings.session_idle_minutes)
    if staff is not None:
        enter(
            Scope(
                organization_id=staff.organization.id if staff.organization else None,
                actor=Actor(
                    kind="user",
                    id=staff.user.id,
                    name=staff.user.name,
                    source="ui",
                    request_id=g.get("request_id"),
                ),
            )
        )
    return staff


def current_staff() -> Staff:
    """The staff who asks; only behind a door that has checked that somebody is signed in."""
    staff: Staff = current_user._get_current_object()
    return staff
