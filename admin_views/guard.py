"""The door's guard: every endpoint wants a signed-in staff with a chosen place, unless it is named here."""

from flask import Flask, Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from admin_views.next_page import this_page

# Open to everybody; each of them says in its own file why it may be.
PUBLIC = frozenset(
    {
        "static",
        "sign_in.sign_in",
        "sign_in.second_step",
        "setup.setup",
        "passwords.forgot",
        "passwords.link",
        "mail_password.link",
        "prefs.prefs",
        "health.healthz",
        "health.metrics",
        "document_address.printed",
        "link.document",
        "link.pdf",
        "link.file",
        "link.seen",
        "link.answer",
        "link.load",
        "look.colours",
        "look.logo",
    }
)
# For staff who have not chosen yet where they work.
WITHOUT_PLACE = frozenset({"sign_in.sign_out", "places.place"})


def init_app(app: Flask) -> None:
    app.before_request(_let_in)


def _let_in() -> ResponseReturnValue | None:
    if request.endpoint is None or request.endpoint in PUBLIC:
        return None  # no endpoint: a 404 or 405 that tells nothing
    if request.blueprint in current_app.extensions["own_guards"]:
        return None  # the customers' door
    if not current_user.is_authenticated:
        return _turned_away(url_for("sign_in.sign_in", next=this_page()))
    if current_user.has_place or request.endpoint in WITHOUT_PLACE:
        return None
    return _turned_away(url_for("places.place", next=this_page()))


def _turned_away(to: str) -> ResponseReturnValue:
    """A page is led to where it can be seen; scripts get a plain 401, and htmx knows where to go."""
    wants_page = request.headers.get("Sec-Fetch-Dest", "document") in ("document", "iframe")
    if "HX-Request" in request.headers or not wants_page:
        return Response(status=401, headers={"HX-Redirect": to})
    return redirect(to)
