"""Writing a message: what is asked before it leaves, and what a second tab may do to one that is about to."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from jobs.mail_sending import send_written
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import DraftKind, DraftState, MailDraft
from models.mailbox.mail_folder import FolderRole
from models.mailings.delivery import DeliveryState, DeliveryStatus
from models.mailings.reason import ReasonCode
from models.people.organization import Organization
from models.public_id import uuid7
from tests.admin_views.conftest import SignIn
from tests.factories.mailbox import make_folder, make_mailbox, receive

WRITTEN = {"to": "ana@cliente.test", "subject": "Hola", "body_html": "<p>Buenos días</p>"}


@pytest.fixture
def account(organization: Organization) -> MailAccount:
    account = make_mailbox(is_shared=True)
    db.session.commit()
    return account


def post(client: FlaskClient, draft: UUID, deed: str, account: MailAccount, **fields: Any) -> Any:
    values = {"account": str(account.public_id), "revision": "0", **WRITTEN, **fields}
    return client.post(f"/mail/compose/{draft}/{deed}", data=values)


def kept() -> MailDraft:
    db.session.expire_all()
    return db.session.scalars(select(MailDraft)).one()


@pytest.mark.parametrize(
    ("fields", "question"),
    [
        ({"subject": " "}, "El mensaje no tiene asunto."),
        ({"body_html": "<p>&nbsp;</p>"}, "El mensaje está vacío."),
        ({"is_plain": "1", "body_text": " \n"}, "El mensaje está vacío."),
        ({"subject": "", "body_html": ""}, "El mensaje no tiene asunto. El mensaje está vacío."),
    ],
)
def test_what_may_have_been_forgotten_is_asked_once(
    sign_in: SignIn, account: MailAccount, fields: dict[str, str], question: str
) -> None:
    """S3-34: and an empty message in the same way; nothing is lost by the question."""
    client, draft = sign_in("clerk"), uuid7()

    asked = post(client, draft, "send", account, **fields)

    assert f"<p>{question} ¿Enviarlo así?" in asked.text
    assert kept().state is DraftState.WRITING
    assert 'name="sure" value="1"' in asked.text
    post(client, draft, "send", account, **fields, sure="1", revision="1")
    assert kept().state is DraftState.LEAVING


def test_an_answer_without_a_word_is_asked_about(sign_in: SignIn, account: MailAccount) -> None:
    """What it quotes is not what somebody wrote; a forward needs no word."""
    original = receive(make_folder(account), subject="Flete").message
    db.session.commit()
    client = sign_in("clerk")
    fields = {"message": str(original.public_id), "body_html": "<p></p>", "quotes": "1"}

    answer = post(client, uuid7(), "send", account, kind=DraftKind.REPLY.value, **fields)
    forward = post(client, uuid7(), "send", account, kind=DraftKind.FORWARD.value, **fields)

    assert "El mensaje está vacío." in answer.text
    assert forward.status_code == 302


@pytest.mark.parametrize("deed", ["keep", "send", "clear", "discard", "files"])
def test_what_is_about_to_leave_is_not_changed_by_another_tab(
    sign_in: SignIn, account: MailAccount, deed: str
) -> None:
    """X3-11: refused with the sentence why; what leaves is what was sent."""
    client, draft = sign_in("clerk"), uuid7()
    post(client, draft, "send", account)
    before = kept().fields

    answer = post(client, draft, deed, account, subject="Otro", revision="1")

    assert answer.status_code in (400, 409)
    assert kept().state is DraftState.LEAVING
    assert kept().fields == before
    assert not kept().files


def test_the_second_tab_says_so_and_shows_what_stood_there(
    sign_in: SignIn, account: MailAccount
) -> None:
    """Pains D-5: nothing is lost; pressed twice, it is sent once and no error."""
    client, draft = sign_in("clerk"), uuid7()
    sent = post(client, draft, "send", account)

    twice = post(client, draft, "send", account)
    other = post(client, draft, "send", account, body_html="<p>Mejor no</p>")
    noted = post(client, draft, "keep", account, body_html="<p>Mejor no</p>")
    page = client.get(f"/mail/compose?draft={draft}").text

    assert (sent.status_code, twice.status_code, other.status_code) == (302, 302, 409)
    assert "está por salir" in other.text
    assert "Mejor no" in other.text.partition("Lo que había en esta pestaña")[2]
    assert "está por salir" in noted.json["changed"]
    assert '<fieldset class="v-comp-all" disabled>' in page
    assert "Deshacer el envío para cambiarlo" in page


def test_where_it_is_read_again_each_one_who_did_not_get_it_is_named(
    sign_in: SignIn, account: MailAccount
) -> None:
    """Pains D-5, S3-19: with the reason, and what the server said."""
    client, draft = sign_in("clerk"), uuid7()
    post(client, draft, "send", account)
    kept().leaves_at = utc_now()
    db.session.commit()
    send_written()
    state = db.session.get_one(DeliveryState, kept().delivery_id)
    state.state, state.reason_code = DeliveryStatus.FAILED, ReasonCode.RECIPIENT_REJECTED
    state.reason_detail = "550 5.1.1 gone"
    message = receive(make_folder(account, FolderRole.SENT), subject="Hola").message
    message.delivery_id = state.delivery_id
    url = f"/mail/messages/{message.public_id}"
    db.session.commit()

    page = client.get(client.get(url).headers["Location"]).text

    assert (
        "ana@cliente.test no recibió este mensaje. "
        "El servidor rechazó esta dirección. 550 5.1.1 gone"
    ) in page


@pytest.mark.parametrize("key", ["1" * 5_000, "9" * 18, "²", "-1", "x"])
def test_a_document_that_is_none_is_not_found(
    sign_in: SignIn, account: MailAccount, key: str
) -> None:
    """F16: nor is a number that no computer reads an error of ours."""
    assert post(sign_in(), uuid7(), "documents", account, document=key).status_code == 404
