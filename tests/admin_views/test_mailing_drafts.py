"""Two people, or one in two windows, write the same draft: nobody overwrites unseen, nothing typed is lost (L-20)."""

import html
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import Mailing
from models.people.organization import Organization
from tests.admin_views.conftest import SignIn
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.sales import make_document


@pytest.fixture
def invoices(organization: Organization) -> None:
    make_mail_account(address="billing@example.com")
    for number in (201, 202):
        customer = make_customer()
        make_contact(customer)
        make_document(customer, number=str(number))
    db.session.commit()


class Window:
    """A page with the form of a draft: it sends the hidden fields that it has, and takes those of answers."""

    def __init__(self, client: FlaskClient, url: str) -> None:
        self.client = client
        self.url = url
        self.hidden: dict[str, str] = {}
        self._take(client.get(url).text)

    def saves(self, **typed: str) -> Any:
        """As the page does by itself, every few seconds."""
        return self._post("/mailings/draft", typed)

    def registers(self, **typed: str) -> Any:
        return self._post(self.url, typed)

    def _post(self, url: str, typed: dict[str, str]) -> Any:
        answer = self.client.post(url, data=form() | self.hidden | typed)
        self._take(answer.text)
        return answer

    def _take(self, page: str) -> None:
        found = re.findall(r'name="(page|draft|draft_version)"[^>]* value="([^"]*)"', page)
        self.hidden |= dict(found)


def form() -> dict[str, str]:
    return {
        "account": str(db.session.scalar(select(MailAccount.id))),
        "series": "FV",
        "who": "all",
        "contacts": "all",
        "one_mail_per": "customer",
        "subject": "Invoice",
        "body": "Dear all",
    }


def draft_now() -> Mailing:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Mailing)).one()


def body_now() -> str:
    kept = draft_now().draft_form
    assert kept is not None
    return str(kept["body"][0])


def text_of(answer: Any) -> str:
    return " ".join(html.unescape(answer.text).split())


@pytest.fixture
def lucia(sign_in: SignIn, invoices: None) -> Window:
    """She has begun the draft; it is kept."""
    window = Window(sign_in("clerk", name="Lucía Gómez", lang="es"), "/mailings/new")
    window.saves(body="Lucía escribe")
    window.url = f"/mailings/{draft_now().public_id}/edit"
    return window


@pytest.fixture
def marta(sign_in: SignIn, lucia: Window) -> Window:
    """She has opened it, too."""
    return Window(sign_in("clerk", name="Marta Ruiz", lang="es"), lucia.url)


def test_the_second_one_is_told_who_and_when_and_nothing_is_overwritten(
    lucia: Window, marta: Window
) -> None:
    lucia.saves(body="De Lucía")
    answer = marta.saves(body="De Marta")
    text = text_of(answer)

    assert body_now() == "De Lucía"
    assert "Lucía Gómez guardó este borrador después de que usted lo abriera (" in text
    assert re.search(r"\d\d:\d\d\)", text)
    assert "Nada de lo que escribió se ha perdido" in text
    assert "Guardar lo mío encima" in text and "Tomar lo suyo, sin lo mío" in text
    assert 'id="changed" hx-swap-oob="true"' in answer.text
    assert "HX-Replace-Url" not in answer.headers


def test_mine_goes_over_theirs_when_i_say_so_and_then_they_are_told(
    lucia: Window, marta: Window
) -> None:
    lucia.saves(body="De Lucía")
    refused = marta.saves(body="De Marta")
    version = re.search(r'name="over" value="(\d+)"', refused.text)
    assert version is not None
    taken = marta.saves(body="De Marta", over=version[1])
    again = marta.saves(body="De Marta, más")
    told = lucia.saves(body="De Lucía, más")

    assert "data-changed" not in taken.text and "Guardado a las" in taken.text
    assert "data-changed" not in again.text
    assert body_now() == "De Marta, más"
    assert "Marta Ruiz guardó este borrador" in text_of(told)


def test_what_is_overwritten_is_what_was_shown(lucia: Window, marta: Window) -> None:
    """Lucía has gone on since Marta was asked: Marta is asked again."""
    lucia.saves(body="Uno")
    refused = marta.saves(body="De Marta")
    version = re.search(r'name="over" value="(\d+)"', refused.text)
    assert version is not None
    lucia.saves(body="Dos")
    answer = marta.saves(body="De Marta", over=version[1])

    assert "data-changed" in answer.text
    assert body_now() == "Dos"


def test_one_person_in_two_windows_is_told_as_well(lucia: Window) -> None:
    other = Window(lucia.client, lucia.url)
    other.saves(body="En la otra")
    answer = lucia.saves(body="En esta")

    assert "Usted guardó este borrador en otra ventana (" in text_of(answer)
    assert body_now() == "En la otra"


def test_a_page_never_stands_in_its_own_way(lucia: Window) -> None:
    """Its saves overtake one another: the one that leaves with the page does not wait for the last answer."""
    before = dict(lucia.hidden)
    lucia.saves(body="Uno")
    lucia.hidden |= before
    answer = lucia.saves(body="Dos")

    assert "data-changed" not in answer.text
    assert body_now() == "Dos"


def test_a_stale_page_does_not_register_and_keeps_what_was_typed(
    lucia: Window, marta: Window
) -> None:
    lucia.saves(body="De Lucía")
    answer = marta.registers(body="De Marta, con cuidado", subject="Asunto de Marta")
    draft = draft_now()

    assert answer.status_code == 409
    assert "Lucía Gómez guardó este borrador" in text_of(answer)
    assert "De Marta, con cuidado</textarea>" in answer.text
    assert 'value="Asunto de Marta"' in answer.text
    assert not draft.is_being_registered
    assert body_now() == "De Lucía"


def test_without_script_it_is_the_same(lucia: Window, marta: Window) -> None:
    lucia.saves(body="De Lucía")
    refused = marta.registers(body="De Marta", save="1")
    version = re.search(r'name="over" value="(\d+)"', refused.text)
    assert version is not None
    taken = marta.registers(body="De Marta", over=version[1])

    assert (refused.status_code, taken.status_code) == (409, 302)
    assert body_now() == "De Marta"
    assert not draft_now().is_being_registered


def test_an_example_of_a_stale_page_is_not_shown_and_the_form_stays(
    lucia: Window, marta: Window
) -> None:
    lucia.saves(body="De Lucía")
    marta.url = "/mailings/example"
    answer = marta.registers(body="De Marta")

    assert answer.status_code == 409
    assert "De Marta</textarea>" in answer.text


def test_what_is_registered_meanwhile_is_said_with_the_form_as_it_was(
    lucia: Window, marta: Window
) -> None:
    """S1-11: what was shown is what is sent; the words are not lost with it."""
    lucia.registers()
    answer = marta.registers(body="De Marta")

    assert answer.status_code == 409
    assert "De Marta</textarea>" in answer.text
    assert "Lo que escribió sigue aquí." in text_of(answer)
    assert draft_now().is_being_registered
