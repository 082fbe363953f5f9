"""P-20: whoever reads Portuguese meets no sentence in another language: no page, no refused form, no error, no door."""

from collections.abc import Sequence

from sqlalchemy import update
from werkzeug.test import TestResponse

from models.base import db
from models.portal.portal_user import PortalUser
from tests.factories.portal import portal_name
from tests.portal.foreign_words import foreign_to_portuguese
from tests.portal.house import House

ENDING = ("sign_out", "end_all")
ASKS = {"Accept-Language": "pt-BR,pt;q=0.9,en;q=0.5"}


def foreign(answer: TestResponse, where: str) -> list[str]:
    if answer.mimetype != "text/html" or answer.status_code in (204, 301, 302, 303):
        return []
    return [f"{where}: {text}" for text in foreign_to_portuguese(answer.text)]


def test_P_20_a_customer_meets_no_sentence_in_another_language(house: House) -> None:
    """On any page, and whatever is sent with nothing in it."""
    db.session.execute(update(PortalUser).values(lang="pt"))
    db.session.commit()
    found, refused = met(house, "customer", house.pages)
    assert refused >= 15
    assert not found, "\n".join(found)


def test_P_20_a_stranger_meets_no_sentence_in_another_language(house: House) -> None:
    """The doors speak as the browser asks; so does what leads nowhere."""
    root = f"/portal/{portal_name()}"
    nowhere = [("nowhere", f"{root}/nada"), ("no portal", "/portal/nada/"), ("no link", "/l/nada")]
    found, refused = met(house, "stranger", [*house.pages, *nowhere])
    assert refused >= 5
    assert not found, "\n".join(found)


def met(house: House, who: str, pages: Sequence[tuple[str, str]]) -> tuple[list[str], int]:
    """What is in another language, and how many forms were refused."""
    browser = house.browsers[who]
    found = [
        text
        for endpoint, url in pages
        for text in foreign(browser.get(url, headers=ASKS), endpoint)
    ]
    token, refused = browser.csrf_token(f"/portal/{portal_name()}/verify"), 0
    for endpoint, url in house.forms:
        if not endpoint.endswith(ENDING):
            answer = browser.post(url, data={"csrf_token": token}, headers=ASKS)
            refused += answer.status_code >= 400
            found += foreign(answer, endpoint)
    return found, refused
