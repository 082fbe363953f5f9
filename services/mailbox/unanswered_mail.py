"""Conversations in which a customer had the last word, and nobody has answered for days (X3-06).

A customer's is what comes from the address of a contact and no program has written; an answer is any later message of the conversation that is more than a draft, and
the server's mark that somebody has answered elsewhere.
"""

from datetime import timedelta

from sqlalchemy import func, literal_column, select

from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.message_party import PartyField
from models.mailbox.thread import FolderThread
from models.people.user import User
from services.mailbox.readers import readable_by

WAITS_DAYS = 2
FORGOTTEN_DAYS = 30  # what is older stands in its customer's timeline
LOOKED_AT = 2_000  # conversations, the newest first


def is_unanswered(row: str) -> str:
    """The condition on this row of `folder_thread`, as SQL."""
    return f"""{row}.snoozed_until IS NULL
 AND {row}.last_at BETWEEN now() - interval '{FORGOTTEN_DAYS} days' AND now() - interval '{WAITS_DAYS} days'
 AND EXISTS (SELECT FROM message m JOIN message_party w ON w.organization_id = m.organization_id AND w.message_id = m.id AND w.field = '{PartyField.FROM.value}'
      JOIN contact_email c ON c.organization_id = w.organization_id AND c.address_norm = w.address_norm
      WHERE m.id = {row}.last_message_id AND NOT m.is_automatic)
 AND NOT EXISTS (SELECT FROM message_placement p WHERE p.folder_id = {row}.folder_id AND p.thread_id = {row}.thread_id
      AND p.message_id = {row}.last_message_id AND p.is_answered)
 AND NOT EXISTS (SELECT FROM message n WHERE n.organization_id = {row}.organization_id AND n.thread_id = {row}.thread_id
      AND n.sent_at > {row}.last_at AND NOT EXISTS (SELECT FROM message_placement d JOIN mail_folder f ON f.id = d.folder_id
      WHERE d.organization_id = n.organization_id AND d.message_id = n.id AND f.role = '{FolderRole.DRAFTS.value}'))
"""  # nosec B608  # of our own words only


def unanswered_by(person: User) -> int:
    """How many wait in the inboxes that this person may read."""
    now = utc_now()
    recent = (
        select(
            FolderThread.organization_id,
            FolderThread.folder_id,
            FolderThread.thread_id,
            FolderThread.last_at,
            FolderThread.last_message_id,
            FolderThread.snoozed_until,
        )
        .join(MailFolder, MailFolder.id == FolderThread.folder_id)
        .join(MailAccount, MailAccount.id == MailFolder.account_id)
        .where(
            readable_by(person),
            MailFolder.role == FolderRole.INBOX,
            MailFolder.gone_at.is_(None),
            FolderThread.last_at > now - timedelta(days=FORGOTTEN_DAYS),
            FolderThread.last_at < now - timedelta(days=WAITS_DAYS),
        )
        .order_by(FolderThread.last_at.desc())
        .limit(LOOKED_AT)
        .subquery("recent")
    )
    waiting = select(func.count(recent.c.thread_id.distinct())).where(
        literal_column(is_unanswered("recent"))
    )
    return db.session.scalar(waiting) or 0
