"""P-20: in which languages the portal can be read, and who chooses."""

import re

import pytest
from flask import Flask
from sqlalchemy import update

from models.base import db
from models.people.contact import Contact
from models.people.organization import Organization
from models.portal.portal_settings import PortalSettings
from models.portal.portal_text import PortalTextKind
from tests.factories.portal import portal_name
from tests.factories.portal_texts import make_text
from tests.portal.door import Door

SWITCH = re.compile(r'name="lang" value="(\w+)" lang="\w+">(\w+)<')
DATA = {"name": "João Simões", "job_title": "", "phone": "", "lang": "pt"}


def lang_of(page: str) -> str:
    found = re.search(r'<html lang="(\w+)"', page)
    assert found
    return found[1]


def offer(*languages: str) -> None:
    db.session.execute(update(PortalSettings).values(languages=list(languages)))
    db.session.commit()


@pytest.fixture
def door(app: Flask, organization: Organization) -> Door:
    db.session.commit()
    return Door(app)


def test_P_20_the_door_offers_all_other_languages(door: Door) -> None:
    page = door.get("/sign-in").text

    assert lang_of(page) == "es"
    assert SWITCH.findall(page) == [("en", "English"), ("pt", "Português")]


def test_P_20_the_door_speaks_as_it_is_told(door: Door) -> None:
    door.post("/language", lang="pt", next=door.url("/sign-in"))

    page = door.get("/sign-in").text

    assert lang_of(page) == "pt"
    assert "Entre no seu portal" in page
    assert SWITCH.findall(page) == [("es", "Español"), ("en", "English")]


@pytest.mark.parametrize(
    ("asked", "read"),
    [("pt-BR,pt;q=0.9,en;q=0.5", "pt"), ("pt-PT", "pt"), ("en-GB", "en"), ("de", "es"), ("", "es")],
)
def test_P_20_the_door_speaks_as_the_browser_asks(door: Door, asked: str, read: str) -> None:
    page = door.browser.get(door.url("/sign-in"), headers={"Accept-Language": asked})

    assert lang_of(page.text) == read


def test_P_20_what_is_not_offered_is_not_spoken(door: Door) -> None:
    offer("es", "en")
    door.post("/language", lang="pt", next=door.url("/sign-in"))

    page = door.browser.get(door.url("/sign-in"), headers={"Accept-Language": "pt-BR"}).text

    assert lang_of(page) == "es"
    assert SWITCH.findall(page) == [("en", "English")]


def test_P_20_a_portal_with_one_language_has_no_switch(door: Door) -> None:
    offer("pt")

    page = door.get("/sign-in").text

    assert lang_of(page) == "pt"
    assert SWITCH.findall(page) == []


def test_P_20_staff_are_not_spoken_to_in_portuguese(app: Flask, organization: Organization) -> None:
    db.session.commit()
    page = app.test_client().get("/sign-in", headers={"Accept-Language": "pt-BR"}).text

    assert lang_of(page) == "es"


def test_P_20_a_contact_chooses_portuguese_among_their_data(stand) -> None:
    window = stand()

    window.submit("/profile", DATA, form_at="/profile")

    db.session.refresh(window.user)
    assert window.user.lang == "pt"
    assert db.session.get_one(Contact, window.user.memberships[0].contact_id).lang == "pt"
    page = window.get("/profile").text
    assert lang_of(page) == "pt"
    assert "Meus dados" in page
    assert '<option value="pt" selected' in page


def test_P_20_a_language_that_is_not_offered_cannot_be_chosen(stand) -> None:
    window = stand()
    offer("es", "en")

    answer = window.submit("/profile", DATA, form_at="/profile")

    assert answer.status_code == 422
    assert 'value="pt"' not in answer.text


def test_P_20_what_is_said_after_a_change_is_in_the_companys_language_if_not_in_the_readers(
    stand,
) -> None:
    window = stand()
    for lang in ("en", "es"):
        make_text(PortalTextKind.CONTACT_UPDATED, f"<p>Gesagt: {lang}</p>", lang=lang)
    db.session.commit()

    window.submit("/profile", DATA, form_at="/profile")

    assert "Gesagt: es" in window.get("/profile").text


def test_P_20_the_csv_of_the_account_is_written_as_in_portuguese(stand) -> None:
    window = stand()
    window.user.lang = "pt"
    db.session.commit()

    answer = window.get("/account.csv")

    assert answer.status_code == 200
    assert "Movimento" in answer.text.splitlines()[0]
    assert f"/portal/{portal_name()}/" in window.get("/account").text
