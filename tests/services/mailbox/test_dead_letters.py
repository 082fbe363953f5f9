"""X3-16: what could not be taken in is named, tried again, given up; never lost and never in the way."""

import pytest
from sqlalchemy import select

from errors import Conflict, NotFound
from mail.gateway import NetworkGateway
from models.base import db
from models.mailbox.mail_dead_letter import DeadLetterReason, MailDeadLetter
from models.mailbox.mail_sync import MailSync
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind, OperationState
from models.mailbox.message_placement import MessagePlacement
from models.people.organization import Organization
from models.people.user import User
from services.mailbox.dead_letters import (
    count_all_set_aside,
    count_set_aside,
    counts_of,
    give_up,
    messages_set_aside,
    set_aside_named,
    source_of,
    try_again,
)
from services.mailbox.mailbox_balance import verify_mailbox
from services.mailbox.mailbox_sync import sync_mailbox
from services.mailbox.marking import mark
from services.mailbox.refused_operations import refused_operation, refused_operations, repeat
from services.mailbox.servers import MailNetwork
from services.mailbox.sync_run import SyncTools
from tests.factories.mail_rows import make_mailbox as make_rows
from tests.factories.mail_rows import put
from tests.factories.mailbox import make_mailbox, make_raw
from tests.factories.people import make_user
from tests.factories.saving import saved
from tests.servers.rude_imap import RudeImap

TOOLS = SyncTools(gateway=NetworkGateway(), network=MailNetwork(timeout_seconds=2))


@pytest.fixture
def person(organization: Organization) -> User:
    return make_user(organization)


def set_aside(folder, **fields) -> MailDeadLetter:
    return saved(
        MailDeadLetter(
            **{
                "folder_id": folder.id,
                "uidvalidity": folder.uidvalidity,
                "uid": 7,
                "reason": DeadLetterReason.NOT_GIVEN,
                "head": "Subject: Pedido",
                "tries": 3,
                "set_aside_at": folder.created_at,
                **fields,
            }
        )
    )


def test_readers_know_what_it_is_and_administrators_that_it_is(
    person: User, organization: Organization
) -> None:
    """Nobody reads a mailbox by administering it."""
    box = make_rows(owner_id=person.id, is_shared=False)
    letter = set_aside(box.inbox)
    colleague, chief = make_user(organization), make_user(organization, role="administrator")

    assert [each.may_read for each in messages_set_aside(person, administers=False)] == [True]
    assert messages_set_aside(colleague, administers=False) == []
    assert [each.may_read for each in messages_set_aside(chief, administers=True)] == [False]
    assert (count_set_aside(colleague, administers=False), count_all_set_aside()) == (0, 1)
    with pytest.raises(NotFound):
        set_aside_named(letter.public_id, colleague, administers=False)


def test_what_is_given_up_waits_no_more_and_is_accounted_for(
    person: User, organization: Organization
) -> None:
    messages = {uid: make_raw(subject=str(uid)) for uid in (1, 2)}
    with RudeImap(messages, sizes={2: 900_000_000}) as server:
        account_id = make_mailbox(imap_port=server.port, password="x", sync_days=None).id
        db.session.commit()
        sync_mailbox(account_id, TOOLS)
        [each] = messages_set_aside(person, administers=False)
        give_up(each.letter, person)
        db.session.commit()

        verify_mailbox(organization.id, account_id, TOOLS)

    assert count_set_aside(person, administers=False) == 0
    [row] = counts_of(person, administers=False)
    assert (row.counted_accepted, row.counted_placed, row.counted_dead) == (2, 1, 1)
    assert row.counted_missing == 0
    assert row.counted_at is not None


def test_it_is_fetched_once_more_when_somebody_says_so(person: User) -> None:
    """And its source is there for whoever wants to see what it was."""
    messages = {uid: make_raw(subject=str(uid)) for uid in (1, 2)}
    with RudeImap(messages, rude={"BODY 2": lambda talk, tag: talk.close()}) as server:
        account_id = make_mailbox(imap_port=server.port, password="x", sync_days=None).id
        db.session.commit()
        for _time in range(3):
            sync_mailbox(account_id, TOOLS)
        db.session.expire_all()
        [each] = messages_set_aside(person, administers=False)
        with pytest.raises(Conflict):
            source_of(each.letter, TOOLS)
        server.rude.clear()
        assert source_of(each.letter, TOOLS) == messages[2]

        try_again(each.letter)
        db.session.commit()
        assert db.session.scalars(select(MailSync.poll_token)).one() is None
        sync_mailbox(account_id, TOOLS)

    db.session.expire_all()
    assert db.session.scalars(select(MailDeadLetter)).all() == []
    assert sorted(db.session.scalars(select(MessagePlacement.uid))) == [1, 2]


def test_a_refused_operation_is_done_once_more(person: User, organization: Organization) -> None:
    box = make_rows()
    placement = put(box.inbox)
    mark([placement], OperationKind.STAR, person)
    operation = db.session.scalars(select(MailboxOperation)).one()
    operation.state = OperationState.FAILED
    placement.is_starred = False
    db.session.flush()
    colleague = make_user(organization)
    [refused] = refused_operations(colleague)
    assert (refused.operation.id, refused.user) == (operation.id, person)

    repeat(refused_operation(operation.id, colleague), colleague)

    assert refused_operations(colleague) == []
    assert db.session.scalars(select(MessagePlacement.is_starred)).one() is True
    states = db.session.scalars(select(MailboxOperation.state).order_by(MailboxOperation.id))
    assert states.all() == [OperationState.FAILED, OperationState.PENDING]
