"""X4-02: owners and organizations give permission, take it back, and nobody else uses it."""

import pytest
from flask import current_app
from sqlalchemy import select

from errors import Conflict, Invalid, Unavailable
from models.base import db
from models.mailbox.mail_sign_in import SignInBy
from models.mailbox.oauth import OAuthProvider, OAuthToken
from models.system.audit_event import AuditEvent
from models.tenancy import Scope, current_scope, enter
from services.mailbox.consent import ask_consent, tokens_of, use_application, withdraw
from services.mailbox.oauth_endpoints import OAuthEndpoints
from services.mailbox.tokens import TokenSource, bearer_of
from tests.factories.oauth import (
    REDIRECT_URI,
    give_permission,
    make_agreed_account,
    make_application,
    make_service_account,
)
from tests.factories.people import make_mail_account, make_organization
from tests.servers.authorization_server import AuthorizationServer
from tests.services.mailbox.tokens.renewing import source_of

GOOGLE, MICROSOFT = OAuthProvider.GOOGLE, OAuthProvider.MICROSOFT
pytestmark = pytest.mark.usefixtures("organization")


@pytest.mark.parametrize("provider", [GOOGLE, MICROSOFT])
def test_owner_agrees_and_the_account_signs_in_by_it(
    server: AuthorizationServer, endpoints: OAuthEndpoints, provider: OAuthProvider
) -> None:
    """X4-02: delegated; E-1: the password that is not used any more goes, and a pause ends."""
    make_application(provider, tenant="penalba.example")
    account = make_mail_account(password="old password")
    account.pause_for_person("auth_failed", "535")
    give_permission(account, server)
    db.session.commit()

    assert account.sign_in_by is SignInBy.CONSENT
    assert account.password_sealed is None
    assert not account.is_paused
    assert server.tokens[source_of(account, endpoints)()] == account.address


def test_the_question_is_complete(server: AuthorizationServer, endpoints: OAuthEndpoints) -> None:
    """X4-02: PKCE, state, offline access, the address as a hint, the scopes of SMTP and IMAP."""
    make_application(GOOGLE)
    account = make_mail_account()

    first = ask_consent(account, endpoints=endpoints, redirect_uri=REDIRECT_URI)
    second = ask_consent(account, endpoints=endpoints, redirect_uri=REDIRECT_URI)

    assert first.url.startswith(endpoints.google_authorize_url)
    for part in (
        *("code_challenge_method=S256", "access_type=offline", "prompt=consent"),
        *("response_type=code", "mail.google.com", "login_hint="),
    ):
        assert part in first.url
    assert first.state != second.state
    assert first.verifier not in first.url


def test_somebody_elses_agreement_is_refused(server: AuthorizationServer) -> None:
    """X4-02: the browser was signed in there under another name."""
    make_application(GOOGLE)
    account = make_mail_account()
    server.manners.agrees_as = "other@example.com"

    with pytest.raises(Invalid) as caught:
        give_permission(account, server)

    assert "other@example.com" in caught.value.message
    assert account.sign_in_by is SignInBy.NOTHING


def test_shared_mailbox_of_microsoft_is_agreed_to_by_one_of_its_users(
    server: AuthorizationServer,
) -> None:
    """E-2: shared mailboxes have no sign-in of their own."""
    make_application(MICROSOFT)
    account = make_mail_account(is_shared=True)
    server.manners.agrees_as = "ana@example.com"

    give_permission(account, server)

    assert account.sign_in_by is SignInBy.CONSENT


def test_an_agreement_for_an_hour_only_is_refused(server: AuthorizationServer) -> None:
    """Google gives a refresh token at the first agreement only; without one the account would stop tonight."""
    make_application(GOOGLE)
    server.manners.gives_refresh_token = False

    with pytest.raises(Conflict):
        give_permission(make_mail_account(), server)


def test_nobody_is_asked_without_an_application(endpoints: OAuthEndpoints) -> None:
    with pytest.raises(Conflict):
        ask_consent(make_mail_account(), endpoints=endpoints, redirect_uri=REDIRECT_URI)


@pytest.mark.parametrize("tenant", [None, "common", "Organizations"])
def test_all_accounts_at_microsoft_need_a_tenant(
    endpoints: OAuthEndpoints, tenant: str | None
) -> None:
    make_application(MICROSOFT, tenant=tenant)

    with pytest.raises(Conflict):
        use_application(make_mail_account(), endpoints=endpoints)


def test_one_permission_for_all_accounts_at_google(
    server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    """X4-02: a service account with domain-wide delegation acts for each address."""
    make_application(GOOGLE, secret=make_service_account(server))
    account = make_mail_account()
    use_application(account, endpoints=endpoints)
    db.session.commit()

    assert server.tokens[source_of(account, endpoints)()] == account.address


@pytest.mark.parametrize("secret", ["{}", "no key", '{"client_email": "a", "private_key": "b"}'])
def test_a_wrong_key_of_the_service_account_is_said(
    server: AuthorizationServer, endpoints: OAuthEndpoints, secret: str
) -> None:
    make_application(GOOGLE, secret=secret)

    with pytest.raises(Conflict):
        use_application(make_mail_account(), endpoints=endpoints)


def test_withdrawing_forgets_and_gives_back(
    server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    """X4-02: the tokens go, Google is told, and the account waits for a person."""
    make_application()
    account = make_agreed_account(server)
    db.session.commit()
    row = tokens_of(account)
    assert row is not None
    refresh = row.refresh

    withdraw(account)
    db.session.commit()

    assert tokens_of(account) is None
    assert server.revoked == [refresh]
    assert account.is_paused
    assert bearer_of(account, endpoints) is None
    with pytest.raises(Conflict):
        withdraw(account)


def test_tokens_are_sealed_and_bound_to_their_account(
    server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    """T5: neither in another row nor in another column."""
    make_application()
    one, other = (tokens_of(make_agreed_account(server)) for _number in range(2))
    assert one is not None
    assert other is not None

    assert "access-" not in (one.access_sealed or "")
    one.access_sealed, other.access_sealed = other.access_sealed, one.access_sealed
    with pytest.raises(Unavailable):
        assert one.access
    other.access_sealed = other.refresh_sealed
    with pytest.raises(Unavailable):
        assert other.access


def test_the_audit_tells_who_and_not_what(server: AuthorizationServer) -> None:
    make_application()
    make_agreed_account(server)
    db.session.commit()

    told = db.session.scalars(select(AuditEvent)).all()

    assert "give_permission" in {event.action for event in told}
    assert not [event for event in told if event.entity == "oauth_token"]
    everything = repr([(event.before, event.after) for event in told])
    assert "access-" not in everything
    assert "refresh-" not in everything
    assert "canary-client-secret" not in everything


def test_another_organizations_tokens_are_out_of_reach(
    server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    """Between organizations there is a wall, here too."""
    make_application()
    account = make_agreed_account(server)
    db.session.commit()
    own = current_scope()
    stranger = make_organization()
    db.session.commit()
    enter(Scope(organization_id=stranger.id))

    assert db.session.scalars(select(OAuthToken)).all() == []
    source = TokenSource(current_app._get_current_object(), endpoints, stranger.id, account.id)
    with pytest.raises(Exception, match="No row"):
        source()
    enter(own)
