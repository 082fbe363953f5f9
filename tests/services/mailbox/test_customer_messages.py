"""S3-25: the messages with a customer, by address and by hand, as far as somebody may read them."""

import pytest
from sqlalchemy import select

from models.base import db
from models.mailbox.mail_folder import FolderRole
from models.mailbox.message import Message
from models.mailbox.message_link import LinkedBy, MessageLink
from models.people.customer import Customer
from models.people.organization import Organization
from models.people.user import User
from models.system.audit_event import AuditEvent
from services.mailbox.customer_messages import (
    A_PAGE,
    count_with_customer,
    messages_with_contact,
    messages_with_customer,
)
from services.mailbox.customer_ties import customers_of_messages
from services.mailbox.linking import link, unlink
from services.mailbox.purging import purge
from tests.factories.mail_rows import make_mailbox as make_rows
from tests.factories.mail_rows import put
from tests.factories.mailbox import make_folder, make_mailbox, make_raw, receive
from tests.factories.people import make_contact, make_customer, make_user


@pytest.fixture
def person(organization: Organization) -> User:
    return make_user(organization)


def subjects(customer: Customer, person: User) -> list[str]:
    return [row.message.subject for row in messages_with_customer(customer, person).rows]


def test_messages_from_and_to_the_contacts_are_the_customers(person: User) -> None:
    """S3-25: whoever of them writes, or is written to, in whichever mailbox."""
    customer = make_customer()
    contact = make_contact(customer, email="ana@lanapa.test")
    make_contact(customer, email="luis@lanapa.test", is_primary=False)
    box, other = make_rows(), make_rows()
    put(box.inbox, subject="from Ana", sender=("Ana", "Ana@lanapa.test"))
    put(other.sent, subject="to Luis", sender=("", box.account.address), to=("luis@lanapa.test",))
    put(box.inbox, subject="of a stranger", sender=("", "x@elsewhere.test"))

    found = messages_with_customer(customer, person).rows

    assert [(row.message.subject, row.is_ours) for row in found] == [
        ("to Luis", True),
        ("from Ana", False),
    ]
    assert count_with_customer(customer, person, most=10) == 2
    assert count_with_customer(customer, person, most=1) == 1
    assert [row.message.subject for row in messages_with_contact(contact, person).rows] == [
        "from Ana"
    ]


def test_a_contact_who_is_added_later_has_the_older_messages(person: User) -> None:
    box, customer = make_rows(), make_customer()
    put(box.inbox, subject="last year", sender=("", "new@lanapa.test"))
    assert subjects(customer, person) == []

    make_contact(customer, email="new@lanapa.test")

    assert subjects(customer, person) == ["last year"]


def test_what_somebody_may_not_read_is_not_there(person: User, organization: Organization) -> None:
    """S3-25: the rights of the mailbox hold on the customer's page too."""
    customer = make_customer()
    make_contact(customer, email="ana@lanapa.test")
    owner = make_user(organization)
    private = make_rows(owner_id=owner.id, is_shared=False)
    placed = put(private.inbox, subject="private", sender=("", "ana@lanapa.test"))
    link([placed.message], customer, owner)

    assert subjects(customer, owner) == ["private"]
    assert subjects(customer, person) == []


def test_drafts_and_junk_are_not_correspondence(person: User) -> None:
    customer, box = make_customer(), make_rows()
    make_contact(customer, email="ana@lanapa.test")
    put(box.drafts, to=("ana@lanapa.test",))
    put(box.junk, sender=("", "ana@lanapa.test"))

    assert subjects(customer, person) == []


def test_page_by_page_none_twice(person: User) -> None:
    customer, box = make_customer(), make_rows()
    make_contact(customer, email="ana@lanapa.test")
    for _n in range(A_PAGE + 3):
        put(box.inbox, sender=("", "ana@lanapa.test"))

    first = messages_with_customer(customer, person)
    second = messages_with_customer(customer, person, after=first.older)

    keys = [row.message.id for row in (*first.rows, *second.rows)]
    assert len(first.rows) == A_PAGE
    assert keys == sorted(set(keys), reverse=True)
    assert (len(keys), second.older) == (A_PAGE + 3, None)


def test_who_tied_it_stands_in_the_audit(person: User) -> None:
    """S3-25: by hand, and out again."""
    customer, box = make_customer(), make_rows()
    message = put(box.inbox, subject="of nobody").message

    link([message], customer, person)
    assert subjects(customer, person) == ["of nobody"]
    [row] = db.session.scalars(select(MessageLink))
    assert (row.linked_by, row.user_id) == (LinkedBy.HAND, person.id)

    unlink([message], customer, person)
    assert subjects(customer, person) == []
    assert db.session.scalar(select(MessageLink)) is None
    events = db.session.scalars(
        select(AuditEvent.action).where(AuditEvent.entity == "message_link").order_by(AuditEvent.id)
    )
    assert events.all() == ["create", "delete"]


def test_what_an_address_says_can_be_denied_and_admitted_again(person: User) -> None:
    customer, other, box = make_customer(), make_customer(), make_rows()
    shared = make_contact(customer, email="advisor@both.test")
    make_contact(other, email="advisor@both.test")
    message = put(box.inbox, subject="about one", sender=("", "advisor@both.test")).message

    unlink([message], other, person)

    assert customers_of_messages([message])[message.id] == [customer]
    assert (subjects(customer, person), subjects(other, person)) == (["about one"], [])
    assert [row.message.id for row in messages_with_contact(shared, person).rows] == [message.id]

    link([message], other, person)

    assert subjects(other, person) == ["about one"]


def test_what_is_answered_later_follows_the_conversation(person: User) -> None:
    """A stranger's conversation stays with the customer that it was tied to, and out of the one that it was untied from."""
    folder = make_folder(make_mailbox())
    customer, other = make_customer(), make_customer()
    make_contact(other, email="ana@cliente.example")
    first = receive(folder, message_id="<a@x.example>", subject="Flete")
    link([first.message], customer, person)
    unlink([first.message], other, person)

    receive(
        folder,
        message_id="<b@x.example>",
        in_reply_to="<a@x.example>",
        subject="Re: Flete",
        sent_at=first.sent_at.replace(day=21),
    )

    assert subjects(customer, person) == ["Re: Flete", "Flete"]
    assert subjects(other, person) == []
    answer = db.session.scalars(select(Message).order_by(Message.id.desc())).first()
    [row, cut] = db.session.scalars(
        select(MessageLink).where(MessageLink.message_id == answer.id).order_by(MessageLink.is_cut)
    )
    assert (row.linked_by, row.customer_id) == (LinkedBy.ANSWER, customer.id)
    assert (cut.linked_by, cut.customer_id) == (LinkedBy.ANSWER, other.id)


def test_links_outlive_the_place_of_a_message(person: User) -> None:
    """S3-25: the mailbox is read again from the beginning, and the message is still the customer's."""
    account = make_mailbox()
    folder, customer = make_folder(account, FolderRole.TRASH), make_customer()
    raw = make_raw(subject="Contrato")
    first = receive(folder, raw)
    link([first.message], customer, person)
    purge([first], person, retention_years=5)
    assert subjects(customer, person) == []

    receive(make_folder(account, FolderRole.ARCHIVE), raw)

    assert subjects(customer, person) == ["Contrato"]
