"""X4-02: mailings leave through accounts that sign in by a permission."""

from datetime import timedelta

import pytest

from models.base import db, utc_now
from models.mailbox.oauth import OAuthProvider
from models.mailings.mailing_state import MailingState
from services.mailbox.consent import tokens_of, use_application
from services.mailbox.oauth_endpoints import OAuthEndpoints
from services.mailbox.servers import MailNetwork
from services.mailings.flow import start
from tests.factories.mailings import make_registered
from tests.factories.oauth import give_permission, make_agreed_account, make_application
from tests.factories.people import make_mail_account
from tests.servers.authorization_server import AuthorizationServer
from tests.servers.sender_process import is_under_way, make_dispatch
from tests.servers.smtp_server import RecordingSmtpServer, ServerOptions


@pytest.fixture
def authorization():
    with AuthorizationServer() as server:
        yield server


@pytest.fixture
def mail_server(authorization):
    options = ServerOptions(sign_in_methods="PLAIN XOAUTH2", tokens=authorization.tokens)
    with RecordingSmtpServer(options) as server:
        yield server


def send(settings, authorization, mailing, *, stays=is_under_way, seconds=30):
    network = MailNetwork(
        timeout_seconds=2,
        total_deadline_seconds=4,
        endpoints=OAuthEndpoints(**authorization.urls()),
    )
    make_dispatch(settings, network=network).work(stays=stays, seconds=seconds)
    db.session.rollback()
    db.session.expire_all()


def started(settings, account):
    mailing = make_registered(settings, customers=4, account=account)
    start(mailing.id)
    db.session.commit()
    return mailing


def test_a_mailing_leaves_by_the_owners_permission(
    organization, settings, authorization, mail_server
):
    """X4-02: the token had ended meanwhile; several lines renew it once."""
    make_application()
    account = make_agreed_account(authorization, smtp_port=mail_server.port, connections=4)
    row = tokens_of(account)
    row.obtained_at = row.expires_at = utc_now() - timedelta(minutes=1)
    mailing = started(settings, account)
    authorization.asked.clear()

    send(settings, authorization, mailing)

    assert mailing.state is MailingState.FINISHED
    assert [each.login for each in mail_server.accepted] == [account.address] * 4
    assert len(authorization.asked) == 1


def test_a_mailing_leaves_by_the_organizations_permission(
    organization, settings, authorization, mail_server
):
    """X4-02: app-only, nobody has agreed for this account (E-2)."""
    make_application(OAuthProvider.MICROSOFT, tenant="penalba.example")
    account = make_mail_account(smtp_port=mail_server.port)
    use_application(account, endpoints=OAuthEndpoints(**authorization.urls()))
    mailing = started(settings, account)

    send(settings, authorization, mailing)

    assert mailing.state is MailingState.FINISHED
    assert len(mail_server.accepted) == 4


def test_a_permission_that_was_ended_elsewhere_holds_the_mailing_until_it_is_given_again(
    organization, settings, authorization, mail_server
):
    """X4-02: the server refuses the token, the provider a new one: a person is called, nothing is lost."""
    make_application()
    account = make_agreed_account(authorization, smtp_port=mail_server.port)
    mailing = started(settings, account)
    authorization.forget(account.address)

    send(settings, authorization, mailing, stays=None)

    assert mailing.state is MailingState.SENDING
    assert mail_server.accepted == []
    assert (account.paused_reason, account.paused_until) == ("consent_lost", None)

    give_permission(account, authorization)
    db.session.commit()
    send(settings, authorization, mailing)

    assert mailing.state is MailingState.FINISHED
    assert len(mail_server.accepted) == 4


def test_a_provider_that_is_away_only_delays(organization, settings, authorization, mail_server):
    """X4-02: a network failure is temporary: the account rests for a moment, nobody is called."""
    make_application()
    account = make_agreed_account(authorization, smtp_port=mail_server.port)
    row = tokens_of(account)
    row.obtained_at = row.expires_at = utc_now() - timedelta(minutes=1)
    mailing = started(settings, account)
    authorization.manners.is_down = True

    send(settings, authorization, mailing, stays=None)

    assert account.paused_reason == "connect_failed"
    assert account.paused_until is not None
    authorization.manners.is_down = False
    send(settings, authorization, mailing)
    assert mailing.state is MailingState.FINISHED
