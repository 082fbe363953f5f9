"""P-20, decision record 0057: what a reader of Portuguese is told where nobody wrote anything in it."""

from datetime import date

import pytest
from sqlalchemy import select

from models.base import db
from models.people.organization import Organization
from models.portal.access_request import PortalQuestion, QuestionKind
from models.portal.portal_settings import PortalSettings
from models.portal.portal_text import PortalTextKind
from models.portal.portal_user import PortalUser
from services.portal.access_requests import words_of
from services.portal.banner import banner_of
from services.portal.languages import offered_languages
from services.portal.portal_emails import validation_confirmed
from services.portal.portal_texts import Texts
from services.portal.said_texts import said_text
from tests.factories.people import make_contact, make_customer, make_group, make_mail_account
from tests.factories.portal import make_portal_user
from tests.factories.portal_texts import html_of, make_text, message_of, written

K = PortalTextKind
TODAY = date(2026, 8, 21)


@pytest.fixture
def user(organization: Organization) -> PortalUser:
    make_mail_account(address="oficina@acme.test")
    customer = make_customer(customer_group_id=make_group(uses_portal=True).id)
    contact = make_contact(customer, name="João Simões", email="joao@lusa.test")
    return make_portal_user(customer, contact, lang="pt")


def test_P_20_an_e_mail_is_built_in_in_the_readers_language(user: PortalUser) -> None:
    """Rather than the company's own words in a language that they do not read."""
    make_text(K.VALIDATION_CONFIRMED, "<p>Bienvenida</p>", lang="es")

    validation_confirmed(user.memberships[0])

    [delivery] = written()
    assert message_of(delivery)["Subject"].startswith("Seu acesso ao portal de")
    assert "está confirmado" in html_of(delivery)
    assert '<html lang="pt"' in html_of(delivery)


def test_P_20_an_e_mail_is_said_in_the_companys_portuguese_words(user: PortalUser) -> None:
    make_text(K.VALIDATION_CONFIRMED, "<p>Boas-vindas</p>", lang="pt", subject="Já pode entrar")

    validation_confirmed(user.memberships[0])

    [delivery] = written()
    assert message_of(delivery)["Subject"] == "Já pode entrar"


def test_P_20_nobody_is_written_to_in_a_language_that_is_off(user: PortalUser) -> None:
    settings = db.session.scalars(select(PortalSettings)).one()
    settings.languages = ["es", "en"]
    make_text(K.VALIDATION_CONFIRMED, "<p>Boas-vindas</p>", lang="pt", subject="Já pode entrar")

    validation_confirmed(user.memberships[0])

    [delivery] = written()
    assert message_of(delivery)["Subject"].startswith("Su acceso al portal de")


@pytest.mark.parametrize("own", ["es", "en"])
def test_P_20_what_is_not_built_in_is_said_in_the_companys_own_language(
    organization: Organization, own: str
) -> None:
    organization.default_lang = own
    db.session.flush()
    for lang in ("en", "es"):
        make_text(K.TERMS, f"<p>{lang}</p>", lang=lang)
        make_text(K.PAYMENT_RECEIVED, f"<p>{lang}</p>", lang=lang)
    label = {"en": "en", "es": "es"}
    question = PortalQuestion(label=label, kind=QuestionKind.TEXT)
    settings = db.session.scalars(select(PortalSettings)).one()
    settings.banner = {"en": "<p>en</p>", "es": "<p>es</p>"}

    terms = said_text(K.TERMS, None, "pt")

    assert terms is not None
    assert terms.lang == own
    assert Texts(None).language_of(K.PAYMENT_RECEIVED, "pt") == own
    assert words_of(question, "pt") == own
    assert banner_of(settings, "pt", TODAY, own=own) == f"<p>{own}</p>"


def test_P_20_what_was_written_in_portuguese_comes_first(organization: Organization) -> None:
    make_text(K.TERMS, "<p>es</p>", lang="es")
    make_text(K.TERMS, "<p>pt</p>", lang="pt")

    terms = said_text(K.TERMS, None, "pt")

    assert terms is not None
    assert terms.lang == "pt"


def test_P_20_a_group_is_heard_before_the_company_whatever_its_language(
    organization: Organization,
) -> None:
    group = make_group(uses_portal=True)
    make_text(K.TERMS, "<p>empresa</p>", lang="pt")
    make_text(K.TERMS, "<p>grupo</p>", group=group, lang="es")

    terms = said_text(K.TERMS, group, "pt")

    assert terms is not None
    assert terms.body_html == "<p>grupo</p>"


@pytest.mark.parametrize(
    ("languages", "own", "offered"),
    [
        (["es", "en", "pt"], "es", ["es", "en", "pt"]),
        (["pt", "en", "es"], "en", ["en", "es", "pt"]),
        (["en", "pt"], "es", ["en", "pt"]),
        (["es", "fr"], "es", ["es"]),
        (["fr"], "en", ["en"]),
    ],
)
def test_P_20_the_companys_own_language_is_offered_first(
    languages: list[str], own: str, offered: list[str]
) -> None:
    settings = PortalSettings(languages=languages)
    assert offered_languages(settings, Organization(default_lang=own)) == offered
