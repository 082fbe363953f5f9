"""A text that is kept under a name is checked before, as one that is sent is (S1-10)."""

import html
import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.message_template import MessageTemplate
from models.people.organization import Organization
from tests.admin_views.conftest import SignIn
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.sales import make_document

AT_ONCE = 5


@pytest.fixture
def clerk(sign_in: SignIn, organization: Organization) -> FlaskClient:
    make_mail_account(address="billing@example.com")
    customer = make_customer()
    make_contact(customer)
    make_document(customer, number="201")
    db.session.commit()
    return sign_in("clerk", lang="en")


def fields(**changed: str) -> dict[str, str]:
    return {
        "account": str(db.session.scalar(select(MailAccount.id))),
        "series": "FV",
        "who": "all",
        "contacts": "all",
        "one_mail_per": "customer",
        "template_name": "Monthly",
        "subject": "Invoice",
        "body": "Dear all",
        "keep_text": "1",
        **changed,
    }


def kept() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(MessageTemplate.subject)))


@pytest.mark.parametrize(
    ("changed", "place", "sentence"),
    [
        pytest.param({"template_name": "x" * 61}, "template_name", "60", id="long name"),
        pytest.param({"subject": "x" * 501}, "subject", "500", id="long subject"),
        pytest.param({"body": "x" * 200_001}, "body", "200000", id="long message"),
        pytest.param(
            {"subject": " "}, "template_name", "needs a subject and a message", id="no subject"
        ),
        pytest.param(
            {"body": "{{ contact.nme }}"}, "body", "There is no field", id="unknown field"
        ),
        pytest.param({"body": "{{ contact.name"}, "body", "", id="open braces"),
        pytest.param({"body": "a\n\n" * 66_000}, "body", "longer than", id="too long as HTML"),
        pytest.param(
            {"variant_subject": "x" * 501, "variant_body": "Hola"},
            "variant_subject",
            "500",
            id="long subject of the second language",
        ),
        pytest.param(
            {"variant_subject": "Factura", "variant_body": "{{ contact.nme }}"},
            "variant_body",
            "There is no field",
            id="unknown field in the second language",
        ),
    ],
)
def test_a_text_that_is_not_fit_is_not_kept(
    clerk: FlaskClient, changed: dict[str, str], place: str, sentence: str
) -> None:
    answer = clerk.post("/mailings/new", data=fields(**changed))
    page = html.unescape(answer.text)

    assert answer.status_code == 422
    assert f'id="{place}-error"' in page
    assert sentence in page
    assert kept() == []


def test_what_is_wrong_elsewhere_does_not_keep_a_text_from_being_saved(clerk: FlaskClient) -> None:
    answer = clerk.post("/mailings/new", data=fields(series="", number_from="many"))

    assert answer.status_code == 200
    assert kept() == ["Invoice"]


def test_several_who_save_under_one_name_at_once_are_all_answered(
    app: Flask, clerk: FlaskClient, sign_in: SignIn
) -> None:
    browsers = [clerk, *(sign_in("clerk", lang="en") for _n in range(AT_ONCE - 1))]
    words = [fields(subject=f"Invoice {n}") for n in range(AT_ONCE)]
    ready = threading.Barrier(AT_ONCE)
    answers: list[Any] = [None] * AT_ONCE

    def save(place: int) -> None:
        with app.app_context():
            ready.wait()
            answers[place] = browsers[place].post("/mailings/new", data=words[place])
            db.session.remove()

    threads = [threading.Thread(target=save, args=(place,)) for place in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer.status_code for answer in answers] == [200] * AT_ONCE
    assert len(kept()) == 1
