"""What somebody had begun in a mailbox that they may no longer read, and what others deleted while they wrote (S3-18, S3-23)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from jobs.mail_sending import send_written
from models.base import db, utc_now
from models.mailbox.account_grant import AccountGrant
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import DraftKind, DraftState, MailDraft
from models.mailbox.mail_folder import FolderRole
from models.mailbox.mailbox_operation import MailboxOperation, OperationState
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.snooze import Snooze
from models.people.organization import Organization
from models.people.user import User
from models.public_id import uuid7
from tests.admin_views.conftest import SignIn
from tests.admin_views.mail_pages import HTMX, key
from tests.factories.mailbox import make_folder, make_mailbox, receive
from tests.factories.people import make_user
from tests.factories.saving import saved

SECRET = "El precio es secreto"


@pytest.fixture
def named(sign_in: SignIn, organization: Organization) -> FlaskClient:
    return sign_in("clerk", email="named@example.com")


@pytest.fixture
def own(organization: Organization) -> MailAccount:
    """A mailbox that stays theirs."""
    account = make_mailbox(is_shared=True, address="ventas@penalba.example")
    make_folder(account)
    db.session.commit()
    return account


@pytest.fixture
def placement(organization: Organization, named: FlaskClient) -> MessagePlacement:
    """In the mailbox of a colleague who has named them for it."""
    account = make_mailbox(owner_id=make_user(organization).id)
    make_folder(account, FolderRole.TRASH)
    found = receive(make_folder(account), text=SECRET)
    user = db.session.scalars(select(User).where(User.email == "named@example.com")).one()
    saved(AccountGrant(account_id=account.id, user_id=user.id, can_read=True))
    db.session.commit()
    return found


def withdraw() -> None:
    db.session.execute(delete(AccountGrant))
    db.session.commit()


def post(client: FlaskClient, draft: UUID, deed: str, account: MailAccount, **fields: Any) -> Any:
    written = {"to": "eva@otra.example", "subject": "Re: x", "body_html": "<p>Mi respuesta</p>"}
    values = {"account": str(account.public_id), "revision": "0", **written, **fields}
    return client.post(f"/mail/compose/{draft}/{deed}", data=values)


def answering(placement: MessagePlacement, **fields: Any) -> dict[str, Any]:
    return {"kind": "reply", "message": str(placement.message.public_id), "quotes": "1", **fields}


def kept() -> MailDraft:
    db.session.expire_all()
    return db.session.scalars(select(MailDraft)).one()


def test_an_answer_repeats_nothing_that_its_writer_may_no_longer_read(
    named: FlaskClient, own: MailAccount, placement: MessagePlacement
) -> None:
    """S3-23: neither on its page nor in what is sent; what they wrote themselves leaves when they say so once more."""
    draft, fields = uuid7(), answering(placement)
    assert post(named, draft, "keep", own, **fields).status_code == 200
    assert SECRET in named.get(f"/mail/compose?draft={draft}").text

    withdraw()

    assert SECRET not in named.get(f"/mail/compose?draft={draft}").text
    refused = post(named, draft, "send", own, **fields, revision="1")
    assert refused.status_code == 422
    assert "Ya no puede leer el mensaje" in refused.text and SECRET not in refused.text
    fields["quotes"] = ""
    assert post(named, draft, "send", own, **fields, revision="2").status_code == 302


def test_what_was_to_leave_later_comes_back(
    named: FlaskClient, own: MailAccount, placement: MessagePlacement
) -> None:
    """S3-23, X3-11: it leaves neither with the message nor silently without it."""
    draft = uuid7()
    assert post(named, draft, "send", own, **answering(placement)).status_code == 302
    withdraw()
    db.session.execute(update(MailDraft).values(leaves_at=utc_now()))
    db.session.commit()

    send_written()

    assert kept().state is DraftState.WRITING
    assert "Ya no puede leer" in kept().fields["problem"]


@pytest.mark.parametrize("was_kept", [True, False])
def test_what_is_written_is_kept_though_the_message_was_deleted_meanwhile(
    named: FlaskClient, own: MailAccount, placement: MessagePlacement, was_kept: bool
) -> None:
    """S3-18: another program has deleted for good what is being answered: nothing typed is lost, and it can be sent."""
    draft, fields = uuid7(), answering(placement)
    if was_kept:
        assert post(named, draft, "keep", own, **fields).status_code == 200
    db.session.execute(delete(MessagePlacement))
    db.session.commit()
    revision = {"revision": "1" if was_kept else "0"}

    answer = post(named, draft, "keep", own, **fields, **revision)

    assert answer.status_code == 200, answer.json
    assert "Mi respuesta" in kept().fields["body_html"]
    assert kept().kind is (DraftKind.REPLY if was_kept else DraftKind.NEW)
    page = named.get(f"/mail/compose?draft={draft}").text
    assert (SECRET in page) is was_kept  # they were reading it
    sent = post(named, draft, "send", own, **fields, revision=str(kept().revision))
    assert sent.status_code == 302


def test_nobody_undoes_anything_in_a_mailbox_that_is_closed_to_them(
    named: FlaskClient, placement: MessagePlacement
) -> None:
    """S3-23: not with the notice of a page that is still open."""
    acted = named.post("/mail/act", data={"do": "trash", "rowid": key(placement)}, headers=HTMX)
    undo = acted.headers["HX-Trigger"].partition('"undo": "')[2].partition('"')[0]
    withdraw()

    assert named.post(undo).status_code == 404

    db.session.expire_all()
    lies_in = db.session.get_one(MessagePlacement, placement.id).folder.role
    assert lies_in is FolderRole.TRASH


def test_nobody_brings_back_what_waits_in_a_mailbox_that_is_closed_to_them(
    named: FlaskClient, placement: MessagePlacement
) -> None:
    """X3-06: the same for what was snoozed."""
    until = f"{utc_now() + timedelta(days=2):%Y-%m-%dT%H:%M}"
    named.post("/mail/snooze", data={"rowid": key(placement), "when": until})
    batch = db.session.scalars(select(Snooze.batch)).one()
    withdraw()

    assert named.post(f"/mail/undo/{batch}").status_code == 404

    db.session.expire_all()
    assert db.session.scalars(select(Snooze.snoozed_until)).one() is not None


def test_a_refusal_names_no_message_of_a_mailbox_that_is_closed_to_them(
    named: FlaskClient, own: MailAccount, placement: MessagePlacement
) -> None:
    """X3-16: what the server did not do is told with the subject of the message."""
    named.post("/mail/act", data={"do": "read", "rowid": key(placement)}, headers=HTMX)
    refused = update(MailboxOperation).values(state=OperationState.FAILED, note="NO")
    db.session.execute(refused)
    db.session.commit()
    subject = placement.message.subject
    assert subject in named.get("/mail/?folder=sent").text

    withdraw()

    assert subject not in named.get("/mail/?folder=sent").text
