"""Who else is at a conversation, and what has come while one was writing (X3-01)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from models.base import db, utc_now
from models.mailbox.mail_draft import DraftKind, DraftState, MailDraft
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.thread import Thread
from models.mailbox.thread_presence import PresenceMode, ThreadPresence
from models.mailings.delivery import Delivery
from models.people.organization import Organization
from models.people.user import User
from services.mailbox.meanwhile import Meanwhile, happened_since_begun, meanwhile
from services.mailbox.presence import (
    FORGOTTEN,
    LASTS,
    Present,
    leave_presence,
    note_presence,
    others_at,
)
from settings import Settings
from tests.factories.ledger import make_ready_mailing
from tests.factories.mail_rows import Mailbox, make_mailbox, make_thread, put
from tests.factories.people import make_user
from tests.factories.saving import saved

VIEWING, WRITING = PresenceMode.VIEWING, PresenceMode.WRITING


@pytest.fixture
def ann(organization: Organization) -> User:
    return make_user(organization, name="Ann")


@pytest.fixture
def ben(organization: Organization) -> User:
    return make_user(organization, name="Ben")


@pytest.fixture
def box(organization: Organization) -> Mailbox:
    return make_mailbox(is_shared=True)


@pytest.fixture
def asked(box: Mailbox) -> MessagePlacement:
    return put(box.inbox)


def grow_older(span: timedelta) -> None:
    """All that was said about presence was said so much earlier."""
    db.session.execute(update(ThreadPresence).values(seen_at=ThreadPresence.seen_at - span))


def test_each_is_told_of_the_others_and_who_writes_comes_first(
    ann: User, ben: User, organization: Organization
) -> None:
    """X3-01: one line for each, whatever they do at once; nobody is told of themselves."""
    thread, carla = make_thread(), make_user(organization, name="Carla")
    note_presence(thread, ann, VIEWING)
    note_presence(thread, carla, VIEWING)
    note_presence(thread, carla, WRITING)

    assert others_at(thread, ben) == [Present("Carla", True), Present("Ann", False)]
    assert others_at(thread, ann) == [Present("Carla", True)]
    assert others_at(make_thread(), ann) == []


def test_who_has_not_been_heard_of_is_not_there_any_more(ann: User, ben: User) -> None:
    """X3-01: a browser that died says nothing."""
    thread = make_thread()
    note_presence(thread, ann, VIEWING)
    grow_older(LASTS + timedelta(seconds=1))

    assert others_at(thread, ben) == []


def test_who_leaves_is_gone_at_once(ann: User, ben: User) -> None:
    """X3-01: and goes on writing, if they did."""
    thread = make_thread()
    note_presence(thread, ann, VIEWING)
    note_presence(thread, ann, WRITING)

    leave_presence(thread, ann, VIEWING)
    assert others_at(thread, ben) == [Present("Ann", True)]
    leave_presence(thread, ann, WRITING)
    assert others_at(thread, ben) == []


def test_what_was_looked_at_long_ago_is_forgotten(ann: User, ben: User) -> None:
    """As many rows as there are conversations that are looked at, not as there are messages."""
    for _n in range(3):
        note_presence(make_thread(), ann, VIEWING)
    note_presence(make_thread(), ben, VIEWING)
    grow_older(FORGOTTEN + timedelta(seconds=1))

    note_presence(make_thread(), ann, VIEWING)

    assert db.session.scalar(select(func.count()).select_from(ThreadPresence)) == 2


def answer(
    asked: MessagePlacement,
    person: User,
    at: datetime,
    state: DraftState = DraftState.SENT,
    kind: DraftKind = DraftKind.REPLY,
) -> MailDraft:
    return saved(
        MailDraft(
            user_id=person.id, kind=kind, state=state, follows_id=asked.message_id, leaves_at=at
        )
    )


def thread_of(placement: MessagePlacement) -> Thread:
    return db.session.get_one(Thread, placement.message.thread_id)


def arrive(folder_of: MessagePlacement, at: datetime, **fields: Any) -> Message:
    """A message of the same conversation that comes at this moment."""
    placement = put(folder_of.folder, thread=thread_of(folder_of), **fields)
    db.session.execute(
        update(Message).where(Message.id == placement.message_id).values(created_at=at)
    )
    return placement.message


def test_a_colleague_has_answered_meanwhile(ann: User, ben: User, asked: MessagePlacement) -> None:
    """X3-01: sent, or about to leave; not what was before, nor one's own, nor what is only written or passed on."""
    now = utc_now()
    answer(asked, ben, now - timedelta(hours=1))
    answer(asked, ann, now + timedelta(minutes=1))
    answer(asked, ben, now + timedelta(minutes=2), kind=DraftKind.FORWARD)
    answer(asked, ben, now + timedelta(minutes=3), DraftState.WRITING)
    assert meanwhile(thread_of(asked), now, ann) == []

    answer(asked, ben, now + timedelta(minutes=4))
    answer(asked, ben, now + timedelta(days=1), DraftState.LEAVING)

    assert meanwhile(thread_of(asked), now, ann) == [
        Meanwhile("Ben", now + timedelta(minutes=4), is_answer=True),
        Meanwhile("Ben", now + timedelta(days=1), is_answer=True, leaves=True),
    ]


