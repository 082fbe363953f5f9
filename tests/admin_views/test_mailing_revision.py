"""The revision line: who wrote, changed, registered and started a mailing, and nothing that nobody did (S1-21)."""

import html
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask.testing import FlaskClient

from models.base import db
from models.mailings.mailing import Mailing
from models.people.organization import Organization
from models.people.user import User
from models.tenancy import Actor, acting_in
from services.mailings.draft import change_draft
from services.mailings.flow import start, stop
from services.mailings.register import register_mailing
from services.sales.pdf import Workshop
from settings import Settings
from tests.admin_views.conftest import SignIn
from tests.factories.mailings import make_draft
from tests.factories.people import make_user


@pytest.fixture
def clerk(sign_in: SignIn) -> FlaskClient:
    return sign_in("clerk", lang="en")


@contextmanager
def acting_as(organization: Organization, name: str) -> Iterator[User]:
    person = make_user(organization, role="administrator", name=name)
    actor = Actor(kind="user", id=person.id, name=name, source="ui")
    with acting_in(organization.id, actor=actor):
        yield person
        db.session.commit()


def line(client: FlaskClient, mailing: Mailing) -> str:
    page = html.unescape(client.get(f"/mailings/?mailing={mailing.public_id}").text)
    return page.partition("Revision no.")[2].partition("</p>")[0]


def test_each_deed_has_its_own_person(
    clerk: FlaskClient, organization: Organization, settings: Settings
) -> None:
    """S1-21: created, changed, registered and started by four people; what the system did changes none of it."""
    with acting_as(organization, "Lucía"):
        mailing = make_draft()
    with acting_as(organization, "Íñigo"):
        change_draft(mailing, {"subject": "Other words"})
    with acting_as(organization, "Begoña"):
        register_mailing(mailing, Workshop(settings.files_url, settings.public_base_url))
    with acting_as(organization, "Ximena"):
        start(mailing.id)
    with acting_as(organization, "Joaquín"):
        stop(mailing.id)

    said = line(clerk, mailing)

    assert said.startswith(" 2 of the text · created by Lucía, ")
    assert "· changed by Íñigo, " in said
    assert "· registered by Begoña, " in said
    assert "· started by Ximena, " in said
    assert "Joaquín" not in said


def test_what_nobody_did_is_not_said(
    clerk: FlaskClient, organization: Organization, settings: Settings
) -> None:
    """S1-21: to register is no change of the text; who starts by itself has no name."""
    with acting_as(organization, "Lucía"):
        mailing = make_draft()
        register_mailing(mailing, Workshop(settings.files_url, settings.public_base_url))
    registered = line(clerk, mailing)
    start(mailing.id)
    db.session.commit()

    assert "changed by" not in registered
    assert "started" not in registered
    assert "· started automatically, " in line(clerk, mailing)
