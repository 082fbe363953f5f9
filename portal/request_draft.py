"""What a browser keeps of a request for access until its address is verified, and which request it may go on with.

All of it stands in the signed cookie: nothing that somebody writes about an address reaches a request of that
address before they have shown that it is theirs.
"""

from typing import Any

from flask import g, session

from models.portal.access_request import AccessRequest
from services.portal.access_requests import the_request

DRAFT = "portal_request"


def draft() -> dict[str, Any]:
    """What was written in this browser so far, for this portal."""
    kept: dict[str, Any] = session.get(DRAFT) or {}
    return kept if kept.get("portal") == g.portal.organization_id else {}


def keep(**values: Any) -> None:
    """Remember this besides."""
    session[DRAFT] = {**draft(), "portal": g.portal.organization_id, **values}


def forget() -> None:
    session.pop(DRAFT, None)


def is_verified() -> bool:
    """Whether this browser has shown that the address of its request is theirs."""
    return bool(draft().get("request"))


def own_request() -> AccessRequest | None:
    """The request that this browser has shown to be its own."""
    key = draft().get("request")
    return the_request(int(key)) if key else None
