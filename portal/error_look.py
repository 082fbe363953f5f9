"""How an error looks to a customer: like the portal where it happened, and with a way back into it."""

from flask import g, request

from portal.guard import Portal
from portal.sender import Sender

OURS = 500  # from here on the database may be what is wrong: it is not asked


def error_sender(status: int) -> Sender | None:
    """The company whose page this was to be, as far as that is known."""
    portal: Portal | None = g.get("portal")
    return portal.sender if portal is not None and g.get("is_entered") and status < OURS else None


def error_home() -> str | None:
    """The first page of the portal; None for pages that are not a portal's."""
    if "home_url" in g:
        home: str = g.home_url
        return home
    _root, door, *rest = request.path.split("/")
    return f"/portal/{rest[0]}/" if door == "portal" and len(rest) > 1 else None
