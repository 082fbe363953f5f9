"""AUTH with an access token, and with a new one if the server does not take the first (RFC 4954, 7628)."""

import base64
import binascii

from mail.bearer import Bearer, challenge_reason, oauthbearer, xoauth2
from mail.errors import NoWayToSignIn
from mail.reply import Reply
from mail.smtp_wire import SmtpWire

WRONG = 535  # the credentials; other refusals are not cured by another token
METHODS = ("XOAUTH2", "OAUTHBEARER")


def sign_in_by_token(
    wire: SmtpWire, bearer: Bearer, methods: frozenset[str], *, login: str, host: str, port: int
) -> Reply:
    """The server's last word, for the caller to judge.

    Raises NoWayToSignIn if the server takes no tokens, and what `bearer` raises.
    """
    method = next((each for each in METHODS if each in methods), None)
    if method is None:
        raise NoWayToSignIn(f"{host} offers no way to sign in by permission (XOAUTH2).")
    refused: str | None = None
    while True:
        token = bearer(refused)
        response = (
            xoauth2(login, token)
            if method == "XOAUTH2"
            else oauthbearer(login, token, host=host, port=port)
        )
        reply = _offer(wire, method, response)
        if reply.code != WRONG or refused is not None or not wire.is_open:
            return reply
        refused = token


def _offer(wire: SmtpWire, method: str, response: bytes) -> Reply:
    wire.write(_command(method, response))
    reply = wire.read_reply()
    if reply.code != 334:
        return reply
    # The reason comes as a challenge, and wants an answer before the refusal itself.
    why = challenge_reason(_decoded(reply.text))
    wire.write(b"\r\n" if method == "XOAUTH2" else base64.b64encode(b"\x01") + b"\r\n")
    last = wire.read_reply()
    return Reply(last.code, f"{last.text} (status {why})") if why else last


def _command(method: str, response: bytes) -> bytes:
    """The command with its initial response: of up to 12,288 bytes (RFC 4954, section 4)."""
    return f"AUTH {method} ".encode() + base64.b64encode(response) + b"\r\n"


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""
