"""What lies in several mailboxes is one row among all of them, and what is done with the row is done in each (X3-08)."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from models.base import db, utc_now
from models.mailbox.message_placement import MessagePlacement
from models.people.organization import Organization
from services.mailbox import chosen_messages
from services.mailbox.snoozing import snooze
from tests.admin_views.conftest import SignIn
from tests.admin_views.mail_pages import HTMX, key, rows_of
from tests.factories.mail_rows import make_mailbox, make_thread, put
from tests.factories.people import make_user


@pytest.fixture
def copies(organization: Organization) -> list[MessagePlacement]:
    """The same message in the inboxes of two mailboxes; one copy has been read."""
    first, second = make_mailbox(), make_mailbox()
    thread = make_thread()
    here = put(first.inbox, thread=thread, subject="Para los dos", is_read=True)
    there = put(second.inbox, thread=thread, message=here.message)
    put(second.inbox, subject="Para uno")
    db.session.commit()
    return [here, there]


def test_one_row_that_is_unread_if_a_copy_is(
    sign_in: SignIn, copies: list[MessagePlacement]
) -> None:
    client = sign_in("clerk")

    page = client.get("/mail/").text

    shown = [each for each in rows_of(page) if each in map(key, copies)]
    assert len(shown) == 1
    assert re.search(rf'<li id="row-{shown[0]}"[^>]*class="un', page)
    unread = client.get("/mail/?only=unread").text
    assert rows_of(unread) == rows_of(page)
    for copy in copies:
        account = str(copy.folder.account.public_id)
        client.post("/mail/account", data={"account": account})
        assert key(copy) in rows_of(client.get("/mail/").text)


@pytest.mark.parametrize(
    ("deed", "is_done"),
    [
        ("read", lambda copy: copy.is_read),
        ("star", lambda copy: copy.is_starred),
        ("trash", lambda copy: copy.folder.role.value == "trash"),
    ],
)
def test_what_is_done_with_the_row_is_done_in_each(
    sign_in: SignIn,
    copies: list[MessagePlacement],
    deed: str,
    is_done: Callable[[MessagePlacement], bool],
) -> None:
    client = sign_in("clerk")
    [row] = [each for each in rows_of(client.get("/mail/").text) if each in map(key, copies)]

    client.post("/mail/act", data={"do": deed, "rowid": [row]}, headers=HTMX)

    db.session.expire_all()
    assert [bool(is_done(db.session.get_one(MessagePlacement, each.id))) for each in copies] == [
        True,
        True,
    ]


def test_where_one_mailbox_is_looked_at_the_other_stays(
    sign_in: SignIn, copies: list[MessagePlacement]
) -> None:
    here, there = copies
    client = sign_in("clerk")
    client.post("/mail/account", data={"account": str(here.folder.account.public_id)})

    client.post("/mail/act", data={"do": "trash", "rowid": [key(here)]}, headers=HTMX)

    db.session.expire_all()
    assert here.folder.role.value == "trash"
    assert there.folder.role.value == "inbox"


def test_what_is_starred_in_the_inbox_leaves_its_answer_alone(
    sign_in: SignIn, organization: Organization
) -> None:
    """A row of the starred ones stands for what is starred, not for the whole conversation."""
    box, thread = make_mailbox(), make_thread()
    starred = put(box.inbox, thread=thread, is_starred=True)
    sent = put(box.sent, thread=thread)
    db.session.commit()

    sign_in("clerk").post(
        "/mail/act",
        data={"folder": "starred", "do": "trash", "rowid": [key(starred)]},
        headers=HTMX,
    )

    db.session.expire_all()
    assert starred.folder.role.value == "trash"
    assert sent.folder.role.value == "sent"


def test_what_waits_in_one_of_them_marks_no_row_of_the_others(
    sign_in: SignIn, organization: Organization, copies: list[MessagePlacement]
) -> None:
    """A copy that is snoozed is unread for later: the row says what can be done now."""
    _read, unread = copies
    snooze([unread], utc_now() + timedelta(days=2), make_user(organization))
    db.session.commit()

    page = sign_in("clerk").get("/mail/").text

    [shown] = [each for each in rows_of(page) if each in map(key, copies)]
    assert not re.search(rf'<li id="row-{shown}"[^>]*class="un', page)


def test_all_of_them_are_conversations_in_each_mailbox(
    organization: Organization, copies: list[MessagePlacement], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many conversations as go at once, none of them in one of its mailboxes only."""
    monkeypatch.setattr(chosen_messages, "AT_ONCE", 1)
    put(copies[0].folder, thread=copies[0].message.thread, sent_at=utc_now())

    pairs = chosen_messages.all_pairs([copy.folder for copy in copies])

    assert sorted(pairs) == sorted((copy.folder_id, copy.thread_id) for copy in copies)
