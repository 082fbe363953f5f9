"""Whom the door refuses: alike in words, in work and in number, whoever it is."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event

from extensions import limiter
from models.base import db
from services.people import passwords
from services.portal.spoken_codes import read_out
from tests.browser import new_browser
from tests.factories.people import PASSWORD as STAFF_PASSWORD
from tests.factories.people import make_user
from tests.portal.door import PASSWORD, Door, answer, letters

WRONG = "not the pass phrase at all"


def without_chance(page: str) -> str:
    return re.sub(r'(nonce|value)="[^"]{20,}"', "", page)


@pytest.mark.parametrize("case", ["unknown", "locked", "switched off", "no password"])
def test_a_refusal_tells_nothing(door: Door, sofia, case: str) -> None:
    """The answer to a wrong password is, byte by byte, the answer to everything else."""
    name = "nobody@lanapa.test" if case == "unknown" else sofia.login
    wrong = door.sign_in(sofia.login, WRONG)
    for _try in range(5 if case == "locked" else 0):
        door.sign_in(sofia.login, WRONG)
    if case == "switched off":
        sofia.is_active = False
    if case == "no password":
        sofia.password_hash = None
    db.session.commit()

    other = door.sign_in(name)

    assert (other.status_code, dict(other.headers).keys()) == (422, dict(wrong.headers).keys())
    assert without_chance(other.text).replace(name, "") == without_chance(wrong.text).replace(
        sofia.login, ""
    )


@pytest.mark.parametrize("case", ["known", "unknown", "locked", "staff"])
@pytest.mark.usefixtures("costly_hashes")
def test_every_refusal_costs_the_same_password_hashes(
    door: Door, sofia, organization, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    """The time of an answer is that of Argon2id, whoever was asked for."""
    clerk = make_user(organization, email="lucia@example.com")
    names = {"unknown": "nobody@lanapa.test", "staff": clerk.email}
    db.session.commit()
    for _try in range(5 if case == "locked" else 0):
        door.sign_in(sofia.login, WRONG)
    verified = []
    real = passwords.hasher

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            verified.append(stored.split("$")[1:4])
            return real.verify(stored, password)

        check_needs_rehash = real.check_needs_rehash

    monkeypatch.setattr(passwords, "hasher", Counting())
    door.sign_in(names.get(case, sofia.login), WRONG)

    assert verified == [["argon2id", "v=19", "m=65536,t=3,p=4"]] * 2  # customers, and staff


def test_five_failures_make_wait_and_time_opens_again(door: Door, sofia) -> None:
    for _try in range(5):
        door.sign_in(sofia.login, WRONG)
    assert door.sign_in(sofia.login).status_code == 422

    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=61), tick=True):
        assert door.sign_in(sofia.login).status_code == 302


def test_staff_at_the_wrong_door_hear_it_only_with_the_right_password(
    door: Door, organization
) -> None:
    """Pains A1."""
    clerk = make_user(organization, email="lucia@example.com")
    db.session.commit()

    wrong, right = door.sign_in(clerk.email, WRONG), door.sign_in(clerk.email, STAFF_PASSWORD)

    assert (wrong.status_code, right.status_code) == (422, 422)
    assert 'href="http://localhost/sign-in"' not in wrong.text
    assert 'href="http://localhost/sign-in"' in right.text
    assert not door.is_inside()


def test_customers_at_the_staffs_door_hear_it_only_with_the_right_password(
    app: Flask, sofia
) -> None:
    """Pains A1; each failure there counts at the portal's door, too."""
    browser = new_browser(app)

    wrong, right = browser.sign_in(sofia.email, WRONG), browser.sign_in(sofia.email, PASSWORD)
    db.session.expire_all()

    assert (wrong.status_code, right.status_code) == (422, 422)
    assert "Usted es cliente" not in wrong.text
    assert "Usted es cliente" in right.text
    assert sofia.failed_sign_ins == 1
    assert browser.get("/").status_code == 302


@pytest.fixture
def limits(application: Flask) -> Iterator[None]:
    """The rate limits, as in real life."""
    limiter.enabled = True
    limiter.reset()
    yield
    limiter.reset()
    limiter.enabled = False


def _nobody_answers(*_args: object, **_kwargs: object) -> None:
    raise ConnectionError


@pytest.mark.parametrize("valkey", ["there", "away"])
@pytest.mark.parametrize(
    ("path", "field", "most"),
    [
        ("/sign-in", "login", 10),
        ("/sign-in/link", "email", 3),
        ("/forgotten/user-name", "address", 3),
        ("/forgotten/password", "account", 3),
    ],
)
@pytest.mark.usefixtures("limits")
def test_a_name_is_tried_a_few_times_only(
    door: Door, monkeypatch: pytest.MonkeyPatch, valkey: str, path: str, field: str, most: int
) -> None:
    """The limits hold without Valkey too: then each process counts."""
    if valkey == "away":
        monkeypatch.setattr(limiter, "_storage_dead", False)
        for question in ("incr", "get"):
            monkeypatch.setattr(limiter._storage, question, _nobody_answers)
        monkeypatch.setattr(limiter._storage, "check", lambda: False)
    tried = [
        door.post(path, **{field: "nobody@x.test", "password": WRONG}).status_code
        for _try in range(most + 1)
    ]

    assert 429 not in tried[:-1]
    assert tried[-1] == 429


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/sign-in/link", "email"),
        ("/forgotten/user-name", "address"),
        ("/forgotten/password", "account"),
    ],
)
def test_what_is_asked_at_the_door_is_answered_alike(
    door: Door, sofia, app: Flask, path: str, field: str
) -> None:
    """The same bytes, and the same work: a row that a worker looks at later."""
    known, unknown = sofia.email, "nobody@x.test"
    pages = [
        without_chance(Door(app).post(path, **{field: written}).text).replace(written, "")
        for written in (known, unknown)
    ]

    assert pages[0] == pages[1]
    assert letters() == []
    assert answer() == 1
    assert {to for to, _subject, _text in letters()} == {known}


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_more) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield asked
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/sign-in", "login"),
        ("/sign-in/link", "email"),
        ("/sign-in/spoken-code", "login"),
        ("/forgotten/user-name", "address"),
        ("/forgotten/password", "account"),
        ("/request-access/contact", "email"),
    ],
)
def test_the_door_asks_the_database_the_same_of_everybody(
    door: Door, sofia, path: str, field: str
) -> None:
    """The time of an answer is that of its work: the same statements for who is known and who is not."""
    read_out(sofia.memberships[0])
    db.session.commit()
    page = path if path.startswith(("/sign-in/s", "/request")) else "/sign-in"
    token = door.browser.csrf_token(door.url(page))
    asked = []
    for written in ("first@x.test", "nobody@x.test", sofia.login):
        fields = {"name": "X", "password": WRONG, "code": "00000000", field: written}
        with statements() as these:
            door.browser.post(door.url(path), data={"csrf_token": token, **fields})
        asked.append(these)

    assert asked[1] == asked[2]
