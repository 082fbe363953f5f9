"""The cookie that holds the token of a session in the portal."""

from typing import TypedDict


class Cookie(TypedDict):
    """As `Response.set_cookie` wants it."""

    key: str
    value: str
    httponly: bool
    samesite: str
    secure: bool
    path: str


def cookie_name(*, is_secure: bool) -> str:
    """Over HTTPS a name that no neighbouring host can set."""
    return "__Host-portal" if is_secure else "portal"


def cookie_of(token: str, *, is_secure: bool) -> Cookie:
    """The cookie for this token."""
    return Cookie(
        key=cookie_name(is_secure=is_secure),
        value=token,
        httponly=True,
        samesite="Lax",
        secure=is_secure,
        path="/",
    )
