"""What leaves of a message that was written: to whom, with what, and where its one copy stands (S3-39)."""

from itertools import count

import pytest
from sqlalchemy import select

from errors import Invalid
from files.store import FileStore
from jobs.mail_sending import send_written
from mail.gateway import NetworkGateway
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import DraftKind, DraftState
from models.mailbox.mail_folder import FolderRole
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind
from models.mailbox.message import Message
from models.mailbox.message_link import MessageLink
from models.mailbox.message_placement import MessagePlacement
from models.mailings.delivery import Delivery, DeliveryKind, DeliveryState, DeliveryStatus
from models.people.user import User
from models.public_id import uuid7
from services.mailbox.customer_messages import messages_beside_deliveries, messages_with_customer
from services.mailbox.draft_files import add_picture, take_along
from services.mailbox.drafts import begin, keep
from services.mailbox.mail_sending import leave
from services.mailbox.mailbox_sync import sync_mailbox
from services.mailbox.message_bytes import raw_of
from services.mailbox.sync_run import SyncTools
from settings import Settings
from tests.factories.mailbox import make_folder, make_mailbox, make_raw, receive
from tests.factories.people import make_customer
from tests.servers.dovecot import Dovecot
from tests.servers.mail_store import PASSWORD, content_of
from tests.servers.smtp_server import RecordingSmtpServer
from tests.services.mailbox.mail_sending.writing import received, send_now, written

logins = count(40)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


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
