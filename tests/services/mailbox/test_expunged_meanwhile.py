"""F16: a server says in the middle of a FETCH that messages are gone, as it may while one asks by UID (RFC 3501, 7.4.1)."""

import pytest
from sqlalchemy import func, select

from models.base import db
from models.mailbox.mail_dead_letter import MailDeadLetter
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from models.people.organization import Organization
from services.mailbox.mailbox_balance import verify_mailbox
from tests.factories.mailbox import make_raw
from tests.servers.rude_imap import RudeImap
from tests.servers.rude_smtp import Connection
from tests.services.mailbox.test_rude_servers import problem, read, tools, uids


@pytest.mark.parametrize("said", [b"* 3 EXPUNGE\r\n* 2 EXPUNGE\r\n", b"* VANISHED 2:3\r\n"])
def test_what_is_gone_in_the_middle_of_a_fetch(organization: Organization, said: bytes) -> None:
    """One that is handed over already and the next one: the others keep their UID, and nothing is a dead letter."""
    server = RudeImap({uid: make_raw(subject=str(uid)) for uid in range(1, 7)})

    def another_client_deletes(talk: Connection, _tag: bytes) -> None:
        for uid in (3, 2):
            del server.messages[uid]
        talk.say(said)

    server.rude["BODY 3"] = another_client_deletes
    with server:
        account_id = read(server)
        assert problem() is None
        read(server, times=3, account_id=account_id)

        assert placed() == {uid: str(uid) for uid in (1, 4, 5, 6)}
        assert uids() == [1, 4, 5, 6]
        assert problem() is None
        assert db.session.scalar(select(func.count()).select_from(MailDeadLetter)) == 0
        [balance] = verify_mailbox(organization.id, account_id, tools()) or []
        assert (balance.accepted, balance.placed, balance.is_even) == (4, 4, True)


def placed() -> dict[int | None, str]:
    """UID -> subject: after an EXPUNGE the number of a message is another one, its UID is not."""
    rows = db.session.execute(
        select(MessagePlacement.uid, Message.subject).join(
            Message, Message.id == MessagePlacement.message_id
        )
    )
    return dict(rows.all())
