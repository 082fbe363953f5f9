"""Several messages go on in one new message, each as the file that it is (S3-10)."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from errors import Invalid
from files.store import FileStore
from models.base import db
from models.mailbox.mail_draft import MailDraft
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from models.people.user import User
from models.public_id import uuid7
from services.mailbox.draft_files import MOST_FILES, add_message
from services.mailbox.drafts import begin


def forward_together(
    placements: Sequence[MessagePlacement], person: User, store: FileStore
) -> MailDraft:
    """A draft with the messages as files, from the oldest to the newest, each once.

    Raises Invalid where they are too many or do not fit, and says which.
    """
    messages = db.session.scalars(
        select(Message)
        .where(Message.id.in_({placement.message_id for placement in placements}))
        .order_by(Message.sent_at, Message.id)
        .limit(MOST_FILES + 1)
    ).all()
    if len(messages) > MOST_FILES:
        raise Invalid(_("%(most)s files go with a message at most.", most=MOST_FILES))
    draft = begin(uuid7(), person)
    count = len(messages)
    subject = ngettext("Fwd: %(num)d message", "Fwd: %(num)d messages", count)
    draft.fields = draft.fields | {"subject": subject}
    db.session.add(draft)
    db.session.flush()
    for message in messages:
        add_message(draft, message, store)
    return draft
