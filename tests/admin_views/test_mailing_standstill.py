"""What the console and the home page say of a mailing that stands still, and what a person can do (X1-04)."""

import html

import pytest
from sqlalchemy import update

from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.people.organization import Organization
from services.mailings.flow import start
from settings import Settings
from tests.admin_views.conftest import SignIn
from tests.factories.mailings import make_registered


@pytest.fixture
def mailing(organization: Organization, settings: Settings) -> Mailing:
    return make_registered(settings, title="Julio")


def put(record: type[Mailing] | type[MailAccount], key: int, **values: object) -> None:
    db.session.execute(update(record).where(record.id == key).values(**values))
    db.session.commit()
    db.session.expire_all()


def console(sign_in: SignIn, mailing: Mailing, role: str = "clerk") -> str:
    answer = sign_in(role, lang="en").get(f"/mailings/?mailing={mailing.public_id}")
    return html.unescape(answer.text)


def test_it_says_that_it_stopped_by_itself_with_two_buttons(
    sign_in: SignIn, mailing: Mailing
) -> None:
    """X1-04: the reason with its numbers, *See why* and *Go on anyway*."""
    put(
        Mailing,
        mailing.id,
        state=MailingState.STOPPED,
        started_at=utc_now(),
        stop_requested_at=utc_now(),
        refused_answers=14,
        last_answers=50,
    )

    page = console(sign_in, mailing)
    question = sign_in("clerk", lang="en").get(f"/mailings/{mailing.public_id}/start").text
    home = html.unescape(sign_in("clerk", lang="en").get("/").text)

    assert "It stopped automatically: 14 of the last 50 messages were refused." in page
    assert 'id="see-why"' in page and "show=failed" in page
    assert 'id="go-on-anyway"' in page
    assert "It stopped automatically: 14 of the last 50" in html.unescape(question)
    assert "stopped automatically" in home
    assert "14 of its last 50 messages were refused." in home
    assert 'id="go-on-anyway"' not in console(sign_in, mailing, "reader")


def test_going_on_takes_the_sentence_away(sign_in: SignIn, mailing: Mailing) -> None:
    put(
        Mailing,
        mailing.id,
        state=MailingState.STOPPED,
        refused_answers=14,
        last_answers=50,
    )

    sign_in("clerk").post(f"/mailings/{mailing.public_id}/start")

    assert "It stopped automatically" not in console(sign_in, mailing)
    db.session.refresh(mailing)
    assert mailing.tolerated_percent == 28


def test_an_account_that_waits_for_a_person_has_a_button(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-18, X1-04: account paused with the reason; whoever may correct it is led there."""
    start(mailing.id)
    put(MailAccount, mailing.account_id, paused_reason="auth_failed")

    assert 'id="correct-account"' in console(sign_in, mailing, "administrator")
    page = console(sign_in, mailing, "reader")
    assert "Password refused" in page and 'id="correct-account"' not in page


def test_it_is_asked_less_often_while_nothing_moves(sign_in: SignIn, mailing: Mailing) -> None:
    """S1-18: polling backs off when nothing moves."""
    start(mailing.id)
    assert "every 2s" in console(sign_in, mailing)
    put(MailAccount, mailing.account_id, paused_reason="auth_failed")
    put(Mailing, mailing.id, started_at=db.func.now() - db.text("interval '5 minutes'"))

    page = console(sign_in, mailing)

    assert "every 10s" in page and "every 2s" not in page
