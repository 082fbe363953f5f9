"""Snoozing from the screen (X3-06): until when, where it waits meanwhile, and the way back."""

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from admin_views.screens.mail_snoozing import choices_at
from models.base import db
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.snooze import Snooze
from models.people.organization import Organization
from services.mailbox.snoozing import come_back
from tests.admin_views.conftest import SignIn
from tests.admin_views.mail_pages import HTMX, key, rows_of
from tests.factories.mail_rows import make_mailbox, put

BOGOTA = ZoneInfo("America/Bogota")


def tomorrow() -> str:
    return f"{datetime.now(BOGOTA) + timedelta(days=1):%Y-%m-%dT%H:%M}"


def snoozed(placement: MessagePlacement, when: str) -> dict[str, str]:
    return {"rowid": key(placement), "when": when}


def test_it_asks_until_when_waits_and_is_taken_back(
    sign_in: SignIn, organization: Organization
) -> None:
    """X3-06: the times offered are those of the organization's clock; the notice leads back."""
    organization.timezone = BOGOTA.key
    box = make_mailbox()
    old, new = put(box.inbox), put(box.inbox)
    db.session.commit()
    client = sign_in("clerk", lang="en")

    question = client.post("/mail/snooze", data={"rowid": key(old)}).text
    offered = re.findall(r'name="when" value="([^"]+)"', question)
    assert "Snooze 1 conversation" in question
    answer = client.post("/mail/snooze", data=snoozed(old, offered[-2]))
    assert answer.status_code == 302
    until = db.session.scalars(select(Snooze.snoozed_until)).one()
    assert until is not None
    assert f"{until.astimezone(BOGOTA):%Y-%m-%dT%H:%M}" == offered[-2]

    page = client.get("/mail/").text
    assert rows_of(page) == [key(new)]
    assert rows_of(client.get("/mail/?folder=snoozed").text) == [key(old)]
    undo = re.search(r'action="(/mail/undo/[^"]+)"', page)
    assert undo
    client.post(urlsplit(undo[1]).path)
    assert rows_of(client.get("/mail/").text) == [key(new), key(old)]


def test_the_notice_is_on_the_page_that_a_dialog_leads_to(
    sign_in: SignIn, organization: Organization
) -> None:
    """X3-06: what the dialog asked for does not take the way back with it."""
    placement = put(make_mailbox().inbox)
    db.session.commit()
    client = sign_in("clerk", lang="en")

    answer = client.post(
        "/mail/snooze", data=snoozed(placement, tomorrow()), headers={**HTMX, "HX-Target": "dialog"}
    )

    assert "/mail/undo/" in client.get(answer.headers["HX-Redirect"]).text


def test_what_was_sent_waits_for_an_answer(sign_in: SignIn, organization: Organization) -> None:
    """X3-06: if nobody answers in N days; among what one has received nothing is said of it."""
    box = make_mailbox()
    sent, received = put(box.sent), put(box.inbox)
    db.session.commit()
    client = sign_in("clerk", lang="en")

    asked = client.post("/mail/snooze", data={"rowid": key(sent), "folder": "sent"}).text
    assert "If nobody answers in 3 days" in asked
    assert (
        "If nobody answers" not in client.post("/mail/snooze", data={"rowid": key(received)}).text
    )


def test_what_waits_is_brought_back_from_its_list(
    sign_in: SignIn, organization: Organization
) -> None:
    """X3-06: with a notice that takes this back, too."""
    box = make_mailbox()
    placement = put(box.inbox)
    db.session.commit()
    client = sign_in("clerk")
    client.post("/mail/snooze", data=snoozed(placement, tomorrow()))

    chosen = {"folder": "snoozed", "do": "unsnooze", "rowid": key(placement)}
    answer = client.post("/mail/act", data=chosen, headers=HTMX)

    assert "undo" in answer.headers["HX-Trigger"]
    assert rows_of(answer.text) == []
    assert rows_of(client.get("/mail/").text) == [key(placement)]


def test_opening_takes_the_mark_away(sign_in: SignIn, organization: Organization) -> None:
    box = make_mailbox()
    placement = put(box.inbox, is_read=True)
    db.session.commit()
    client = sign_in("clerk", lang="en")
    client.post("/mail/snooze", data=snoozed(placement, tomorrow()))
    row = db.session.scalars(select(Snooze)).one()
    row.snoozed_until = row.created_at
    db.session.commit()
    come_back()
    assert "Back: its time has come" in client.get("/mail/").text

    read = {"do": "read", "quiet": "1", "key": key(placement)}
    client.post("/mail/act", data=read, headers=HTMX)

    assert "Back: its time has come" not in client.get("/mail/").text


@pytest.mark.parametrize("when", ["2020-01-01T08:00", "own", "9999-12-31T23:59", "x"])
def test_a_time_that_is_none_is_asked_for_again(
    sign_in: SignIn, organization: Organization, when: str
) -> None:
    placement = put(make_mailbox().inbox)
    db.session.commit()

    answer = sign_in("clerk").post("/mail/snooze", data=snoozed(placement, when))

    assert answer.status_code == 422
    assert "data-question" in answer.text
    assert db.session.scalars(select(Snooze)).all() == []


@pytest.mark.parametrize(
    ("now", "offered"),
    [
        ("2026-11-27T10:20", ["2026-11-27T13:00", "2026-11-28T08:00", "2026-11-30T08:00"]),
        ("2026-11-27T21:00", ["2026-11-28T08:00", "2026-11-30T08:00"]),
        ("2026-11-29T09:00", ["2026-11-29T12:00", "2026-11-30T08:00"]),
    ],
)
def test_what_is_offered_is_ahead_and_said_once(
    application: Flask, now: str, offered: list[str]
) -> None:
    """Later today while there is something left of it, tomorrow, and Monday unless that is tomorrow."""
    moment = datetime.fromisoformat(now).replace(tzinfo=BOGOTA)

    with application.test_request_context():
        assert [each.value for each in choices_at(moment)] == offered
