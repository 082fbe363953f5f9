"""Conversations that wait (X3-06): out of the list until their time, or until somebody writes in them."""

from datetime import datetime, timedelta

import psycopg
import pytest
from sqlalchemy import select, update

from errors import Conflict, Invalid
from models.base import db, utc_now
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.snooze import CameBackBy, Snooze
from models.people.organization import Organization
from models.people.user import User
from services.mailbox.conversation_list import ConversationRow, conversations
from services.mailbox.folder_badges import Badges, badges_of, unread_by, unread_of
from services.mailbox.snoozing import bring_back, come_back, notice, snooze, take_back
from tests.factories.mail_rows import Mailbox, make_mailbox, put
from tests.factories.mailbox import make_raw, receive
from tests.factories.people import make_user

TOMORROW = timedelta(days=1)


@pytest.fixture
def ann(organization: Organization) -> User:
    return make_user(organization)


@pytest.fixture
def mailbox(organization: Organization) -> Mailbox:
    return make_mailbox()


def rows(folder: MailFolder, only: str = "") -> list[ConversationRow]:
    return list(conversations([folder], only=only).rows)


def listed(folder: MailFolder, only: str = "") -> list[int]:
    return [row.mark.thread_id for row in rows(folder, only)]


def is_due() -> None:
    """The time of everything that waits has come."""
    past = utc_now() - timedelta(minutes=1)
    waits = Snooze.snoozed_until.is_not(None)
    db.session.execute(update(Snooze).where(waits).values(snoozed_until=past))
    db.session.commit()


def arrive(folder: MailFolder, at: datetime, **fields: str) -> MessagePlacement:
    """A message of this moment, by its own clock and the server's."""
    return receive(folder, make_raw(sent_at=at, **fields), received_at=at)


def later() -> datetime:
    return utc_now() + TOMORROW


def test_it_leaves_the_list_and_comes_back_on_top_and_marked(ann: User, mailbox: Mailbox) -> None:
    """X3-06."""
    old, new = put(mailbox.inbox), put(mailbox.inbox)
    until = later()

    assert snooze([old], until, ann).messages == 1
    assert listed(mailbox.inbox) == [new.thread_id]
    [waiting] = rows(mailbox.inbox, "snoozed")
    assert waiting.snooze is not None
    assert waiting.snooze.snoozed_until == until
    assert (unread_of([mailbox.inbox.id])[mailbox.inbox.id], unread_by(ann)) == (1, 1)
    db.session.commit()
    assert come_back() == 0
    is_due()
    assert come_back() == 1

    first, second = rows(mailbox.inbox)
    assert [first.mark.thread_id, second.mark.thread_id] == [old.thread_id, new.thread_id]
    assert first.snooze is not None
    assert first.snooze.came_back_by is CameBackBy.TIME
    assert come_back() == 0
    notice([old])
    assert [row.snooze for row in rows(mailbox.inbox)] == [None, None]
    assert listed(mailbox.inbox) == [old.thread_id, new.thread_id]
    assert badges_of(ann, [mailbox.inbox]) == Badges(starred=0, snoozed=0, drafts=0)


def test_what_waits_stands_in_the_order_in_which_it_comes_back(ann: User, mailbox: Mailbox) -> None:
    """X3-06: the soonest first, page by page and back, whichever is the newest message."""
    placed = [put(mailbox.inbox) for _n in range(4)]
    for placement, days in zip(placed, (3, 1, 4, 2), strict=True):
        snooze([placement], later() + timedelta(days=days), ann)
    expected = [placed[n].thread_id for n in (1, 3, 0, 2)]
    assert listed(mailbox.inbox, "snoozed") == expected

    first = conversations([mailbox.inbox], only="snoozed", size=2)
    second = conversations([mailbox.inbox], only="snoozed", after=first.older, size=2)
    back = conversations([mailbox.inbox], only="snoozed", before=second.newer, size=2)

    assert [row.mark.thread_id for row in (*first.rows, *second.rows)] == expected
    assert [row.mark.thread_id for row in back.rows] == expected[:2]
    assert first.rows[0].last_at == placed[1].sent_at


