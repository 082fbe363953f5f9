"""A written message leaves once, is in the ledger, and stands in the folder of sent messages exactly once (S3-39)."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import Message as Parsed
from email.policy import default as modern
from itertools import count
from typing import Any

import pytest
from sqlalchemy import func, select

from errors import Conflict, Invalid, NotFound
from files.store import FileStore
from jobs.mail_sending import send_written
from mail.gateway import NetworkGateway
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import DraftKind, DraftState, MailDraft
from models.mailbox.mail_folder import FolderRole
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind
from models.mailbox.message import Message
from models.mailbox.message_link import MessageLink
from models.mailbox.message_placement import MessagePlacement
from models.mailings.delivery import Delivery, DeliveryKind, DeliveryState, DeliveryStatus
from models.mailings.reason import ReasonCode
from models.mailings.suppression import Suppression
from models.people.organization import Organization
from models.people.user import User
from models.public_id import uuid7
from services.mailbox.conversation_details import deliveries_of
from services.mailbox.customer_messages import messages_beside_deliveries, messages_with_customer
from services.mailbox.draft_files import add_file, add_picture, take_along
from services.mailbox.drafts import begin, draft_of, draft_to_keep, keep
from services.mailbox.mail_limits import limits_of
from services.mailbox.mail_sending import leave, take_back
from services.mailbox.mailbox_sync import sync_mailbox
from services.mailbox.message_bytes import raw_of
from services.mailbox.sync_run import SyncTools
from services.mailings.message import LARGEST_MESSAGE
from services.mailings.not_reached import not_reached
from settings import Settings
from tests.factories.mailbox import make_folder, make_mailbox, make_raw, receive
from tests.factories.people import make_customer, make_user
from tests.factories.saving import saved
from tests.servers.dovecot import Dovecot
from tests.servers.mail_store import PASSWORD, content_of
from tests.servers.sender_process import is_under_way, make_dispatch
from tests.servers.smtp_rules import Rule
from tests.servers.smtp_server import RecordingSmtpServer

logins = count(40)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
Serve = Callable[..., RecordingSmtpServer]


@pytest.fixture
def writer(organization: Organization) -> User:
    return make_user(organization, name="Lucía", email="lucia@penalba.test")


@pytest.fixture
def server(serve: Serve) -> RecordingSmtpServer:
    return serve()


@pytest.fixture
def account(writer: User, server: RecordingSmtpServer) -> MailAccount:
    return make_mailbox(
        address="lucia@penalba.test",
        owner_id=writer.id,
        smtp_port=server.port,
        password=None,
        login=None,
        signature_html="<p>Lucía Ordóñez<br>Cartera</p>",
    )


def written(
    person: User, kind: DraftKind = DraftKind.NEW, follows: Any = None, **fields: Any
) -> MailDraft:
    """A draft as the page keeps it."""
    draft, _new = draft_to_keep(uuid7(), person, kind, follows)
    values = {**draft.fields, "account_id": draft.account_id, "customer_id": draft.customer_id}
    keep(draft, {**values, **fields}, revision=0)
    db.session.commit()
    return draft


def send_now(draft: MailDraft, person: User, settings: Settings) -> None:
    """Asked for, and its ten seconds are over."""
    leave(draft, person)
    draft.leaves_at = utc_now() - timedelta(seconds=1)
    db.session.commit()
    send_written()
    make_dispatch(settings).work(stays=is_under_way, seconds=20)
    send_written()
    db.session.expire_all()


def received(server: RecordingSmtpServer) -> Parsed:
    [message] = server.accepted
    return message_from_bytes(message.raw, policy=modern)


def test_a_message_leaves_once_with_its_signature(
    writer: User, account: MailAccount, server: RecordingSmtpServer, settings: Settings
) -> None:
    """S3-39, S3-30, S3-33: one delivery, whoever gets it blind is in the envelope alone, the signature stands once."""
    sent = make_folder(account, FolderRole.SENT)
    draft = written(
        writer,
        to='"Ñáñez, Sofía" <sofia@lanapa.test>, oscar@lanapa.test',
        cc="begona@penalba.test",
        bcc="jefa@penalba.test",
        subject="Nota de crédito",
        body_html="<p>Estimada Sofía:</p>",
    )

    send_now(draft, writer, settings)
    send_written()

    message = received(server)
    assert server.accepted[0].recipients == [
        "sofia@lanapa.test",
        "oscar@lanapa.test",
        "begona@penalba.test",
        "jefa@penalba.test",
    ]
    assert message["Bcc"] is None
    assert b"jefa@penalba.test" not in server.accepted[0].raw
    assert message["Subject"] == "Nota de crédito"
    text = message.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    assert text.count("Lucía Ordóñez") == 1
    delivery = db.session.scalars(select(Delivery)).one()
    assert delivery.kind is DeliveryKind.SINGLE
    assert draft.state is DraftState.SENT
    assert draft.delivery_id == delivery.id
    [placement] = db.session.scalars(
        select(MessagePlacement).where(MessagePlacement.folder_id == sent.id)
    ).all()
    assert placement.message.delivery_id == delivery.id
    assert b"Bcc: jefa@penalba.test" in raw_of(placement.message)
    operation = db.session.scalars(select(MailboxOperation)).one()
    assert (operation.kind, operation.target_folder_id) == (OperationKind.APPEND, sent.id)


def test_an_answer_goes_to_reply_to_and_keeps_the_conversation(
    writer: User, account: MailAccount, server: RecordingSmtpServer, settings: Settings
) -> None:
    """S3-08, pains D-5, D-11: Reply-To before From, one `Re:`, In-Reply-To and References; the signature stands above what is quoted."""
    inbox = make_folder(account)
    original = receive(
        inbox,
        make_raw(
            message_id="<b@cliente.test>",
            reply_to="Pagos <pagos@cliente.test>",
            references="<a@cliente.test>",
            subject="RE: Re: RV: Flete",
            text="El flete no coincide.",
        ),
    )
    make_folder(account, FolderRole.SENT)

    draft = written(writer, DraftKind.REPLY, original.message, body_html="<p>Tiene razón.</p>")
    assert draft.fields["to"] == "Pagos <pagos@cliente.test>"
    send_now(draft, writer, settings)

    message = received(server)
    assert message["Subject"] == "Re: Flete"
    assert message["In-Reply-To"] == "<b@cliente.test>"
    assert str(message["References"]).split() == ["<a@cliente.test>", "<b@cliente.test>"]
    text = message.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    assert text.index("razón") < text.index("Lucía Ordóñez") < text.index("El flete")
    assert text.count("Lucía Ordóñez") == 1
    assert db.session.scalars(select(Delivery.kind)).one() is DeliveryKind.REPLY
    db.session.refresh(original)
    assert original.is_answered
    sent = db.session.scalars(select(Message).where(Message.delivery_id.is_not(None))).one()
    assert sent.thread_id == original.message.thread_id


def test_answering_all_leaves_own_addresses_out(writer: User, account: MailAccount) -> None:
    """S3-09, pains D-5: the sender, and everybody else that is named; not ourselves, and no blind copies."""
    original = receive(
        make_folder(account),
        make_raw(
            to="lucia@penalba.test, Óscar <oscar@cliente.test>",
            cc="Jefa <jefa@cliente.test>, LUCIA@penalba.test",
            bcc="secreto@cliente.test",
        ),
    )

    draft = begin(uuid7(), writer, DraftKind.REPLY_ALL, original.message)

    assert draft.fields["to"] == "Ana Ruiz <ana@cliente.example>"
    assert draft.fields["cc"] == "Óscar <oscar@cliente.test>, Jefa <jefa@cliente.test>"
    assert draft.fields["bcc"] == ""


def test_forwarding_takes_the_files_along(
    writer: User, account: MailAccount, server: RecordingSmtpServer, settings: Settings
) -> None:
    """S3-10: the files as they came, one `Fwd:`, and the conversation goes on."""
    original = receive(
        make_folder(account),
        make_raw(subject="Fwd: Nota", files=(("nota firmada.pdf", b"%PDF-1.7 nota"),)),
    )
    draft = written(writer, DraftKind.FORWARD, original.message, to="jefa@penalba.test")
    take_along(draft, FileStore(settings.files_url))
    db.session.commit()

    send_now(draft, writer, settings)

    message = received(server)
    [file] = message.iter_attachments()  # type: ignore[attr-defined]
    assert message["Subject"] == "Fwd: Nota"
    assert file.get_filename() == "nota firmada.pdf"
    assert file.get_content() == b"%PDF-1.7 nota"
    assert original.message.message_id_header in str(message["References"])


def test_a_picture_in_the_text_goes_along(
    writer: User, account: MailAccount, server: RecordingSmtpServer, settings: Settings
) -> None:
    """S3-35: the HTML names a picture that is part of the message."""
    draft = written(writer, to="ana@cliente.test", subject="Foto")
    row = add_picture(draft, PNG, FileStore(settings.files_url))
    fields = {**draft.fields, "body_html": f'<p>Mire: <img src="cid:{row.content_id}"></p>'}
    keep(draft, {**fields, "account_id": account.id}, revision=draft.revision)
    db.session.commit()

    send_now(draft, writer, settings)

    pictures = [part for part in received(server).walk() if part.get_content_type() == "image/png"]
    assert [part["Content-ID"] for part in pictures] == [f"<{row.content_id}>"]


def test_what_is_asked_back_in_time_does_not_leave(
    writer: User, account: MailAccount, server: RecordingSmtpServer
) -> None:
    """S3-39, pains D-12: undo brings the same draft back."""
    draft = written(writer, to="ana@cliente.test", subject="Hola", body_html="<p>Hola</p>")
    leave(draft, writer)
    db.session.commit()
    send_written()
    take_back(draft)
    db.session.commit()
    send_written()

    assert draft.state is DraftState.WRITING
    assert draft.fields["subject"] == "Hola"
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 0


def test_what_is_to_leave_later_waits_for_its_moment(
    writer: User, account: MailAccount, server: RecordingSmtpServer
) -> None:
    """X3-11: until then it can be taken back; a moment that has passed still leaves the time to do so."""
    draft = written(writer, to="ana@cliente.test", subject="Hola", body_html="<p>Hola</p>")
    leave(draft, writer, at=utc_now() + timedelta(days=1))
    db.session.commit()
    send_written()
    assert draft.state is DraftState.LEAVING
    take_back(draft)

    leave(draft, writer, at=utc_now() - timedelta(days=1))

    assert draft.leaves_at is not None
    assert draft.leaves_at > utc_now()


def test_who_may_not_send_any_more_gets_the_draft_back(
    writer: User, account: MailAccount, organization: Organization
) -> None:
    """X4-08: the right counts at the moment of leaving."""
    draft = written(writer, to="ana@cliente.test", subject="Hola")
    leave(draft, writer)
    draft.leaves_at = utc_now() - timedelta(seconds=1)
    account.owner_id = make_user(organization).id
    db.session.commit()

    send_written()
    db.session.expire_all()

    assert draft.state is DraftState.WRITING
    assert "lucia@penalba.test" in draft.fields["problem"]


def test_header_fields_cannot_be_smuggled_in(
    writer: User, account: MailAccount, server: RecordingSmtpServer, settings: Settings
) -> None:
    """Line ends in names are refused, those in subjects become blanks: neither begins a header."""
    split = written(writer, to='"Ana\r\nBcc: robo@malo.test" <ana@cliente.test>')
    with pytest.raises(Invalid):
        leave(split, writer)
    draft = written(
        writer,
        to="Ana <ana@cliente.test>",
        subject="Hola\r\nBcc: robo@malo.test\r\n\r\nCuerpo",
    )

    send_now(draft, writer, settings)

    message = received(server)
    assert message["Bcc"] is None
    assert server.accepted[0].recipients == ["ana@cliente.test"]
    assert message["Subject"] == "Hola Bcc: robo@malo.test Cuerpo"


def test_a_draft_is_its_writers_alone(
    writer: User, account: MailAccount, organization: Organization
) -> None:
    """Nobody else finds it, nor writes over it by its name."""
    draft = written(writer, to="ana@cliente.test")
    other = make_user(organization)

    for attempt in (
        lambda: draft_of(draft.public_id, other),
        lambda: draft_to_keep(draft.public_id, other, DraftKind.NEW, None),
        lambda: draft_of(uuid.uuid4(), writer),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_two_tabs_do_not_write_over_each_other(writer: User, account: MailAccount) -> None:
    """S3-18: the second one is told."""
    draft = written(writer, subject="Uno")
    keep(draft, {**draft.fields, "subject": "Dos"}, revision=1)

    with pytest.raises(Conflict):
        keep(draft, {**draft.fields, "subject": "Otro"}, revision=1)

    assert draft.fields["subject"] == "Dos"


def test_what_does_not_fit_is_refused_with_its_name(
    writer: User, account: MailAccount, settings: Settings
) -> None:
    """S3-37: the file and the limit; and kinds that no server takes."""
    account.largest_message_bytes = 100_000
    draft = written(writer, to="ana@cliente.test")
    store = FileStore(settings.files_url)

    with pytest.raises(Invalid, match=r"planos\.pdf.*29 KB"):
        add_file(draft, b"%PDF-1.7" + b"0" * 60_000, "planos.pdf", store)
    with pytest.raises(Invalid, match=r"juego\.exe"):
        add_file(draft, b"MZ", "juego.exe", store)
    assert draft.files == []


def test_an_invalid_address_keeps_it_from_leaving(writer: User, account: MailAccount) -> None:
    """S3-31: with the sentence about it."""
    draft = written(writer, to="oscar.lanapa.test")

    with pytest.raises(Invalid, match=r"oscar\.lanapa\.test"):
        leave(draft, writer)


def test_the_linked_customer_has_the_message(
    writer: User, account: MailAccount, server: RecordingSmtpServer, settings: Settings
) -> None:
    """S3-28: the sent message is tied to the account that was chosen; its timeline has it once, among what was sent."""
    make_folder(account, FolderRole.SENT)
    customer = make_customer()
    draft = written(writer, to="x@cliente.test", subject="Hola", customer_id=customer.id)

    send_now(draft, writer, settings)

    assert db.session.scalars(select(MessageLink.customer_id)).all() == [customer.id]
    assert db.session.scalars(select(Delivery.customer_id)).one() == customer.id
    assert len(messages_with_customer(customer, writer).rows) == 1
    assert db.session.scalars(messages_beside_deliveries(customer, writer)).all() == []


def test_it_stands_in_the_servers_folder_exactly_once(
    writer: User, server: RecordingSmtpServer, store: Dovecot, settings: Settings
) -> None:
    """S3-39, pains D-8, D-9: one copy, already read, on the server, and one row here for it."""
    login = f"p{next(logins)}"
    account = make_mailbox(
        address="lucia@penalba.test",
        owner_id=writer.id,
        login=None,
        password=PASSWORD,
        imap_login=login,
        imap_port=store.port,
        smtp_port=server.port,
        sync_days=None,
    )
    db.session.commit()
    tools = SyncTools(gateway=NetworkGateway())
    sync_mailbox(account.id, tools)
    draft = written(writer, to="ana@cliente.test", bcc="jefa@penalba.test", subject="Hola")

    send_now(draft, writer, settings)
    for _time in range(3):
        sync_mailbox(account.id, tools)
        send_written()

    db.session.expire_all()
    state = db.session.get_one(DeliveryState, draft.delivery_id)
    assert state.state is DeliveryStatus.SENT
    assert len(content_of(store, "Sent", login)) == 1
    placements = db.session.scalars(
        select(MessagePlacement)
        .join(Message, Message.id == MessagePlacement.message_id)
        .where(Message.delivery_id == draft.delivery_id)
    ).all()
    assert [(each.uid, each.is_read) for each in placements] == [(1, True)]


def test_whoever_did_not_get_it_is_named_with_the_reason(
    writer: User, account: MailAccount, server: RecordingSmtpServer, settings: Settings
) -> None:
    """Pains D-5, S3-19: refused by the server, or left out by us: at that recipient, after it has left."""
    make_folder(account, FolderRole.SENT)
    gone = Rule(point="rcpt", reply="550 5.1.1 gone", recipient="falta@cliente.test")
    server.options.rules.append(gone)
    text = "ana@cliente.test, falta@cliente.test"
    joint = written(writer, to=text, cc="rebota@cliente.test", subject="Hola")
    alone = written(writer, to="falta@cliente.test", subject="Hola")
    leave(joint, writer)
    saved(Suppression(address_norm="rebota@cliente.test"))  # since Send was pressed
    joint.leaves_at = utc_now()
    send_now(alone, writer, settings)

    states = deliveries_of(db.session.scalars(select(Message)).all())
    found = not_reached(states.values())

    assert [(each.address, each.reason) for each in found[joint.delivery_id or 0]] == [
        ("falta@cliente.test", ReasonCode.RECIPIENT_REJECTED),
        ("rebota@cliente.test", ReasonCode.SUPPRESSED),
    ]
    assert found[joint.delivery_id or 0][0].answer == "550 5.1.1 gone"
    [one] = found[alone.delivery_id or 0]
    assert (one.address, one.reason) == ("falta@cliente.test", ReasonCode.RECIPIENT_REJECTED)


def test_what_is_refused_as_a_whole_names_all_of_them(
    writer: User, account: MailAccount, server: RecordingSmtpServer, settings: Settings
) -> None:
    """Pains D-5, S3-19: after the last line, so that nobody has got it."""
    make_folder(account, FolderRole.SENT)
    server.options.rules.append(Rule(point="dot", reply="554 5.6.0 unwanted"))
    draft = written(writer, to="ana@cliente.test, eva@cliente.test", cc="luz@cliente.test")
    send_now(draft, writer, settings)

    [found] = not_reached(
        deliveries_of(db.session.scalars(select(Message)).all()).values()
    ).values()

    assert [each.address for each in found] == [
        "ana@cliente.test",
        "eva@cliente.test",
        "luz@cliente.test",
    ]
    assert {each.reason for each in found} == {ReasonCode.CONTENT_REJECTED}
    assert all("unwanted" in each.answer for each in found)


def test_what_the_server_takes_is_known_before_the_next_message(
    writer: User, account: MailAccount, server: RecordingSmtpServer, settings: Settings
) -> None:
    """S3-37: said by it (SIZE) when it was greeted last; a limit that somebody has set counts where it is smaller."""
    server.options = replace(server.options, longest_message=5_000_000)
    make_folder(account, FolderRole.SENT)
    assert limits_of(account).largest == LARGEST_MESSAGE

    send_now(written(writer, to="ana@cliente.test", subject="Hola"), writer, settings)

    assert limits_of(account).largest == 5_000_000
    account.largest_message_bytes = 1_000_000
    assert limits_of(account).largest == 1_000_000
    draft = written(writer, to="ana@cliente.test")
    with pytest.raises(Invalid, match=r"planos\.pdf"):
        add_file(draft, b"%PDF-1.7" + b"0" * 1_200_000, "planos.pdf", FileStore(settings.files_url))
