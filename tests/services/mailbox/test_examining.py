"""Messages that may be about what we have sent are looked at once, whatever dies, and nothing is ever answered (X1-08, F18)."""

import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from jobs.mailbox import examine, read_mailbox
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.message import Message
from models.mailings.delivery import Delivery, DeliveryState
from models.mailings.delivery_report import DeliveryReport
from models.mailings.mailing import Mailing
from models.people.contact import AddressState, ContactEmail
from models.people.organization import Organization
from models.work.comment import Comment
from services.mailbox.bounce_reading import BounceReader
from services.mailbox.examining import are_messages_to_examine, examine_messages
from services.mailbox.letters import Letter
from services.mailbox.taking_in import take_in
from services.mailings.flow import start
from settings import Settings
from tests.factories.bounces import make_report, returned_head
from tests.factories.ledger import make_ready_mailing
from tests.factories.mailbox import NOON, make_folder, make_mailbox, make_raw, receive
from tests.factories.mailings import make_registered
from tests.servers.dovecot import Dovecot
from tests.servers.mail_store import PASSWORD, other_client
from tests.servers.sender_process import is_under_way, make_dispatch
from tests.servers.smtp_server import RecordingSmtpServer

UNREADABLE_IF = """
import os, struct, sys
while head := sys.stdin.buffer.read(8):
    if b"Subject: mata" in sys.stdin.buffer.read(struct.unpack(">Q", head)[0]):
        os.kill(os.getpid(), 9)
    told = b'{"failures": [], "deliveries": []}'
    sys.stdout.buffer.write(struct.pack(">Q", len(told)) + told)
    sys.stdout.buffer.flush()
"""


@pytest.fixture
def account(organization: Organization) -> MailAccount:
    return make_mailbox()


@pytest.fixture
def smtp() -> Iterator[RecordingSmtpServer]:
    with RecordingSmtpServer() as server:
        yield server


def waiting() -> int:
    return db.session.scalar(select(func.count()).where(Message.is_to_examine)) or 0


def deliver(settings: Settings, mailing: Mailing) -> list[Delivery]:
    start(mailing.id)
    db.session.commit()
    make_dispatch(settings).work(stays=is_under_way, seconds=40)
    db.session.rollback()
    return list(db.session.scalars(select(Delivery).order_by(Delivery.id)))


def test_the_whole_way(
    organization: Organization, settings: Settings, store: Dovecot, smtp: RecordingSmtpServer
) -> None:
    """X1-08, P-06: sent by SMTP; one comes back and one is answered; read by IMAP, known at customer and document."""
    account = make_mailbox(
        login=None,
        imap_login="p59",
        password=PASSWORD,
        imap_port=store.port,
        smtp_port=smtp.port,
        sync_days=None,
    )
    delivery, answered = deliver(settings, make_registered(settings, customers=2, account=account))
    heads = {each.recipients[0]: _head(each.raw) for each in smtp.accepted}
    answer = make_raw(
        sender=answered.recipient,
        subject=f"Re: {answered.subject}",
        in_reply_to=_message_id(heads[answered.recipient]),
        text="El IVA no coincide.\n\nEl vie, 20 nov 2026, Ventas escribió:\n> Factura",
    )
    with other_client(store, "p59") as mailbox:
        report = make_report(delivery.recipient, returned=heads[delivery.recipient])
        for raw in (report, answer, make_raw()):
            mailbox.append("INBOX", raw, flags=())

    read_mailbox(account.id)
    examine()

    db.session.expire_all()
    state = db.session.get_one(DeliveryState, delivery.id)
    [address] = db.session.scalars(ContactEmail.at(delivery.recipient_norm))
    assert (state.state, state.reason_code) == ("sent", "recipient_rejected")
    assert state.bounced_at is not None
    assert address.state is AddressState.BOUNCED
    [comment] = db.session.scalars(select(Comment))
    assert (comment.body, comment.customer_id) == ("El IVA no coincide.", answered.customer_id)
    assert comment.document_id is not None
    assert not are_messages_to_examine()


