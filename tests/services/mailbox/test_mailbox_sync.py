"""A mailbox on a real server and the same mailbox here, both ways (X3-09)."""

from itertools import count
from typing import Any

import pytest
from sqlalchemy import func, select, text

from mail.gateway import NetworkGateway
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.mail_sync import MailSync
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind, OperationState
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.message_text import MessageText
from models.mailbox.thread import FolderThread
from models.people.organization import Organization
from services.mailbox.letters import Letter
from services.mailbox.mailbox_sync import sync_mailbox
from services.mailbox.message_bytes import raw_of
from services.mailbox.sync_run import SyncTools
from services.mailbox.taking_in import take_in
from tests.factories.mailbox import NOON, make_mailbox, make_raw
from tests.servers.dovecot import Dovecot
from tests.servers.mail_store import PASSWORD, content_of, other_client
from tests.services.mailbox.operating import operate

logins = count()


class Box:
    """An account here, and its mailbox there."""

    def __init__(self, store: Dovecot, login: str, **fields: Any) -> None:
        self.store, self.login = store, login
        self.account = make_mailbox(
            login=login, password=PASSWORD, imap_port=store.port, sync_days=None, **fields
        )
        db.session.commit()
        self.account_id, self.organization_id = self.account.id, self.account.organization_id

    def sync(self, **tools: Any) -> bool:
        more = sync_mailbox(self.account_id, SyncTools(gateway=NetworkGateway(), **tools))
        db.session.expire_all()
        row = db.session.scalars(
            select(MailSync).where(MailSync.account_id == self.account_id)
        ).one()
        assert row.problem is None, row.problem_detail
        return more

    def put(self, path: str = "INBOX", *, flags: tuple[str, ...] = (), **fields: Any) -> bytes:
        raw = make_raw(**fields)
        with other_client(self.store, self.login) as mailbox:
            mailbox.append(path, raw, flags=flags)
        return raw

    def folder(self, role: FolderRole = FolderRole.INBOX) -> MailFolder:
        return db.session.scalars(
            select(MailFolder).where(
                MailFolder.account_id == self.account_id, MailFolder.role == role
            )
        ).one()

    def placements(self, role: FolderRole = FolderRole.INBOX) -> list[MessagePlacement]:
        db.session.expire_all()
        return list(
            db.session.scalars(
                select(MessagePlacement)
                .where(MessagePlacement.folder_id == self.folder(role).id)
                .order_by(MessagePlacement.uid)
            )
        )

    def there(self, path: str = "INBOX") -> dict[int, set[str]]:
        return content_of(self.store, path, self.login)

    def operate(
        self, kind: OperationKind, placement: MessagePlacement, to: FolderRole | None = None
    ) -> MailboxOperation:
        """As a person does it here: the view and what waits for the server, together."""
        operation = operate(self.account_id, kind, placement, to=to or FolderRole.TRASH)
        db.session.commit()
        return operation

    def state(self, operation: MailboxOperation) -> OperationState:
        return db.session.get_one(MailboxOperation, operation.id, populate_existing=True).state


@pytest.fixture
def box(organization: Organization, store: Dovecot) -> Box:
    return Box(store, f"p{next(logins)}")


def test_a_mailbox_comes_whole(box: Box) -> None:
    """S3-02, S3-06: all folders, all messages, with their marks; counters, words and bytes with them."""
    raws = [
        box.put(subject=f"Uno {n}", text=f"palabra{n}", message_id=f"<{n}@x>") for n in range(7)
    ]
    box.put("Sent", subject="Re: Uno 1", in_reply_to="<1@x>", flags=("\\Seen",))

    assert not box.sync(first_batch=2, batch=3)

    inbox = box.placements()
    assert [raw_of(each.message) for each in inbox] == raws
    assert [each.is_read for each in box.placements(FolderRole.SENT)] == [True]
    assert inbox[1].thread_id == box.placements(FolderRole.SENT)[0].thread_id
    assert db.session.scalar(select(func.count()).select_from(MessageText)) == 8
    counted = db.session.scalars(
        select(FolderThread).where(FolderThread.folder_id == box.folder().id)
    ).all()
    assert [(each.messages, each.unread) for each in counted] == [(1, 1)] * 7
    row = db.session.scalars(select(MailSync)).one()
    assert (row.done, row.wanted) == (8, 8)
    assert row.first_run_ended_at is not None
    assert row.poll_token is not None
    assert row.began_at is None


def test_the_newest_are_here_first(box: Box) -> None:
    for n in range(9):
        box.put(subject=str(n))

    assert sync_mailbox(
        box.account_id, SyncTools(gateway=NetworkGateway(), first_batch=4), seconds=0
    )

    assert [each.message.subject for each in box.placements()] == ["5", "6", "7", "8"]
    assert box.folder().first_run_below == 6
    assert not box.sync()
    assert len(box.placements()) == 9


