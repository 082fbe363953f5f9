"""S3-26, X3-08: pages of several folders show each conversation once, where it has been written last."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from models.mailbox.mail_folder import MailFolder
from models.people.organization import Organization
from services.mailbox.chosen_messages import count_all
from services.mailbox.conversation_list import ConversationPage, conversations
from services.mailbox.folder_badges import Badges, badges_of, unread_by, unread_in, unread_of
from tests.factories.mail_rows import make_mailbox, make_thread, put
from tests.factories.people import make_user

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
# A conversation in a folder, and when it was written there last: the first folder has three on top that all stand above
# its others in the second folder, and one that stands below its others.
WRITTEN = [
    ("a", 0, 60),
    ("a", 1, 70),
    ("b", 0, 59),
    ("b", 1, 69),
    ("c", 0, 58),
    ("c", 1, 68),
    ("d", 0, 57),
    ("e", 0, 56),
    ("f", 1, 55),
    ("g", 0, 54),
    ("g", 1, 10),
    ("h", 1, 53),
    ("h", 0, 53),
    ("i", 0, 9),
]
EACH_ONCE = ["a", "b", "c", "d", "e", "f", "g", "h", "i"]


@pytest.fixture
def folders(organization: Organization) -> list[MailFolder]:
    """Two inboxes; every message is unread and starred."""
    inboxes = [make_mailbox().inbox, make_mailbox().inbox]
    threads = {name: make_thread() for name in EACH_ONCE}
    for name, which, minutes in WRITTEN:
        put(
            inboxes[which],
            thread=threads[name],
            sent_at=NOON + timedelta(minutes=minutes),
            subject=name,
            is_read=False,
            is_starred=True,
        )
    return inboxes


def said(page: ConversationPage) -> list[str]:
    return [row.message.subject for row in page.rows]


def downwards(folders: Sequence[MailFolder], only: str, size: int) -> list[ConversationPage]:
    pages = [conversations(folders, only=only, size=size)]
    while pages[-1].older is not None:
        pages.append(conversations(folders, only=only, after=pages[-1].older, size=size))
    return pages


@pytest.mark.parametrize("only", ["", "unread", "starred"])
@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_each_once_on_pages_of_any_size(folders: list[MailFolder], only: str, size: int) -> None:
    pages = downwards(folders, only, size)

    assert [name for page in pages for name in said(page)] == EACH_ONCE
    assert all(len(page.rows) == size for page in pages[:-1])


def test_the_way_back_has_the_same_pages(folders: list[MailFolder]) -> None:
    pages = downwards(folders, "", 2)

    back = [conversations(folders, before=page.newer, size=2) for page in pages[1:]]

    assert [said(page) for page in back] == [said(page) for page in pages[:-1]]


def test_counted_once_each_or_by_folder(
    folders: list[MailFolder], organization: Organization
) -> None:
    ann = make_user(organization)

    assert (unread_in(folders), unread_by(ann)) == (9, 9)
    assert badges_of(ann, folders) == Badges(starred=9, snoozed=0, drafts=0)
    assert [count_all(folders, only) for only in ("", "unread", "starred")] == [9, 9, 9]
    assert unread_of([folder.id for folder in folders]) == {folders[0].id: 8, folders[1].id: 6}


def test_the_menu_counts_no_folder_that_nobody_can_open(
    folders: list[MailFolder], organization: Organization
) -> None:
    ann = make_user(organization)

    folders[1].is_unwanted = True

    assert unread_by(ann) == unread_in(folders[:1]) == 8
