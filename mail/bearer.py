"""Signing in by an access token instead of a password: XOAUTH2 (Google, Microsoft) and OAUTHBEARER (RFC 7628)."""

import json
from collections.abc import Callable

# Gives an access token; is given the one that the server has just refused, if any. Raises MailError.
Bearer = Callable[[str | None], str]
LONGEST_REASON = 200


def xoauth2(login: str, token: str) -> bytes:
    """What is sent, before base64."""
    return f"user={login}\x01auth=Bearer {token}\x01\x01".encode()


def oauthbearer(login: str, token: str, *, host: str, port: int) -> bytes:
    """The same by the standard; a comma and an equals sign in the login are quoted (RFC 5801)."""
    name = login.replace("=", "=3D").replace(",", "=2C")
    return f"n,a={name},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01".encode()


def challenge_reason(challenge: bytes) -> str:
    """What the server has against the token; `challenge` is its JSON, without base64."""
    try:
        told = json.loads(challenge)
    except ValueError:
        return ""
    status = told.get("status") if isinstance(told, dict) else None
    return status[:LONGEST_REASON] if isinstance(status, str) and status.isprintable() else ""
