"""Two clients and a job that is killed anywhere: afterwards both sides are equal, nothing is lost and nothing is there twice (F17).

The same run every time; another `SYNC_SEED` makes another one, and `SYNC_ROUNDS` a longer one.
"""

import logging
import os
import random
import shutil
import signal
from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from mail.gateway import NetworkGateway
from mail.imap_mailbox import Mailbox
from mail.imap_talk import ImapTalk
from models.base import db
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.mailbox_operation import OperationKind
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from models.people.organization import Organization
from models.tenancy import Scope, current_scope, enter
from services.mailbox.mailbox_sync import sync_mailbox
from services.mailbox.open_operations import open_operations
from services.mailbox.sync_run import SyncTools
from tests.factories.mailbox import make_mailbox, make_raw
from tests.servers import dovecot
from tests.servers.certificates import Certificates
from tests.servers.dovecot import Dovecot
from tests.servers.mail_store import PASSWORD, other_client, running, without
from tests.servers.services import short_folder
from tests.services.mailbox.operating import operate

logger = logging.getLogger(__name__)
SEED = int(os.environ.get("SYNC_SEED", "17"))
ROUNDS = int(os.environ.get("SYNC_ROUNDS", "12"))
PATHS = {FolderRole.INBOX: "INBOX", FolderRole.SENT: "Sent", FolderRole.TRASH: "Trash"}
LOCAL = (OperationKind.READ, OperationKind.STAR, OperationKind.UNSTAR, OperationKind.MOVE)


@pytest.fixture(params=["", "QRESYNC", "QRESYNC CONDSTORE LIST-STATUS"])
def limited_store(request: pytest.FixtureRequest, certificates: Certificates) -> Iterator[Dovecot]:
    """A Dovecot without these: what has changed is said, or asked for, or looked for."""
    if not dovecot.is_installed():
        pytest.skip("Dovecot is not installed")
    folder = short_folder()
    lacking = without(*request.param.split()) if request.param else ""
    try:
        with running(folder, certificates.valid, "converging", further=lacking) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_both_sides_agree_whatever_dies(organization: Organization, limited_store: Dovecot) -> None:
    store = limited_store
    rng = random.Random(SEED)
    account_id = make_mailbox(
        login="converging", password=PASSWORD, imap_port=store.port, sync_days=None
    ).id
    db.session.commit()
    sent: set[str] = set()
    expunged: set[str] = set()
    kills = 0
    with other_client(store, "converging") as other:
        for number in range(20):
            name = f"<{number}@x>"
            other.append("INBOX", make_raw(message_id=name, subject=name))
            sent.add(name)
        for number in range(ROUNDS):
            _somebody_else(rng, other, expunged)
            name = f"<r{number}@x>"
            other.append("INBOX", make_raw(message_id=name, subject=name))
            sent.add(name)
            kills += _killed_somewhere(account_id, rng.randrange(1, 110))
            _somebody_here(rng, account_id, expunged)
    _quiet(account_id)

    there, here = _server(store), _reader(account_id)
    assert here == there
    names = Counter(name for folder in there.values() for name, _marks in folder.values())
    assert {name: count for name, count in names.items() if count > 1} == {}
    assert sent - expunged <= set(names) <= sent
    assert kills > ROUNDS // 4
    logger.warning(
        "%s kills in %s rounds, %s of %s messages left", kills, ROUNDS, len(names), len(sent)
    )


def _killed_somewhere(account_id: int, at: int) -> bool:
    """Read the mailbox in a child that is killed at its nth command or commit; whether it got so far."""
    scope = current_scope()
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        left = iter(range(at, -1, -1))

        def die(*_: object, **__: object) -> None:
            if next(left, 0) == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        for moment in ("before_commit", "after_commit"):
            event.listen(Session, moment, die)
        write = ImapTalk.send

        def send(talk: ImapTalk, *words: bytes | bytearray, expects: int = 0) -> bytes:
            tag = write(talk, *words, expects=expects)
            die()
            return tag

        ImapTalk.send = send  # type: ignore[method-assign]  # in a child that ends with it
        sync_mailbox(account_id, SyncTools(gateway=NetworkGateway(), first_batch=5, batch=7))
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    enter(Scope(organization_id=scope.organization_id, actor=scope.actor))
    return os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def _somebody_else(rng: random.Random, other: Mailbox, expunged: set[str]) -> None:
    """In another program, at the same messages."""
    path = rng.choice(list(PATHS.values()))
    seen = other.select(path, writes=True)
    outlines = other.outlines(1, seen.uidnext - 1)
    for each in rng.sample(outlines, min(2, len(outlines))):
        match rng.randrange(8):
            case 0:
                expunged.add(_name(each.head_fields))
                other.expunge([each.uid])
            case 1 | 2:
                target = rng.choice([name for name in PATHS.values() if name != path])
                other.move([each.uid], target)
            case 3 | 4:
                other.store([each.uid], add=rng.random() < 0.5, flags=["\\Flagged"])
            case _:
                other.store([each.uid], add=rng.random() < 0.5, flags=["\\Seen"])


def _somebody_here(rng: random.Random, account_id: int, expunged: set[str]) -> None:
    placements = db.session.scalars(
        select(MessagePlacement)
        .join(MailFolder, MailFolder.id == MessagePlacement.folder_id)
        .where(MailFolder.account_id == account_id)
        .order_by(MessagePlacement.id)
    ).all()
    for placement in rng.sample(placements, min(4, len(placements))):
        kind = OperationKind.PURGE if rng.random() < 0.06 else rng.choice(LOCAL)
        if kind is OperationKind.PURGE:
            expunged.add(db.session.get_one(Message, placement.message_id).message_id_header)
        operate(account_id, kind, placement, to=rng.choice(list(PATHS)))
    db.session.commit()


def _quiet(account_id: int) -> None:
    """Until nothing waits any more; waiting itself is not what is tested."""
    for _time in range(12):
        for operation in open_operations(account_id):
            operation.not_before = None
        db.session.commit()
        sync_mailbox(account_id, SyncTools(gateway=NetworkGateway()))
        db.session.expire_all()
    assert [each.id for each in open_operations(account_id)] == []


def _server(store: Dovecot) -> dict[str, dict[int, tuple[str, tuple[bool, bool]]]]:
    found = {}
    with other_client(store, "converging") as mailbox:
        for path in PATHS.values():
            seen = mailbox.select(path)
            found[path] = {
                each.uid: (
                    _name(each.head_fields),
                    ("\\Seen" in (each.flags or ()), "\\Flagged" in (each.flags or ())),
                )
                for each in mailbox.outlines(1, seen.uidnext)
            }
    return found


def _reader(account_id: int) -> dict[str, dict[int, tuple[str, tuple[bool, bool]]]]:
    db.session.expire_all()
    found: dict[str, dict[int, tuple[str, tuple[bool, bool]]]] = {
        path: {} for path in PATHS.values()
    }
    rows = db.session.execute(
        select(MailFolder.path, MessagePlacement, Message)
        .join(MessagePlacement, MessagePlacement.folder_id == MailFolder.id)
        .join(Message, Message.id == MessagePlacement.message_id)
        .where(MailFolder.account_id == account_id)
    )
    for path, placement, message in rows:
        found[path][placement.uid or -placement.id] = (
            message.message_id_header,
            (placement.is_read, placement.is_starred),
        )
    return found


def _name(head: bytes | None) -> str:
    return (head or b"").decode().partition(":")[2].strip()
