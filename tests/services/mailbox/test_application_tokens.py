"""X4-02: one consent for a whole tenant covers N users, and one token too."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from errors import Conflict, Unavailable
from mail.errors import ConsentLost, ServerUnreachable
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import SignInBy
from models.mailbox.oauth import ApplicationToken, OAuthApplication, OAuthProvider, OAuthToken
from models.people.organization import Organization
from models.tenancy import Scope, enter
from services.mailbox.application_tokens import SETTLED
from services.mailbox.consent import use_application
from services.mailbox.oauth_endpoints import OAuthEndpoints
from services.mailbox.tokens import TokenSource, bearer_of
from tests.factories.oauth import give_permission, make_application
from tests.factories.people import make_mail_account, make_organization
from tests.servers.authorization_server import AuthorizationServer

MICROSOFT = OAuthProvider.MICROSOFT
ACCOUNTS = 500


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as running:
        yield running


@pytest.fixture
def endpoints(server: AuthorizationServer) -> OAuthEndpoints:
    return OAuthEndpoints(**server.urls())


@pytest.fixture
def application(organization: Organization) -> OAuthApplication:
    made = make_application(MICROSOFT, tenant="penalba.example")
    db.session.commit()
    return made


def make_account() -> MailAccount:
    """One that signs in by the organization's permission."""
    account = make_mail_account()
    account.sign_in_by, account.login = SignInBy.APPLICATION, account.address
    return account


def source_of(account: MailAccount, endpoints: OAuthEndpoints) -> TokenSource:
    source = bearer_of(account, endpoints)
    assert isinstance(source, TokenSource)
    return source


def shared() -> ApplicationToken:
    return db.session.scalars(
        select(ApplicationToken).execution_options(populate_existing=True)
    ).one()


def age(by: timedelta) -> None:
    """Let the token be older than it is."""
    row = shared()
    assert row.obtained_at is not None
    row.obtained_at -= by
    db.session.commit()


def test_500_accounts_cause_one_question(
    application: OAuthApplication, server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    """X4-02: one consent, one token, for all of the tenant; eight lines ask at the same moment."""
    accounts = [make_account() for _number in range(ACCOUNTS)]
    db.session.commit()
    sources = [source_of(account, endpoints) for account in accounts]
    server.manners.delay_seconds = 0.3
    found: list[str] = []
    db.session.rollback()

    def sign_in(part: list[TokenSource]) -> None:
        found.extend(source() for source in part)

    threads = [threading.Thread(target=sign_in, args=(sources[at::8],)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(found), len(set(found)), len(server.asked)) == (ACCOUNTS, 1, 1)
    assert server.asked[0]["grant_type"] == "client_credentials"
    assert server.asked[0]["path"] == "/microsoft/penalba.example/oauth2/v2.0/token"
    assert db.session.scalars(select(OAuthToken)).all() == []


def test_accounts_are_set_up_by_it_with_one_question(
    application: OAuthApplication, server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    """X4-02: tried by the first; a permission of its owner that an account had is forgotten."""
    accounts = [make_mail_account(password="old") for _number in range(3)]
    give_permission(accounts[0], server)
    server.asked.clear()

    for account in accounts:
        use_application(account, endpoints=endpoints)
    db.session.commit()

    assert len(server.asked) == 1
    assert {account.sign_in_by for account in accounts} == {SignInBy.APPLICATION}
    assert {account.password_sealed for account in accounts} == {None}
    assert db.session.scalars(select(OAuthToken)).all() == []


def test_it_is_renewed_once_before_its_end(
    application: OAuthApplication, server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    """E-8: neither at every run nor too late."""
    one, other = source_of(make_account(), endpoints), source_of(make_account(), endpoints)
    db.session.commit()
    first = one()
    row = shared()
    row.obtained_at, row.expires_at = (
        utc_now() - timedelta(minutes=57),
        utc_now() + timedelta(minutes=3),
    )
    db.session.commit()

    assert one() == other() != first
    assert len(server.asked) == 2


def test_one_mailbox_that_is_refused_does_not_renew_it_for_all(
    application: OAuthApplication, server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    """E-2: a mailbox that the application may not open says nothing about the token of the others."""
    source = source_of(make_account(), endpoints)
    db.session.commit()
    first = source()
    assert source(first) == first

    age(SETTLED)

    assert source(first) != first
    assert len(server.asked) == 2


def test_a_refusal_is_heard_once_and_rests_each_account(
    application: OAuthApplication, server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    """X4-02: with a secret that has ended, hundreds of accounts do not ask in vain one after the other."""
    accounts = [make_account() for _number in range(5)]
    db.session.commit()
    server.manners.refuses = "invalid_client"

    for account in accounts:
        with pytest.raises(ConsentLost, match="invalid_client"):
            source_of(account, endpoints)()

    db.session.expire_all()
    assert len(server.asked) == 1
    assert {account.paused_reason for account in accounts} == {"consent_lost"}


def test_another_secret_is_tried_at_once(
    application: OAuthApplication, server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    """X4-02: whoever mends it need not wait until the refusal is forgotten."""
    account = make_account()
    db.session.commit()
    server.manners.refuses = "invalid_client"
    with pytest.raises(ConsentLost):
        source_of(account, endpoints)()
    server.manners.refuses = None
    with pytest.raises(ConsentLost):
        source_of(account, endpoints)()

    application.secret = application.secret
    db.session.commit()

    assert source_of(account, endpoints)()


def test_another_registration_has_another_token(
    application: OAuthApplication, server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    """X4-02: a token is good for the tenant that it was given to."""
    source = source_of(make_account(), endpoints)
    db.session.commit()
    first = source()

    application.tenant = "otra.example"
    db.session.commit()

    assert source() != first
    assert server.asked[-1]["path"] == "/microsoft/otra.example/oauth2/v2.0/token"


def test_a_provider_in_trouble_costs_nothing(
    application: OAuthApplication, server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    """X4-02: time cures it, so nothing rests."""
    account = make_account()
    db.session.commit()
    server.manners.is_down = True

    with pytest.raises(ServerUnreachable):
        source_of(account, endpoints)()

    server.manners.is_down = False
    assert source_of(account, endpoints)()
    assert account.paused_reason is None


def test_it_is_sealed_and_bound_to_its_application(
    application: OAuthApplication, server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    """T5: not in another row, and in no other organization's."""
    source = source_of(make_account(), endpoints)
    db.session.commit()
    source()
    sealed = shared().access_sealed
    stranger = make_organization()
    db.session.commit()
    enter(Scope(organization_id=stranger.id))
    other = make_application(MICROSOFT, tenant="otra.example")
    row = ApplicationToken(application_id=other.id, access_sealed=sealed)
    db.session.add(row)
    db.session.flush()

    assert "access-" not in (sealed or "")
    with pytest.raises(Unavailable):
        assert row.access
    assert len(db.session.scalars(select(ApplicationToken)).all()) == 1


def test_a_token_is_shown_to_no_stranger(
    application: OAuthApplication, server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    """T5: the token opens all mailboxes of the tenant; who may name servers may not have it sent to their own."""
    account = make_mail_account(smtp_host="192.0.2.7", smtp_port=587, address="ana@penalba.example")

    with pytest.raises(Conflict, match=r"192\.0\.2\.7"):
        use_application(account, endpoints=endpoints)

    assert server.asked == []
