"""The message that a draft answers or forwards, as long as its writer may read it."""

from sqlalchemy import exists, select

from models.base import db
from models.mailbox.mail_draft import MailDraft
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from models.people.user import User
from services.mailbox.readers import is_readable_by


def followed_by(draft: MailDraft, person: User) -> Message | None:
    """None where there is none, and where it lies in mailboxes only that this person may not read (any more)."""
    return None if is_kept_from(draft, person) else draft.follows


def is_kept_from(draft: MailDraft, person: User) -> bool:
    """What was deleted from its mailbox meanwhile lies nowhere: whoever was answering it goes on quoting it."""
    if draft.follows is None:
        return False
    lies_somewhere = exists().where(MessagePlacement.message_id == draft.follows.id)
    may_read = select(Message.id).where(
        Message.id == draft.follows.id, is_readable_by(person) | ~lies_somewhere
    )
    return db.session.scalar(may_read) is None
