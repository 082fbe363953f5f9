"""P-20: the texts of a portal in the languages that it speaks, while somebody else chooses others."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from models.base import db
from models.people.customer_group import CustomerGroup
from models.people.organization import Organization
from models.portal.access_request import PortalQuestion
from models.portal.portal_settings import PortalSettings
from models.portal.portal_text import PortalText
from tests.admin_views.conftest import SignIn
from tests.factories.people import make_group, make_mail_account


@pytest.fixture
def group(organization: Organization) -> CustomerGroup:
    make_mail_account()
    group = make_group(uses_portal=True)
    db.session.commit()
    return group


@pytest.fixture
def admin(group: CustomerGroup, sign_in: SignIn) -> FlaskClient:
    return sign_in(role="administrator")


def speak(*languages: str) -> None:
    db.session.execute(update(PortalSettings).values(languages=list(languages)))
    db.session.commit()


def test_P_20_texts_are_written_in_the_languages_that_the_portal_offers(
    admin: FlaskClient, group: CustomerGroup, organization: Organization
) -> None:
    """A tab for each; what nobody wrote is what is built in, in that language."""
    for page in ("portal-emails", "portal-texts"):
        url = f"/customer-groups/{group.id}/{page}?lang=pt"
        assert "Portugués</a>" in admin.get(url).text
    assert (
        "Acesso ao portal de"
        in admin.get(f"/customer-groups/{group.id}/portal-emails?lang=pt").text
    )
    db.session.execute(update(PortalSettings).values(languages=["es", "en"]))
    db.session.commit()
    for page in ("portal-emails", "portal-texts", "questions"):
        assert "Portugués" not in admin.get(f"/customer-groups/{group.id}/{page}").text


@pytest.mark.parametrize("page", ["portal-emails", "portal-texts"])
def test_P_20_words_never_become_those_of_another_language(
    admin: FlaskClient, group: CustomerGroup, page: str
) -> None:
    """Somebody writes Portuguese while a colleague switches it off."""
    url = f"/customer-groups/{group.id}/{page}?lang=pt"
    speak("es", "en")

    answer = admin.post(url, data={"body-terms": "<p>Termos</p>", "revision-terms": "0"})

    assert answer.status_code == 409
    assert "Este idioma ya no está entre los del portal. No se guardó nada." in answer.text
    assert db.session.scalars(select(PortalText)).all() == []


def test_P_20_a_form_without_a_language_leaves_its_questions_alone(
    admin: FlaskClient, group: CustomerGroup
) -> None:
    """It was opened while Portuguese was off, and is saved when it is on again."""
    url = f"/customer-groups/{group.id}/questions"
    form = {"kind-0": "text", "label-0-es": "¿Quién?", "label-0-pt": "Quem?"}
    admin.post(url, data=form)
    question = db.session.scalars(select(PortalQuestion)).one()

    admin.post(url, data={"id-0": str(question.id), "kind-0": "text", "label-0-es": "¿Y quién?"})

    db.session.expire_all()
    assert question.label == {"es": "¿Y quién?", "pt": "Quem?"}
