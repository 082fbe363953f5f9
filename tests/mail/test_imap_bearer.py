"""X4-02: IMAP by access token, against Dovecot that asks the authorization server what a token is worth."""

import pytest

from mail.errors import ConsentLost, MailError, NoWayToSignIn, SignInRefused
from mail.imap import ImapServer, open_mailbox, select_inbox
from mail.smtp import Security
from tests.mail.test_smtp_bearer import Source
from tests.servers.authorization_server import AuthorizationServer
from tests.servers.dovecot import Dovecot, is_installed

ANA = "ana@penalba.example"
INTROSPECTION = """
auth_mechanisms = plain xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {file}
}}
"""
ASKED_AT = """
introspection_mode = post
introspection_url = {url}/introspect
username_attribute = username
active_attribute = active
active_value = true
"""
pytestmark = pytest.mark.skipif(not is_installed(), reason="Dovecot is not installed")


@pytest.fixture(scope="module")
def authorization():
    with AuthorizationServer() as server:
        server.tokens.update({"good": ANA, "other": "luis@penalba.example"})
        yield server


@pytest.fixture(scope="module")
def dovecot(authorization, certificates, tmp_path_factory):
    folder = tmp_path_factory.mktemp("dovecot")
    asked_at = folder / "oauth2.conf"
    asked_at.write_text(ASKED_AT.format(url=authorization.url))
    asked_at.chmod(0o644)
    further = INTROSPECTION.format(file=asked_at)
    with Dovecot(
        folder, certificate=certificates.valid, people={"somebody": "secret"}, further=further
    ) as running:
        yield running


@pytest.fixture
def server(dovecot, certificates):
    def at(bearer, **fields):
        return ImapServer(
            **{
                "host": "localhost",
                "port": dovecot.tls_port,
                "security": Security.TLS,
                "login": ANA,
                "bearer": bearer,
                "ca_file": certificates.ca_file,
                "timeout_seconds": 10,
                **fields,
            }
        )

    return at


def test_a_token_opens_the_mailbox(server):
    """X4-02: XOAUTH2, with introspection of the token by the server."""
    source = Source("good")

    client = open_mailbox(server(source))

    select_inbox(client)
    client.quit()
    assert source.refused == [None]


@pytest.mark.parametrize("method", ["XOAUTH2", "OAUTHBEARER"])
def test_both_ways_are_spoken(server, monkeypatch, method):
    """X4-02: OAUTHBEARER where that is what is offered."""
    monkeypatch.setattr("mail.imap_bearer.METHODS", (method,))

    open_mailbox(server(Source("good"))).quit()


@pytest.mark.parametrize("method", ["XOAUTH2", "OAUTHBEARER"])
def test_a_token_that_is_not_taken_is_renewed_once(server, monkeypatch, method):
    """X4-02: the second challenge is answered, and the line goes on to be used."""
    monkeypatch.setattr("mail.imap_bearer.METHODS", (method,))
    source = Source("ended", "good")

    open_mailbox(server(source)).quit()

    assert source.refused == [None, "ended"]


def test_a_dead_token_opens_nothing(server):
    source = Source("ended", "ended-too")

    with pytest.raises(SignInRefused):
        open_mailbox(server(source))

    assert len(source.refused) == 2


def test_somebody_elses_token_opens_nothing(server):
    """Dovecot calls a token of another name its own trouble; no way leads in."""
    with pytest.raises(MailError):
        open_mailbox(server(Source("other")))


def test_a_lost_permission_is_no_wrong_password(server):
    def lost(refused):
        raise ConsentLost("The permission for this account has ended.")

    with pytest.raises(ConsentLost):
        open_mailbox(server(lost))


def test_a_server_without_tokens_gets_none(server, monkeypatch):
    monkeypatch.setattr("mail.imap_bearer.METHODS", ("NONE",))
    source = Source("good")

    with pytest.raises(NoWayToSignIn):
        open_mailbox(server(source))

    assert source.refused == []
