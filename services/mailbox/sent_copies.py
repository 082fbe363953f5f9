"""A message that was written here stands in the folder of sent messages, here at once and on the server exactly once (S3-39)."""

from collections.abc import Sequence

from sqlalchemy import select

from files.store import FileStore
from mail.address_list import read_addresses
from mail.header_fields import Mailbox, mailboxes_field
from mail.mime import Head, assemble, unstuffed, wire_bytes
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import DraftState, MailDraft
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.mailbox_operation import MailboxOperation, OperationKind
from models.mailbox.message import Message
from models.mailbox.message_link import MessageLink
from models.mailbox.message_placement import MessagePlacement
from models.mailings.delivery import Delivery, DeliveryBody, DeliveryState, DeliveryStatus
from services.mailbox.folder_counts import recount_all
from services.mailbox.letters import SEEN, Letter
from services.mailbox.linking import follow_links
from services.mailbox.providers import PRESETS
from services.mailbox.taking_in import take_in

ENDED = (DeliveryStatus.FAILED, DeliveryStatus.SKIPPED, DeliveryStatus.CANCELLED)
# They put what goes through their servers into the folder themselves.
FILE_THEMSELVES = frozenset(
    PRESETS[name].smtp_host for name in ("google", "microsoft365") if name in PRESETS
)


def unfiled_drafts() -> Sequence[tuple[int, int]]:
    """Organization and key of each sent draft whose copy is not where it belongs; across all organizations."""
    rows = db.session.execute(
        select(MailDraft.organization_id, MailDraft.id)
        .where(MailDraft.state == DraftState.SENT, MailDraft.filed_at.is_(None))
        .order_by(MailDraft.id)
        .limit(500)
    ).all()
    return [(row.organization_id, row.id) for row in rows]


def file_sent(draft_id: int, store: FileStore) -> int | None:
    """Do what can be done now; the account whose server has to be told, if any. Twice does no harm."""
    draft = db.session.scalars(
        select(MailDraft)
        .where(MailDraft.id == draft_id, MailDraft.filed_at.is_(None))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if draft is None or draft.delivery_id is None or draft.account is None:
        return None
    account = draft.account
    folder = sent_folder_of(account)
    if folder is None:
        if account.imap_host is None:
            draft.filed_at = utc_now()  # nobody reads this mailbox: the ledger has the message
        return None  # its folders are not known yet
    placement = _placed(draft, folder, store)
    state = db.session.get_one(DeliveryState, draft.delivery_id, populate_existing=True).state
    if state in ENDED:
        draft.filed_at = utc_now()  # it stays here, with what became of it
        return None
    if state is not DeliveryStatus.SENT:
        return None
    if account.smtp_host.lower() in FILE_THEMSELVES:
        if _give_way(placement, folder):
            draft.filed_at = utc_now()
        return None
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
    draft.filed_at = utc_now()
    return account.id


def sent_folder_of(account: MailAccount) -> MailFolder | None:
    """Where the account keeps what it has sent, if that is known."""
    folder: MailFolder | None = db.session.scalar(
        select(MailFolder).where(
            MailFolder.account_id == account.id,
            MailFolder.role == FolderRole.SENT,
            MailFolder.gone_at.is_(None),
        )
    )
    return folder


def _placed(draft: MailDraft, folder: MailFolder, store: FileStore) -> MessagePlacement:
    """Its place in the folder; the first time it is put there."""
    found: MessagePlacement | None = db.session.scalar(
        select(MessagePlacement)
        .join(Message, Message.id == MessagePlacement.message_id)
        .where(Message.delivery_id == draft.delivery_id, MessagePlacement.folder_id == folder.id)
        .order_by(MessagePlacement.uid.is_not(None), MessagePlacement.id)
        .limit(1)
    )
    if found is not None:
        return found
    delivery = db.session.get_one(Delivery, draft.delivery_id)
    moment = draft.leaves_at or utc_now()
    raw = _own_copy(draft, delivery, store)
    [placement] = take_in(folder, [Letter(None, (SEEN,), moment, raw)])
    message = db.session.get_one(Message, placement.message_id)
    message.delivery_id = delivery.id
    if draft.customer_id is not None:
        db.session.add(
            MessageLink(message_id=message.id, customer_id=draft.customer_id, user_id=draft.user_id)
        )
    db.session.flush()
    return placement


def _own_copy(draft: MailDraft, delivery: Delivery, store: FileStore) -> bytes:
    """The message as its writer keeps it: with the blind copies, which nobody else is told of (S3-33)."""
    body = db.session.get_one(DeliveryBody, delivery.id)
    parts = [wire_bytes(store.read(sha256)) for sha256 in body.parts]
    whole = b"".join(assemble(Head.stored(body.head), parts, date=draft.leaves_at or utc_now()))
    blind = _blind_copies(draft)
    return (mailboxes_field("Bcc", blind) if blind else b"") + unstuffed(whole)


def _blind_copies(draft: MailDraft) -> list[Mailbox]:
    return [
        Mailbox.of(each.address, each.name)
        for each in read_addresses(draft.fields.get("bcc", ""))
        if not each.problem
    ]


def _give_way(placement: MessagePlacement, folder: MailFolder) -> bool:
    """Once the provider's own copy is here, ours goes; whether it is."""
    message = db.session.get_one(Message, placement.message_id)
    theirs = db.session.scalars(
        select(Message)
        .join(MessagePlacement, MessagePlacement.message_id == Message.id)
        .where(
            Message.message_id_header == message.message_id_header,
            MessagePlacement.folder_id == folder.id,
            MessagePlacement.uid.is_not(None),
        )
    ).first()
    if theirs is None:
        return False
    theirs.delivery_id = message.delivery_id
    follow_links(theirs.organization_id, [theirs.id])
    if placement.uid is None:
        thread_id = placement.thread_id
        db.session.delete(placement)
        db.session.flush()
        recount_all([(folder.id, thread_id)])
    return True
