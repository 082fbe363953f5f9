"""Strict headers on every answer, and no redirect that leaves (docs/security.md)."""

import re
import secrets

from flask import Response, g, request

CONTENT_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def csp_nonce() -> str:
    """The nonce of this answer's scripts."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def harden(response: Response) -> Response:
    """Strict headers on every answer, where it has not its own; private pages are not kept anywhere (`docs/security.md`)."""
    headers = response.headers
    strict = {
        "Content-Security-Policy": CONTENT_POLICY.format(nonce=csp_nonce()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "X-Request-ID": g.get("request_id", ""),
    }
    if request.is_secure:
        strict["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    own = {name.lower() for name, _value in headers}
    headers.extend((name, value) for name, value in strict.items() if name.lower() not in own)
    if request.endpoint == "static" or g.get("is_kept_by_browsers"):
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        headers["Cache-Control"] = "no-store"
        headers.add("Vary", "HX-Request, HX-Target, Cookie")
    return _without_open_redirect(response)


def _without_open_redirect(response: Response) -> Response:
    """Redirects stay in this site: a `Location` that a browser could read as another host becomes `/`."""
    location = response.headers.get("Location")
    if location is not None:
        # The router names this site when it adds a slash at the end.
        path = re.sub(f"^{re.escape(request.host_url)}", "/", location)
        is_here = re.fullmatch(r"/(?![/\\])[^\x00-\x20\\]*", path)
        response.headers["Location"] = path if is_here else "/"
    return response
