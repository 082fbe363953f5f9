"""AUTHENTICATE with an access token, and with a new one if the server does not take the first (RFC 7628)."""

import imaplib
from typing import Any

from mail.bearer import Bearer, oauthbearer, xoauth2
from mail.errors import NoWayToSignIn

METHODS = ("XOAUTH2", "OAUTHBEARER")


def sign_in_by_token(client: Any, bearer: Bearer, *, login: str, host: str, port: int) -> None:
    """Sign `client`, an IMAPClient, in; raises NoWayToSignIn, what `bearer` raises, and imaplib's own errors."""
    method = next((each for each in METHODS if client.has_capability(f"AUTH={each}")), None)
    if method is None:
        raise NoWayToSignIn(f"{host} offers no way to sign in by permission (XOAUTH2).")
    token = bearer(None)
    try:
        _offer(client, method, _response(method, login, token, host, port))
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        renewed = bearer(token)
        _offer(client, method, _response(method, login, renewed, host, port))


def _response(method: str, login: str, token: str, host: str, port: int) -> bytes:
    if method == "XOAUTH2":
        return xoauth2(login, token)
    return oauthbearer(login, token, host=host, port=port)


def _offer(client: Any, method: str, response: bytes) -> None:
    answers = [response, b"" if method == "XOAUTH2" else b"\x01"]

    def answer(_challenge: bytes) -> bytes:
        """What is wrong with a token comes as a second challenge, which wants an answer, too."""
        return answers.pop(0) if answers else b""

    client._command_and_check("authenticate", method, answer)