def test_the_customer_has_written_again(ann: User, asked: MessagePlacement) -> None:
    """X3-01: what has come, by when it came; no automatic answers, nothing of another conversation."""
    now, later = utc_now(), utc_now() + timedelta(minutes=1)
    arrive(asked, now - timedelta(minutes=1))
    arrive(asked, later, is_automatic=True)
    arrive(asked, later, is_bounce=True)
    put(asked.folder)
    assert meanwhile(thread_of(asked), now, ann) == []

    arrive(asked, later, sender=("", "oscar@lanapa.test"))

    assert meanwhile(thread_of(asked), now, ann) == [
        Meanwhile("oscar@lanapa.test", later, is_answer=False)
    ]


def test_nothing_of_what_one_may_not_read(
    ann: User, ben: User, asked: MessagePlacement, organization: Organization
) -> None:
    """X3-01: the same conversation lies in a mailbox that is somebody else's, and in the trash."""
    now = utc_now()
    private = make_mailbox(owner_id=ben.id)
    for folder in (private.inbox, private.trash):
        placement = put(folder, thread=thread_of(asked))
        db.session.execute(
            update(Message)
            .where(Message.id == placement.message_id)
            .values(created_at=now + timedelta(minutes=1))
        )

    assert meanwhile(thread_of(asked), now, ann) == []
    assert len(meanwhile(thread_of(asked), now, ben)) == 1


def test_what_was_written_here_is_told_of_once(
    ann: User, ben: User, asked: MessagePlacement, settings: Settings
) -> None:
    """X3-01: the copy in the folder of sent messages is the answer that was told of, or one's own."""
    now, later = utc_now(), utc_now() + timedelta(minutes=1)
    make_ready_mailing(settings, 2)
    theirs, own = db.session.scalars(select(Delivery.id).order_by(Delivery.id))
    for person, delivery_id in ((ben, theirs), (ann, own)):
        answer(asked, person, later).delivery_id = delivery_id
        arrive(asked, later).delivery_id = delivery_id
    db.session.flush()

    assert meanwhile(thread_of(asked), now, ann) == [Meanwhile("Ben", later, is_answer=True)]


def test_since_a_draft_was_begun(ann: User, ben: User, asked: MessagePlacement) -> None:
    """X3-01: since its page was opened, which is before the first word; what is forwarded answers nobody."""
    opened = utc_now()
    draft = answer(asked, ann, opened, DraftState.WRITING)
    draft.created_at = opened + timedelta(minutes=5)
    answer(asked, ben, opened + timedelta(minutes=2))

    assert [each.name for each in happened_since_begun(draft, opened, ann)] == ["Ben"]
    assert happened_since_begun(draft, None, ann) == []
    answer(asked, ben, opened + timedelta(minutes=6))
    assert [each.name for each in happened_since_begun(draft, None, ann)] == ["Ben"]
    draft.kind = DraftKind.FORWARD
    assert happened_since_begun(draft, opened, ann) == ()
