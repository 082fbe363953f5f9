"""What is done in the mail area with one conversation and with many."""

import json
import re
import uuid
from typing import Any

import pytest
from sqlalchemy import select

from models.base import db
from models.mailbox.mail_folder import FolderRole
from models.mailbox.mailbox_operation import MailboxOperation
from models.mailbox.message_placement import MessagePlacement
from models.people.organization import Organization
from tests.admin_views.conftest import SignIn
from tests.admin_views.mail_pages import HTMX, key, rows_of
from tests.factories.mail_rows import make_mailbox, put
from tests.factories.mailbox import make_folder, make_raw, receive
from tests.factories.mailbox import make_mailbox as make_account


@pytest.mark.parametrize(
    ("deed", "column", "value"),
    [("read", "is_read", True), ("star", "is_starred", True), ("unstar", "is_starred", False)],
)
def test_what_is_done_shows_at_once_with_a_way_back(
    sign_in: SignIn, organization: Organization, deed: str, column: str, value: bool
) -> None:
    """S3-11 to S3-14: for many at once."""
    box = make_mailbox()
    before: dict[str, Any] = {column: not value}
    placements = [put(box.inbox, **before) for _n in range(3)]
    db.session.commit()
    client = sign_in("clerk")

    answer = client.post(
        "/mail/act",
        data={"do": deed, "rowid": [key(each) for each in placements]},
        headers={**HTMX, "HX-Target": "mail-list"},
    )

    assert answer.status_code == 200
    keys = [each.id for each in placements]
    assert all(
        getattr(db.session.get_one(MessagePlacement, each), column) is value for each in keys
    )
    undo = json.loads(answer.headers["HX-Trigger"])["toast"]["undo"]
    client.post(undo, data={"url": "/mail/"})
    assert "Deshecho." in client.get("/mail/").text
    db.session.expire_all()
    assert all(
        getattr(db.session.get_one(MessagePlacement, each), column) is not value for each in keys
    )


def test_what_was_changed_since_is_not_said_to_be_undone(
    sign_in: SignIn, organization: Organization
) -> None:
    """S3-11: the notice of another tab, long after."""
    placement = put(make_mailbox().inbox, is_read=False)
    db.session.commit()
    client = sign_in("clerk")
    headers = {**HTMX, "HX-Target": "mail-list"}
    undo = ""
    for deed in ("read", "unread"):
        answer = client.post(
            "/mail/act", data={"do": deed, "rowid": [key(placement)]}, headers=headers
        )
        undo = undo or json.loads(answer.headers["HX-Trigger"])["toast"]["undo"]

    client.post(undo, data={"url": "/mail/"})

    page = client.get("/mail/").text
    assert "Ya se cambió después, y queda como está." in page
    assert "Deshecho." not in page


def test_moving_asks_for_the_folder(sign_in: SignIn, organization: Organization) -> None:
    placement = put(make_mailbox().inbox)
    db.session.commit()

    answer = sign_in("clerk").post("/mail/act", data={"do": "move", "rowid": [key(placement)]})

    assert answer.status_code == 409
    assert "Elija primero la carpeta." in answer.text


def test_several_mailboxes_move_each_within_its_own(
    sign_in: SignIn, organization: Organization
) -> None:
    """S3-16, S3-23: in the view of all mailboxes the folders are named by what they are for, and it says why no others are."""
    box, other = make_mailbox(), make_mailbox()
    here, there = put(box.inbox), put(other.inbox)
    db.session.commit()
    client = sign_in("clerk", lang="en")
    page = client.get("/mail/").text
    assert re.findall(r'<option value="(\w+)">', page.partition('name="target"')[2])[:4] == [
        "inbox",
        "archive",
        "junk",
        "trash",
    ]
    assert "Each within its own mailbox." in page

    chosen = {"do": "move", "target": "junk", "rowid": [key(here), key(there)]}
    client.post("/mail/act", data=chosen, headers=HTMX)

    db.session.expire_all()
    assert (here.folder_id, there.folder_id) == (box.junk.id, other.junk.id)


def test_several_are_forwarded_as_files_of_one_message(
    sign_in: SignIn, organization: Organization
) -> None:
    """S3-10, S3-16: the page of one draft, with the messages in it."""
    folder = make_folder(make_account())
    chosen = [receive(folder, make_raw(subject=f"Asunto {n}")) for n in range(2)]
    db.session.commit()

    client = sign_in("clerk")
    asked = {"do": "forward", "rowid": [key(each) for each in chosen]}
    page = client.get(client.post("/mail/act", data=asked).headers["Location"])

    assert page.status_code == 200
    assert "Asunto 0.eml" in page.text
    assert "Asunto 1.eml" in page.text


def test_everything_of_a_folder_at_once(sign_in: SignIn, organization: Organization) -> None:
    """S3-16: more than a page of them, with the progress on the server."""
    box = make_mailbox()
    for _n in range(70):
        put(box.inbox)
    db.session.commit()

    answer = sign_in("clerk").post(
        "/mail/act", data={"do": "trash", "all": "1"}, headers={**HTMX, "HX-Target": "mail-list"}
    )

    assert rows_of(answer.text) == []
    assert "/mail/batches/" in answer.text
    assert len(db.session.scalars(select(MailboxOperation)).all()) == 70


def test_purging_asks_first(sign_in: SignIn, organization: Organization) -> None:
    """S3-21."""
    box = make_mailbox()
    placement = put(box.trash)
    db.session.commit()
    client = sign_in("clerk")
    place = placement.id
    asked: dict[str, Any] = {"folder": "trash", "rowid": key(placement)}

    question = client.post("/mail/purge", data=asked)
    assert "data-question" in question.text
    assert db.session.get(MessagePlacement, place) is not None
    client.post("/mail/purge", data={**asked, "sure": "1"})

    assert "1 mensaje eliminado definitivamente" in client.get("/mail/").text
    db.session.expire_all()
    assert db.session.get(MessagePlacement, place) is None


def test_a_batch_of_somebody_else_is_not_told_of(
    sign_in: SignIn, organization: Organization
) -> None:
    client = sign_in("clerk")

    assert client.get(f"/mail/batches/{uuid.uuid4()}").text.strip() == ""
    assert client.post(f"/mail/undo/{uuid.uuid4()}").status_code == 404


def test_the_folder_role_has_a_word_each() -> None:
    assert set(FolderRole.labels()) == set(FolderRole)
