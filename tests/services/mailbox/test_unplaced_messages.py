"""What was deleted for good goes with its bytes, a month later; what is spoken of stays."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from errors import NotFound
from models.base import db, utc_now
from models.mailbox.mail_folder import MailFolder
from models.mailbox.message import Message, MessagePack
from models.mailbox.message_link import MessageLink
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.message_text import MessageText
from models.people.organization import Organization
from services.mailbox.letters import Letter
from services.mailbox.message_bytes import pack_store, raw_of
from services.mailbox.message_packs import tidy_packs
from services.mailbox.taking_in import take_in
from services.mailbox.unplaced_messages import KEPT_FOR, delete_unplaced
from tests.factories.mailbox import NOON, make_folder, make_mailbox, make_raw
from tests.factories.people import make_customer
from tests.factories.sales import make_document
from tests.factories.saving import saved


@pytest.fixture
def folder(organization: Organization) -> MailFolder:
    return make_folder(make_mailbox())


def received(folder: MailFolder, *subjects: str) -> list[Message]:
    """Of one batch, and so of one pack."""
    letters = [
        Letter(uid, (), NOON, make_raw(subject=subject)) for uid, subject in enumerate(subjects, 1)
    ]
    return [each.message for each in take_in(folder, letters)]


def purge(*messages: Message) -> None:
    for each in messages:
        place = select(MessagePlacement).where(MessagePlacement.message_id == each.id)
        db.session.delete(db.session.scalars(place).one())
    db.session.commit()


def pass_time() -> None:
    long_ago = utc_now() - KEPT_FOR - timedelta(days=1)
    db.session.execute(
        update(Message).where(Message.unplaced_at.is_not(None)).values(unplaced_at=long_ago)
    )
    db.session.execute(update(MessagePack).values(created_at=long_ago))
    db.session.commit()


def left() -> set[str]:
    return set(db.session.scalars(select(Message.subject)))


def test_what_lies_nowhere_goes_after_a_month(
    organization: Organization, folder: MailFolder
) -> None:
    """S3-21: deleted for good is deleted, with the words that are searched."""
    _stays, goes = received(folder, "stays", "goes")
    purge(goes)

    assert delete_unplaced(organization.id) == 0
    assert left() == {"stays", "goes"}
    pass_time()
    assert delete_unplaced(organization.id) == 1

    assert left() == {"stays"}
    assert len(db.session.scalars(select(MessageText)).all()) == 1


def test_what_has_a_place_again_stays(organization: Organization, folder: MailFolder) -> None:
    """A folder that was away, or numbered anew, comes back: nothing that hangs on its messages is lost."""
    letter = Letter(1, (), NOON, make_raw(subject="back"))
    [placement] = take_in(folder, [letter])
    purge(placement.message)
    delete_unplaced(organization.id)
    pass_time()
    take_in(folder, [letter])
    db.session.commit()

    assert delete_unplaced(organization.id) == 0
    assert left() == {"back"}
    assert db.session.scalars(select(Message.unplaced_at)).one() is None


def test_what_belongs_to_a_document_stays(organization: Organization, folder: MailFolder) -> None:
    [kept] = received(folder, "kept")
    document = make_document(make_customer())
    saved(MessageLink(message_id=kept.id, document_id=document.id))
    purge(kept)
    delete_unplaced(organization.id)
    pass_time()

    assert delete_unplaced(organization.id) == 0
    assert left() == {"kept"}


def test_its_bytes_leave_the_pack(organization: Organization, folder: MailFolder) -> None:
    """The others of its batch keep theirs; the old file is gone."""
    stays, goes = received(folder, "stays", "goes")
    before = stays.pack
    assert before is not None
    raw, old = raw_of(stays), before.sha256
    purge(goes)
    delete_unplaced(organization.id)
    pass_time()
    delete_unplaced(organization.id)

    assert tidy_packs(organization.id) == 1
    db.session.expire_all()

    assert raw_of(stays) == raw
    with pytest.raises(NotFound):
        pack_store().read(old)
    pass_time()
    assert tidy_packs(organization.id) == 0


def test_a_pack_that_nobody_needs_goes(organization: Organization, folder: MailFolder) -> None:
    messages = received(folder, "one", "two")
    purge(*messages)
    delete_unplaced(organization.id)
    pass_time()

    assert delete_unplaced(organization.id) == 2
    assert tidy_packs(organization.id) == 1
    assert db.session.scalars(select(MessagePack)).all() == []
