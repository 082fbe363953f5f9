"""The tab *Sessions* of the global users: where people are signed in, and signing them out (S4-06)."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.crud.advanced_users import sees_everywhere, user_tabs
from admin_views.identity import current_staff, settings
from admin_views.reader_formats import ago
from admin_views.shell import lead_to, stand_at
from models.base import db
from services.people.browser_names import browser_name
from services.people.open_sessions import SessionScope, open_sessions, sign_out, sign_out_everywhere

RESOURCE = "user_session"
SESSIONS_A_PAGE = 50
blueprint = Blueprint("user_sessions", __name__, url_prefix="/admin/user-sessions")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    _may("view")
    stand_at("user")
    lead_to(
        (_("System"), None),
        (_("Updates"), None),
        (_("Global users"), url_for("user.index_view")),
        (_("Sessions"), None),
    )
    page, place = _number("page", longest=5), _place()
    found = open_sessions(
        _scope(),
        words=place.get("q", ""),
        user_id=_number("user") or None,
        offset=page * SESSIONS_A_PAGE,
        limit=SESSIONS_A_PAGE + 1,
    )
    has_more, found = len(found) > SESSIONS_A_PAGE, found[:SESSIONS_A_PAGE]
    return render_template(
        "admin/people/sessions.html",
        title=_("Global users"),
        subtitle=_("Where people are signed in now"),
        user_tabs=user_tabs("sessions"),
        sessions=[(each, browser_name(each.row.user_agent)) for each in found],
        own=current_staff().session.id,
        one=found[0].row.user if found and "user" in place else None,
        may_end=current_staff().rights.allows(RESOURCE, "end"),
        place=place,
        q=place.get("q", ""),
        ago=ago,
        newer=url_for(".index", **place, page=page - 1) if page else None,
        older=url_for(".index", **place, page=page + 1) if has_more else None,
    )


@blueprint.post("/<int:session_id>/end")
def end(session_id: int) -> ResponseReturnValue:
    """Sign one browser out."""
    _may("end")
    user = sign_out(session_id, _scope())
    db.session.commit()
    flash(_("A session of %(name)s was ended.", name=user.name))
    return redirect(url_for(".index", **_place()))


@blueprint.post("/of/<int:user_id>/end")
def end_all(user_id: int) -> ResponseReturnValue:
    """Sign somebody out of all of their browsers."""
    _may("end")
    ended = sign_out_everywhere(user_id, _scope(), keep=current_staff().session)
    db.session.commit()
    flash(ngettext("%(num)d session was ended.", "%(num)d sessions were ended.", ended))
    return redirect(url_for(".index"))


def _may(action: str) -> None:
    current_staff().rights.require(RESOURCE, action)


def _scope() -> SessionScope:
    return SessionScope(everywhere=sees_everywhere(), idle_minutes=settings().session_idle_minutes)


def _place() -> dict[str, Any]:
    """What the list is narrowed by."""
    place: dict[str, Any] = {}
    if typed := request.args.get("q", "").strip()[:100]:
        place["q"] = typed
    if user_id := _number("user"):
        place["user"] = user_id
    return place


def _number(name: str, *, longest: int = 18) -> int:
    typed = request.args.get(name, "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= longest else 0
