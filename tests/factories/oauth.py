"""Applications and accounts for permissions, against the local authorization server."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc.jwk import RSAKey

from models.mailbox.mail_account import MailAccount
from models.mailbox.oauth import OAuthApplication, OAuthProvider
from models.tenancy import current_scope
from services.mailbox.consent import ask_consent, take_consent
from services.mailbox.oauth_endpoints import OAuthEndpoints
from tests.factories.people import make_mail_account
from tests.factories.saving import saved
from tests.servers.authorization_server import CLIENT_ID, CLIENT_SECRET, AuthorizationServer

REDIRECT_URI = "http://localhost/mail-accounts/permission/answer"


def make_application(
    provider: OAuthProvider = OAuthProvider.GOOGLE, **fields: Any
) -> OAuthApplication:
    """What the organization in scope has registered."""
    return saved(
        OAuthApplication(
            **{
                "organization_id": current_scope().organization_id,
                "provider": provider,
                "client_id": CLIENT_ID,
                "secret": CLIENT_SECRET,
                **fields,
            }
        )
    )


def make_service_account(server: AuthorizationServer) -> str:
    """A JSON key as Google hands it out; the server knows its other half."""
    server.service_account_key = RSAKey.generate_key(2048)
    private = server.service_account_key.as_pem(private=True).decode()
    return json.dumps(
        {"client_email": "robot@project.iam.example", "private_key": private, "type": "x"}
    )


def make_agreed_account(server: AuthorizationServer, **fields: Any) -> MailAccount:
    """An account whose owner has agreed, the whole way round."""
    account = make_mail_account(**fields)
    give_permission(account, server)
    return account


def give_permission(account: MailAccount, server: AuthorizationServer) -> None:
    """Ask, let the owner agree, take the answer."""
    endpoints = OAuthEndpoints(**server.urls())
    request = ask_consent(account, endpoints=endpoints, redirect_uri=REDIRECT_URI)
    asked = dict(parse_qsl(urlsplit(request.url).query))
    answer = dict(parse_qsl(urlsplit(server.agree(asked)).query))
    assert answer["state"] == request.state
    take_consent(
        account,
        code=answer["code"],
        verifier=request.verifier,
        endpoints=endpoints,
        redirect_uri=REDIRECT_URI,
    )
