"""F16: a mailbox full of hostile mail: all of it accounted for, the others there, the poll alive, the memory small."""

import os
import resource

from sqlalchemy import func, select

from mail.gateway import NetworkGateway
from models.base import db
from models.mailbox.mail_dead_letter import MailDeadLetter
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from models.mailings.delivery import Delivery
from models.people.organization import Organization
from services.mailbox.examining import are_messages_to_examine, examine_messages
from services.mailbox.mailbox_balance import verify_mailbox
from services.mailbox.mailbox_sync import sync_mailbox
from services.mailbox.sync_run import SyncTools
from tests.factories.mailbox import make_mailbox, make_raw
from tests.mail.hostile_mail import HOSTILE
from tests.servers.rude_imap import RudeImap

MOST_MEMORY = 300_000  # KB more than was there before
EVERY = 4  # message is innocent
TOOLS = SyncTools(gateway=NetworkGateway())


def test_three_hundred_hostile_messages_cost_nobody_else_a_message(
    organization: Organization,
) -> None:
    """Read in a process of its own, whose memory is measured; then looked at for what they report."""
    messages: dict[int, bytes] = {}
    innocent: set[int] = set()
    for raw in (make() for make in HOSTILE.values()):
        messages[len(messages) + 1] = raw
        if len(messages) % EVERY == 0:
            innocent.add(len(messages) + 1)
            messages[len(messages) + 1] = make_raw(subject="Pregunta")
    with RudeImap(messages) as server:
        account_id = make_mailbox(imap_port=server.port, password="x", sync_days=None).id
        db.session.commit()
        child = os.fork()
        if child == 0:
            os._exit(_read_within(account_id))
        _pid, status = os.waitpid(child, 0)
        db.session.rollback()

        assert os.waitstatus_to_exitcode(status) == 0
        [balance] = verify_mailbox(organization.id, account_id, TOOLS) or []
        placed = set(db.session.scalars(select(MessagePlacement.uid)))
        server.messages[len(messages) + 1] = make_raw(subject="La siguiente")
        sync_mailbox(account_id, TOOLS)

    assert balance.is_even
    assert balance.accepted == len(HOSTILE) + len(innocent)
    assert innocent <= placed
    assert db.session.scalar(select(func.count(MailDeadLetter.id))) == balance.dead
    assert db.session.scalar(
        select(func.count(Message.id)).where(Message.subject == "La siguiente")
    )
    assert not are_messages_to_examine()
    assert db.session.scalar(select(func.count(Delivery.id))) == 0


def _read_within(account_id: int) -> int:
    """0 if it was read, and looked at, with less memory than is allowed."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    db.engine.dispose(close=False)
    db.session.remove()
    while sync_mailbox(account_id, TOOLS):
        pass
    examine_messages()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return 0 if used < MOST_MEMORY else 1
