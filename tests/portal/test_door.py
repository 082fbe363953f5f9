"""The portal's door: who is let in, what it answers to all others, what it never tells."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, event, select, update

from extensions import limiter
from models.base import db
from models.people.contact import CustomerContact
from models.portal.portal_session import PortalSession, PortalToken
from models.portal.portal_user import MembershipState, PortalMembership
from services.people import passwords
from services.people.passwords import hasher
from services.portal import portal_requests
from services.portal.portal_sessions import open_session
from services.portal.spoken_codes import read_out
from tests.browser import new_browser
from tests.factories.people import PASSWORD as STAFF_PASSWORD
from tests.factories.people import make_contact, make_customer, make_mail_account, make_user
from tests.factories.portal import make_portal_user
from tests.portal.door import PASSWORD, Door, answer, letters, link_in

WRONG = "not the pass phrase at all"


@pytest.fixture
def sofia(organization):
    make_mail_account()
    customer = make_customer(name="Ferretería La Ñapa")
    contact = make_contact(customer, name="Sofía Núñez", email="sofia@lanapa.test")
    user = make_portal_user(customer, contact, password_hash=hasher.hash(PASSWORD))
    db.session.commit()
    return user


@pytest.fixture
def door(app: Flask, organization) -> Door:
    return Door(app)


def without_chance(page: str) -> str:
    return re.sub(r'(nonce|value)="[^"]{20,}"', "", page)


def test_a_customer_signs_in_with_a_password(door: Door, sofia) -> None:
    answer = door.sign_in("sofia@lanapa.test")

    assert (answer.status_code, answer.location) == (302, door.url("/"))
    assert "Ferretería La Ñapa" in door.get().text


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


def test_a_session_that_was_planted_is_not_the_one_that_signs_in(door: Door, sofia) -> None:
    """Session fixation: what the browser held before opens nothing new."""
    planted = open_session(sofia, None, hours=1, ip=None, user_agent=None)
    db.session.commit()
    door.browser.set_cookie("portal", planted)
    door.post("/sign-in", form_at="/customers", login=sofia.login, password=PASSWORD)
    cookie = door.browser.get_cookie("portal")

    assert cookie is not None
    assert cookie.value != planted
    door.browser.set_cookie("portal", planted)
    assert not door.is_inside()


def test_the_cookies_of_both_doors_never_stand_for_one_another(
    door: Door, sofia, organization
) -> None:
    door.sign_in(sofia.login)
    cookie = door.browser.get_cookie("portal")
    assert cookie is not None
    with door.browser.session_transaction() as staff:
        staff["_user_id"] = cookie.value
    assert door.browser.get("/").status_code == 302

    clerk = make_user(organization)
    door.browser.delete_cookie("portal")
    door.browser.enter_as(clerk, organization)
    with door.browser.session_transaction() as staff:
        token = staff["_user_id"]
    door.browser.set_cookie("portal", token)

    assert not door.is_inside()


def test_who_is_suspended_is_out_with_the_next_click(door: Door, sofia) -> None:
    door.sign_in(sofia.login)
    assert door.is_inside()
    db.session.execute(update(PortalMembership).values(state=MembershipState.SUSPENDED))
    db.session.commit()

    assert not door.is_inside()
    assert door.get("/customers").status_code == 200


def test_a_link_asked_for_by_somebody_suspended_is_not_sent(door: Door, sofia) -> None:
    db.session.execute(update(PortalMembership).values(state=MembershipState.SUSPENDED))
    db.session.commit()
    door.post("/sign-in/link", email=sofia.email)

    assert answer() == 0
    assert db.session.scalars(select(PortalToken)).all() == []


def test_P_11_one_person_goes_from_one_customer_to_another(door: Door, sofia) -> None:
    other, foreign = make_customer(name="Ladrillera Ocaña"), make_customer(name="Nobody's")
    contact = make_contact(other)
    saved = PortalMembership(
        portal_user_id=sofia.id,
        customer_id=other.id,
        contact_id=contact.id,
        state=MembershipState.VALIDATED,
        validated_at=datetime.now(UTC),
    )
    stranger = make_portal_user(foreign)
    db.session.add(saved)
    db.session.commit()
    there, elsewhere = saved.id, stranger.memberships[0].id

    door.sign_in(sofia.login)
    assert door.get("/").location == door.url("/customers")
    assert door.post("/customers", form_at="/customers", membership=str(there)).status_code == 302
    assert "Ladrillera Ocaña" in door.get("/").text
    refused = door.post("/customers", form_at="/customers", membership=str(elsewhere))

    assert refused.status_code == 404
    assert "Ladrillera Ocaña" in door.get("/").text


@pytest.mark.parametrize(
    "path", ["/sign-in", "/request-access", "/sign-in/spoken-code", "/sign-in/link/x"]
)
def test_the_door_wears_the_company(door: Door, organization, path: str) -> None:
    """Principle 7: its colour and its name, the portal's stylesheet, nothing of ours; in both languages."""
    organization.brand_color = "#7a2e5d"
    db.session.commit()

    page = door.get(path).text
    door.post("/language", lang="en", next=door.url(path))
    english = door.get(path).text

    assert "/look/7a2e5d.css" in page
    assert "portal." in page
    assert "app." not in page
    assert "Ventanilla" not in page
    assert (page.split(">")[1][-9:], english.split(">")[1][-9:]) == ('lang="es"', 'lang="en"')


