"""F17: what is undone while the server is being told, and a server that hangs up at each change: the mailbox goes on."""

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from errors import NotFound
from mail.gateway import NetworkGateway
from models.base import db
from models.mailbox.mail_sync import MailSync
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind, OperationState
from models.mailbox.message_placement import MessagePlacement
from models.people.organization import Organization
from models.people.user import User
from models.tenancy import acting_in
from services.mailbox.mailbox_sync import sync_mailbox
from services.mailbox.marking import mark
from services.mailbox.open_operations import open_operations
from services.mailbox.servers import MailNetwork
from services.mailbox.sync_run import SyncTools
from services.mailbox.undoing import undo
from tests.factories.mailbox import make_mailbox, make_raw
from tests.factories.people import make_user
from tests.servers.rude_imap import RudeImap
from tests.servers.rude_smtp import Connection

TOOLS = SyncTools(
    gateway=NetworkGateway(), network=MailNetwork(timeout_seconds=5, total_deadline_seconds=20)
)


@pytest.fixture
def ann(organization: Organization) -> User:
    return make_user(organization)


@pytest.fixture
def server() -> Iterator[RudeImap]:
    messages = {uid: make_raw(subject=str(uid)) for uid in range(1, 131)}
    with RudeImap(messages) as running:
        yield running


@pytest.fixture
def account_id(server: RudeImap, organization: Organization) -> int:
    account = make_mailbox(imap_port=server.port, password="x", sync_days=None)
    db.session.commit()
    sync_mailbox(account.id, TOOLS)
    db.session.expire_all()
    return account.id


def starred() -> int:
    db.session.expire_all()
    return len(
        db.session.scalars(select(MessagePlacement).where(MessagePlacement.is_starred)).all()
    )


def told(server: RudeImap) -> list[bytes]:
    return [each for each in server.commands if b"STORE" in each]


def from_another_tab(app: Flask, organization_id: int, deed: Callable[[], object]) -> None:
    """In a process of its own, as far as the database can tell."""

    def act() -> None:
        with app.app_context(), acting_in(organization_id):
            deed()
            db.session.commit()

    thread = threading.Thread(target=act)
    thread.start()
    thread.join(10)
    assert not thread.is_alive(), "the page waits for the server"


def test_a_batch_undone_while_the_server_is_told_of_it_ends_as_it_was(
    app: Flask, organization: Organization, ann: User, server: RudeImap, account_id: int
) -> None:
    """S3-16: what the server has heard is taken back there, the rest it never hears; and the page does not wait."""
    organization_id, ann_id = organization.id, ann.id
    placements = db.session.scalars(select(MessagePlacement)).all()
    batch = mark(placements, OperationKind.STAR, ann).id
    db.session.commit()

    def undone(talk: Connection, tag: bytes) -> None:
        del server.rude["STORE"]
        from_another_tab(
            app, organization_id, lambda: undo(batch, db.session.get_one(User, ann_id))
        )
        talk.say(tag + b" OK done\r\n")

    server.rude["STORE"] = undone
    for _time in range(2):
        sync_mailbox(account_id, TOOLS)

    first, *others = told(server)
    assert b"+FLAGS" in first and b"31:130" in first
    assert all(b"-FLAGS" in each for each in others) and others
    assert starred() == 0
    assert db.session.scalars(select(MailSync.problem)).one() is None
    assert open_operations(account_id) == []


def test_a_server_that_hangs_up_at_each_change_is_read_all_the_same(
    ann: User, server: RudeImap, account_id: int
) -> None:
    """S3-16: after some tries the change is named as refused, the view is what the server has, and new mail comes."""
    placement = db.session.scalars(select(MessagePlacement).order_by(MessagePlacement.id)).first()
    assert placement is not None
    mark([placement], OperationKind.STAR, ann)
    db.session.commit()

    def hangs_up(talk: Connection, _tag: bytes) -> None:
        talk.close()
        raise EOFError

    server.rude["STORE"] = hangs_up
    server.messages[131] = make_raw(subject="nuevo")
    for _time in range(8):
        sync_mailbox(account_id, TOOLS)

    [operation] = db.session.scalars(select(MailboxOperation))
    assert operation.state is OperationState.FAILED
    assert starred() == 0
    assert db.session.scalar(select(MessagePlacement.id).where(MessagePlacement.uid == 131))


def test_a_batch_is_undone_once(ann: User, account_id: int) -> None:
    """S3-16: a second tab with the same notice does not undo what was done anew since."""
    [placement] = db.session.scalars(select(MessagePlacement).limit(1)).all()
    batch = mark([placement], OperationKind.STAR, ann).id
    db.session.commit()
    sync_mailbox(account_id, TOOLS)
    undo(batch, ann)
    mark([placement], OperationKind.STAR, ann)

    with pytest.raises(NotFound):
        undo(batch, ann)
    assert placement.is_starred
