"""S3-25: an address is the same one with its domain in its letters and in the form of the wire, wherever it is compared."""

import pytest

from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import DraftKind
from models.mailbox.mail_folder import MailFolder
from models.people.organization import Organization
from models.people.user import User
from models.public_id import uuid7
from services.mailbox.customer_messages import messages_with_customer
from services.mailbox.drafts import begin
from services.mailbox.mail_search import search_messages
from services.mailbox.recipients import recipients_of
from services.mailbox.search_question import question_of
from tests.factories.mailbox import NOON, make_folder, make_mailbox, make_raw, receive
from tests.factories.people import make_contact, make_customer, make_user

WIRE, LETTERS = "xn--pealba-xwa.example", "peñalba.example"
PLACE = "letters.example"
BOTH = pytest.mark.parametrize("domain", [WIRE, LETTERS])


@pytest.fixture
def person(organization: Organization) -> User:
    return make_user(organization)


@pytest.fixture
def account(person: User) -> MailAccount:
    return make_mailbox(address=f"ventas@{WIRE}", owner_id=person.id)


@pytest.fixture
def inbox(account: MailAccount) -> MailFolder:
    return make_folder(account)


def written(domain: str, **fields: str) -> bytes:
    """A message with this domain wherever `PLACE` stands, in raw UTF-8 as RFC 6532 has it: the library writes no such thing."""
    return make_raw(**fields).replace(PLACE.encode(), domain.encode())


@BOTH
def test_who_writes_is_the_customers_contact(person: User, inbox: MailFolder, domain: str) -> None:
    customer = make_customer()
    make_contact(customer, email=f"ana@{WIRE}")

    placement = receive(inbox, written(domain, sender=f"Ana <Ana@{PLACE}>"))

    rows = messages_with_customer(customer, person).rows
    assert [row.message.id for row in rows] == [placement.message_id]


@BOTH
def test_an_answer_to_all_does_not_go_to_oneself(
    person: User, inbox: MailFolder, domain: str
) -> None:
    """And what one has written oneself is answered to those whom it went to."""
    got = receive(inbox, written(domain, to=f"ventas@{PLACE}, eva@otra.example")).message
    sent = receive(inbox, written(domain, sender=f"ventas@{PLACE}", to="eva@otra.example")).message

    answer, follow_up = (
        begin(uuid7(), person, DraftKind.REPLY_ALL, each).fields for each in (got, sent)
    )

    assert (answer["to"], answer["cc"]) == ("Ana Ruiz <ana@cliente.example>", "eva@otra.example")
    assert (follow_up["to"], follow_up["cc"]) == ("eva@otra.example", "")


@BOTH
def test_a_recipient_is_known(person: User, inbox: MailFolder, domain: str) -> None:
    draft = begin(uuid7(), person)
    draft.fields = draft.fields | {"to": f"ventas@{domain}"}

    assert recipients_of(draft)["to"][0].why == "de los nuestros"


@BOTH
def test_a_search_for_the_address_finds_both(inbox: MailFolder, domain: str) -> None:
    for number, form in enumerate((WIRE, LETTERS)):
        receive(inbox, written(form, sender=f"ana@{PLACE}", subject=f"Pedido {number}"))
    receive(inbox, sender="ana@penalba.example", subject="De otra")

    question = question_of(f"de:ana@{domain}", today=NOON.date())

    found = {message.subject for message in search_messages(question, [inbox]).messages}
    assert found == {"Pedido 0", "Pedido 1"}
