"""P-06: who answers a notice or a document by e-mail has written a comment there; the message stays in its mailbox."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, update

from models.base import db
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.message import Message
from models.mailbox.message_link import LinkedBy, MessageLink
from models.mailbox.message_placement import MessagePlacement
from models.mailings.delivery import Delivery, DeliveryDocument, DeliveryKind
from models.mailings.mailing import Mailing, MailingRange, OneMailPer
from models.people.contact import Contact
from models.people.organization import Organization
from models.portal.portal_event import EventActor, PortalEvent
from models.portal.portal_settings import PortalSettings
from models.sales.document import Document
from models.tenancy import Actor, acting_in
from models.work.comment import LONGEST_COMMENT, Comment, CommentFile
from services.mailbox.examining import examine_messages
from services.portal.activity import tell_everybody
from services.work.comments import write_comment
from settings import Settings
from tests.factories.mailbox import NOON, make_folder, make_mailbox, receive
from tests.factories.mailings import make_registered
from tests.factories.people import make_contact, make_customer, make_mail_account, make_user
from tests.factories.portal import make_portal_user
from tests.factories.sales import make_document
from tests.factories.work import make_project

PDF = b"%PDF-1.4\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF"
SAYS = "El IVA no coincide."


@pytest.fixture
def mailing(organization: Organization, settings: Settings) -> Mailing:
    """One invoice, to the contact of one customer."""
    return make_registered(settings, customers=1, account=make_mailbox())


@pytest.fixture
def delivery(mailing: Mailing) -> Delivery:
    return db.session.scalars(select(Delivery)).one()


@pytest.fixture
def inbox(mailing: Mailing) -> MailFolder:
    return make_folder(mailing.account)


def answer(folder: MailFolder, delivery: Delivery, **fields: Any) -> MessagePlacement:
    """Somebody answers, and it is looked at."""
    placement = receive(
        folder,
        **{
            "sender": f"Ana <{delivery.recipient}>",
            "in_reply_to": delivery.message_id_header,
            "text": SAYS,
            **fields,
        },
    )
    db.session.commit()
    examine_messages()
    db.session.expire_all()
    return placement


def comments() -> list[Comment]:
    return list(db.session.scalars(select(Comment).order_by(Comment.id)))


def links() -> list[tuple[int | None, int | None, LinkedBy]]:
    rows = db.session.scalars(select(MessageLink).order_by(MessageLink.id))
    return [(row.customer_id, row.document_id, row.linked_by) for row in rows]


def document_of(delivery: Delivery) -> Document:
    return db.session.scalars(
        select(Document)
        .join(DeliveryDocument, DeliveryDocument.document_id == Document.id)
        .where(DeliveryDocument.delivery_id == delivery.id)
    ).one()


def test_an_answer_is_a_comment_on_the_document(delivery: Delivery, inbox: MailFolder) -> None:
    """P-06: with what was written, without what was repeated; by the contact, openly."""
    quoted = "\n\nEl vie, 20 nov 2026 a las 12:00, Ventas (<v@x.example>) escribió:\n> Factura"
    placement = answer(inbox, delivery, text=SAYS + quoted)

    [comment] = comments()
    document = document_of(delivery)
    contact = db.session.scalars(select(Contact)).one()
    assert (comment.body, comment.document_id) == (SAYS, document.id)
    assert (comment.contact_id, comment.author_name) == (contact.id, contact.name)
    assert (comment.is_by_mail, comment.visibility, comment.at) == (True, "customer", NOON)
    assert links() == [(document.customer_id, document.id, LinkedBy.ANSWER)]
    assert placement.folder_id == inbox.id  # where it was
    assert not placement.is_read


def test_staff_hear_of_it_as_of_one_in_the_portal(delivery: Delivery, inbox: MailFolder) -> None:
    """S2-11: by the same notice; it is no answer that anybody could answer by machine."""
    settings = db.session.scalars(select(PortalSettings)).one()
    settings.notify_emails = ["cartera@acme.test"]
    answer(inbox, delivery)

    assert tell_everybody() == 1
    [event] = db.session.scalars(select(PortalEvent))
    notice = db.session.scalars(select(Delivery).where(Delivery.kind == DeliveryKind.NOTICE)).one()
    assert (event.actor, event.kind) == (EventActor.MAIL, "commented")
    assert notice.recipient == "cartera@acme.test"


def test_twice_does_no_harm(mailing: Mailing, delivery: Delivery, inbox: MailFolder) -> None:
    answer(inbox, delivery, message_id="<a@cliente.example>")
    answer(
        make_folder(mailing.account, FolderRole.ARCHIVE), delivery, message_id="<a@cliente.example>"
    )
    db.session.execute(update(Message).values(is_to_examine=True))
    db.session.commit()
    assert examine_messages() == 1

    assert len(comments()) == 1
    assert len(links()) == 1
    assert db.session.scalar(select(func.count(PortalEvent.id))) == 1


def test_who_is_no_contact_of_the_customer_writes_no_comment(
    delivery: Delivery, inbox: MailFolder
) -> None:
    """Though they know the message: it was sent on to them. It is tied to what it answers."""
    make_contact(make_customer(), email="otra@example.com")
    answer(inbox, delivery, sender="otra@example.com")
    answer(inbox, delivery, sender="nadie@example.com")

    document = document_of(delivery)
    assert comments() == []
    assert links() == [(document.customer_id, document.id, LinkedBy.ANSWER)] * 2


def test_a_contact_who_was_switched_off_writes_none(delivery: Delivery, inbox: MailFolder) -> None:
    db.session.scalars(select(Contact)).one().is_active = False
    answer(inbox, delivery)

    assert comments() == []


def test_a_contact_who_knows_no_message_of_ours_writes_none(
    delivery: Delivery, inbox: MailFolder
) -> None:
    """The address alone could be anybody's."""
    guessed = "<d.01940000-0000-7000-8000-00000000abcd@penalba.example>"
    answer(inbox, delivery, in_reply_to=guessed)

    assert comments() == []
    assert links() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"auto_submitted": "auto-replied"},
        {"x_auto_response_suppress": "OOF, AutoReply"},
        {"precedence": "bulk"},
        {"list_id": "<x.example>"},
        {"return_path": "<>"},
    ],
)
def test_what_no_person_wrote_is_no_comment(
    delivery: Delivery, inbox: MailFolder, fields: dict[str, str]
) -> None:
    """F18: nor is it counted as an answer."""
    answer(inbox, delivery, **fields)

    assert comments() == []
    assert links() == []


