"""Links and names that are sent by e-mail: once, for a while, to whom they belong."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from models.base import db
from models.portal.portal_session import PortalSession, PortalToken
from models.portal.portal_user import MembershipState, PortalMembership
from services.portal import portal_requests
from tests.factories.people import make_contact, make_customer
from tests.factories.portal import make_portal_user
from tests.portal.door import Door, answer, letters, link_in


def test_P_08_a_link_signs_in_once_by_its_button(door: Door, sofia, app: Flask) -> None:
    door.post("/sign-in/link", email="SOFIA@lanapa.test")
    assert answer() == 1
    [(to, _subject, text)] = letters()
    link = link_in(text)

    scanned = [Door(app).get(link).status_code for _scanner in range(3)]
    entered = door.post(link, form_at=link)
    again = Door(app).get(link)

    assert (to, scanned) == ("sofia@lanapa.test", [200, 200, 200])
    assert entered.status_code == 302
    assert door.is_inside()
    assert again.status_code == 404


def test_a_link_is_too_old_after_a_quarter_of_an_hour(door: Door, sofia) -> None:
    door.post("/sign-in/link", email=sofia.email)
    answer()
    link = link_in(letters()[0][2])

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=15, seconds=1), tick=True):
        assert door.get(link).status_code == 404


def test_who_comes_by_a_link_has_not_shown_the_password(door: Door, sofia) -> None:
    door.post("/sign-in/link", email=sofia.email)
    answer()
    link = link_in(letters()[0][2])
    door.post(link, form_at=link)

    assert db.session.scalars(select(PortalSession.confirmed_at)).one() is None


def test_S0_24_all_names_of_an_address_are_told(door: Door, sofia) -> None:
    customer = make_customer()
    contact = make_contact(customer, email=sofia.email)
    make_portal_user(customer, contact, login="snunez")
    db.session.commit()

    door.post("/forgotten/user-name", address=sofia.email)
    answer()

    [(_to, _subject, text)] = letters()
    assert "sofia@lanapa.test" in text
    assert "snunez" in text


def test_S0_27_a_reset_sets_the_password_once_and_ends_all_sessions(
    door: Door, sofia, app: Flask
) -> None:
    elsewhere = Door(app)
    elsewhere.sign_in(sofia.login)
    door.post("/forgotten/password", account=sofia.login)
    answer()
    link = link_in(letters()[0][2])

    refused = door.post(link, form_at=link, password="short")
    door.post(link, form_at=link, password="another long pass phrase")

    assert refused.status_code == 422
    assert not elsewhere.is_inside()
    assert door.get(link).status_code == 404
    assert door.sign_in(sofia.login).status_code == 422
    assert door.sign_in(sofia.login, "another long pass phrase").status_code == 302


def test_a_link_asked_for_by_somebody_suspended_is_not_sent(door: Door, sofia) -> None:
    db.session.execute(update(PortalMembership).values(state=MembershipState.SUSPENDED))
    db.session.commit()
    door.post("/sign-in/link", email=sofia.email)

    assert answer() == 0
    assert db.session.scalars(select(PortalToken)).all() == []


def test_one_request_that_breaks_keeps_nobody_waiting(
    door: Door, sofia, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours with one address must not close the door for all others, of all companies."""
    make_portal_user(make_customer(), make_contact(make_customer(), email="first@x.test"))
    db.session.commit()
    real = portal_requests.make_key

    def breaks(user, *kind, **about):
        if user.email == "first@x.test":
            raise RuntimeError
        return real(user, *kind, **about)

    monkeypatch.setattr(portal_requests, "make_key", breaks)
    door.post("/sign-in/link", email="first@x.test")
    door.post("/sign-in/link", email=sofia.email)

    assert answer() == 1
    assert [to for to, _subject, _text in letters()] == [sofia.email]
    assert answer() == 0
