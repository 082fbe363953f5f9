"""X3-07: sender and subject only suggest."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from models.base import db
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.message_placement import MessagePlacement
from models.people.organization import Organization
from models.people.user import User
from services.mailbox.alike_conversations import alike
from services.mailbox.conversation import conversation
from tests.factories.mailbox import NOON, make_folder, make_mailbox, make_raw, receive
from tests.factories.people import make_user

OWN = "ventas@penalba.example"


@pytest.fixture
def inbox(organization: Organization) -> MailFolder:
    return make_folder(make_mailbox(address=OWN))


@pytest.fixture
def ann(organization: Organization) -> User:
    return make_user(organization)


def arrive(folder: MailFolder, *, days: int = 0, **fields: str) -> MessagePlacement:
    at: datetime = NOON + timedelta(days=days)
    return receive(folder, make_raw(sent_at=at, **{"subject": "Flete", **fields}), received_at=at)


def suggested(placement: MessagePlacement, person: User) -> Sequence[int]:
    db.session.flush()
    found = conversation(placement.message.thread.public_id, person)
    return [message.id for message in alike(found, person, own={OWN})]


def test_the_same_sender_about_the_same(inbox: MailFolder, ann: User) -> None:
    first = arrive(inbox)
    newer = arrive(inbox, days=3, subject="RE: flete")
    older = arrive(inbox, days=-3, subject="RV: Flete")
    arrive(inbox, days=1, subject="Otra cosa")
    arrive(inbox, days=1, sender="Eva <eva@otra.example>")
    arrive(inbox, days=15)
    arrive(inbox, days=1, precedence="bulk")

    assert suggested(first, ann) == [newer.message_id, older.message_id]
    assert first.thread_id not in (newer.thread_id, older.thread_id)


def test_what_an_id_ties_needs_no_suggestion(inbox: MailFolder, ann: User) -> None:
    first = arrive(inbox, message_id="<a@x.test>")
    arrive(inbox, days=1, references="<a@x.test>")

    assert suggested(first, ann) == []


def test_only_what_may_be_read_and_is_not_thrown_away(
    inbox: MailFolder, ann: User, organization: Organization
) -> None:
    first = arrive(inbox)
    secret = make_mailbox(address="b@penalba.example", owner_id=make_user(organization).id)
    arrive(make_folder(secret), days=1)
    arrive(make_folder(inbox.account, FolderRole.TRASH), days=1)

    assert suggested(first, ann) == []


def test_without_a_subject_nothing_is_alike(inbox: MailFolder, ann: User) -> None:
    first = arrive(inbox, subject="Re:")
    arrive(inbox, days=1, subject="")

    assert suggested(first, ann) == []