def test_what_we_write_ourselves_is_no_comment(mailing: Mailing, delivery: Delivery) -> None:
    sent = make_folder(mailing.account, FolderRole.SENT)
    make_contact(
        db.session.get_one(type(document_of(delivery).customer), delivery.customer_id),
        email=mailing.account.address,
        is_primary=False,
    )
    answer(sent, delivery, sender=mailing.account.address)

    assert comments() == []
    assert links() == []


def test_what_lies_in_the_junk_is_no_comment(mailing: Mailing, delivery: Delivery) -> None:
    answer(make_folder(mailing.account, FolderRole.JUNK), delivery)

    assert comments() == []


def test_files_come_along_by_the_rules_of_comments(delivery: Delivery, inbox: MailFolder) -> None:
    answer(inbox, delivery, files=(("pago.pdf", PDF), ("virus.pdf", b"MZ\x90\x00")))

    assert [file.name for file in db.session.scalars(select(CommentFile))] == ["pago.pdf"]


def test_files_without_a_word_are_named(delivery: Delivery, inbox: MailFolder) -> None:
    answer(inbox, delivery, text="\n", files=(("pago.pdf", PDF),))

    [comment] = comments()
    assert comment.body == "pago.pdf"


def test_an_answer_without_anything_is_no_comment(delivery: Delivery, inbox: MailFolder) -> None:
    answer(inbox, delivery, text="> Factura")

    assert comments() == []


