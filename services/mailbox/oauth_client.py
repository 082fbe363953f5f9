"""Asking Google and Microsoft for permissions and tokens, by Authlib (RFC 6749, 7523, 7636)."""

import base64
import binascii
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import AssertionSession, OAuth2Session
from authlib.oauth2 import OAuth2Error
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from mail.errors import ConsentLost, ServerUnreachable
from models.mailbox.oauth import OAuthApplication, OAuthProvider
from services.mailbox.oauth_endpoints import APPLICATION_SCOPES, SCOPES, OAuthEndpoints

PATIENCE_SECONDS = 10
LONGEST_LIFE_SECONDS = 24 * 3600
USUAL_LIFE_SECONDS = 3600
# The provider's own troubles; every other error is about the permission or the application.
TROUBLES = {"temporarily_unavailable", "server_error", "slow_down", "timeout"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a provider gave; `address` is who agreed, where it says so."""

    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    expires_at: datetime
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRequest:
    """Where the owner is sent, and what is kept meanwhile to know the answer again."""

    url: str
    state: str
    verifier: str = field(repr=False)


def consent_request(
    application: OAuthApplication, endpoints: OAuthEndpoints, *, redirect_uri: str, address: str
) -> ConsentRequest:
    """The page of the provider on which the owner of `address` agrees; with PKCE and a state of its own."""
    verifier = generate_token(64)
    url, state = _session(application, redirect_uri).create_authorization_url(
        endpoints.authorize_url(application.provider, application.tenant),
        state=generate_token(48),
        code_verifier=verifier,
        login_hint=address,
        **(
            {"access_type": "offline", "prompt": "consent"}
            if application.provider is OAuthProvider.GOOGLE
            else {"prompt": "select_account"}
        ),
    )
    return ConsentRequest(url=url, state=state, verifier=verifier)


def tokens_for_code(
    application: OAuthApplication,
    endpoints: OAuthEndpoints,
    *,
    code: str,
    verifier: str,
    redirect_uri: str,
) -> Tokens:
    """What the provider gives for the answer of the owner; raises ConsentLost or ServerUnreachable."""
    with _understandable(), _session(application, redirect_uri) as session:
        answer = session.fetch_token(
            endpoints.token_url(application.provider, application.tenant),
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
            allow_redirects=False,
        )
        return _tokens(answer)


def renewed_tokens(
    application: OAuthApplication, endpoints: OAuthEndpoints, refresh_token: str
) -> Tokens:
    """A new access token of an owner who has agreed; raises ConsentLost or ServerUnreachable."""
    with _understandable(), _session(application) as session:
        answer = session.refresh_token(
            endpoints.token_url(application.provider, application.tenant),
            refresh_token=refresh_token,
            allow_redirects=False,
        )
        return _tokens(answer)


def application_tokens(
    application: OAuthApplication, endpoints: OAuthEndpoints, *, address: str = ""
) -> Tokens:
    """An access token by the organization's own permission; raises ConsentLost or ServerUnreachable.

    At Google for `address`, at Microsoft for all addresses of the tenant.
    """
    with _understandable():
        if application.provider is OAuthProvider.GOOGLE:
            return _service_account_tokens(application, endpoints, address)
        with _session(application) as session:
            answer = session.fetch_token(
                endpoints.token_url(application.provider, application.tenant),
                grant_type="client_credentials",
                scope=APPLICATION_SCOPES[application.provider],
                allow_redirects=False,
            )
            return _tokens(answer)


def give_back(endpoints: OAuthEndpoints, provider: OAuthProvider, token: str) -> bool:
    """Tell the provider that the permission is not used any more; whether it took note."""
    url = endpoints.revoke_url(provider)
    if url is None:
        return False
    try:
        answer = requests.post(
            url, data={"token": token}, timeout=PATIENCE_SECONDS, allow_redirects=False
        )
    except requests.RequestException:
        return False
    return bool(answer.ok)


def service_account_of(secret: str) -> dict[str, str] | None:
    """Google's JSON key, if the secret is one."""
    try:
        key = json.loads(secret)
    except ValueError:
        return None
    wanted = ("client_email", "private_key")
    if not isinstance(key, dict) or not all(isinstance(key.get(name), str) for name in wanted):
        return None
    return {name: key[name] for name in wanted}


def _service_account_tokens(
    application: OAuthApplication, endpoints: OAuthEndpoints, address: str
) -> Tokens:
    """In the name of one user of the domain (RFC 7523; Google's domain-wide delegation)."""
    key = service_account_of(application.secret or "")
    if key is None:
        raise ConsentLost("The key of the service account is missing.")
    try:
        private_key = RSAKey.import_key(key["private_key"])
    except (ValueError, JoseError) as problem:
        raise ConsentLost("The key of the service account cannot be used.") from problem
    with AssertionSession(
        token_endpoint=endpoints.token_url(application.provider, None),
        issuer=key["client_email"],
        subject=address,
        grant_type=AssertionSession.JWT_BEARER_GRANT_TYPE,
        claims={"scope": APPLICATION_SCOPES[application.provider]},
        key=private_key,
        header={"alg": "RS256"},
        default_timeout=PATIENCE_SECONDS,
    ) as session:
        return _tokens(session.refresh_token())


def _session(application: OAuthApplication, redirect_uri: str | None = None) -> Any:
    return OAuth2Session(
        application.client_id,
        application.secret,
        scope=" ".join(SCOPES[application.provider]),
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_post",  # nosec B106
        default_timeout=PATIENCE_SECONDS,
    )


@contextmanager
def _understandable() -> Iterator[None]:
    """Either the permission is at fault, which a person cures, or the way to the provider, which time cures."""
    try:
        yield
    except (OAuthError, OAuth2Error) as problem:
        if problem.error in TROUBLES:
            raise ServerUnreachable("The provider gives no tokens at the moment.") from None
        raise ConsentLost(f"The provider refuses a token: {_word(problem.error)}.") from None
    except (requests.RequestException, ValueError) as problem:  # no answer, or none that is JSON
        raise ServerUnreachable("The provider of the permission cannot be reached.") from problem


def _tokens(answer: dict[str, Any]) -> Tokens:
    access = answer.get("access_token")
    if not isinstance(access, str) or not re.fullmatch(r"[!-~]+", access):
        raise ServerUnreachable("The provider answered without a token.")
    refresh = answer.get("refresh_token")
    seconds = answer.get("expires_in", USUAL_LIFE_SECONDS)
    lives = min(int(seconds) if str(seconds).isdecimal() else 0, LONGEST_LIFE_SECONDS)
    return Tokens(
        access=access,
        refresh=refresh if isinstance(refresh, str) and refresh else None,
        expires_at=datetime.fromtimestamp(time.time() + lives, UTC),
        address=_address_in(answer.get("id_token")),
    )


def _address_in(id_token: Any) -> str | None:
    """Who agreed. It comes straight from the provider over TLS, so its signature adds nothing (OIDC Core, 3.1.3.7)."""
    try:
        middle = str(id_token).split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (IndexError, ValueError, binascii.Error):
        return None
    told = claims if isinstance(claims, dict) else {}
    found = told.get("email") or told.get("preferred_username")
    return found.lower() if isinstance(found, str) and "@" in found else None


def _word(error: Any) -> str:
    """The provider's code, such as `invalid_grant`; nothing else of what it says is repeated."""
    text = str(error)
    return text if text.replace("_", "").isalnum() and len(text) <= 60 else "unknown"
