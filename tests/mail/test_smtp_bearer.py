"""X4-02: XOAUTH2 and OAUTHBEARER in the sender's own client."""

import pytest

from mail.bearer import challenge_reason, oauthbearer, xoauth2
from mail.errors import ConsentLost, MailError, SignInRefused, TlsFailed
from mail.smtp import dial
from mail.verdict import Outcome
from tests.mail.conftest import at
from tests.mail.test_smtp_line import send


class Source:
    """Tokens in the order in which they are asked for."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)
        self.refused: list[str | None] = []

    def __call__(self, refused: str | None) -> str:
        self.refused.append(refused)
        return self.tokens[min(len(self.refused), len(self.tokens)) - 1]


@pytest.mark.parametrize("methods", ["XOAUTH2", "PLAIN LOGIN XOAUTH2 OAUTHBEARER"])
def test_a_token_signs_in(serve, call, methods):
    server = serve(sign_in_methods=methods, tokens={"good": "ana@x.example"})

    line = call(server, login="ana@x.example", bearer=Source("good"))

    assert send(line).code == 250
    assert server.accepted[0].login == "ana@x.example"


def test_oauthbearer_alone(serve, call):
    """X4-02: a server without XOAUTH2."""
    server = serve(sign_in_methods="OAUTHBEARER", tokens={"good": "ana@x.example"})

    call(server, login="ana@x.example", bearer=Source("good"))

    assert any(command.startswith("AUTH OAUTHBEARER ") for command in server.commands)


def test_a_token_that_is_not_taken_is_renewed_once(serve, call):
    """X4-02: a token that was ended elsewhere; the challenge (334) is answered, then a new one is tried."""
    server = serve(sign_in_methods="XOAUTH2", tokens={"new": "ana@x.example"})
    source = Source("old", "new")

    line = call(server, login="ana@x.example", bearer=source)

    assert send(line).code == 250
    assert source.refused == [None, "old"]


def test_a_second_refusal_is_for_a_person(serve):
    """E-5: the server's status is told, and nobody tries for ever."""
    server = serve(sign_in_methods="XOAUTH2", tokens={})
    source = Source("old", "new")

    with pytest.raises(SignInRefused) as caught:
        dial(at(server, login="ana@x.example", bearer=source))

    assert "535" in caught.value.message
    assert "401" in caught.value.message
    assert caught.value.verdict.outcome is Outcome.PAUSE_ACCOUNT
    assert len(source.refused) == 2


def test_a_server_without_tokens_gets_none(serve):
    server = serve(login="ana", password="secret")
    source = Source("good")

    with pytest.raises(SignInRefused):
        dial(at(server, login="ana", bearer=source))

    assert source.refused == []


def test_what_the_source_says_is_passed_on(serve):
    """X4-02: a lost permission is not a wrong password."""

    def lost(refused):
        raise ConsentLost("The permission for this account has ended.")

    with pytest.raises(MailError) as caught:
        dial(at(serve(sign_in_methods="XOAUTH2"), login="ana", bearer=lost))

    assert caught.value.reason_code == "consent_lost"


def test_no_token_over_an_open_line_to_far_away(serve, monkeypatch):
    """A token is a password: it goes over encrypted lines, or to a near server."""
    source = Source("good")
    monkeypatch.setattr("mail.smtp.is_near", lambda address: False)

    with pytest.raises(TlsFailed):
        dial(at(serve(sign_in_methods="XOAUTH2"), login="ana", bearer=source))

    assert source.refused == []


def test_the_token_is_in_no_description(serve):
    server = at(serve(), login="ana", bearer=Source("canary"))

    assert "canary" not in repr(server)


def test_what_is_said_before_base64():
    assert xoauth2("a@x", "T") == b"user=a@x\x01auth=Bearer T\x01\x01"
    assert oauthbearer("a=b,c", "T", host="h", port=587) == (
        b"n,a=a=3Db=2Cc,\x01host=h\x01port=587\x01auth=Bearer T\x01\x01"
    )


@pytest.mark.parametrize(
    "challenge", [b"", b"nonsense", b"[]", b'{"status": 5}', b'{"status":"\\u0000"}']
)
def test_odd_challenges_say_nothing(challenge):
    assert challenge_reason(challenge) == ""