def test_a_long_answer_is_cut(delivery: Delivery, inbox: MailFolder) -> None:
    answer(inbox, delivery, text="palabra " * 2_000)

    [comment] = comments()
    assert len(comment.body) <= LONGEST_COMMENT
    assert comment.body.endswith("[…]")


def test_the_clock_of_the_writer_does_not_count(delivery: Delivery, inbox: MailFolder) -> None:
    answer(inbox, delivery, sent_at=datetime(2001, 1, 1, tzinfo=UTC))

    assert [comment.at for comment in comments()] == [NOON]


def test_of_several_documents_the_named_one(organization: Organization, settings: Settings) -> None:
    """Else all of a few; staff hear of it once."""
    customer = make_customer()
    make_contact(customer)
    documents = [make_document(customer) for _ in range(3)]
    account = make_mailbox()
    make_registered(
        settings,
        account=account,
        ranges=[MailingRange(document_ids=[each.id for each in documents])],
        one_mail_per=OneMailPer.CUSTOMER,
    )
    [delivery] = db.session.scalars(select(Delivery))
    inbox = make_folder(account)

    answer(inbox, delivery, text=f"Sobre la {documents[1].label}: no coincide.")
    answer(inbox, delivery, text="No coinciden.")

    on = [comment.document_id for comment in comments()]
    assert on == [documents[1].id, *sorted(each.id for each in documents)]
    assert db.session.scalar(select(func.count(PortalEvent.id))) == 2


def test_the_last_message_decides_what_a_conversation_is_about(
    delivery: Delivery, inbox: MailFolder
) -> None:
    """Their own words in between do not count; a letter of ours about something else does."""
    references = f"{delivery.message_id_header} <x@cliente.example>"
    answer(inbox, delivery, in_reply_to="<x@cliente.example>", references=references)
    assert len(comments()) == 1

    letter = make_further(delivery, DeliveryKind.REPLY)
    references = f"{delivery.message_id_header} {letter.message_id_header}"
    answer(inbox, delivery, in_reply_to=letter.message_id_header, references=references, text="Ya.")
    assert len(comments()) == 1
    assert len(links()) == 2


def make_further(delivery: Delivery, kind: DeliveryKind) -> Delivery:
    """Another message to the same customer."""
    values = {
        name: getattr(delivery, name)
        for name in ("customer_id", "account_id", "envelope_from", "recipient", "recipient_norm")
    }
    key = "01940000-0000-7000-8000-0000000000aa"
    further = Delivery(
        **values,
        public_id=key,
        kind=kind,
        idempotency_key="draft:1",
        subject="Otra cosa",
        message_id_header=f"<d.{key}@penalba.example>",
        size_bytes=1,
    )
    db.session.add(further)
    db.session.flush()
    return further


@pytest.mark.parametrize("on", ["document", "project"])
def test_an_answer_to_the_notice_of_a_comment(organization: Organization, on: str) -> None:
    """P-06: both ways by e-mail; the address of the way into the portal counts, too."""
    make_mail_account()
    db.session.scalars(select(PortalSettings)).one().show_projects = True
    customer = make_customer()
    user = make_portal_user(customer, email="ana.portal@example.com")
    subject = (
        make_document(customer) if on == "document" else make_project(customer, is_shared=True)
    )
    staff = make_user(organization)
    with acting_in(organization.id, actor=Actor(kind="user", id=staff.id, name="Lucía")):
        asked = write_comment(subject, "¿Está bien así?")
    [notice] = db.session.scalars(select(Delivery))
    assert notice.recipient == user.email

    answer(make_folder(make_mailbox()), notice)

    [_asked, said] = comments()
    assert (said.document_id, said.project_id) == (asked.document_id, asked.project_id)
    assert said.body == SAYS
    assert links() == [(customer.id, asked.document_id, LinkedBy.ANSWER)]


def test_a_test_is_answered_by_nobody(delivery: Delivery, inbox: MailFolder) -> None:
    """It shows a customer's document to our own people."""
    answer(inbox, make_further(delivery, DeliveryKind.TEST))

    assert comments() == []
    assert links() == []
