"""Putting conversations off (X3-06): out of the lists until their time, or until somebody writes in them again.

It is a matter of this house: the server is told nothing, and everybody who reads the mailbox sees the same. Which time it is decides the
database's row, so that it does not matter which worker looks, how often, or whether one dies.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from errors import Conflict
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.snooze import CameBackBy, Snooze
from models.people.user import User
from models.tenancy import Actor, across_organizations, acting_in, current_scope
from services.mailbox.action_batch import Batch
from services.mailbox.array_values import plain_array
from services.mailbox.folder_counts import recount, recount_all
from services.mailbox.readers import readable_by
from services.mailings.moments import check_future

AT_ONCE = 200  # conversations that come back in one transaction
SETTLED = (FolderRole.TRASH, FolderRole.JUNK, FolderRole.DRAFTS)
SILENT = (*SETTLED, FolderRole.SENT)  # what is put there brings nothing back

# Taken in after it was put off, and not older than what was known then: a first run brings old messages late.
AWAKEN = text(
    "UPDATE snooze s SET back_at = now(), came_back_by = 'message', snoozed_until = NULL, previous_until = NULL,"
    " batch = NULL, noticed_at = NULL, updated_at = now() FROM mail_folder f"
    " WHERE s.organization_id = :organization AND s.thread_id = ANY(CAST(:threads AS bigint[])) AND s.snoozed_until IS NOT NULL"
    " AND f.id = s.folder_id AND f.account_id = :account AND EXISTS (SELECT FROM message m"
    " WHERE m.id = ANY(CAST(:messages AS bigint[])) AND m.thread_id = s.thread_id AND m.id > s.after_message_id AND m.received_at >="
    " coalesce((SELECT max(o.received_at) FROM message o WHERE o.organization_id = s.organization_id"
    " AND o.thread_id = s.thread_id AND o.id <= s.after_message_id), '-infinity'))"
    " RETURNING s.folder_id, s.thread_id"
)

Pair = tuple[int, int]


def snooze(placements: Sequence[MessagePlacement], until: datetime, person: User) -> Batch:
    """Let their conversations wait until then; `messages` of the batch are conversations.

    Raises Invalid for a time that has passed or is too far away, Conflict for what lies where nothing waits.
    """
    now = utc_now()
    check_future(until, now)
    if any(placement.folder.role in SETTLED for placement in placements):
        raise Conflict(_("What is in the trash, in junk or among the drafts cannot be snoozed."))
    pairs = _pairs(placements)
    batch = uuid.uuid4()
    newest = _newest_known(placements)
    if not pairs:
        return Batch(batch)
    rows = insert(Snooze).values(
        [
            {
                "organization_id": current_scope().organization_id,
                "folder_id": folder_id,
                "thread_id": thread_id,
                "snoozed_until": until,
                "after_message_id": newest.get(thread_id, 0),
                "batch": batch,
                "user_id": person.id,
                "created_at": now,
                "updated_at": now,
            }
            for folder_id, thread_id in pairs
        ]
    )
    said = rows.excluded
    db.session.execute(
        rows.on_conflict_do_update(
            index_elements=["folder_id", "thread_id"],
            set_={
                "previous_until": Snooze.snoozed_until,
                "snoozed_until": said.snoozed_until,
                "after_message_id": said.after_message_id,
                "back_at": None,
                "came_back_by": None,
                "noticed_at": None,
                "batch": said.batch,
                "user_id": said.user_id,
                "updated_at": now,
            },
        )
    )
    recount_all(pairs)
    return Batch(batch, len(pairs))


def bring_back(placements: Sequence[MessagePlacement], person: User) -> Batch:
    """Let them wait no longer: they are where they were."""
    batch = uuid.uuid4()
    rows = _of(_pairs(placements))
    waiting = [each for each in rows if each.snoozed_until is not None]
    for each in waiting:
        each.previous_until, each.snoozed_until = each.snoozed_until, None
        each.batch, each.user_id = batch, person.id
    recount_all((each.folder_id, each.thread_id) for each in waiting)
    return Batch(batch, len(waiting))


def take_back(batch: uuid.UUID, person: User) -> Batch | None:
    """Undo a batch of this person, if it is one of these; what has come back since stays where it is.

    So does what waits in a mailbox that is closed to them since.
    """
    rows = db.session.scalars(
        select(Snooze)
        .join(MailFolder, MailFolder.id == Snooze.folder_id)
        .join(MailAccount, MailAccount.id == MailFolder.account_id)
        .where(Snooze.batch == batch, Snooze.user_id == person.id, readable_by(person))
        .order_by(Snooze.id)
        .with_for_update(of=Snooze)
    ).all()
    for each in rows:
        each.snoozed_until, each.previous_until, each.batch = each.previous_until, None, None
    recount_all((each.folder_id, each.thread_id) for each in rows)
    return Batch(uuid.uuid4(), len(rows)) if rows else None


def notice(placements: Sequence[MessagePlacement]) -> None:
    """Somebody has opened them: they are marked no longer, and stay where they stand."""
    opened = [each for each in _of(_pairs(placements)) if each.back_at and not each.noticed_at]
    for each in opened:
        each.noticed_at = utc_now()
    recount_all((each.folder_id, each.thread_id) for each in opened)


def awaken(
    folder: MailFolder, thread_ids: Collection[int], new_message_ids: Collection[int]
) -> None:
    """A message has come into these conversations: they are back at once, in whatever folder of this mailbox they wait."""
    if not new_message_ids or folder.role in SILENT:
        return
    values = {
        "organization": folder.organization_id,
        "account": folder.account_id,
        "threads": plain_array(sorted(set(thread_ids))),
        "messages": plain_array(sorted(new_message_ids)),
    }
    for folder_id, thread_id in db.session.execute(AWAKEN, values).all():
        recount(folder_id, [thread_id])


def come_back() -> int:
    """Bring back what is due, in all organizations; how many. Commits as it goes; several may do this at the same time."""
    count = 0
    with across_organizations():
        organizations = db.session.scalars(
            select(Snooze.organization_id).where(Snooze.snoozed_until <= utc_now()).distinct()
        ).all()
    db.session.rollback()
    for organization_id in organizations:
        with acting_in(organization_id, actor=Actor(source="job")):
            while some := _bring_back_due():
                count += some
    return count


def _bring_back_due() -> int:
    """Some of this organization, in one transaction: marked, and on top."""
    now = utc_now()
    due = (
        select(Snooze.id)
        .where(Snooze.snoozed_until <= now)
        .order_by(Snooze.snoozed_until, Snooze.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    came = db.session.execute(
        update(Snooze)
        .where(Snooze.id.in_(due))
        .values(
            back_at=now,
            came_back_by=CameBackBy.TIME,
            snoozed_until=None,
            previous_until=None,
            noticed_at=None,
            batch=None,
        )
        .returning(Snooze.folder_id, Snooze.thread_id)
        .execution_options(synchronize_session=False)
    ).all()
    recount_all((folder_id, thread_id) for folder_id, thread_id in came)
    db.session.commit()
    return len(came)


def _pairs(placements: Sequence[MessagePlacement]) -> list[Pair]:
    """In one order, so that two who do this wait for each other instead of crossing."""
    return sorted({(each.folder_id, each.thread_id) for each in placements})


def _of(pairs: Sequence[Pair]) -> Sequence[Snooze]:
    return db.session.scalars(
        select(Snooze)
        .where(tuple_(Snooze.folder_id, Snooze.thread_id).in_(pairs))
        .order_by(Snooze.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _newest_known(placements: Sequence[MessagePlacement]) -> dict[int, int]:
    """By conversation, in whatever folder of these mailboxes it lies."""
    rows = db.session.execute(
        select(MessagePlacement.thread_id, func.max(MessagePlacement.message_id))
        .join(MailFolder, MailFolder.id == MessagePlacement.folder_id)
        .where(
            MailFolder.account_id.in_({each.folder.account_id for each in placements}),
            MessagePlacement.thread_id.in_({each.thread_id for each in placements}),
        )
        .group_by(MessagePlacement.thread_id)
    )
    return dict(rows.all())
