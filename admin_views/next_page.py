"""Where to go next: pages of this site only."""

import re
from urllib.parse import unquote

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

INSIDE = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")


def safe_next(default: str | None = None) -> str:
    """The `next` of the request if every browser reads it as a page of this site; else home."""
    asked = request.values.get("next", "")
    if is_inside(asked):
        return asked
    return default or url_for("home.home")


def is_inside(address: str) -> bool:
    """Whether this is a plain path: no scheme, no host, also when its path is decoded once more; and no NUL anywhere."""
    path = unquote(address.partition("?")[0])
    return (
        INSIDE.fullmatch(address) is not None
        and "\0" not in unquote(address)
        and "//" not in path
        and not any(sign < " " or sign == "\\" for sign in path)
    )


def this_page() -> str:
    """The page that is asked for now, to come back to it; for a part of a page, the whole page."""
    if request.method == "GET" and request.headers.get("HX-Request") is None:
        return request.full_path.rstrip("?")
    _scheme, _sep, rest = request.headers.get("HX-Current-URL", "").partition("://")
    path = "/" + rest.partition("/")[2]
    return path if is_inside(path) else "/"


def leave_for(url: str) -> ResponseReturnValue:
    """A dialog is told where the browser goes next: it would follow a redirect by itself, and with it take the notice."""
    if request.headers.get("HX-Request") == "true":
        return Response(status=200, headers={"HX-Redirect": url})
    return redirect(url)
