"""A company's own domain shows its portal, and nothing else of the installation (S2-07)."""

from flask import Flask, abort, redirect, request
from flask.typing import ResponseReturnValue

from extensions.hosts import PORTAL_HOST
from services.portal.custom_domain import present_name

SHARED = ("/static/", "/look/", "/l/")


def init_app(app: Flask) -> None:
    app.before_request(_lead)


def _lead() -> ResponseReturnValue | None:
    """The bare domain leads into the portal; the staff's door is not here, and no other company's portal."""
    name = request.environ.get(PORTAL_HOST)
    if name is None or request.path.startswith(SHARED):
        return None
    if request.path == "/":
        return redirect(f"/portal/{name}/")
    _root, door, *rest = request.path.split("/")
    if door != "portal" or not rest or present_name(rest[0]) != name:
        abort(404)
    return None
