"""A local authorization server for both providers: a page to agree on, tokens by four grants, introspection.

with AuthorizationServer() as server:
    Settings(..., **server.settings())
    server.tokens  # access token -> address, as a mail server would know them
"""

import base64
import hashlib
import html
import http.server
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "ventanilla-client", "canary-client-secret"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass
class Manners:
    """How it behaves; tests change it while it runs."""

    life_seconds: int = 3600
    is_down: bool = False
    is_garbled: bool = False
    refuses: str | None = None  # the error that every token request gets
    delay_seconds: float = 0
    gives_refresh_token: bool = True
    agrees_as: str | None = None  # else as whoever was asked for


@dataclass
class AuthorizationServer:
    """Listens on 127.0.0.1 from `with` on."""

    manners: Manners = field(default_factory=Manners)
    tokens: dict[str, str] = field(default_factory=dict)
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)  # token requests, in order
    revoked: list[str] = field(default_factory=list)
    service_account_key: RSAKey | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.owner = self  # type: ignore[attr-defined]  # for the handler below
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def urls(self) -> dict[str, str]:
        """As settings and as the service's endpoints name them."""
        return {
            "google_authorize_url": f"{self.url}/google/authorize",
            "google_token_url": f"{self.url}/google/token",
            "google_revoke_url": f"{self.url}/google/revoke",
            "microsoft_login_url": f"{self.url}/microsoft",
        }

    def forget(self, address: str) -> None:
        """The owner ends the permission: no token of theirs counts any more."""
        for kept in (self.tokens, self.refresh_tokens):
            for token in [each for each, owner in kept.items() if owner == address]:
                del kept[token]

    def agree(self, asked: dict[str, str]) -> str:
        """The address that the browser is led back to after the owner's yes."""
        address = self.manners.agrees_as or asked.get("login_hint", "")
        code = secrets.token_urlsafe(24)
        self.codes[code] = {**asked, "address": address}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def answer(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """A token, or why not."""
        with self.lock:
            self.asked.append(form)
        time.sleep(self.manners.delay_seconds)
        if self.manners.refuses:
            return 400, {"error": self.manners.refuses, "error_description": "as the test wants"}
        deed = {
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh_token,
            "client_credentials": self._by_credentials,
            JWT_BEARER: self._by_assertion,
        }.get(form.get("grant_type", ""))
        return deed(form) if deed else (400, {"error": "unsupported_grant_type"})

    def _by_code(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(
            hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        ).decode()
        if (
            asked is None
            or not self._knows(form)
            or asked.get("redirect_uri") != form.get("redirect_uri")
            or asked.get("code_challenge_method") != "S256"
            or asked.get("code_challenge") != challenge.rstrip("=")
        ):
            return 400, {"error": "invalid_grant"}
        return self._gives(asked["address"], with_refresh=True)

    def _by_refresh_token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        address = self.refresh_tokens.get(form.get("refresh_token", ""))
        if address is None or not self._knows(form):
            return 400, {"error": "invalid_grant"}
        return self._gives(address)

    def _by_credentials(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if not self._knows(form):
            return 401, {"error": "invalid_client"}
        return self._gives("*")

    def _by_assertion(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        assert self.service_account_key is not None
        try:
            claims = jwt.decode(form["assertion"], self.service_account_key).claims
        except Exception:
            return 400, {"error": "invalid_grant"}
        if claims.get("scope") != "https://mail.google.com/":
            return 400, {"error": "invalid_scope"}
        if claims["aud"] != f"{self.url}/google/token" or claims["exp"] < time.time():
            return 400, {"error": "invalid_grant"}
        return self._gives(claims["sub"])

    def _knows(self, form: dict[str, str]) -> bool:
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)

    def _gives(self, address: str, *, with_refresh: bool = False) -> tuple[int, dict[str, Any]]:
        access = f"access-{secrets.token_urlsafe(24)}"
        self.tokens[access] = address
        told: dict[str, Any] = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": self.manners.life_seconds,
        }
        if with_refresh:
            claims = base64.urlsafe_b64encode(json.dumps({"email": address}).encode()).decode()
            told["id_token"] = f"e30.{claims.rstrip('=')}."
            if self.manners.gives_refresh_token:
                told["refresh_token"] = f"refresh-{secrets.token_urlsafe(24)}"
                self.refresh_tokens[told["refresh_token"]] = address
        return 200, told


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Any

    @property
    def owner(self) -> AuthorizationServer:
        found: AuthorizationServer = self.server.owner
        return found

    def do_GET(self) -> None:
        if not self.path.partition("?")[0].endswith("/authorize"):
            self._say(204, b"", "text/plain")  # browsers ask for an icon
            return
        asked = _flat(urlsplit(self.path).query)
        fields = "".join(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in asked.items()
        )
        page = (
            f"<!doctype html><title>Provider</title><h1>{html.escape(asked.get('login_hint', ''))}</h1>"
            f'<form method="post" action="/decide">{fields}'
            '<button name="decision" value="yes">Agree</button>'
            '<button name="decision" value="no">Refuse</button></form>'
        )
        self._say(200, page.encode(), "text/html")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        form = _flat(self.rfile.read(length).decode())
        if self.path == "/decide":
            self._decided(form)
        elif self.path == "/introspect":
            address = self.owner.tokens.get(form.get("token", ""))
            told = {"active": True, "username": address} if address else {"active": False}
            self._say(200, json.dumps(told).encode(), "application/json")
        elif self.path == "/google/revoke":
            self.owner.revoked.append(form.get("token", ""))
            self._say(200, b"{}", "application/json")
        elif self.owner.manners.is_down:
            self._say(503, b"<h1>Down</h1>", "text/html")
        elif self.owner.manners.is_garbled:
            self._say(200, b"<h1>Welcome to the hotel network</h1>", "text/html")
        else:
            status, told = self.owner.answer({**form, "path": self.path})
            self._say(status, json.dumps(told).encode(), "application/json")

    def _decided(self, form: dict[str, str]) -> None:
        if form.get("decision") == "yes":
            to = self.owner.agree(form)
        else:
            refusal = urlencode({"error": "access_denied", "state": form.get("state", "")})
            to = f"{form['redirect_uri']}?{refusal}"
        self.send_response(302)
        self.send_header("Location", to)
        self.end_headers()

    def _say(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests look at `asked`."""


def _flat(query: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
