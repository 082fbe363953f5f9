"""What readers do with messages: seen at once, told to the server afterwards, taken back."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from errors import Conflict, NotFound
from models.base import db
from models.mailbox.mail_folder import FolderRole
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind, OperationState
from models.mailbox.message_link import MessageLink
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.thread import FolderThread
from models.people.organization import Organization
from models.people.user import User
from services.mailbox.marking import mark
from services.mailbox.moving import move, restore, trash
from services.mailbox.purging import purge
from services.mailbox.undoing import undo
from tests.factories.mail_rows import Mailbox, make_mail_folder, make_mailbox, make_thread, put
from tests.factories.people import make_customer, make_user
from tests.factories.sales import make_document
from tests.factories.saving import saved


@pytest.fixture
def ann(organization: Organization) -> User:
    return make_user(organization)


@pytest.fixture
def mailbox(organization: Organization) -> Mailbox:
    return make_mailbox()


def operations() -> Sequence[MailboxOperation]:
    return db.session.scalars(select(MailboxOperation).order_by(MailboxOperation.id)).all()


def counts(placement: MessagePlacement) -> dict[int, tuple[int, int, int]]:
    """Messages, unread and starred of its conversation, by folder."""
    rows = db.session.execute(
        select(
            FolderThread.folder_id,
            FolderThread.messages,
            FolderThread.unread,
            FolderThread.starred,
        ).where(FolderThread.thread_id == placement.thread_id)
    )
    return {folder: (messages, unread, starred) for folder, messages, unread, starred in rows}


def test_marking_shows_at_once_and_tells_the_server(ann: User, mailbox: Mailbox) -> None:
    """S3-11: 20 selected, all read here, and one operation for each."""
    placements = [put(mailbox.inbox) for _n in range(20)]

    batch = mark(placements, OperationKind.READ, ann)

    assert batch.messages == 20
    assert all(placement.is_read for placement in placements)
    assert counts(placements[0]) == {mailbox.inbox.id: (1, 0, 0)}
    assert {(o.kind, o.state, o.batch, o.user_id) for o in operations()} == {
        (OperationKind.READ, OperationState.PENDING, batch.id, ann.id)
    }
    first = operations()[0]
    assert (first.folder_id, first.uid, first.uidvalidity) == (
        mailbox.inbox.id,
        placements[0].uid,
        1,
    )


def test_what_is_so_already_needs_no_operation(ann: User, mailbox: Mailbox) -> None:
    placements = [put(mailbox.inbox, is_read=True), put(mailbox.inbox)]

    assert mark(placements, OperationKind.READ, ann).messages == 1
    assert [o.placement_id for o in operations()] == [placements[1].id]


def test_a_star_is_counted_and_taken_away_in_its_folder(ann: User, mailbox: Mailbox) -> None:
    """S3-13, S3-14: it leaves the starred ones and stays where it lies."""
    placement = put(mailbox.inbox)
    mark([placement], OperationKind.STAR, ann)
    assert counts(placement) == {mailbox.inbox.id: (1, 1, 1)}

    mark([placement], OperationKind.UNSTAR, ann)

    assert counts(placement) == {mailbox.inbox.id: (1, 1, 0)}
    assert placement.folder_id == mailbox.inbox.id


def test_the_trash_takes_it_and_gives_it_back_where_it_was(ann: User, mailbox: Mailbox) -> None:
    """S3-15, S3-20."""
    claims = make_mail_folder(mailbox.account, path="Reclamos")
    placement = put(claims)
    uid = placement.uid

    trash([placement], ann)
    assert (placement.folder_id, placement.uid) == (mailbox.trash.id, None)
    assert counts(placement) == {mailbox.trash.id: (1, 1, 0)}
    restore([placement], ann)

    assert placement.folder_id == claims.id
    assert counts(placement) == {claims.id: (1, 1, 0)}
    thrown, restored = operations()
    assert (thrown.folder_id, thrown.uid, thrown.target_folder_id) == (
        claims.id,
        uid,
        mailbox.trash.id,
    )
    assert (restored.folder_id, restored.target_folder_id) == (mailbox.trash.id, claims.id)


def test_what_came_from_nowhere_is_restored_to_the_inbox(ann: User, mailbox: Mailbox) -> None:
    placement = put(mailbox.trash)

    restore([placement], ann)

    assert placement.folder_id == mailbox.inbox.id


def test_a_mailbox_without_trash_says_so(ann: User, organization: Organization) -> None:
    box = Mailbox(make_mailbox().account, roles=())
    lone = make_mail_folder(box.account, path="Lone")
    db.session.delete(
        db.session.scalars(
            select(type(lone)).where(
                type(lone).role == FolderRole.TRASH, type(lone).account_id == box.account.id
            )
        ).one()
    )

    with pytest.raises(Conflict):
        trash([put(lone)], ann)


def test_nothing_moves_into_another_mailbox(ann: User, mailbox: Mailbox) -> None:
    with pytest.raises(Conflict):
        move([put(mailbox.inbox)], make_mailbox().inbox, ann)


def test_a_conversation_keeps_what_stays_in_the_folder(ann: User, mailbox: Mailbox) -> None:
    thread = make_thread()
    first, second = put(mailbox.inbox, thread=thread), put(mailbox.inbox, thread=thread)

    move([second], mailbox.archive, ann)

    assert counts(first) == {mailbox.inbox.id: (1, 1, 0), mailbox.archive.id: (1, 1, 0)}


def test_undo_strikes_out_what_the_server_does_not_know(ann: User, mailbox: Mailbox) -> None:
    placements = [put(mailbox.inbox) for _n in range(3)]
    uids = [placement.uid for placement in placements]
    batch = trash(placements, ann)

    undone = undo(batch.id, ann)

    assert undone.messages == 3
    assert [p.folder_id for p in placements] == [mailbox.inbox.id] * 3
    assert [p.uid for p in placements] == uids
    assert {o.state for o in operations()} == {OperationState.DONE}  # nothing waits


def test_undo_tells_the_server_the_opposite_of_what_it_did(ann: User, mailbox: Mailbox) -> None:
    placement = put(mailbox.inbox)
    batch = mark([placement], OperationKind.READ, ann)
    operations()[0].state = OperationState.DONE

    undo(batch.id, ann)

    assert not placement.is_read
    assert [o.kind for o in operations()] == [OperationKind.READ, OperationKind.UNREAD]


def test_undo_moves_back_what_the_server_has_moved(ann: User, mailbox: Mailbox) -> None:
    placement = put(mailbox.inbox)
    batch = trash([placement], ann)
    operations()[0].state = OperationState.DONE
    placement.uid = 77  # as the server has said

    undo(batch.id, ann)

    assert (placement.folder_id, placement.uid) == (mailbox.inbox.id, None)
    back = operations()[-1]
    assert (back.kind, back.folder_id, back.uid) == (OperationKind.MOVE, mailbox.trash.id, 77)
    assert back.target_folder_id == mailbox.inbox.id


def test_undo_leaves_what_has_changed_since(ann: User, mailbox: Mailbox) -> None:
    placement = put(mailbox.inbox)
    batch = trash([placement], ann)
    move([placement], mailbox.archive, ann)

    assert undo(batch.id, ann).messages == 0
    assert placement.folder_id == mailbox.archive.id


def test_nobody_undoes_what_another_did(
    ann: User, mailbox: Mailbox, organization: Organization
) -> None:
    batch = mark([put(mailbox.inbox)], OperationKind.READ, ann)

    with pytest.raises(NotFound):
        undo(batch.id, make_user(organization))


def test_purging_takes_it_away_and_cannot_be_undone(ann: User, mailbox: Mailbox) -> None:
    """S3-21."""
    placement = put(mailbox.trash)
    key, uid = placement.id, placement.uid

    batch = purge([placement], ann, retention_years=10)

    assert db.session.get(MessagePlacement, key) is None
    assert [(o.kind, o.uid, o.folder_id) for o in operations()] == [
        (OperationKind.PURGE, uid, mailbox.trash.id)
    ]
    assert db.session.scalars(select(FolderThread)).all() == []
    with pytest.raises(Conflict):
        undo(batch.id, ann)


def test_only_the_trash_is_purged(ann: User, mailbox: Mailbox) -> None:
    with pytest.raises(Conflict):
        purge([put(mailbox.inbox)], ann, retention_years=10)


@pytest.mark.parametrize(
    ("fields", "years", "is_kept"),
    [({}, 10, True), ({}, 0, False), ({"issue_date": date(2001, 2, 28)}, 10, False)],
)
def test_what_belongs_to_a_document_under_retention_stays(
    ann: User, mailbox: Mailbox, fields: dict[str, Any], years: int, is_kept: bool
) -> None:
    """S3-21: refused with the reason, and the others go."""
    held, other = put(mailbox.trash), put(mailbox.trash)
    customer = make_customer()
    document = make_document(customer, **fields)
    saved(MessageLink(message_id=held.message_id, customer_id=customer.id, document_id=document.id))

    batch = purge([held, other], ann, retention_years=years)

    assert [one.document for one in batch.kept] == ([str(document)] if is_kept else [])
    assert batch.messages == (1 if is_kept else 2)