def _head(raw: bytes) -> str:
    return raw.decode().partition("\r\n\r\n")[0].replace("\r\n", "\n")


def _message_id(head: str) -> str:
    return next(
        line.partition(": ")[2] for line in head.split("\n") if line.startswith("Message-ID: ")
    )


def test_who_dies_leaves_it_to_the_next(account: MailAccount) -> None:
    """The mark goes with what follows from it, or not at all."""
    receive(make_folder(account), make_report("ana@cliente.example"))
    db.session.commit()
    assert waiting() == 1

    child = os.fork()
    if child == 0:
        _examine_and_die()
    os.waitpid(child, 0)

    db.session.rollback()
    assert waiting() == 1
    assert examine_messages() == 1
    assert waiting() == 0
    assert examine_messages() == 0


def _examine_and_die() -> None:
    db.engine.dispose(close=False)
    db.session.remove()
    BounceReader.read = lambda _self, _raw: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign,return-value]
    examine_messages()
    os._exit(1)


def test_a_bounce_that_kills_its_reader_stops_nobody(
    account: MailAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BounceReader, "command", (sys.executable, "-c", UNREADABLE_IF))
    inbox = make_folder(account)
    deadly = make_report("ana@cliente.example").replace(b"Subject: ", b"Subject: mata ")
    for raw in (make_report("a@b.example"), deadly, make_report("c@d.example")):
        receive(inbox, raw)
    db.session.commit()

    assert examine_messages() == 3
    assert waiting() == 0


@pytest.mark.parametrize(
    ("fields", "is_waiting"),
    [
        ({}, False),
        ({"in_reply_to": "<x@cliente.example>"}, False),
        ({"in_reply_to": "<d.01940000-0000-7000-8000-00000000abcd@penalba.example>"}, True),
        (
            {
                "in_reply_to": "<d.01940000-0000-7000-8000-00000000abcd@penalba.example>",
                "auto_submitted": "auto-replied",
            },
            False,
        ),
    ],
)
def test_only_what_may_be_about_ours_is_looked_at(
    account: MailAccount, fields: dict[str, Any], is_waiting: bool
) -> None:
    """Twenty thousand others cost nothing."""
    receive(make_folder(account), **fields)

    assert (waiting() == 1) is is_waiting


def test_a_storm_of_a_thousand_is_answered_by_nothing(
    account: MailAccount, settings: Settings
) -> None:
    """F18: bounces, bounces of bounces, absences, lists, receipts: no answer, no comment, no loop."""
    make_ready_mailing(settings, 4, account)
    deliveries = list(db.session.scalars(select(Delivery)))
    storm = [_of_the_storm(n, deliveries[n % 4]) for n in range(1_000)]
    take_in(make_folder(account), [Letter(n, (), NOON, raw) for n, raw in enumerate(storm, 1)])
    db.session.commit()
    before = db.session.scalar(select(func.max(Delivery.id)))

    examine()

    assert waiting() == 0
    assert db.session.scalar(select(func.max(Delivery.id))) == before
    assert db.session.scalar(select(func.count(Comment.id))) == 0
    assert db.session.scalar(select(func.count(DeliveryReport.id))) == 250


def _of_the_storm(n: int, delivery: Delivery) -> bytes:
    answers = {"in_reply_to": delivery.message_id_header, "sender": delivery.recipient}
    match n % 4:
        case 0:
            return make_report(delivery.recipient, returned=returned_head(delivery))
        case 1:
            return make_raw(**answers, auto_submitted="auto-replied", text=str(n))
        case 2:
            return make_raw(**answers, x_auto_response_suppress="All", text=str(n))
        case _:
            return make_raw(**answers, list_unsubscribe="<mailto:x@y.example>", text=str(n))
