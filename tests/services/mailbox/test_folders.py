"""Folders that are renamed and deleted on the server, and a server that cannot move: nothing is lost, nothing is done twice."""

import shutil
from collections.abc import Iterator
from itertools import count

import pytest
from sqlalchemy import select

from mail.gateway import NetworkGateway
from mail.imap_syntax import folder_name
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind, OperationState
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from models.people.organization import Organization
from services.mailbox.mailbox_sync import sync_mailbox
from services.mailbox.sync_run import SyncTools
from tests.factories.mailbox import make_mailbox, make_raw
from tests.servers.certificates import Certificates
from tests.servers.dovecot import Dovecot
from tests.servers.mail_store import PASSWORD, content_of, other_client, running, without
from tests.servers.services import short_folder
from tests.services.mailbox.operating import operate

logins = count(50)
TOOLS = SyncTools(gateway=NetworkGateway())


@pytest.fixture
def login() -> str:
    return f"p{next(logins)}"


@pytest.fixture
def account(organization: Organization, store: Dovecot, login: str) -> MailAccount:
    account = make_mailbox(login=login, password=PASSWORD, imap_port=store.port, sync_days=None)
    db.session.commit()
    with other_client(store, login) as mailbox:
        mailbox.create("Reclamos")
        for n in range(3):
            mailbox.append("Reclamos", make_raw(subject=str(n)))
    read(account)
    return account


def read(account: MailAccount) -> None:
    sync_mailbox(account.id, TOOLS)
    db.session.expire_all()


def lying() -> list[tuple[str, int, int | None]]:
    """Path, placement and UID of each message."""
    rows = db.session.execute(
        select(MailFolder.path, MessagePlacement.id, MessagePlacement.uid)
        .join(MailFolder, MailFolder.id == MessagePlacement.folder_id)
        .where(MailFolder.gone_at.is_(None))
        .order_by(MessagePlacement.id)
    )
    return [(row.path, row.id, row.uid) for row in rows]


def ask(store: Dovecot, login: str, *words: bytes) -> None:
    with other_client(store, login) as mailbox:
        mailbox._talk.ask(*words)


def test_a_renamed_folder_is_the_same_folder(
    account: MailAccount, store: Dovecot, login: str
) -> None:
    """Its messages are not fetched again, and what waits for the server reaches it under the new name."""
    before = lying()
    placement = db.session.get_one(MessagePlacement, before[0][1])
    operate(account.id, OperationKind.STAR, placement)
    db.session.commit()
    ask(store, login, b"RENAME", folder_name("Reclamos"), folder_name("Quejas"))

    read(account)

    assert lying() == [("Quejas", key, uid) for _path, key, uid in before]
    assert content_of(store, "Quejas", login)[before[0][2] or 0] >= {"\\Flagged"}
    assert db.session.scalars(select(MailboxOperation.state)).one() is OperationState.DONE


def test_another_folder_under_a_new_name_is_none_that_was_renamed(
    account: MailAccount, store: Dovecot, login: str
) -> None:
    ask(store, login, b"DELETE", folder_name("Reclamos"))
    with other_client(store, login) as mailbox:
        mailbox.create("Pedidos")
        mailbox.append("Pedidos", make_raw(subject="other"))

    read(account)

    [(path, _key, _uid)] = lying()
    assert path == "Pedidos"


def test_a_deleted_folder_goes_and_its_operations_say_so(
    account: MailAccount, store: Dovecot, login: str
) -> None:
    """The messages themselves stay here; a folder that comes back within the hour has them again."""
    placement = db.session.get_one(MessagePlacement, lying()[0][1])
    operate(account.id, OperationKind.STAR, placement)
    db.session.commit()
    ask(store, login, b"DELETE", folder_name("Reclamos"))

    read(account)

    assert lying() == []
    operation = db.session.scalars(select(MailboxOperation)).one()
    assert operation.state is OperationState.GONE
    assert len(db.session.scalars(select(Message)).all()) == 3


def test_a_folder_that_is_made_elsewhere_appears(
    account: MailAccount, store: Dovecot, login: str
) -> None:
    with other_client(store, login) as mailbox:
        mailbox.create("Archivo/2026")
        mailbox.append("Archivo/2026", make_raw(subject="new"))

    read(account)

    assert [path for path, _key, _uid in lying()] == ["Reclamos"] * 3 + ["Archivo/2026"]


@pytest.fixture(scope="module")
def cannot_move(certificates: Certificates) -> Iterator[Dovecot]:
    folder = short_folder()
    try:
        with running(folder, certificates.valid, "p1", further=without("MOVE")) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_without_move_it_is_copied_and_taken_away(
    organization: Organization, cannot_move: Dovecot
) -> None:
    """Once there and once here, with its marks; the others stay where they are."""
    account = make_mailbox(
        login="p1", password=PASSWORD, imap_port=cannot_move.port, sync_days=None
    )
    db.session.commit()
    with other_client(cannot_move, "p1") as mailbox:
        assert not mailbox.can("MOVE")
        for n in range(3):
            mailbox.append("INBOX", make_raw(subject=str(n)), flags=("\\Flagged",))
    read(account)
    key = lying()[1][1]
    operate(account.id, OperationKind.MOVE, db.session.get_one(MessagePlacement, key))
    db.session.commit()

    read(account)

    assert sorted(content_of(cannot_move, "INBOX", "p1")) == [1, 3]
    [(uid, flags)] = content_of(cannot_move, "Trash", "p1").items()
    assert "\\Flagged" in flags
    assert "\\Deleted" not in flags
    assert ("Trash", key, uid) in lying()
    trash = db.session.scalars(select(MailFolder).where(MailFolder.role == FolderRole.TRASH)).one()
    assert db.session.get_one(MessagePlacement, key).folder_id == trash.id
