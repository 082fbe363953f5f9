"""X3-06: what customers wrote and nobody has answered for days is listed, and counted for whoever reads it."""

from datetime import timedelta

import pytest

from models.base import utc_now
from models.mailbox.message_placement import MessagePlacement
from models.people.organization import Organization
from models.people.user import User
from services.mailbox.chosen_messages import all_pairs
from services.mailbox.conversation_list import conversations
from services.mailbox.snoozing import snooze
from services.mailbox.unanswered_mail import unanswered_by
from tests.factories.mail_rows import Mailbox, make_mailbox, put
from tests.factories.people import make_contact, make_customer, make_user

SOFIA = ("Sofía", "Sofia@lanapa.test")


@pytest.fixture
def ann(organization: Organization) -> User:
    make_contact(make_customer(), email="sofia@lanapa.test")
    return make_user(organization)


@pytest.fixture
def mailbox(ann: User) -> Mailbox:
    return make_mailbox()


def wrote(mailbox: Mailbox, days: float = 3, **fields: object) -> MessagePlacement:
    """The customer, so long ago."""
    at = utc_now() - timedelta(days=days)
    return put(mailbox.inbox, **{"sender": SOFIA, "sent_at": at, **fields})  # type: ignore[arg-type]  # as `put` takes them


def waiting(mailbox: Mailbox) -> list[int]:
    rows = conversations([mailbox.inbox], only="unanswered").rows
    return [row.mark.thread_id for row in rows]


def test_the_last_word_of_a_customer_waits(ann: User, mailbox: Mailbox) -> None:
    first, second = wrote(mailbox, 5), wrote(mailbox)
    put(mailbox.drafts, thread=first.message.thread, sent_at=utc_now())

    assert waiting(mailbox) == [second.thread_id, first.thread_id]
    assert {thread_id for _folder, thread_id in all_pairs([mailbox.inbox], "unanswered")} == {
        first.thread_id,
        second.thread_id,
    }
    assert unanswered_by(ann) == 2


def test_what_is_answered_does_not(ann: User, mailbox: Mailbox) -> None:
    answered = wrote(mailbox)
    put(mailbox.sent, thread=answered.message.thread, sent_at=utc_now() - timedelta(days=2.5))
    wrote(mailbox, is_answered=True)

    assert (waiting(mailbox), unanswered_by(ann)) == ([], 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"days": 1},
        {"days": 40},
        {"sender": ("Boletín", "news@elsewhere.test")},
        {"is_automatic": True},
    ],
    ids=["fresh", "forgotten", "stranger", "automatic"],
)
def test_nor_does_what_wants_no_answer_now(
    ann: User, mailbox: Mailbox, fields: dict[str, object]
) -> None:
    wrote(mailbox, **fields)  # type: ignore[arg-type]  # days among them

    assert (waiting(mailbox), unanswered_by(ann)) == ([], 0)


def test_nor_what_is_snoozed(ann: User, mailbox: Mailbox) -> None:
    snooze([wrote(mailbox)], utc_now() + timedelta(days=1), ann)

    assert (waiting(mailbox), unanswered_by(ann)) == ([], 0)


def test_who_may_not_read_the_mailbox_is_not_told(organization: Organization, ann: User) -> None:
    wrote(make_mailbox(owner_id=make_user(organization).id, is_shared=False))

    assert unanswered_by(ann) == 0
