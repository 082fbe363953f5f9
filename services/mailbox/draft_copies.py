"""A draft stands in the drafts of its mailbox, too, once: put there when writing rests, replaced when it has changed (S3-18).

The new copy is put there before the old one is taken away. What somebody deletes or rewrites in another program, and nobody has
changed here since, is given up here: there it goes on.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select

from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import DraftState, MailDraft
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind, OperationState
from models.mailbox.message_placement import MessagePlacement
from models.people.user import User
from services.mailbox.claiming import strike_out
from services.mailbox.draft_message import bytes_of_draft
from services.mailbox.folder_counts import recount
from services.mailbox.letters import SEEN, Letter
from services.mailbox.taking_in import take_in
from services.sales.pdf import Workshop

REST_SECONDS = 30
AT_ONCE = 100


def drafts_to_copy() -> Sequence[tuple[int, int, int]]:
    """Organization, draft and writer of each whose copy is not as it should be; across all organizations."""
    rows = db.session.execute(
        select(MailDraft.organization_id, MailDraft.id, MailDraft.user_id)
        .where(
            or_(MailDraft.state == DraftState.WRITING, MailDraft.placement_id.is_not(None)),
            or_(_has_rested(), _is_over(), _has_lost_its_copy()),
        )
        .order_by(MailDraft.saved_at)
        .limit(AT_ONCE)
    ).all()
    return [(row.organization_id, row.id, row.user_id) for row in rows]


def copy_draft(draft_id: int, workshop: Workshop) -> set[int]:
    """Do what can be done now; the accounts whose servers have to be told. Twice does no harm. Raises AppError."""
    draft = db.session.scalars(
        select(MailDraft)
        .where(MailDraft.id == draft_id, or_(_has_rested(), _is_over(), _has_lost_its_copy()))
        .with_for_update(skip_locked=True, of=MailDraft)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if draft is None:
        return set()
    before = _copy_of(draft)
    if draft.placement_id is not None and before is None:
        draft.placement_id = None
        if draft.state is DraftState.WRITING and draft.synced_revision == draft.revision:
            draft.state = DraftState.DISCARDED
        db.session.flush()
        return set()
    if before is not None and not _is_settled(before):
        return set()
    told = set()
    draft.placement_id = None
    if draft.state is DraftState.WRITING and draft.account is not None:
        told.add(_put(draft, draft.account, workshop))
    if before is not None:
        told.add(before.folder.account_id)
        _take_away(before, draft)
    db.session.flush()
    return told


def leave_uncopied(draft_id: int) -> None:
    """It cannot be copied as it stands; the next change is another try."""
    draft = db.session.get(MailDraft, draft_id, populate_existing=True)
    if draft is not None:
        draft.synced_revision = draft.revision
        db.session.flush()


def _has_rested() -> ColumnElement[bool]:
    has_folder = exists().where(
        MailFolder.account_id == MailDraft.account_id,
        MailFolder.account_id == MailAccount.id,
        MailAccount.is_active,
        MailAccount.imap_host.is_not(None),
        MailFolder.role == FolderRole.DRAFTS,
        MailFolder.gone_at.is_(None),
    )
    return and_(
        MailDraft.state == DraftState.WRITING,
        MailDraft.revision > 0,
        MailDraft.synced_revision.is_distinct_from(MailDraft.revision),
        MailDraft.saved_at <= utc_now() - timedelta(seconds=REST_SECONDS),
        has_folder,
    )


def _is_over() -> ColumnElement[bool]:
    ended = (DraftState.SENT, DraftState.DISCARDED)
    return and_(MailDraft.state.in_(ended), MailDraft.placement_id.is_not(None))


def _has_lost_its_copy() -> ColumnElement[bool]:
    return and_(
        MailDraft.state == DraftState.WRITING,
        MailDraft.placement_id.is_not(None),
        ~exists().where(MessagePlacement.id == MailDraft.placement_id),
    )


def _copy_of(draft: MailDraft) -> MessagePlacement | None:
    if draft.placement_id is None:
        return None
    return db.session.get(MessagePlacement, draft.placement_id, populate_existing=True)


def _put(draft: MailDraft, account: MailAccount, workshop: Workshop) -> int:
    person = db.session.get_one(User, draft.user_id)
    folder = db.session.scalars(
        select(MailFolder).where(
            MailFolder.account_id == account.id, MailFolder.role == FolderRole.DRAFTS
        )
    ).one()
    raw = bytes_of_draft(draft, account, person, workshop)
    [placement] = take_in(folder, [Letter(None, (SEEN,), draft.saved_at, raw)])
    db.session.add(
        MailboxOperation(
            account_id=account.id,
            message_id=placement.message_id,
            placement_id=placement.id,
            kind=OperationKind.APPEND,
            target_folder_id=folder.id,
            user_id=draft.user_id,
        )
    )
    draft.placement_id, draft.synced_revision = placement.id, draft.revision
    return account.id


def _is_settled(placement: MessagePlacement) -> bool:
    """Whether it is known where it lies on the server, or that it is not there."""
    if placement.uid is not None:
        return True
    putting = _putting(placement)
    return putting is not None and (putting.state is OperationState.FAILED or _is_untold(putting))


def _take_away(placement: MessagePlacement, draft: MailDraft) -> None:
    """Here at once, and on the server afterwards."""
    putting = _putting(placement)
    if placement.uid is not None:
        db.session.add(
            MailboxOperation(
                account_id=placement.folder.account_id,
                message_id=placement.message_id,
                placement_id=placement.id,
                kind=OperationKind.PURGE,
                folder_id=placement.folder_id,
                uid=placement.uid,
                uidvalidity=placement.folder.uidvalidity,
                user_id=draft.user_id,
            )
        )
    elif putting is not None and _is_untold(putting):
        strike_out(putting)
    folder_id, thread_id = placement.folder_id, placement.thread_id
    db.session.delete(placement)
    db.session.flush()
    recount(folder_id, [thread_id])


def _putting(placement: MessagePlacement) -> MailboxOperation | None:
    """The operation that puts it there."""
    return db.session.scalars(
        select(MailboxOperation)
        .where(
            MailboxOperation.placement_id == placement.id,
            MailboxOperation.kind == OperationKind.APPEND,
        )
        .order_by(MailboxOperation.id.desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()


def _is_untold(putting: MailboxOperation) -> bool:
    return putting.state is OperationState.PENDING and not putting.tries
