"""Each recipient of a written message says why it stands there, and what speaks against it."""

from typing import Any

import pytest

from errors import Invalid
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import DraftKind, MailDraft
from models.mailbox.message import Message
from models.mailings.suppression import Suppression
from models.people.contact import AddressState, ContactEmail
from models.people.organization import Organization
from models.people.user import User
from models.public_id import uuid7
from services.mailbox.drafts import begin
from services.mailbox.mail_sending import flaws_of, leave
from services.mailbox.recipients import MOST_RECIPIENTS, Recipient, recipients_of
from tests.factories.mailbox import make_folder, make_mailbox, make_raw, receive
from tests.factories.people import make_contact, make_customer, make_user
from tests.factories.saving import saved


@pytest.fixture
def writer(organization: Organization) -> User:
    return make_user(organization, name="Lucía", email="lucia@penalba.test")


@pytest.fixture
def account(writer: User) -> MailAccount:
    return make_mailbox(address="lucia@penalba.test", owner_id=writer.id)


def draft_to(person: User, text: str, kind: Any = DraftKind.NEW, follows: Any = None) -> MailDraft:
    draft = begin(uuid7(), person, kind, follows)
    draft.fields = draft.fields | {"to": text}
    return draft


def told(draft: MailDraft) -> dict[str, Recipient]:
    return {each.entry.typed: each for each in recipients_of(draft)["to"]}


@pytest.fixture
def question(account: MailAccount) -> Message:
    raw = make_raw(
        sender="Ana <ana@cliente.test>",
        to="lucia@penalba.test, oscar@cliente.test",
        reply_to="pagos@cliente.test",
    )
    return receive(make_folder(account), raw).message


def test_why_each_one_is_there(writer: User, account: MailAccount, question: Message) -> None:
    """Pains D-5: nobody is put there without a word."""
    contact = make_contact(make_customer(name="Óptica Peñafiel"), email="jefe@optica.test")
    saved(contact)
    text = "pagos@cliente.test, ana@cliente.test, oscar@cliente.test, lucia@penalba.test, jefe@optica.test, x@y.test"

    found = told(draft_to(writer, text, DraftKind.REPLY_ALL, question))

    assert [each.why for each in found.values()] == [
        "pide las respuestas",
        "escribió el mensaje",
        "también lo recibió",
        "también lo recibió",
        "Óptica Peñafiel",
        "no es contacto",
    ]
    assert not any(each.obstacle or each.doubt for each in found.values())
    alone = draft_to(writer, "lucia@penalba.test, jefe@optica.test")
    [own, theirs] = recipients_of(alone, names_customers=False)["to"]
    assert (own.why, theirs.why) == ("de los nuestros", "un contacto")


def test_what_keeps_it_from_leaving_stands_at_each(writer: User, account: MailAccount) -> None:
    """Pains D-5, S3-31: no address, one too many, on the suppression list; the same before and after Send, and nothing is lost."""
    saved(Suppression(address_norm="rebota@cliente.test"))
    many = ", ".join(f"n{n}@x.test" for n in range(MOST_RECIPIENTS - 2))
    draft = draft_to(writer, f"ana.cliente.test, rebota@cliente.test, {many}, zoe@x.test")
    db.session.add(draft)
    db.session.flush()
    before = draft.fields

    found = told(draft)
    with pytest.raises(Invalid):
        leave(draft, writer)

    obstacles = {typed: each.obstacle for typed, each in found.items() if each.obstacle}
    assert list(obstacles) == ["ana.cliente.test", "rebota@cliente.test", "zoe@x.test"]
    assert obstacles["ana.cliente.test"] == "«ana.cliente.test» no tiene «@»."
    assert "lista de supresión" in obstacles["rebota@cliente.test"]
    assert "ya no cabe" in obstacles["zoe@x.test"]
    said = [flaw.sentence for flaw in flaws_of(draft, writer)]
    assert said[:2] == list(obstacles.values())[:2]
    assert draft.fields == before


def test_what_is_doubtful_is_told_and_leaves(
    writer: User, account: MailAccount, question: Message
) -> None:
    """Pains D-5: bounced before, does not exist, belongs to another customer; whoever is answered gets the answer."""
    customer, other = make_customer(name="La Ñapa"), make_customer(name="Óptica Peñafiel")
    make_contact(customer, email="bien@napa.test")
    make_contact(other, email="jefe@optica.test")
    for address, state in (
        ("rebota@napa.test", AddressState.BOUNCED),
        ("falta@napa.test", AddressState.INVALID),
    ):
        contact = make_contact(customer, email=address, is_primary=False)
        [email] = db.session.scalars(ContactEmail.at(address))
        email.state = state
        saved(contact)
    draft = draft_to(writer, "bien@napa.test, rebota@napa.test, falta@napa.test, jefe@optica.test")
    draft.customer_id = customer.id

    found = told(draft)
    doubts = [each.doubt for each in found.values()]

    assert not any(each.obstacle for each in found.values())
    assert doubts[0] == ""
    assert "rebotó" in doubts[1]
    assert "no existe" in doubts[2]
    assert "es de Óptica Peñafiel" in doubts[3]
    saved(Suppression(address_norm="pagos@cliente.test"))
    [answered] = told(draft_to(writer, "pagos@cliente.test", DraftKind.REPLY, question)).values()
    assert (answered.obstacle, bool(answered.doubt)) == ("", True)


def test_a_customer_on_hold_gets_nothing_new(writer: User, account: MailAccount) -> None:
    """The sender would leave it out: it is said before."""
    customer = make_customer(name="La Ñapa", on_hold=True)
    draft = draft_to(writer, "ana@napa.test")
    draft.customer_id = customer.id

    assert [flaw.field for flaw in flaws_of(draft, writer)] == ["customer"]
