"""One's own account in the portal: P-21, X0-07; and what a link does not let one do (P-08)."""

import re
import time

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from models.base import db
from models.portal.portal_session import PortalSession, PortalToken, PortalTokenKind
from models.portal.portal_user import PortalUser
from models.system.audit_event import AuditEvent
from services.people.passwords import hasher, password_fits
from services.portal.spoken_codes import read_out
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.portal import make_portal_user
from tests.portal.door import PASSWORD, Door, answer, letters, link_in

NEW = "another long pass phrase"


@pytest.fixture
def sofia(organization) -> PortalUser:
    make_mail_account()
    customer = make_customer(name="Ferretería La Ñapa")
    contact = make_contact(customer, name="Sofía Núñez", email="sofia@lanapa.test")
    user = make_portal_user(customer, contact, password_hash=hasher.hash(PASSWORD))
    db.session.commit()
    return user


@pytest.fixture
def door(app: Flask, sofia) -> Door:
    """Sofía is inside, with her password."""
    door = Door(app)
    door.sign_in(sofia.login)
    return door


def by_link(app: Flask, sofia) -> Door:
    door = Door(app)
    door.post("/sign-in/link", email=sofia.email)
    answer()
    link = link_in(letters()[-1][2])
    door.post(link, form_at=link)
    return door


def post(door: Door, path: str, **fields: str):
    return door.post(f"/security{path}", form_at="/security", **fields)


def test_another_password_ends_the_other_sessions(door: Door, sofia, app: Flask) -> None:
    other = Door(app)
    other.sign_in(sofia.login)

    assert post(door, "/password", current=PASSWORD, password=NEW).status_code == 302
    assert door.is_inside()
    assert not other.is_inside()
    assert other.sign_in(sofia.login, NEW).status_code == 302


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/password", {"password": NEW}),
        ("/address", {"address": "mallory@x.test"}),
        ("/second-step/begin", {}),
        ("/second-step/off", {}),
        ("/second-step/codes", {}),
    ],
)
def test_P_08_who_came_by_a_link_changes_nothing_without_the_password(
    sofia, app: Flask, path: str, fields: dict[str, str]
) -> None:
    door = by_link(app, sofia)
    before = len(letters())

    refused = post(door, path, current="a guess that is wrong", **fields)

    assert refused.status_code in (403, 422)
    db.session.expire_all()
    assert password_fits(sofia, PASSWORD)
    assert sofia.email == "sofia@lanapa.test"
    assert len(letters()) == before


def test_guessing_the_password_inside_makes_wait_too(door: Door, sofia) -> None:
    for _try in range(5):
        post(door, "/password", current="a guess that is wrong", password=NEW)

    assert post(door, "/password", current=PASSWORD, password=NEW).status_code == 422


def test_X0_07_another_address_is_true_once_it_says_so(door: Door, sofia) -> None:
    post(door, "/address", current=PASSWORD, address="sofia@new.test")
    (to, _subject, text) = letters()[-1]
    link = link_in(text)
    assert to == "sofia@new.test"
    assert sofia.email == "sofia@lanapa.test"

    door.get(link)
    db.session.expire_all()
    assert sofia.email == "sofia@lanapa.test"
    door.post(link, form_at=link)

    db.session.expire_all()
    assert (sofia.email, sofia.login) == ("sofia@new.test", "sofia@new.test")
    assert letters()[-1][0] == "sofia@lanapa.test"
    assert sofia.memberships[0].contact.emails[0].address == "sofia@new.test"
    assert door.get(link).status_code == 404


def test_links_in_the_former_mailbox_open_nothing(door: Door, sofia, app: Flask) -> None:
    Door(app).post("/sign-in/link", email=sofia.email)
    answer()
    old = link_in(letters()[-1][2])
    post(door, "/address", current=PASSWORD, address="sofia@new.test")
    link = link_in(letters()[-1][2])
    door.post(link, form_at=link)

    assert door.get(old).status_code == 404


