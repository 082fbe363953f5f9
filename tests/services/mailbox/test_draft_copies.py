"""S3-18: a draft stands in the drafts of its mailbox, once; one that was begun elsewhere is continued here."""

from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select

from errors import Conflict, NotFound
from files.store import FileStore
from jobs.mail_sending import copy_drafts
from mail.gateway import NetworkGateway
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import DraftKind, DraftState, MailDraft
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from models.people.organization import Organization
from models.people.user import User
from models.public_id import uuid7
from services.mailbox.continued_drafts import continue_draft, own_draft_behind
from services.mailbox.conversation import conversation
from services.mailbox.draft_files import add_file
from services.mailbox.drafts import discard, draft_to_keep, keep, restore
from services.mailbox.folder_badges import copies_in
from services.mailbox.mail_sending import leave, take_back
from services.mailbox.mailbox_sync import sync_mailbox
from services.mailbox.message_bytes import raw_of
from services.mailbox.sync_run import SyncTools
from settings import Settings
from tests.factories.mailbox import make_mailbox, make_raw
from tests.factories.people import make_user
from tests.servers.dovecot import Dovecot
from tests.servers.mail_store import PASSWORD, other_client

logins = count(30)
TOOLS = SyncTools(gateway=NetworkGateway())


@pytest.fixture
def writer(organization: Organization) -> User:
    return make_user(organization, name="Lucía", email="lucia@penalba.test")


@pytest.fixture
def login() -> str:
    return f"p{next(logins)}"


@pytest.fixture
def account(writer: User, store: Dovecot, login: str) -> MailAccount:
    account = make_mailbox(
        address="lucia@penalba.test",
        login=login,
        password=PASSWORD,
        imap_port=store.port,
        sync_days=None,
    )
    db.session.commit()
    read(account)
    return account


def read(account: MailAccount) -> None:
    sync_mailbox(account.id, TOOLS)
    db.session.expire_all()


def rest(account: MailAccount, draft: MailDraft) -> None:
    """Nobody has typed for a while, and the server is told."""
    draft.saved_at = utc_now() - timedelta(minutes=1)
    db.session.commit()
    copy_drafts()
    read(account)


def write(draft: MailDraft, **fields: str) -> None:
    values = {**draft.fields, "account_id": draft.account_id, **fields}
    keep(draft, values, revision=draft.revision)
    db.session.commit()


def subjects_there(store: Dovecot, login: str) -> list[str]:
    with other_client(store, login) as mailbox:
        mailbox.select("Drafts")
        uids = mailbox.uids()
        found = list(mailbox.bodies(uids, expects=100_000)) if uids else []
        heads = [bytes(each.raw or b"").partition(b"\r\n\r\n")[0] for each in found]
    lines = [line for head in heads for line in head.split(b"\r\n")]
    return [line.decode()[9:] for line in lines if line.startswith(b"Subject: ")]


@pytest.fixture
def draft(writer: User, account: MailAccount) -> MailDraft:
    draft, _new = draft_to_keep(uuid7(), writer, DraftKind.NEW, None)
    write(draft, to="Ana <ana@cliente.test>", subject="Uno", body_html="<p>Hola, <b>Ana</b></p>")
    return draft


def test_it_is_put_there_when_writing_rests_and_replaced_when_it_changes(
    account: MailAccount, draft: MailDraft, store: Dovecot, login: str
) -> None:
    copy_drafts()
    read(account)
    assert subjects_there(store, login) == []  # somebody is typing

    rest(account, draft)
    assert subjects_there(store, login) == ["Uno"]
    rest(account, draft)
    write(draft, subject="Dos")
    rest(account, draft)

    assert subjects_there(store, login) == ["Dos"]
    placed = db.session.scalars(select(MessagePlacement)).one()
    assert (placed.id, placed.uid is not None) == (draft.placement_id, True)


def test_what_changes_before_the_server_was_told_is_put_there_once(
    account: MailAccount, draft: MailDraft, store: Dovecot, login: str
) -> None:
    for subject in ("Uno", "Dos", "Tres"):
        write(draft, subject=subject)
        draft.saved_at = utc_now() - timedelta(minutes=1)
        db.session.commit()
        copy_drafts()
        db.session.expire_all()

    read(account)

    assert subjects_there(store, login) == ["Tres"]