def test_the_planner_knows_of_the_first_messages(box: Box) -> None:
    """Made for an empty table, the plan that checks keys would read all messages for each new one."""
    for number in range(4):
        box.put(subject=f"Pedido {number}")
    assert not box.sync()
    believed = db.session.scalar(
        text("SELECT reltuples FROM pg_class WHERE oid = 'message'::regclass")
    )
    assert believed >= 4
    # Of so many that one more or less changes no plan, the server keeps account itself.
    assert not db.session.scalar(text("SELECT measure_mail(0)"))


def test_what_is_older_than_wanted_stays_there(box: Box) -> None:
    with other_client(box.store, box.login) as mailbox:
        mailbox.append("INBOX", make_raw(subject="viejo"), at=NOON.replace(year=2019))
        mailbox.append("INBOX", make_raw(subject="nuevo"))
    box.account.sync_days = 30
    db.session.commit()

    box.sync()

    assert [each.message.subject for each in box.placements()] == ["nuevo"]


def test_what_others_do_comes_here(box: Box) -> None:
    """X3-09, pains D-3: read elsewhere, starred, moved, deleted, new: by UID, whatever is unseen."""
    for n in range(5):
        box.put(subject=str(n))
    box.sync()
    with other_client(box.store, box.login) as mailbox:
        mailbox.select("INBOX", writes=True)
        mailbox.store([1], add=True, flags=["\\Seen"])
        mailbox.store([2], add=True, flags=["\\Flagged", "$Forwarded"])
        mailbox.move([3], "Trash")
        mailbox.expunge([4])
    box.put(subject="leído en otra parte", flags=("\\Seen",))

    box.sync()

    here = {each.uid: each for each in box.placements()}
    assert sorted(here) == [1, 2, 5, 6]
    assert (here[1].is_read, here[2].is_starred, here[2].keywords) == (True, True, ["$Forwarded"])
    assert here[6].message.subject == "leído en otra parte"
    [trashed] = box.placements(FolderRole.TRASH)
    assert trashed.message.subject == "2"
    assert db.session.scalar(select(func.count()).select_from(Message)) == 6


def test_what_is_done_here_is_done_there(box: Box) -> None:
    """S3-11..S3-15, S3-21: marks, trash, and deleted for good."""
    for n in range(6):
        box.put(subject=str(n), flags=("\\Answered",))
    box.sync()
    p = box.placements()
    operations = [
        box.operate(OperationKind.READ, p[0]),
        box.operate(OperationKind.READ, p[1]),
        box.operate(OperationKind.STAR, p[1]),
        box.operate(OperationKind.MOVE, p[2]),
        box.operate(OperationKind.MOVE, p[3]),
        box.operate(OperationKind.PURGE, p[4]),
    ]

    box.sync()

    assert {box.state(each) for each in operations} == {OperationState.DONE}
    assert box.there() == {
        1: {"\\Answered", "\\Seen"},
        2: {"\\Answered", "\\Seen", "\\Flagged"},
        6: {"\\Answered"},
    }
    assert len(box.there("Trash")) == 2
    assert [each.id for each in box.placements(FolderRole.TRASH)] == [p[2].id, p[3].id]
    assert [each.uid for each in box.placements(FolderRole.TRASH)] == [1, 2]
    assert [each.uid for each in box.placements()] == [1, 2, 6]


def test_there_and_back_before_the_server_knows(box: Box) -> None:
    """S3-20: two moves and a mark wait in a row; each finds the number that the one before it was given."""
    box.put()
    box.sync()
    [placement] = box.placements()
    key = placement.id
    box.operate(OperationKind.MOVE, placement, FolderRole.TRASH)
    box.operate(OperationKind.STAR, db.session.get_one(MessagePlacement, key))
    box.operate(OperationKind.MOVE, db.session.get_one(MessagePlacement, key), FolderRole.INBOX)

    box.sync()

    [now] = box.placements()
    assert (now.id, now.uid, now.is_starred) == (key, 2, True)
    assert box.there() == {2: {"\\Flagged"}}
    assert box.there("Trash") == {}


def test_a_copy_is_put_into_sent_once(box: Box) -> None:
    """S3-02, pains D-9: and not at all where the provider has filed it itself."""
    box.sync()
    sent = box.folder(FolderRole.SENT)
    filed = box.put("Sent", message_id="<filed@x>")
    letters = [Letter(None, ("\\Seen",), NOON, raw) for raw in (make_raw(), filed)]
    operations = []
    for placement in take_in(sent, letters):
        operation = MailboxOperation(
            account_id=box.account_id,
            message_id=placement.message_id,
            placement_id=placement.id,
            kind=OperationKind.APPEND,
            target_folder_id=sent.id,
        )
        db.session.add(operation)
        operations.append(operation)
    db.session.commit()

    box.sync()

    assert {box.state(each) for each in operations} == {OperationState.DONE}
    assert len(box.there("Sent")) == 2
    assert sorted(each.uid or 0 for each in box.placements(FolderRole.SENT)) == [1, 2]


