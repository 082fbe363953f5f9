"""Many who press the same button at the same moment: exactly one wins, each other one is told a clear sentence."""

import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from models.base import Record, db, utc_now
from models.people.organization import Organization
from models.portal.portal_event import PortalEvent, PortalEventKind
from models.portal.portal_session import PortalSession, PortalToken
from models.portal.portal_user import PortalUser
from models.sales.document import Quote
from models.sales.quote_answer import Answer, QuoteAnswer
from models.system.audit_event import AuditEvent
from services.people.passwords import hasher, password_fits
from services.portal.invitations import invite
from services.portal.spoken_codes import MOST_TRIES, read_out
from tests.browser import Browser, new_browser
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.portal import make_portal_user
from tests.factories.sales import make_document
from tests.portal.door import PASSWORD, Door, answer, letters, link_in

MANY = 6
USED = "Este enlace ya se usó, caducó o fue reemplazado por uno más nuevo. Pida otro."
NO_CODE = "El código no coincide, ya se usó, o hubo demasiados intentos."


@pytest.fixture
def sofia(organization: Organization) -> PortalUser:
    make_mail_account()
    customer = make_customer(name="Ferretería La Ñapa")
    contact = make_contact(customer, name="Sofía Núñez", email="sofia@lanapa.test")
    user = make_portal_user(customer, contact, password_hash=hasher.hash(PASSWORD))
    db.session.commit()
    return user