def test_what_goes_wrong_inside_wears_the_company(door: Door, sofia, organization) -> None:
    organization.brand_color = "#7a2e5d"
    db.session.commit()
    door.sign_in("sofia@lanapa.test")

    page = door.get("/documents/00000000-0000-7000-8000-000000000000")

    assert page.status_code == 404
    assert "/look/7a2e5d.css" in page.text
    assert "Ventanilla" not in page.text


def test_own_access_stands_in_the_frame(door: Door, sofia) -> None:
    """P-21: with the menu around it, as one page among the others."""
    door.sign_in("sofia@lanapa.test")

    page = door.get("/security").text

    assert 'class="v-pnav"' in page
    assert "sofia@lanapa.test" in page


@pytest.mark.parametrize(
    ("next_page", "leads"),
    [
        ("/portal/{name}/invoices?state=open", True),
        ("https://evil.test/", False),
        ("//evil.test/portal/{name}/", False),
        ("/portal/{name}/../../admin/", False),
        ("/portal/{name}/%2e%2e/%2e%2e/admin/", False),
        ("/portal/{name}/\\evil.test", False),
        ("/portal/{name}/\r\nX-Evil: 1", False),
        ("//[", False),
    ],
)
def test_a_sign_in_leads_to_pages_of_this_portal_only(
    door: Door, sofia, next_page: str, leads: bool
) -> None:
    page = next_page.format(name=door.name)

    entered = door.post("/sign-in", login=sofia.login, password=PASSWORD, next=page)

    assert entered.location == (page if leads else door.url("/"))
    assert "X-Evil" not in entered.headers


def test_what_was_being_sent_when_the_session_ended_leads_home(door: Door, sofia) -> None:
    """An address that takes a form shows no page to come back to."""
    token = door.browser.csrf_token(door.url("/sign-in"))

    answer = door.browser.post(door.url("/reviews"), data={"csrf_token": token})

    assert answer.location == door.url("/sign-in")


@pytest.mark.parametrize("spoil", ["no contact of theirs", "switched off"])
def test_who_is_no_contact_any_more_is_out_with_the_next_click(
    door: Door, sofia, spoil: str
) -> None:
    """Nor are they led round in a circle between the customers to choose from and the door."""
    door.sign_in(sofia.login)
    if spoil == "switched off":
        sofia.memberships[0].contact.is_active = False
    else:
        db.session.execute(delete(CustomerContact))
    db.session.commit()

    assert door.get("/").location == door.url("/customers")
    assert "Ñapa" not in door.get("/customers").text


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
