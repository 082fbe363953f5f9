"""Who else is at a conversation, as its pages are told (X3-01)."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import DraftState, MailDraft
from models.mailbox.message import Message
from models.mailbox.thread import Thread
from models.mailbox.thread_presence import ThreadPresence
from models.people.organization import Organization
from models.people.user import User
from models.public_id import uuid7
from tests.admin_views.conftest import SignIn
from tests.factories.mailbox import make_folder, make_mailbox, receive


@pytest.fixture
def question(organization: Organization) -> Message:
    """What a customer asks, in a mailbox of everybody."""
    message = receive(make_folder(make_mailbox(is_shared=True)), subject="Flete").message
    db.session.commit()
    return message


def address_of(message: Message) -> str:
    return f"/mail/presence/{db.session.get_one(Thread, message.thread_id).public_id}"


def say(client: FlaskClient, message: Message, mode: str = "viewing", **fields: str) -> Any:
    return client.post(address_of(message), data={"mode": mode, **fields})


def answer(
    client: FlaskClient, message: Message, draft: str = "", **fields: str
) -> tuple[str, Any]:
    """Send one, by the address of the mailbox; the name of the draft, and what the server says."""
    draft = draft or str(uuid7())
    account = db.session.scalars(select(MailAccount.public_id).order_by(MailAccount.id)).first()
    values = {"kind": "reply", "message": str(message.public_id), "revision": "0", "subject": "Re"}
    values |= {
        "account": str(account),
        "to": "ana@cliente.test",
        "body_html": "<p>Sí</p>",
        **fields,
    }
    return draft, client.post(f"/mail/compose/{draft}/send", data=values)


def test_each_page_says_who_else_is_there(sign_in: SignIn, question: Message) -> None:
    """X3-01: who reads, who writes, several at once; in the reader's language."""
    ann, ben = sign_in("clerk", name="Ann"), sign_in("clerk", name="Ben", lang="en")

    assert say(ann, question).json == {"words": ""}
    assert say(ben, question).json == {"words": "Ann is looking at this, too."}
    assert say(ann, question).json == {"words": "Ben también está viendo esto."}
    say(ben, question, "writing")
    say(sign_in("reader", name="Carla"), question)
    say(sign_in("reader", name="Dora"), question)

    words = "Ben está escribiendo una respuesta. Carla, Dora también están viendo esto."
    assert say(ann, question).json == {"words": words}


def test_who_goes_is_not_said_any_more(sign_in: SignIn, question: Message) -> None:
    """X3-01."""
    ann, ben = sign_in("clerk", name="Ann"), sign_in("clerk", name="Ben")
    say(ben, question)

    assert say(ben, question, leaves="1").status_code == 204
    assert say(ann, question).json == {"words": ""}


def test_not_at_what_one_may_not_read_nor_answer(sign_in: SignIn, question: Message) -> None:
    """X3-01: a mailbox of somebody else, another company, a role that only reads; nothing is written down."""
    ann = sign_in("clerk", name="Ann")
    owner = db.session.scalars(select(User).where(User.name == "Ann")).one()
    private = receive(make_folder(make_mailbox(owner_id=owner.id))).message
    db.session.commit()

    assert say(ann, private).status_code == 200
    assert say(sign_in("clerk"), private).status_code == 404
    assert ann.post(f"/mail/presence/{uuid7()}", data={"mode": "viewing"}).status_code == 404
    assert say(sign_in("reader"), question, "writing").status_code == 403
    for mode in ("", "sleeping", "viewing\x00"):
        assert say(ann, question, mode).status_code == 400
    assert len(db.session.scalars(select(ThreadPresence)).all()) == 1


def test_whoever_answers_after_somebody_else_is_asked(sign_in: SignIn, question: Message) -> None:
    """X3-01: told while they write, and asked before it leaves; they may send it all the same."""
    ann, ben = sign_in("clerk", name="Ann"), sign_in("clerk", name="Ben")
    page = ann.get(f"/mail/compose?kind=reply&message={question.public_id}").text
    [begun] = re.findall(r'name="begun" value="([^"]+)"', page)
    say(ann, question, "writing", begun=begun)
    say(ann, question, "writing", leaves="1")  # they look something up in another tab
    _draft, sent = answer(ben, question)
    assert sent.status_code == 302

    told = say(ann, question, "writing", begun=begun).json["words"]
    name, asked = answer(ann, question, begun=begun)

    assert told.startswith("Ben ya respondió: sale el ")
    assert asked.status_code == 200
    assert "Ben ya respondió: sale el " in asked.text
    assert f'name="begun" value="{begun}"' in asked.text
    assert "¿Enviarlo así?" in asked.text
    draft = db.session.scalars(select(MailDraft).where(MailDraft.public_id == name)).one()
    assert draft.state is DraftState.WRITING
    assert answer(ann, question, draft=name, revision="1", sure="1")[1].status_code == 302


@pytest.mark.parametrize("begun", ["", "yesterday", "2026-11-28", "2026-11-28T09:00", "9" * 400])
def test_a_moment_that_is_none_harms_nobody(sign_in: SignIn, question: Message, begun: str) -> None:
    """X3-01: the page says itself when it was opened."""
    ann = sign_in("clerk", name="Ann")

    assert say(ann, question, "writing", begun=begun).json == {"words": ""}
    assert answer(ann, question, begun=begun)[1].status_code == 302


def test_whoever_answers_first_is_not_asked(sign_in: SignIn, question: Message) -> None:
    """X3-01: nor about what is only being written."""
    ann, ben = sign_in("clerk", name="Ann"), sign_in("clerk", name="Ben")
    say(ben, question, "writing")
    say(ann, question, "writing")

    assert answer(ann, question)[1].status_code == 302