def test_a_new_message_brings_it_back_at_once(ann: User, mailbox: Mailbox) -> None:
    """X3-06: on top and marked; what we write ourselves, and what a first run brings late, does not."""
    began = utc_now() - timedelta(hours=3)
    first = arrive(mailbox.inbox, began, message_id="<one@x.example>")
    other = arrive(mailbox.inbox, began + timedelta(hours=1))
    snooze([first], later(), ann)

    arrive(mailbox.sent, utc_now(), in_reply_to="<one@x.example>")
    late = arrive(mailbox.inbox, began - timedelta(days=9), in_reply_to="<one@x.example>")
    assert late.thread_id == first.thread_id
    assert listed(mailbox.inbox) == [other.thread_id]
    arrive(mailbox.inbox, utc_now(), in_reply_to="<one@x.example>")

    back, _other = rows(mailbox.inbox)
    assert back.mark.thread_id == first.thread_id
    assert back.snooze is not None
    assert back.snooze.came_back_by is CameBackBy.MESSAGE


def test_what_waits_for_an_answer_comes_back_with_it_wherever_it_comes(
    ann: User, mailbox: Mailbox
) -> None:
    """X3-06: put off among the sent ones, it is marked when somebody answers, or at its time when nobody does."""
    began = utc_now() - timedelta(hours=3)
    sent = arrive(mailbox.sent, began, message_id="<asked@us.example>")
    unanswered = arrive(mailbox.sent, began)
    snooze([sent, unanswered], later(), ann)

    arrive(mailbox.inbox, utc_now(), in_reply_to="<asked@us.example>")
    is_due()
    come_back()

    because = {row.mark.thread_id: row.snooze for row in rows(mailbox.sent)}
    answered, alone = because[sent.thread_id], because[unanswered.thread_id]
    assert answered is not None
    assert alone is not None
    assert (answered.came_back_by, alone.came_back_by) == (CameBackBy.MESSAGE, CameBackBy.TIME)


def test_it_is_taken_back(ann: User, mailbox: Mailbox, organization: Organization) -> None:
    """X3-06: undo, by whoever did it only; what had another time before has that one again."""
    placement = put(mailbox.inbox)
    until = later()
    first = snooze([placement], until, ann)
    second = snooze([placement], until + TOMORROW, ann)

    assert take_back(second.id, make_user(organization)) is None
    take_back(second.id, ann)
    assert db.session.scalars(select(Snooze.snoozed_until)).all() == [until]
    back = bring_back([placement], ann)
    assert listed(mailbox.inbox) == [placement.thread_id]
    take_back(back.id, ann)
    assert listed(mailbox.inbox) == []
    assert take_back(first.id, ann) is None


def test_undo_shows_it_where_it_was(ann: User, mailbox: Mailbox) -> None:
    old, new = put(mailbox.inbox), put(mailbox.inbox)

    batch = snooze([old], later(), ann)
    take_back(batch.id, ann)

    assert listed(mailbox.inbox) == [new.thread_id, old.thread_id]
    assert [row.snooze for row in rows(mailbox.inbox)] == [None, None]


def test_conversations_that_become_one_wait_as_one(ann: User, mailbox: Mailbox) -> None:
    """One id ties them: nothing is lost, and nothing stands in the list before its time."""
    first = arrive(mailbox.inbox, utc_now(), message_id="<a@x.example>")
    second = arrive(mailbox.inbox, utc_now(), message_id="<b@x.example>")
    snooze([second], later(), ann)

    arrive(mailbox.sent, utc_now(), references="<a@x.example> <b@x.example>")

    assert listed(mailbox.inbox) == []
    assert listed(mailbox.inbox, "snoozed") == [first.thread_id]


def test_two_workers_bring_it_back_once(ann: User, mailbox: Mailbox, superuser_dsn: str) -> None:
    """What another one holds is left to it; if that one dies, the next look finds it."""
    placement = put(mailbox.inbox)
    snooze([placement], later(), ann)
    is_due()

    with psycopg.connect(superuser_dsn) as other:
        other.execute("SELECT FROM snooze FOR UPDATE")
        assert come_back() == 0
        other.rollback()

    assert come_back() == 1
    assert listed(mailbox.inbox) == [placement.thread_id]


@pytest.mark.parametrize("role", [FolderRole.TRASH, FolderRole.JUNK, FolderRole.DRAFTS])
def test_what_is_settled_does_not_wait(ann: User, mailbox: Mailbox, role: FolderRole) -> None:
    with pytest.raises(Conflict):
        snooze([put(mailbox.folders[role])], later(), ann)


@pytest.mark.parametrize("until", [-timedelta(minutes=1), timedelta(days=500)])
def test_the_time_is_ahead_and_near(ann: User, mailbox: Mailbox, until: timedelta) -> None:
    with pytest.raises(Invalid):
        snooze([put(mailbox.inbox)], utc_now() + until, ann)