def test_P_21_sessions_are_listed_and_ended(door: Door, sofia, app: Flask) -> None:
    other = Door(app)
    other.sign_in(sofia.login)
    sessions = db.session.scalars(select(PortalSession.id).order_by(PortalSession.id)).all()
    stranger = make_portal_user(make_customer())
    db.session.commit()

    post(door, f"/sessions/{sessions[1]}/end")
    assert not other.is_inside()
    assert door.is_inside()
    assert post(door, f"/sessions/{stranger.id + 10_000}/end").status_code == 404
    post(door, "/sessions/end-all")
    assert not door.is_inside()


def test_nobody_ends_sessions_of_others(door: Door, app: Flask, sofia) -> None:
    raul = make_portal_user(make_customer(), password_hash=sofia.password_hash)
    db.session.commit()
    other = Door(app)
    other.sign_in(raul.login)
    theirs = db.session.scalars(
        select(PortalSession.id).where(PortalSession.portal_user_id == raul.id)
    ).one()

    assert post(door, f"/sessions/{theirs}/end").status_code == 404
    assert other.is_inside()


def test_P_21_a_second_step_is_asked_for_by_password_and_by_link(
    door: Door, sofia, app: Flask
) -> None:
    page = post(door, "/second-step/begin", current=PASSWORD).text
    secret = "".join(re.findall(r"<code>([A-Z2-7 ]+)</code>", page)[0].split())
    offer = re.findall(r'name="offer"[^>]*value="([^"]+)"', page)[0]
    codes = post(door, "/second-step", offer=offer, code=pyotp.TOTP(secret).now()).text
    recovery = re.findall(r"<code>([a-z2-7-]+)</code>", codes)
    assert len(recovery) == 8

    other = Door(app)
    assert other.sign_in(sofia.login).location == other.url("/sign-in/code")
    assert not other.is_inside()
    other.post("/sign-in/code", form_at="/sign-in/code", code=recovery[0])
    assert other.is_inside()
    third = by_link(app, sofia)
    assert not third.is_inside()
    refused = third.post("/sign-in/code", form_at="/sign-in/code", code=recovery[0])
    assert refused.status_code == 422
    later = pyotp.TOTP(secret).at(int(time.time()) + 30)
    assert third.post("/sign-in/code", form_at="/sign-in/code", code=later).status_code == 302
    assert third.is_inside()


def test_A3_a_code_that_was_read_out_signs_in_once(sofia, app: Flask) -> None:
    code = read_out(sofia.memberships[0])
    db.session.commit()
    door, page = Door(app), "/sign-in/spoken-code"

    wrong = door.post(page, form_at=page, login=sofia.login, code="00000000")
    right = door.post(page, form_at=page, login=sofia.login, code=f"{code[:4]} {code[4:]}")
    again = Door(app).post(page, form_at=page, login=sofia.login, code=code)

    assert (wrong.status_code, right.status_code, again.status_code) == (422, 302, 422)
    assert door.is_inside()
    told = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "spoken_code")).one()
    assert code not in str(told.after)
    assert db.session.scalars(
        select(PortalToken.used_at).where(PortalToken.kind == PortalTokenKind.SPOKEN_CODE)
    ).one()


def test_a_code_ends_after_five_wrong_ones(sofia, app: Flask) -> None:
    code = read_out(sofia.memberships[0])
    db.session.commit()
    door, page = Door(app), "/sign-in/spoken-code"
    for _try in range(5):
        door.post(page, form_at=page, login=sofia.login, code="00000000")
    sofia.locked_until = None
    db.session.commit()

    assert door.post(page, form_at=page, login=sofia.login, code=code).status_code == 422


def test_the_language_is_kept_with_the_user(door: Door, sofia) -> None:
    door.post("/language", form_at="/security", lang="en", next=door.url("/security"))

    assert "Access and security" in door.get("/security").text
    db.session.expire_all()
    assert sofia.lang == "en"
