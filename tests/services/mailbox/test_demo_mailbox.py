"""A mailbox of the demo's own server, read and changed as any other (S3-02, X3-09)."""

import threading

import pytest
from sqlalchemy import select

from embedded.mail_server.imap import ImapServer
from embedded.mail_server.mailboxes import Mailboxes
from mail.gateway import NetworkGateway
from models.base import db
from models.mailbox.mail_dead_letter import DeadLetterReason, MailDeadLetter
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.mail_sync import MailSync
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind, OperationState
from models.mailbox.message_placement import MessagePlacement
from services.mailbox.letters import Letter
from services.mailbox.mailbox_balance import mailboxes_to_verify, verify_mailbox
from services.mailbox.mailbox_sync import sync_mailbox
from services.mailbox.message_bytes import raw_of
from services.mailbox.sync_run import SyncTools
from services.mailbox.taking_in import take_in
from tests.factories.mailbox import NOON, make_mailbox, make_raw
from tests.services.mailbox.operating import operate

ADDRESS = "cobros@penalba.example"
TOOLS = SyncTools(gateway=NetworkGateway())


@pytest.fixture
def mailboxes(tmp_path):
    found = Mailboxes(tmp_path / "mailboxes.sqlite3")
    found.open(ADDRESS)
    yield found
    found.close()


@pytest.fixture
def account(organization, mailboxes):
    with ImapServer(mailboxes, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield make_mailbox(address=ADDRESS, login=ADDRESS, imap_port=server.server_address[1])
        server.shutdown()


def sync(account) -> None:
    db.session.commit()
    assert not sync_mailbox(account.id, TOOLS)
    db.session.expire_all()
    row = db.session.scalars(select(MailSync).where(MailSync.account_id == account.id)).one()
    assert row.problem is None, row.problem_detail


def placements(account, role=FolderRole.INBOX) -> list[MessagePlacement]:
    query = select(MessagePlacement).join(MailFolder, MailFolder.id == MessagePlacement.folder_id)
    query = query.where(MailFolder.account_id == account.id, MailFolder.role == role)
    return list(db.session.scalars(query.order_by(MessagePlacement.uid)))


def there(mailboxes, path="INBOX") -> dict[int, str]:
    folder = mailboxes.folder(ADDRESS, path)
    return mailboxes.flags(folder)


def test_what_lies_there_and_what_arrives_is_read(account, mailboxes):
    raws = [make_raw(subject=str(n)) for n in range(3)]
    for raw in raws:
        mailboxes.add(mailboxes.folder(ADDRESS, "INBOX"), raw, flags="\\Flagged")
    sync(account)
    mailboxes.deliver(ADDRESS, late := make_raw(subject="después"))

    sync(account)

    here = placements(account)
    assert [raw_of(each.message) for each in here] == [*raws, late]
    assert [each.is_starred for each in here] == [True, True, True, False]
    roles = set(db.session.scalars(select(MailFolder.role)))
    assert roles == set(FolderRole) - {FolderRole.OTHER}


def test_what_is_done_here_is_done_there(account, mailboxes):
    for n in range(4):
        mailboxes.deliver(ADDRESS, make_raw(subject=str(n)))
    sync(account)
    here = placements(account)
    operations = [
        operate(account.id, OperationKind.READ, here[0]),
        operate(account.id, OperationKind.STAR, here[0]),
        operate(account.id, OperationKind.MOVE, here[1]),
        operate(account.id, OperationKind.MOVE, here[2], to=FolderRole.ARCHIVE),
        operate(account.id, OperationKind.PURGE, here[3]),
        _filing(account, make_raw(subject="enviado")),
    ]

    sync(account)

    assert {each.state for each in operations} == {OperationState.DONE}
    assert there(mailboxes) == {1: "\\Flagged \\Seen"}
    assert len(there(mailboxes, "Trash")) == len(there(mailboxes, "Archive")) == 1
    assert there(mailboxes, "Sent") == {1: "\\Seen"}


def _filing(account, raw) -> MailboxOperation:
    query = select(MailFolder).where(MailFolder.role == FolderRole.SENT)
    sent = db.session.scalars(query).one()
    [placement] = take_in(sent, [Letter(None, ("\\Seen",), NOON, raw)])
    operation = MailboxOperation(
        account_id=account.id,
        message_id=placement.message_id,
        placement_id=placement.id,
        kind=OperationKind.APPEND,
        target_folder_id=sent.id,
    )
    db.session.add(operation)
    return operation


def test_a_damaged_message_is_set_aside_and_the_others_come(account, mailboxes):
    """X3-16: what the demo shows under *Messages set aside*."""
    mailboxes.deliver(ADDRESS, make_raw(subject="Antes"))
    damaged = make_raw(subject="Catálogo", sender="Ventas <v@muebles.example>")
    head = damaged.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    mailboxes.add(mailboxes.folder(ADDRESS, "INBOX"), head, lost_bytes=len(damaged) - len(head))
    mailboxes.deliver(ADDRESS, make_raw(subject="Después"))

    for _time in range(3):
        db.session.commit()
        sync_mailbox(account.id, TOOLS)

    db.session.expire_all()
    assert [each.message.subject for each in placements(account)] == ["Antes", "Después"]
    [letter] = db.session.scalars(select(MailDeadLetter))
    assert (letter.reason, letter.tries) == (DeadLetterReason.NOT_GIVEN, 3)
    assert letter.set_aside_at is not None
    assert "v@muebles.example" in letter.head
    assert "CORRUPTION" in letter.detail
    balances = verify_mailbox(account.organization_id, account.id, TOOLS) or []
    [inbox] = [each for each in balances if each.path == "INBOX"]
    assert (inbox.accepted, inbox.placed, inbox.dead, inbox.is_even) == (3, 2, 1, True)


def test_a_mailbox_that_nobody_has_read_yet_is_not_counted(account):
    """Right after the first start the clock asks for all of them."""
    db.session.commit()
    assert mailboxes_to_verify() == []

    sync(account)

    assert mailboxes_to_verify() == [(account.organization_id, account.id)]


def test_a_mailbox_without_password_is_not_counted(account):
    """Whoever counts all of them goes on to the next."""
    without = make_mailbox(password=None)
    sync(account)

    assert verify_mailbox(without.organization_id, without.id, TOOLS) is None
    assert verify_mailbox(account.organization_id, account.id, TOOLS)
