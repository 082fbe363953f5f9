"""X4-02: a token is used, renewed in time by one of many, and ends."""

import threading
from datetime import timedelta

import pytest

from mail.errors import ConsentLost, ServerUnreachable
from models.base import db
from services.mailbox.oauth_endpoints import OAuthEndpoints
from tests.factories.oauth import give_permission, make_agreed_account, make_application
from tests.servers.authorization_server import AuthorizationServer
from tests.services.mailbox.tokens.renewing import age, source_of

pytestmark = pytest.mark.usefixtures("organization")


def test_a_good_token_is_used_again(server: AuthorizationServer, endpoints: OAuthEndpoints) -> None:
    """E-8: not renewed at every run."""
    make_application()
    account = make_agreed_account(server)
    db.session.commit()
    source = source_of(account, endpoints)

    assert source() == source()
    assert [each["grant_type"] for each in server.asked] == ["authorization_code"]


def test_a_token_is_renewed_before_it_ends(
    server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    """X4-02: shortly before expiry."""
    make_application()
    account = make_agreed_account(server)
    db.session.commit()
    before = source_of(account, endpoints)()
    age(account, ends_in=timedelta(minutes=3))

    assert source_of(account, endpoints)() != before


def test_a_short_life_is_not_renewed_all_the_time(
    server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    make_application()
    server.manners.life_seconds = 120
    account = make_agreed_account(server)
    db.session.commit()
    source = source_of(account, endpoints)

    assert source() == source()
    assert len(server.asked) == 1


def test_ten_senders_cause_one_question(
    server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    """X4-02, E-8: renewed once, under a lock, however many ask at the same moment."""
    make_application()
    account = make_agreed_account(server)
    age(account, ends_in=timedelta(seconds=-5))
    server.manners.delay_seconds = 0.3
    server.asked.clear()
    source, found = source_of(account, endpoints), []
    db.session.rollback()
    threads = [threading.Thread(target=lambda: found.append(source())) for _ in range(10)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 10
    assert len(set(found)) == 1
    assert len(server.asked) == 1


def test_ten_refusals_of_one_token_cause_one_question(
    server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    """X4-02: whoever comes with a token that was replaced already gets the new one."""
    make_application()
    account = make_agreed_account(server)
    db.session.commit()
    source = source_of(account, endpoints)
    old = source()
    server.asked.clear()

    renewed = {source(old) for _time in range(10)}

    assert len(renewed) == 1
    assert len(server.asked) == 1


def test_an_ended_permission_pauses_the_account_for_a_person(
    server: AuthorizationServer, endpoints: OAuthEndpoints
) -> None:
    """X4-02: invalid_grant; nobody asks again until somebody has agreed again."""
    make_application()
    account = make_agreed_account(server)
    age(account, ends_in=timedelta(seconds=-5))
    server.forget(account.address)
    server.asked.clear()

    for _time in range(2):
        with pytest.raises(ConsentLost):
            source_of(account, endpoints)()

    db.session.expire_all()
    assert len(server.asked) == 1
    assert account.paused_reason == "consent_lost"
    assert account.paused_until is None
    give_permission(account, server)
    db.session.commit()
    assert not account.is_paused
    assert source_of(account, endpoints)()


@pytest.mark.parametrize("trouble", ["down", "garbled", "busy", "gone"])
def test_a_provider_in_trouble_costs_no_permission(
    server: AuthorizationServer, endpoints: OAuthEndpoints, trouble: str
) -> None:
    """X4-02: time cures it, so nothing is forgotten and nobody is called."""
    make_application()
    account = make_agreed_account(server)
    age(account, ends_in=timedelta(seconds=-5))
    server.manners.is_down = trouble == "down"
    server.manners.is_garbled = trouble == "garbled"
    server.manners.refuses = "temporarily_unavailable" if trouble == "busy" else None
    if trouble == "gone":
        endpoints = OAuthEndpoints(google_token_url="http://127.0.0.1:9/token")

    with pytest.raises(ServerUnreachable):
        source_of(account, endpoints)()

    db.session.expire_all()
    assert account.paused_reason is None
    server.manners.is_down = server.manners.is_garbled = False
    server.manners.refuses = None
    assert source_of(account, OAuthEndpoints(**server.urls()))()