def test_what_the_reader_did_goes_before_what_the_server_says(box: Box) -> None:
    """Each mark for itself: the one that waits stays, the other comes."""
    box.put()
    box.sync()
    [placement] = box.placements()
    operation = box.operate(OperationKind.READ, placement)
    operation.not_before = NOON.replace(year=2099)
    db.session.commit()
    with other_client(box.store, box.login) as mailbox:
        mailbox.select("INBOX", writes=True)
        mailbox.store([1], add=True, flags=["\\Flagged"])

    box.sync()

    [now] = box.placements()
    assert (now.is_read, now.is_starred) == (True, True)


def test_the_server_wins_when_both_move(box: Box) -> None:
    """Deleted there and moved here: reported, not tried for ever; moved there and marked here: the mark follows."""
    for n in range(3):
        box.put(subject=str(n))
    box.sync()
    p = box.placements()
    moved = box.operate(OperationKind.MOVE, p[0])
    marked = box.operate(OperationKind.STAR, p[1])
    purged = box.operate(OperationKind.PURGE, p[2])
    with other_client(box.store, box.login) as mailbox:
        mailbox.select("INBOX", writes=True)
        mailbox.expunge([1, 3])
        mailbox.move([2], "Sent")

    for _time in range(3):
        box.sync()

    assert [box.state(each) for each in (moved, marked, purged)] == [
        OperationState.GONE,
        OperationState.DONE,
        OperationState.GONE,
    ]
    assert box.placements() == box.placements(FolderRole.TRASH) == []
    assert box.there("Sent") == {1: {"\\Flagged"}}


def test_a_folder_with_new_numbers_loses_nothing(box: Box) -> None:
    """F16: UIDVALIDITY changed: what is known is found again by Message-ID and size, operations too."""
    raws = [box.put("INBOX", subject=str(n)) for n in range(4)]
    with other_client(box.store, box.login) as mailbox:
        mailbox.create("Obra")
        for raw in raws:
            mailbox.append("Obra", raw)
    box.sync()
    obra = db.session.scalars(select(MailFolder).where(MailFolder.path == "Obra")).one()
    before = {
        each.message_id: each.id
        for each in db.session.scalars(
            select(MessagePlacement).where(MessagePlacement.folder_id == obra.id)
        )
    }
    starred = db.session.scalars(
        select(MessagePlacement).where(
            MessagePlacement.folder_id == obra.id, MessagePlacement.uid == 2
        )
    ).one()
    operation = box.operate(OperationKind.STAR, starred)
    with other_client(box.store, box.login) as mailbox:
        mailbox._talk.ask(b"DELETE", b'"Obra"')
        mailbox.create("Obra")
        for raw in [make_raw(subject="nuevo"), *raws[::-1]]:
            mailbox.append("Obra", raw)

    for _time in range(2):
        box.sync()

    db.session.expire_all()
    after = db.session.scalars(
        select(MessagePlacement).where(MessagePlacement.folder_id == obra.id)
    ).all()
    assert sorted(each.uid or 0 for each in after) == [1, 2, 3, 4, 5]
    assert {each.message_id: each.id for each in after}.items() >= before.items()
    assert box.state(operation) is OperationState.DONE
    assert [uid for uid, flags in box.there("Obra").items() if "\\Flagged" in flags] == [4]


def test_only_one_reads_a_mailbox_at_a_time(box: Box) -> None:
    from services.mailbox.mailbox_sync import SYNC_LOCK
    from services.system.alone import alone

    with alone(SYNC_LOCK, box.account_id):
        assert not sync_mailbox(box.account_id, SyncTools(gateway=NetworkGateway()))

    assert db.session.scalar(select(func.count()).select_from(MailFolder)) == 0


def test_a_refused_password_is_said_and_not_repeated(box: Box) -> None:
    """S3-03: what is wrong, since when, and when it is tried again."""
    account = db.session.get_one(MailAccount, box.account_id)
    account.password = "otra"
    db.session.commit()

    sync_mailbox(box.account_id, SyncTools(gateway=NetworkGateway()))

    db.session.expire_all()
    row = db.session.scalars(select(MailSync)).one()
    assert (row.problem, row.failures_in_a_row, row.began_at) == ("auth_failed", 1, None)
    assert row.last_bad_at is not None and row.next_poll_at is not None
    assert (row.next_poll_at - row.last_bad_at).total_seconds() == 3600
