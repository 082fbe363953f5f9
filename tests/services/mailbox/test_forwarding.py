"""Several messages in one new one (S3-10)."""

from email import message_from_bytes
from email.policy import default

import pytest

from errors import Invalid
from files.store import FileStore
from mail.draft_message import DraftFile, DraftMessage
from mail.header_fields import Mailbox
from mail.mime import attachment_part
from models.base import db, utc_now
from models.people.organization import Organization
from models.people.user import User
from services.mailbox.forwarding import forward_together
from settings import Settings
from tests.factories.mail_rows import make_thread, put
from tests.factories.mailbox import make_folder, make_mailbox, make_raw, receive
from tests.factories.people import make_user


@pytest.fixture
def ann(organization: Organization) -> User:
    return make_user(organization)


@pytest.fixture
def store(settings: Settings) -> FileStore:
    return FileStore(settings.files_url)


def test_each_goes_as_the_file_that_it_is(ann: User, store: FileStore) -> None:
    """S3-10: byte for byte, from the oldest to the newest, one file for each message."""
    folder = make_folder(make_mailbox(is_shared=True))
    raws = [make_raw(subject=subject) for subject in ("Factura 1/2", "Pago")]
    placements = [receive(folder, raw) for raw in raws]

    draft = forward_together([*placements, placements[0]], ann, store)

    assert [row.name for row in draft.files] == ["Factura 1-2.eml", "Pago.eml"]
    assert [store.read(row.file.sha256) for row in draft.files] == raws
    assert draft.follows is None


def test_too_many_are_refused_with_the_number(ann: User, store: FileStore) -> None:
    folder = make_folder(make_mailbox())
    thread = make_thread()
    placements = [put(folder, thread=thread) for _n in range(101)]
    db.session.flush()

    with pytest.raises(Invalid, match="100"):
        forward_together(placements, ann, store)


def test_a_message_travels_unchanged_in_another() -> None:
    """RFC 2046, 5.2.1: written as a message it must not be encoded; as a file it arrives byte for byte."""
    inner = make_raw(text="áé")
    file = DraftFile("x.eml", "message/rfc822", inner)
    outer = DraftMessage(
        sender=Mailbox("a@us.example"),
        subject="x",
        message_id="<x@us.example>",
        date=utc_now(),
        files=[file],
        text="x",
    )

    [copy] = message_from_bytes(outer.as_bytes(), policy=default).iter_attachments()
    sent = message_from_bytes(
        bytes(attachment_part(file.name, file.media_type, inner)), policy=default
    )

    assert copy.get_content_type() == sent.get_content_type() == "application/octet-stream"
    assert copy.get_filename() == sent.get_filename() == "x.eml"
    assert copy.get_content() == sent.get_content() == inner
