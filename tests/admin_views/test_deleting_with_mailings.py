"""Deleting what the ledger knows: refused, with a sentence that says why and what one does instead (pains B-11)."""

import html
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import Delivery
from models.mailings.mailing import Mailing
from models.people.contact import Contact
from models.people.customer import Customer
from models.people.organization import Organization
from services.mailings.flow import start
from settings import Settings
from tests.admin_views.conftest import SignIn
from tests.factories.mailings import make_registered
from tests.factories.people import make_customer, make_mail_account


@pytest.fixture
def mailing(organization: Organization, settings: Settings) -> Mailing:
    return make_registered(settings, customers=1)


@pytest.fixture
def admin(sign_in: SignIn) -> FlaskClient:
    return sign_in(lang="es")


def refused(client: FlaskClient, screen: str, record: Any) -> tuple[int, str, str]:
    """The answer to the deed, and the question before it."""
    key, version = record.id, record.version
    question = client.get(f"/admin/{screen}/delete/confirm/?id={key}")
    answer = client.post(f"/admin/{screen}/delete/", data={"id": key, "v": version})
    return answer.status_code, html.unescape(answer.text), html.unescape(question.text)


@pytest.mark.parametrize("is_started", [False, True], ids=["registered", "being sent"])
@pytest.mark.parametrize(
    ("screen", "model", "instead"),
    [
        ("customer", Customer, "póngalo como retenido"),
        ("contact", Contact, "En su lugar, desactívelo"),
        ("mail_account", MailAccount, "En su lugar, desactívela: entonces nada sale por ella."),
    ],
)
def test_who_a_mailing_is_for_and_what_it_leaves_through_stay(
    admin: FlaskClient, mailing: Mailing, screen: str, model: Any, instead: str, is_started: bool
) -> None:
    if is_started:
        start(mailing.id)
        db.session.commit()
    record = db.session.scalars(select(model)).one()
    status, page, question = refused(admin, screen, record)

    assert status == 409
    assert f"«{record}» todavía se necesita:" in page
    assert "Envíos: 1" in page or "Envíos individuales: 1" in page or "Entregas: 1" in page
    assert instead in page and instead in question
    assert db.session.scalars(select(model)).one() is record
    assert db.session.scalars(select(Delivery)).one().recipient


def test_what_nobody_needs_is_deleted(admin: FlaskClient, organization: Organization) -> None:
    customer, account = make_customer(), make_mail_account()
    db.session.commit()
    for screen, record in (("customer", customer), ("mail_account", account)):
        answer = admin.post(f"/admin/{screen}/delete/", data={"id": record.id, "v": record.version})
        assert answer.status_code == 302

    assert db.session.scalar(select(Customer)) is None
    assert db.session.scalar(select(MailAccount)) is None
