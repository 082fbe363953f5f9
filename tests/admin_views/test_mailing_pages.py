"""A page makes one mailing, however often and however fast it asks (L-20, S1-11)."""

import html
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import Mailing
from models.people.organization import Organization
from tests.admin_views.conftest import SignIn
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.sales import make_document

AT_ONCE = 5
Press = Callable[..., list[Any]]


@pytest.fixture
def clerk(sign_in: SignIn, organization: Organization) -> FlaskClient:
    make_mail_account(address="billing@example.com")
    customer = make_customer()
    make_contact(customer)
    make_document(customer, number="201")
    db.session.commit()
    return sign_in("clerk", lang="en")


@pytest.fixture
def press(app: Flask, sign_in: SignIn, clerk: FlaskClient) -> Press:
    """Send to all these addresses at the same moment."""

    def pressed(*urls: str, **typed: str) -> list[Any]:
        browsers = [clerk, *(sign_in("clerk", lang="en") for _url in urls[1:])]
        words, ready = form(**typed), threading.Barrier(len(urls))
        answers: list[Any] = [None] * len(urls)

        def send(place: int) -> None:
            with app.app_context():
                ready.wait()
                answers[place] = browsers[place].post(urls[place], data=words)
                db.session.remove()

        threads = [threading.Thread(target=send, args=(place,)) for place in range(len(urls))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    return pressed


def form(**typed: str) -> dict[str, str]:
    return {
        "page": "p1",
        "draft_version": "0",
        "account": str(db.session.scalar(select(MailAccount.id))),
        "series": "FV",
        "who": "all",
        "contacts": "all",
        "one_mail_per": "customer",
        "subject": "Invoice",
        "body": "Dear all",
        **typed,
    }


def the_mailing() -> Mailing:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Mailing)).one()


def text_of(answer: Any) -> str:
    return " ".join(html.unescape(answer.text).split())


def test_a_page_that_registers_many_times_at_once_makes_one_mailing(press: Press) -> None:
    answers = press(*["/mailings/new"] * AT_ONCE)
    mailing = the_mailing()

    assert {answer.status_code for answer in answers} == {302}
    assert {answer.location for answer in answers} == {f"/mailings/?mailing={mailing.public_id}"}
    assert mailing.is_being_registered


def test_a_page_that_is_kept_many_times_at_once_makes_one_draft(press: Press) -> None:
    answers = press(*["/mailings/draft"] * AT_ONCE)
    mailing = the_mailing()

    assert {answer.status_code for answer in answers} == {200}
    assert all(str(mailing.public_id) in answer.text for answer in answers)


def test_a_page_that_is_kept_while_it_registers_leaves_no_second_draft(press: Press) -> None:
    answers = press("/mailings/draft", "/mailings/new", "/mailings/draft", "/mailings/example")

    assert answers[1].status_code == 302
    assert the_mailing().is_being_registered


def test_what_is_kept_after_registering_changes_nothing(clerk: FlaskClient) -> None:
    clerk.post("/mailings/new", data=form())
    late = clerk.post("/mailings/draft", data=form(body="A word more"))
    mailing = the_mailing()

    assert late.status_code == 200
    assert "Not saved: This mailing is being registered at this moment." in text_of(late)
    assert mailing.draft_form is not None and mailing.draft_form["body"] == ["Dear all"]


def test_a_second_press_leads_to_the_mailing_and_says_so(clerk: FlaskClient) -> None:
    clerk.post("/mailings/new", data=form())
    again = clerk.post("/mailings/new", data=form())
    console = clerk.get(again.location)

    assert again.status_code == 302
    assert "This page has already registered mailing no. 1." in text_of(console)


def test_other_words_after_registering_stay_in_the_form(clerk: FlaskClient) -> None:
    """Whoever goes back in the browser and writes something else is told; nothing typed is lost."""
    clerk.post("/mailings/new", data=form())
    again = clerk.post("/mailings/new", data=form(body="Another letter"))

    assert again.status_code == 409
    assert "Another letter</textarea>" in again.text
    assert "<h1>Mailing no. 1</h1>" in again.text
    assert "Draft no." not in again.text
    assert the_mailing().is_being_registered


def test_a_page_keeps_its_draft_when_another_one_has_saved_it_since(clerk: FlaskClient) -> None:
    clerk.post("/mailings/draft", data=form())
    other = form(page="p2", draft=str(the_mailing().public_id), over="1", body="Of the other one")
    clerk.post("/mailings/draft", data=other)
    answer = clerk.post("/mailings/draft", data=form())

    assert "You saved this draft in another window" in text_of(answer)
    assert the_mailing().draft_form["body"] == ["Of the other one"]  # type: ignore[index]  # kept just now


def test_two_pages_make_two_mailings(clerk: FlaskClient) -> None:
    clerk.post("/mailings/new", data=form())
    clerk.post("/mailings/new", data=form(page="p2"))

    db.session.rollback()
    assert len(db.session.scalars(select(Mailing)).all()) == 2