def at_once(
    browsers: Sequence[Browser],
    pages: Sequence[str],
    forms: Sequence[dict[str, str]],
    *,
    path: str | None = None,
) -> list[TestResponse]:
    """What each browser is answered that sends a form of its page, all at the same moment."""
    pages = [pages[place % len(pages)] for place in range(len(browsers))]
    tokens = [browser.csrf_token(page) for browser, page in zip(browsers, pages, strict=True)]
    db.session.rollback()
    together = threading.Barrier(len(browsers))
    answers: dict[int, TestResponse] = {}

    def send(number: int) -> None:
        fields = {**forms[number % len(forms)], "csrf_token": tokens[number]}
        together.wait(30)
        answers[number] = browsers[number].post(path or pages[number], data=fields)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(browsers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    db.session.rollback()
    db.session.expire_all()
    return [answers[number] for number in range(len(browsers))]


def won(answers: Sequence[TestResponse], sentence: str, *, status: int) -> int:
    """The place of the only one who got through; all others were told this sentence."""
    through = [place for place, each in enumerate(answers) if each.status_code in (302, 303)]
    assert len(through) == 1, [each.status_code for each in answers]
    for place, each in enumerate(answers):
        if place != through[0]:
            assert each.status_code == status
            assert sentence in each.text
    return through[0]


def count(model: type[Record], *where: object) -> int:
    query = select(func.count()).select_from(model).where(*where)  # type: ignore[arg-type]
    return db.session.scalar(query) or 0


def test_P_08_a_link_that_is_used_many_times_at_once_signs_in_once(app: Flask, sofia) -> None:
    doors = [Door(app) for _number in range(MANY)]
    doors[0].post("/sign-in/link", email=sofia.email)
    answer()
    link = link_in(letters()[-1][2])
    where = doors[0].url(link)

    answers = at_once([door.browser for door in doors], [where], [{}])

    first = won(answers, USED, status=404)
    assert [door.is_inside() for door in doors] == [place == first for place in range(MANY)]
    assert count(PortalSession) == 1
    assert count(AuditEvent, AuditEvent.action == "sign_in") == 1
    assert count(PortalEvent, PortalEvent.kind == PortalEventKind.SIGNED_IN) == 1


def test_S0_27_of_resets_at_once_one_sets_its_password(app: Flask, sofia) -> None:
    doors = [Door(app) for _number in range(MANY)]
    doors[0].post("/forgotten/password", account=sofia.login)
    answer()
    where = doors[0].url(link_in(letters()[-1][2]))
    wishes = [f"pass phrase number {number}" for number in range(MANY)]

    answers = at_once(
        [door.browser for door in doors],
        [where],
        [{"password": wish} for wish in wishes],
    )

    first = won(answers, USED, status=404)
    assert [password_fits(sofia, wish) for wish in wishes] == [
        place == first for place in range(MANY)
    ]
    assert count(AuditEvent, AuditEvent.action == "set_password") == 1


def test_X0_07_an_address_that_is_confirmed_many_times_at_once_changes_once(
    app: Flask, sofia
) -> None:
    doors = [Door(app) for _number in range(MANY)]
    doors[0].sign_in(sofia.login)
    doors[0].post(
        "/security/address", form_at="/security", current=PASSWORD, address="sofia@new.test"
    )
    where = doors[0].url(link_in(letters()[-1][2]))

    answers = at_once([door.browser for door in doors], [where], [{}])

    won(answers, USED, status=404)
    assert (sofia.email, sofia.login) == ("sofia@new.test", "sofia@new.test")
    assert [each.address for each in sofia.memberships[0].contact.emails] == ["sofia@new.test"]
    assert [to for to, _subject, _text in letters()].count("sofia@lanapa.test") == 1


def test_X0_07_of_two_who_take_one_address_at_once_one_takes_it_as_user_name(
    app: Flask, sofia
) -> None:
    """S0-24: several may share an address, none a user name."""
    pedro = make_portal_user(
        make_customer(), password_hash=hasher.hash(PASSWORD), email="pedro@x.test"
    )
    db.session.commit()
    doors, links = [Door(app), Door(app)], []
    for door, user in zip(doors, (sofia, pedro), strict=True):
        door.sign_in(user.login)
        door.post(
            "/security/address", form_at="/security", current=PASSWORD, address="office@x.test"
        )
        links.append(door.url(link_in(letters()[-1][2])))

    answers = at_once([door.browser for door in doors], links, [{}])

    assert [each.status_code for each in answers] == [302, 302]
    assert (sofia.email, pedro.email) == ("office@x.test", "office@x.test")
    assert {sofia.login, pedro.login} in (
        {"office@x.test", "pedro@x.test"},
        {"office@x.test", "sofia@lanapa.test"},
    )


def test_S0_24_of_two_who_choose_one_user_name_at_once_one_gets_it(app: Flask, sofia) -> None:
    doors, links = [Door(app), Door(app)], []
    for door in doors:
        customer = make_customer()
        invite(make_contact(customer).customers[0])
        db.session.commit()
        links.append(door.url(link_in(letters()[-1][2])))

    chosen = {"login": "compras", "way": "password", "password": "a pass phrase of mine"}
    answers = at_once([door.browser for door in doors], links, [chosen])

    first = won(answers, "Alguien ya tiene este usuario. Elija otro.", status=422)
    assert doors[first].is_inside()
    assert not doors[1 - first].is_inside()
    retry = doors[1 - first].browser.submit(links[1 - first], {**chosen, "login": "almacen"})
    assert retry.status_code == 302


def test_A3_a_code_that_is_written_in_many_browsers_at_once_signs_in_once(
    app: Flask, sofia
) -> None:
    code = read_out(sofia.memberships[0])
    db.session.commit()
    doors = [Door(app) for _number in range(MANY)]
    where = doors[0].url("/sign-in/spoken-code")

    answers = at_once(
        [door.browser for door in doors],
        [where],
        [{"login": sofia.login, "code": code}],
    )

    first = won(answers, NO_CODE, status=422)
    assert [door.is_inside() for door in doors] == [place == first for place in range(MANY)]
    assert count(PortalSession) == 1


def test_A3_guesses_at_once_count_each(app: Flask, sofia) -> None:
    """Fifty guesses in one moment are no more than five guesses."""
    code = read_out(sofia.memberships[0])
    db.session.commit()
    guesses = [f"{(int(code) + step) % 10**8:08}" for step in range(1, 3 * MOST_TRIES)]
    doors = [Door(app) for _guess in guesses]
    where = doors[0].url("/sign-in/spoken-code")

    answers = at_once(
        [door.browser for door in doors],
        [where],
        [{"login": sofia.login, "code": guess} for guess in guesses],
    )

    assert {each.status_code for each in answers} == {422}
    assert all(NO_CODE in each.text for each in answers)
    assert db.session.scalars(select(PortalToken.tries)).one() <= MOST_TRIES
    sofia.failed_sign_ins, sofia.locked_until = 0, None
    db.session.commit()
    late = Door(app)
    assert (
        late.post(
            "/sign-in/spoken-code", form_at="/sign-in/spoken-code", login=sofia.login, code=code
        ).status_code
        == 422
    )


def test_P_03_a_quote_that_is_accepted_and_declined_at_once_is_one_of_both(
    app: Flask, stand
) -> None:
    """Who comes second hears what the first one said."""
    window = stand()
    valid = utc_now().date() + timedelta(days=5)
    quote = make_document(window.customer, kind=Quote, series="CO", due_date=valid)
    db.session.commit()
    where = f"{window.root}/documents/{quote.public_id}"
    shown = window.browser.get(where).text.split('name="pdf" value="')[1].split('"')[0]
    accept = {"pdf": shown, "answer": "accepted", "agreed": "yes", "name": "Sofía Ñáñez"}
    decline = {"pdf": shown, "answer": "declined", "reason": "Muy caro", "name": "Pedro Ñáñez"}
    cookie = window.browser.get_cookie("portal")
    assert cookie is not None
    browsers = [new_browser(app) for _number in range(MANY)]
    for browser in browsers:
        browser.set_cookie("portal", cookie.value)

    answers = at_once(browsers, [where], [accept, decline], path=f"{where}/answer")

    written = db.session.scalars(select(QuoteAnswer)).one()
    sentence = {
        Answer.ACCEPTED: "Esta cotización ya fue aceptada.",
        Answer.DECLINED: "Esta cotización ya fue rechazada.",
    }[written.answer]
    first = won(answers, sentence, status=409)
    assert written.answer == (Answer.ACCEPTED, Answer.DECLINED)[first % 2]
    db.session.refresh(quote)
    assert quote.state == written.answer
    assert count(PortalEvent) == 1
