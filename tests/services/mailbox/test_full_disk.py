"""F17: no room for the bytes of a message: nothing is taken in that could not be read, and nothing is passed over."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select

from models.base import db
from models.mailbox.mail_dead_letter import MailDeadLetter
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from models.people.organization import Organization
from services.mailbox.message_bytes import raw_of
from tests.factories.mailbox import make_raw
from tests.servers.rude_imap import RudeImap
from tests.services.mailbox.test_rude_servers import problem, read, uids


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_there_was_no_room_for_comes_when_there_is(organization: Organization) -> None:
    raws = {uid: make_raw(subject=str(uid)) for uid in range(1, 6)}
    with RudeImap(dict(raws)) as server:
        with full_disk():
            account_id = read(server, times=2)

        assert uids() == []
        assert db.session.scalar(select(func.count()).select_from(Message)) == 0
        assert db.session.scalar(select(func.count()).select_from(MailDeadLetter)) == 0
        assert problem() is not None

        for _time in range(2):
            read(server, account_id=account_id)

        assert uids() == [1, 2, 3, 4, 5]
        assert problem() is None
        for placement in db.session.scalars(select(MessagePlacement)):
            assert raw_of(placement.message) == raws[placement.uid or 0]