def test_given_up_it_goes_and_taken_back_it_comes_again(
    account: MailAccount, draft: MailDraft, store: Dovecot, login: str
) -> None:
    rest(account, draft)
    discard(draft)
    rest(account, draft)
    assert subjects_there(store, login) == []

    restore(draft)
    rest(account, draft)

    assert subjects_there(store, login) == ["Uno"]


def test_deleted_elsewhere_it_is_given_up_here_unless_it_was_changed(
    account: MailAccount, draft: MailDraft, store: Dovecot, login: str
) -> None:
    rest(account, draft)
    delete_there(store, login)
    write(draft, subject="Dos")
    read(account)
    copy_drafts()
    rest(account, draft)
    assert (draft.state, subjects_there(store, login)) == (DraftState.WRITING, ["Dos"])

    delete_there(store, login)
    read(account)
    copy_drafts()

    db.session.expire_all()
    assert draft.state is DraftState.DISCARDED


def test_its_copy_is_no_message_of_the_conversation(
    account: MailAccount, draft: MailDraft, writer: User
) -> None:
    rest(account, draft)
    placed = db.session.scalars(select(MessagePlacement)).one()

    with pytest.raises(NotFound):
        conversation(placed.message.thread.public_id, writer)
    assert own_draft_behind(placed.message.public_id, writer) == draft


def test_given_up_its_copy_is_no_message_until_it_is_taken_away(
    account: MailAccount, draft: MailDraft, writer: User
) -> None:
    """Who deletes a draft does not find it again as a message of somebody else."""
    rest(account, draft)
    placed = db.session.scalars(select(MessagePlacement)).one()

    discard(draft)
    db.session.commit()

    with pytest.raises(NotFound):
        conversation(placed.message.thread.public_id, writer)
    assert copies_in([placed.folder]) == {placed.message_id}


def test_a_draft_of_another_program_is_continued(
    account: MailAccount,
    writer: User,
    store: Dovecot,
    login: str,
    organization: Organization,
    settings: Settings,
) -> None:
    """With its people, its text and its files; when it changes, one stands there."""
    raw = make_raw(
        sender="lucia@penalba.test",
        to="Ana Ruiz <ana@cliente.test>",
        subject="Oferta",
        text="Estimada Ana:",
        html="<p>Estimada <b>Ana</b>:</p><script>x()</script>",
        files=(("oferta.pdf", b"%PDF-1.7 x"),),
        bcc="jefa@penalba.test",
    )
    with other_client(store, login) as mailbox:
        mailbox.append("Drafts", raw, flags=("\\Draft",))
    read(account)
    message = db.session.scalars(select(Message)).one()
    files = FileStore(settings.files_url)

    draft = continue_draft(message, writer, files)

    assert continue_draft(message, writer, files) is draft
    with pytest.raises(Conflict):
        continue_draft(message, make_user(organization), files)
    leave(draft, writer)
    with pytest.raises(Conflict, match="está por salir"):
        continue_draft(message, make_user(organization), files)
    take_back(draft)
    assert draft.fields["to"] == "Ana Ruiz <ana@cliente.test>"
    assert draft.fields["bcc"] == "jefa@penalba.test"
    assert draft.fields["body_html"].strip() == "<p>Estimada <b>Ana</b>:</p>"
    assert [row.name for row in draft.files] == ["oferta.pdf"]
    assert draft.account_id == account.id
    write(draft, subject="Oferta nueva")
    rest(account, draft)
    assert subjects_there(store, login) == ["Oferta nueva"]


def test_its_files_are_in_the_copy(
    account: MailAccount, draft: MailDraft, settings: Settings
) -> None:
    add_file(draft, b"%PDF-1.7 plano", "plano.pdf", FileStore(settings.files_url))
    rest(account, draft)

    placed = db.session.scalars(select(MessagePlacement)).one()
    folder = db.session.get_one(MailFolder, placed.folder_id)
    assert folder.role is FolderRole.DRAFTS
    assert placed.message.has_attachments
    assert b"plano.pdf" in raw_of(placed.message)


def delete_there(store: Dovecot, login: str) -> None:
    with other_client(store, login) as mailbox:
        mailbox.select("Drafts", writes=True)
        mailbox.expunge(mailbox.uids())
